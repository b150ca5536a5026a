"""Folders that are written to whole, and those that are refused."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nvc.errors import InputError
from nvc.io.doors.lock import hold_folder
from nvc.io.doors.unbroken import unbroken

_STAGING = ".nvc-staging-"
_NEW, _OLD, _ADDED = _PARTS = "new", "old", "added"
"""What comes, what goes, and an empty file for each name that replaces none."""


def check_out_dir(out_dir: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder that cannot or should not be written to.

    Call it before a long run; `write_folder` does not.

    Parameters
    ----------
    out_dir : Path
        May exist or not.
    inputs : iterable of Path
        Files and folders that the run reads.

    Raises
    ------
    InputError
        If `out_dir` is a file, holds an input, or cannot be written to.
    """
    out = find_real_path(out_dir)
    if os.path.exists(out) and not os.path.isdir(out):
        raise InputError.of(
            "out-is-a-file", str(out_dir), "is a file; expected a folder to write to."
        )
    for source in inputs:
        if find_real_path(source).is_relative_to(out):
            raise InputError.of(
                "out-holds-input",
                str(out_dir),
                f"holds the input {source.name}.",
                "Choose another folder for the results.",
            )
    nearest = next(path for path in (out, *out.parents) if os.path.exists(path))
    try:
        if nearest != out:
            _require_possible(out)
        # Asking for permission is not enough: a mount may be read-only, a disk full.
        with tempfile.TemporaryFile(prefix=_STAGING, dir=nearest) as probe:
            probe.write(b"probe")
    except OSError as error:
        raise InputError.of(
            "out-not-writable",
            str(out_dir),
            f"cannot be written to ({error.strerror}).",
            "Choose another folder for the results.",
        ) from error


def find_real_path(path: Path) -> Path:
    """Return where a path leads; `Path.resolve` fails at a link to itself."""
    return Path(os.path.realpath(path))


def _require_possible(path: Path) -> None:
    """Raise what making a folder of this name would raise, such as a name too long."""
    try:
        path.lstat()
    except FileNotFoundError:
        return


def check_names(out_dir: Path, names: Iterable[str]) -> None:
    """Refuse a folder in which files of these names could not be replaced.

    Raises
    ------
    InputError
        Naming the first that is a folder, or that another program holds open.
    """
    for name in names:
        path = out_dir / name
        if not os.path.lexists(path):
            continue
        if path.is_dir() and not path.is_symlink():
            raise InputError.of(
                "out-not-writable",
                str(path),
                "is a folder; expected a file that may be replaced.",
                "Choose another folder for the results.",
            )
        try:
            path.replace(path)  # where an open file cannot be moved, this fails
        except OSError as error:
            raise _held(path, error) from error


def check_not_others(out_dir: Path, files: Mapping[str, bytes]) -> None:
    """Refuse a folder that holds files of these names with another content.

    For names that anybody may give to a scan, such as ``t2.nii.gz``.

    Raises
    ------
    InputError
        Naming the first.
    """
    for name, content in files.items():
        path = out_dir / name
        if not os.path.lexists(path):
            continue
        is_ours = path.is_file() and path.stat().st_size == len(content)
        if not (is_ours and path.read_bytes() == content):
            raise InputError.of(
                "out-holds-other",
                str(path),
                "is there already with another content; it is not replaced.",
                "Choose another folder.",
            )


def make_folder(path: Path) -> None:
    """Make a folder with all above it, where missing.

    Raises
    ------
    InputError
        If it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError.of(
            "not-writable", str(path), f"cannot be made ({error.strerror})."
        ) from error


def remove_folder(path: Path) -> None:
    """Take a folder away with all in it, as far as that goes."""
    shutil.rmtree(path, ignore_errors=True)


@contextmanager
def make_temporary_folder(prefix: str) -> Iterator[Path]:
    """Make a folder for this user alone, which is gone with all in it after that."""
    path = Path(tempfile.mkdtemp(prefix=prefix))
    try:
        yield path
    finally:
        with unbroken():
            remove_folder(path)


def write_folder(
    files: Mapping[str, bytes],
    out_dir: Path,
    *,
    last: str,
    make_more: Callable[[], Mapping[str, bytes]] = dict,
    confirm: Callable[[], object] = lambda: None,
) -> dict[str, Path]:
    """Write files that belong together; what is there afterwards is complete.

    They are written to a folder inside `out_dir` first, so that it may be a mount of
    its own. Then those of an earlier run are moved aside, the one that comes last
    first, and the new ones are moved in place, that one last: a folder that holds it
    holds all of one run. If anything fails, the earlier files are put back.

    Parameters
    ----------
    files : mapping of str to bytes
        Content of each file by its name.
    out_dir : Path
        Made where missing; files of the same names are replaced, others are kept.
    last : str
        One of the names.
    make_more : callable
        Returns further files by name. It is called while the folder is held and all
        else lies on the disk.
    confirm : callable
        Called once every file is in its place, to record that elsewhere. Where it
        raises, the earlier files are put back: nothing happened that is not recorded,
        and nothing is recorded that did not happen.

    Returns
    -------
    dict of str to Path
        Name of each file and where it is.

    Raises
    ------
    InputError
        If `out_dir` cannot be written to, or another run is writing there now.
    """
    out = find_real_path(out_dir)
    made = [path for path in (out, *out.parents) if not os.path.exists(path)]
    names: list[str] = []
    is_done = False
    try:
        out.mkdir(parents=True, exist_ok=True)
        with hold_folder(out, str(out_dir)):
            _recover(out, last)
            staging = Path(tempfile.mkdtemp(prefix=_STAGING, dir=out))
            try:
                for part in _PARTS:
                    (staging / part).mkdir()
                _stage(files, staging)
                more = make_more()
                _stage(more, staging)
                names = list({**more, **files})
                order = [*(n for n in names if n != last), last]
                with unbroken():
                    _exchange(staging, out, order, confirm)
                    is_done = True
            finally:
                with unbroken():
                    _clear(staging)
    except OSError as error:
        raise InputError.of(
            "out-not-writable",
            str(out_dir),
            f"cannot be written to ({error.strerror}); what was there stays.",
        ) from error
    finally:
        if not is_done:
            _remove_empty(made)
    return {name: out_dir / name for name in names}


def _stage(files: Mapping[str, bytes], staging: Path) -> None:
    for name, content in files.items():
        _write_through(staging / _NEW / name, content)


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _exchange(
    staging: Path, out: Path, order: list[str], confirm: Callable[[], object]
) -> None:
    """Move the old files aside and the new ones in, or leave all as it was."""
    aside: list[str] = []
    placed: list[str] = []
    try:
        for name in reversed(order):
            if os.path.lexists(out / name):
                _move(out / name, staging / _OLD / name, out / name)
                aside.append(name)
        for name in order:
            if name not in aside:
                (staging / _ADDED / name).touch()
            _move(staging / _NEW / name, out / name, out / name)
            placed.append(name)
        confirm()
    except BaseException:
        for name in reversed(placed):
            (out / name).replace(staging / _NEW / name)
        for name in reversed(aside):  # the one that comes last goes back last
            (staging / _OLD / name).replace(out / name)
        raise


def _clear(staging: Path) -> None:
    """Take the staging folder away; what could not be put back stays in it."""
    shutil.rmtree(staging / _NEW, ignore_errors=True)
    try:
        is_left = any((staging / _OLD).iterdir())
    except OSError:
        is_left = False
    if not is_left or _is_replaced(staging):
        shutil.rmtree(staging, ignore_errors=True)


def _is_replaced(staging: Path) -> bool:
    """Tell whether each file that was moved aside has a follower in its place."""
    names = [path.name for path in (staging / _OLD).iterdir()]
    return all((staging.parent / name).exists() for name in names)


def _move(source: Path, target: Path, told: Path) -> None:
    if told.is_dir() and not told.is_symlink():  # of the user's: never taken away
        raise _held(told, IsADirectoryError(errno.EISDIR, "is a folder"))
    try:
        source.replace(target)
    except OSError as error:
        raise _held(told, error) from error


def _held(path: Path, error: OSError) -> InputError:
    return InputError.of(
        "out-not-writable",
        str(path),
        f"cannot be replaced ({error.strerror}); what was there stays.",
        "Close it where it is open, or choose another folder for the results.",
    )


def _recover(out: Path, last: str) -> None:
    """Clear what a run left that was killed; put back what it had moved aside.

    Only a run that holds the folder may: what lies there is then of no living run.
    """
    for left in filter(_is_staging, out.glob(f"{_STAGING}*")):
        if not (out / last).exists():
            # A name that replaced none would stay beside the files of another run.
            for path in _inside(left / _ADDED):
                (out / path.name).unlink(missing_ok=True)
            old = _inside(left / _OLD)
            for path in sorted(old, key=lambda path: path.name == last):
                path.replace(out / path.name)
        shutil.rmtree(left, ignore_errors=True)


def _is_staging(path: Path) -> bool:
    """Tell a staging folder from one of the user's that bears such a name."""
    if path.is_symlink() or not path.is_dir():
        return False
    return all(
        part.name in _PARTS and part.is_dir() and not part.is_symlink()
        for part in path.iterdir()
    )


def _inside(folder: Path) -> list[Path]:
    return list(folder.iterdir()) if folder.is_dir() else []


def _remove_empty(made: list[Path]) -> None:
    """Take away folders that were made for nothing, the innermost first."""
    for path in made:
        try:
            path.rmdir()
        except OSError:
            return
