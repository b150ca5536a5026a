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
from functools import cache
from pathlib import Path

from nvc.errors import InputError

_NUMBA_VARIABLE = "NUMBA_CACHE_DIR"
_MATPLOTLIB_VARIABLE = "MPLCONFIGDIR"
_HOME_VARIABLES = (
    {"XDG_CACHE_HOME": "~/.cache", "XDG_CONFIG_HOME": "~/.config"}
    if sys.platform not in ("win32", "darwin")
    else {}
)
"""Where a desktop's programs keep theirs; elsewhere no variable says so."""
_PACKAGE = Path(__file__).parents[2]
_for_this_run: set[Path] = set()
"""Folders that are gone after the run: nothing that is to last may go there."""


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
    folder = _make_folder()
    os.environ[_NUMBA_VARIABLE] = folder
    if "numba" in sys.modules:  # it read the variable when it was imported
        import numba

        numba.config.CACHE_DIR = folder
    os.environ.setdefault(_MATPLOTLIB_VARIABLE, folder)


def provide_home() -> None:
    """Let a viewer keep its icons and settings for this run, where there is no home.

    Called by the plugin before anything of napari, which does not start without.

    Raises
    ------
    InputError
        As `provide_caches`.
    """
    if find_home() is None:  # a user that the machine does not know, in a container
        os.environ["HOME"] = _make_folder()
    for variable, usual in _HOME_VARIABLES.items():
        told = os.environ.get(variable)
        at = Path(told) if told else Path(os.path.expanduser(usual))
        if not (at.is_absolute() and _can_write(at)):
            os.environ[variable] = _make_folder()


def find_home() -> Path | None:
    """Return the home folder; None where there is none, or one for this run alone."""
    try:
        home = Path.home()
    except RuntimeError:
        return None
    return None if home in _for_this_run else home


@cache
def _make_folder() -> str:
    """Make a folder that is gone when the program ends."""
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
    _for_this_run.add(Path(folder))
    return folder


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
