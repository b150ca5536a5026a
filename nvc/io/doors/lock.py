"""One writer at a time in a folder or a file; a writer that dies holds nothing."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nvc.errors import InputError

if sys.platform != "win32":  # there, files cannot be moved while they are written
    import fcntl


@contextmanager
def hold_folder(folder: Path, where: str) -> Iterator[None]:
    """Keep other runs from writing to a folder during the block.

    Raises
    ------
    InputError
        If another run holds it.
    """
    handle = None if sys.platform == "win32" else os.open(folder, os.O_RDONLY)
    try:
        if handle is not None:
            hold(handle, where)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def hold(handle: int, where: str) -> None:
    """Keep other runs from holding what is open, until the handle is closed.

    The system lets go of it when the process ends, however that happens. File systems
    that know no locks are written to without one.

    Raises
    ------
    InputError
        If another run holds it.
    """
    if sys.platform == "win32":
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError.of(
            "in-use",
            where,
            "is being written to by another run.",
            "Wait for it to end, or choose another place.",
        ) from error
    except OSError:
        return
