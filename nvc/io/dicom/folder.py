"""A folder of DICOM files, sorted into series; nothing is decoded here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from nvc.errors import InputError, Problem
from nvc.io.dicom.header import ImagePlane, is_dicom, read_planes
from nvc.io.doors.nifti_start import is_nifti
from nvc.io.doors.walk import Walk
from nvc.settings.input import InputSettings

_MAX_FILES = 50_000
_MAX_DEPTH = 40
_SAME_DIRECTION = 1e-3
"""Sine of 0.06 degrees: planes of one stack agree far better than this."""

_PACKED = (".gz", ".tgz", ".zip", ".tar", ".7z", ".bz2", ".xz", ".rar")
_WRONG = {
    "damaged-dicom": "cannot be read",
    "too-large": "hold more than is read, or inflate to more",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderContent:
    """What lies in a folder.

    Parameters
    ----------
    stacks : tuple of tuple of ImagePlane
        DICOM planes of one series, orientation, size, image type and echo each.
    nifti : tuple of Path
        NIfTI files, by their names or by what is in them.
    notes : tuple of str
        What was left out, in plain words.
    problems : tuple of Problem
        What is wrong with the folder as a whole.
    closed : tuple of Path
        Files and folders that may not be read.
    """

    stacks: tuple[tuple[ImagePlane, ...], ...]
    nifti: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    closed: tuple[Path, ...] = ()


def scan_folder(folder: Path, *, where: str, settings: InputSettings) -> FolderContent:
    """Find the series in a folder and in the folders below it.

    Links to folders are followed, each folder once; what is passed over is counted
    and said (`nvc.io.doors.walk`).

    Raises
    ------
    InputError
        If the folder is not readable, or holds no image at all.
    """
    walk = Walk(folder, where, max_files=_MAX_FILES, max_depth=_MAX_DEPTH)
    planes: list[ImagePlane] = []
    nifti: list[Path] = []
    problems: list[Problem] = []
    wrong: Counter[str] = Counter()
    no_image = other = packed = 0
    for path in walk.files():
        is_dicom_file = path.name != "DICOMDIR" and is_dicom(path)
        is_named = path.name.lower().endswith((".nii", ".nii.gz"))
        if not is_dicom_file and (is_named or is_nifti(path)):
            nifti.append(path)
        elif not is_dicom_file:
            other += 1
            packed += path.name.lower().endswith(_PACKED)
        elif path.stat().st_size > settings.max_bytes:
            wrong["too-large"] += 1
        else:
            try:
                found = read_planes(path, where)
            except InputError as error:
                wrong.update(problem.code for problem in error.problems)
                continue
            planes.extend(found)
            no_image += not found
    notes = walk.notes + _counted(
        ("file is no image and was passed over", other),
        ("DICOM file holds no image and was passed over", no_image),
    )
    problems += [
        Problem(
            code=code,
            where=where,
            reason=f"{count} of its DICOM files {_WRONG[code]}.",
            remedy="Copy or export the folder again.",
        )
        for code, count in wrong.items()
    ]
    if not planes and not nifti and not problems:
        raise _is_empty(walk, where, packed)
    problems += find_several_patients(planes, where)
    return FolderContent(
        stacks=_stacks(planes),
        nifti=tuple(nifti),
        notes=notes,
        problems=tuple(problems),
        closed=walk.closed,
    )


def _is_empty(walk: Walk, where: str, packed: int) -> InputError:
    """Say why a folder holds nothing that can be used."""
    if walk.closed:
        return InputError.of(
            "not-readable",
            where,
            f"holds no image that may be read: {walk.notes[-1]}.",
            "Ask for permission to read it.",
        )
    remedy = "Give a NIfTI file, or a folder of DICOM files."
    return InputError.of(
        "empty-folder",
        where,
        "holds no DICOM or NIfTI image"
        + (f"; {packed} of its files are packed." if packed else "."),
        "Unpack them." if packed else remedy,
    )


def scan_file(path: Path, *, where: str) -> FolderContent:
    """Find the series in a single DICOM file, such as an enhanced multi-frame one.

    Raises
    ------
    InputError
        If it is damaged or holds no image.
    """
    planes = read_planes(path, where)
    if not planes:
        raise InputError.of(
            "no-image",
            where,
            "is a DICOM file without an image.",
            "Give the folder that holds the images.",
        )
    return FolderContent(stacks=_stacks(planes))


def find_several_patients(planes: Sequence[ImagePlane], where: str) -> list[Problem]:
    """Return a problem if the planes are not all of one patient."""
    keys = list(dict.fromkeys(plane.patient for plane in planes))
    if not any(
        one.conflicts_with(other) for i, one in enumerate(keys) for other in keys[:i]
    ):
        return []
    return [
        Problem(
            code="several-patients",
            where=where,
            reason="holds images of more than one patient.",
            remedy="Keep one patient to a folder.",
        )
    ]


def _counted(*found: tuple[str, int]) -> tuple[str, ...]:
    """Say how many of each were found: ``"3 x link leads nowhere ..."``."""
    return tuple(f"{count} x {what}" for what, count in found if count)


def _stacks(planes: Sequence[ImagePlane]) -> tuple[tuple[ImagePlane, ...], ...]:
    """Group planes by series, size, image type and echo, then by direction."""
    groups: dict[tuple[object, ...], list[list[ImagePlane]]] = {}
    for plane in planes:
        key = (
            plane.series_uid,
            plane.modality,
            plane.facts.image_type,
            plane.rows,
            plane.columns,
            plane.facts.echo_time_ms,
        )
        alike = groups.setdefault(key, [])
        for stack in alike:
            if _same_direction(stack[0], plane):
                stack.append(plane)
                break
        else:
            alike.append([plane])
    return tuple(tuple(stack) for alike in groups.values() for stack in alike)


def _same_direction(one: ImagePlane, other: ImagePlane) -> bool:
    mine = np.array([*one.row_axis, *one.column_axis])
    theirs = np.array([*other.row_axis, *other.column_axis])
    if np.isnan(mine).any() or np.isnan(theirs).any():
        return bool(np.isnan(mine).any() and np.isnan(theirs).any())
    return bool(np.abs(mine - theirs).max() <= _SAME_DIRECTION)
