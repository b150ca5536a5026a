"""One writer at a time in a folder; a writer that dies holds nothing."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nvc.errors import InputError

try:
    import fcntl
except ImportError:  # Windows: files there cannot be moved while they are written
    fcntl = None  # type: ignore[assignment]


@contextmanager
def hold_folder(folder: Path, where: str) -> Iterator[None]:
    """Keep other runs from writing to a folder during the block.

    The system lets go of it when the process ends, however that happens. File systems
    that know no locks are written to without one.

    Raises
    ------
    InputError
        If another run holds it.
    """
    handle = None if fcntl is None else os.open(folder, os.O_RDONLY)
    try:
        if handle is not None:
            _lock(handle, where)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _lock(handle: int, where: str) -> None:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise InputError.of(
            "out-in-use",
            where,
            "is being written to by another run.",
            "Wait for it to end, or choose another folder for the results.",
        ) from error
    except OSError:
        return
