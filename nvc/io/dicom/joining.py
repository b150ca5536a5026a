"""Planes of one volume that do not look alike, put together where geometry says so.

A series may be sent with a Series UID for every slice, its Image Type or Echo Time may
change on the way. `nvc.io.dicom.folder` sorts such planes apart; here they come
together again, but only where all of them form one regular stack and were acquired
alike. Echoes, phases and directions mostly lie at the same places; but a slice of one
may have strayed into the gap of another, so geometry alone does not decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import InputError, Problem
from nvc.io.dicom.header import ImagePlane
from nvc.io.dicom.volume import arrange_stack
from nvc.io.doors.reading import NOT_MAGNITUDE
from nvc.settings.input import InputSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

Stack = tuple[ImagePlane, ...]
_MANY_FRAGMENTS = 3
_OF_ONE_KIND = NOT_MAGNITUDE | {
    *("MAGNITUDE", "MIP", "ADC", "SUBTRACTION", "SUB"),
    *("W", "F", "WATER", "FAT", "IP", "OP"),
    *("IN_PHASE", "OUT_PHASE", "OPP_PHASE", "INPHASE", "OUTPHASE"),
}
"""Values of Image Type that tell apart what lies in one place."""


def join_stacks(
    stacks: Sequence[Stack], settings: InputSettings
) -> tuple[list[Stack], tuple[str, ...]]:
    """Join stacks that together form one volume.

    Parameters
    ----------
    stacks : sequence of Stack
        As `nvc.io.dicom.folder` sorts planes.
    settings : InputSettings
        Limits.

    Returns
    -------
    stacks : list of Stack
        Joined ones where the first of their parts was.
    notes : tuple of str
        What was joined.
    """
    found = list(stacks)
    notes: list[str] = []
    for key, least, what in (
        (_of_one_series, 0, "image types or echo times"),
        (_of_many_series, settings.min_slices, "series numbers"),
    ):
        groups: dict[object, list[Stack]] = {}
        for stack in found:
            is_part = not least or len(stack) < least
            groups.setdefault(key(stack[0]) if is_part else id(stack), []).append(stack)
        found = []
        for parts in (alike for g in groups.values() for alike in _alike(g, settings)):
            whole = _joined(parts, settings)
            found += parts if whole is None else [whole]
            if whole is not None:
                notes.append(
                    f"{len(whole)} images of {len(parts)} {what} are one stack"
                )
    return found, tuple(notes)


def find_fragments(
    stacks: Sequence[Stack], where: str, settings: InputSettings
) -> list[Problem]:
    """Return one problem for many stacks of which none is a volume; else none."""
    if len(stacks) <= _MANY_FRAGMENTS or any(
        len(stack) >= settings.min_slices for stack in stacks
    ):
        return []
    count = sum(len(stack) for stack in stacks)
    return [
        Problem(
            code="no-volume",
            where=where,
            reason=f"its {count} images fall into {len(stacks)} stacks of fewer than "
            f"{settings.min_slices}, which form no regular volume together.",
            remedy="Convert the folder with dcm2niix and give the NIfTI file.",
        )
    ]


def _of_one_series(plane: ImagePlane) -> object:
    kind = plane.facts.image_type
    return (plane.series_uid, *_kin(plane), kind[:2], _OF_ONE_KIND.intersection(kind))


def _of_many_series(plane: ImagePlane) -> object:
    facts = plane.facts
    return (*_kin(plane), facts.words, facts.image_type)


def _kin(plane: ImagePlane) -> tuple[object, ...]:
    return (
        plane.modality,
        plane.rows,
        plane.columns,
        plane.frame_of_reference_uid,
        plane.patient,
        plane.study_uid,
        plane.contrast_agent,
        tuple(round(value, 3) for value in (*plane.row_axis, *plane.column_axis)),
    )


def _alike(stacks: Sequence[Stack], settings: InputSettings) -> Iterator[list[Stack]]:
    """Sort stacks into those whose timing and thickness are nearly the same."""
    sorts: list[tuple[list[Stack], NDArray[np.float64]]] = []
    for stack in stacks:
        own = np.array([_how_acquired(plane) for plane in stack])
        for n, (alike, known) in enumerate(sorts):
            both = np.concatenate([known, own])
            low, high = both.min(axis=0), both.max(axis=0)
            if (high - low <= settings.same_timing * np.abs(high)).all():
                alike.append(stack)
                sorts[n] = (alike, np.array([low, high]))
                break
        else:
            sorts.append(([stack], own))
    for alike, _ in sorts:
        yield alike


def _how_acquired(plane: ImagePlane) -> tuple[float, ...]:
    facts = plane.facts
    stated = (
        facts.echo_time_ms,
        facts.repetition_time_ms,
        facts.inversion_time_ms,
        facts.flip_angle_deg,
        plane.thickness_mm,
    )
    # What is unset must be so everywhere: no time and no angle is near to this.
    return tuple(-1.0 if value is None else value for value in stated)


def _joined(parts: Sequence[Stack], settings: InputSettings) -> Stack | None:
    if len(parts) < 2:
        return None
    whole = tuple(plane for part in parts for plane in part)
    try:
        arrange_stack(whole, where="", settings=settings)
    except InputError:
        return None
    return whole
