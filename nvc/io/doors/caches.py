"""A place for what libraries keep between runs, where theirs cannot be written to.

An installation may be read-only, a home folder missing or closed, a user foreign to the
machine. Numba then refuses to compile, and matplotlib complains; both do well with a
folder that is gone after the run.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path

from nvc.errors import InputError

_NUMBA_VARIABLE = "NUMBA_CACHE_DIR"
_MATPLOTLIB_VARIABLE = "MPLCONFIGDIR"
_PACKAGE = Path(__file__).parents[2]


def provide_caches() -> None:
    """Let compiled code be kept for this run, where it cannot be kept for longer.

    Nothing is changed where a cache can be written. Called by the command, by the
    plugin and by the names of `nvc` before the first of them compiles.

    Raises
    ------
    InputError
        If there is not even a folder for temporary files.
    """
    if _can_keep_compiled():
        return
    try:
        folder = tempfile.mkdtemp(prefix="nvc-cache-")
    except OSError as error:
        raise InputError.of(
            "no-temporary-folder",
            "nvc",
            "finds no folder that it can write temporary files to.",
            f"Set TMPDIR or {_NUMBA_VARIABLE} to one.",
        ) from error
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    os.environ[_NUMBA_VARIABLE] = folder
    if "numba" in sys.modules:  # it read the variable when it was imported
        import numba

        numba.config.CACHE_DIR = folder
    os.environ.setdefault(_MATPLOTLIB_VARIABLE, folder)


def _can_keep_compiled() -> bool:
    """Try where numba does: where it is told to, beside the code, at home."""
    told = os.environ.get(_NUMBA_VARIABLE)
    if told and _can_write(Path(told)):
        return True
    if _can_write(_PACKAGE / "__pycache__"):
        return True
    from numba.misc.appdirs import AppDirs

    at_home = Path(AppDirs(appname="numba", appauthor=False).user_cache_dir)
    # Without a home numba would make a folder called "~" in the current one.
    return at_home.is_absolute() and _can_write(at_home)


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            return True
    except OSError:
        return False
