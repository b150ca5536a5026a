"""Folders that are written to whole, and those that are refused."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from nvc.errors import InputError


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
    out = out_dir.resolve()
    if out.exists() and not out.is_dir():
        raise InputError.of(
            "out-is-a-file", str(out_dir), "is a file; expected a folder to write to."
        )
    for source in inputs:
        if source.resolve().is_relative_to(out):
            raise InputError.of(
                "out-holds-input",
                str(out_dir),
                f"holds the input {source.name}.",
                "Choose another folder for the results.",
            )
    nearest = next(path for path in (out, *out.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError.of("out-not-writable", str(out_dir), "cannot be written to.")


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


@contextmanager
def make_temporary_folder(prefix: str) -> Iterator[Path]:
    """Make a folder that is gone, with all in it, after the block."""
    with tempfile.TemporaryDirectory(prefix=prefix) as name:
        yield Path(name)


def write_folder(
    files: Mapping[str, bytes], out_dir: Path, *, last: str
) -> dict[str, Path]:
    """Write files that belong together; what is there afterwards is complete.

    They are written to a folder beside `out_dir` first. Then the one that comes last
    is removed, the others are moved in place, and it follows: a folder that holds it
    always holds all of one kind.

    Parameters
    ----------
    files : mapping of str to bytes
        Content of each file by its name.
    out_dir : Path
        Made where missing; files of the same names are replaced, others are kept.
    last : str
        One of the names.

    Returns
    -------
    dict of str to Path
        Name of each file and where it is.

    Raises
    ------
    InputError
        If `out_dir` cannot be written to.
    """
    out = out_dir.resolve()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            for name, content in files.items():
                _write_through(staging / name, content)
            _move_in_place(staging, out, list(files), last)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise InputError.of(
            "out-not-writable",
            str(out_dir),
            f"cannot be written to ({error.strerror}).",
        ) from error
    return {name: out_dir / name for name in files}


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _move_in_place(staging: Path, out: Path, names: list[str], last: str) -> None:
    out.mkdir(exist_ok=True)
    (out / last).unlink(missing_ok=True)
    for name in sorted(names, key=lambda name: name == last):
        (staging / name).replace(out / name)
