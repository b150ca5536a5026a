"""The real heads that were read by eye: told by their voxels, wherever they lie."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from pathlib import Path

import numpy as np

from nvc.errors import InputError
from nvc.io.study.load import load_study
from nvc.model.grid import Volume
from nvc.model.study import SequenceRole
from nvc.phantom.geometry.pose import reorder
from nvc.phantom.recoloured import HeadReading

REAL_HEADS_VARIABLE = "NVC_REAL_HEADS"
"""Environment variable that names a folder with real heads."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RealHead:
    """A T1 and what was read of it by eye."""

    volume: Volume
    reading: HeadReading


@lru_cache(maxsize=1)
def list_readings() -> tuple[HeadReading, ...]:
    """Return all readings that the package holds, by the heads' names."""
    folder = resources.files("nvc.io") / "readings"
    files = sorted(folder.iterdir(), key=lambda item: item.name)
    return tuple(
        HeadReading.from_json(json.loads(file.read_text(encoding="utf-8")))
        for file in files
        if file.name.endswith(".json")
    )


def digest_voxels(volume: Volume) -> str:
    """Return the sha256 of a volume's shape and voxels in the order R, A, S.

    Values are rounded to whole numbers, so that the file's own type does not matter.
    """
    upright = reorder(volume, "RAS")
    whole = np.ascontiguousarray(np.rint(upright.voxels), dtype="<i4")
    start = str(upright.grid.shape).encode("ascii")
    return hashlib.sha256(start + whole.tobytes()).hexdigest()


@lru_cache(maxsize=1)
def open_head(path: Path) -> RealHead:
    """Read a head of which there is a reading; the last one is kept.

    Parameters
    ----------
    path : Path
        A NIfTI file, or a folder of DICOM files.

    Raises
    ------
    InputError
        If there is nothing to read, or if it is another head.
    """
    volume = load_study(t1=path).series[SequenceRole.T1].volume
    digest = digest_voxels(volume)
    for reading in list_readings():
        if reading.digest == digest:
            return RealHead(volume=volume, reading=reading)
    known = ", ".join(reading.head for reading in list_readings())
    raise InputError.of(
        "unknown-head", path.name, f"is not a head that was read by eye ({known})."
    )


def find_heads(folder: Path) -> dict[str, Path]:
    """Return name and path of every known head in a folder and below it.

    Raises
    ------
    InputError
        If there is none.
    """
    files = sorted(folder.rglob("*"))
    candidates = [path for path in files if path.name.endswith((".nii", ".nii.gz"))]
    candidates += sorted({path.parent for path in files if path.suffix == ".dcm"})
    found = {}
    for path in candidates:
        try:
            found[open_head(path).reading.head] = path
        except InputError:
            continue
    if not found:
        raise InputError.of(
            "no-heads",
            folder.name,
            "holds none of the real heads that were read by eye.",
            f"Name a folder that does, with --real-heads or {REAL_HEADS_VARIABLE}.",
        )
    return found
