"""Runs a program where it may write only here and there, as on a reader's machine."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import nvc

ROOT = Path(nvc.__file__).parents[1]
GUARDED = Path(__file__).parent / "privacy" / "guarded"
"""On PYTHONPATH, it shuts the network for a program and all that it starts."""
NOWHERE = {
    "HOME": "/proc/nobody",
    "NUMBA_CACHE_DIR": "",
    "MPLCONFIGDIR": "",
    "XDG_CACHE_HOME": "",
    "XDG_CONFIG_HOME": "",
    "LANG": "C",
    "LC_ALL": "C",
    "PYTHONUTF8": "0",
    "PYTHONCOERCECLOCALE": "0",
    "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "plugins")]),
}
"""No home, no cache, and a locale that knows no letter but English ones."""


def _apart() -> list[str]:
    as_root = [] if os.geteuid() == 0 else ["--map-root-user"]
    return ["unshare", *as_root, "--mount", "sh", "-e", "-c"]


@cache
def can_confine() -> bool:
    """Tell whether mounts of our own can be made; they are gone with the program."""
    if shutil.which("unshare") is None:
        return False
    trial = "mount -t tmpfs none /mnt"
    return subprocess.run([*_apart(), trial], capture_output=True).returncode == 0


needs_mounts = pytest.mark.skipif(
    not can_confine(), reason="needs unshare and mounts of its own (Linux)"
)


def read_only(folder: Path) -> str:
    """Return the shell's words that make a folder read-only, mounts in it excepted."""
    return f'mount --bind "{folder}" "{folder}"; mount -o remount,ro,bind "{folder}"'


def run_confined(
    before: str, argv: list[str], **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run a program after some mounts; an empty value takes a variable away."""
    env = {**os.environ, **environment}
    kept = {name: value for name, value in env.items() if value}
    return subprocess.run(
        [*_apart(), f'{before}\nexec "$0" "$@"', *argv],
        capture_output=True,
        text=True,
        check=False,
        env=kept,
    )


def run_python(before: str, script: str, *argv: str, **environment: str):
    """Run a script of Python's after some mounts."""
    return run_confined(before, [sys.executable, "-c", script, *argv], **environment)
