"""A folder of somebody else, and a user who may not read all of it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_NOBODY = 65534


@contextmanager
def as_another_user() -> Iterator[None]:
    """Let what happens in the block be done by nobody, where it would be the superuser.

    Permissions count for everybody else as they are.
    """
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(_NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def others() -> Iterator[Path]:
    """A folder that everybody may look into; what is closed in it is opened after."""
    if not hasattr(os, "geteuid"):
        pytest.skip("permissions as Unix has them")
    folder = Path(tempfile.mkdtemp(prefix="others-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        for place, folders, _ in os.walk(folder):
            for name in folders:
                (Path(place) / name).chmod(0o755)
        shutil.rmtree(folder)
