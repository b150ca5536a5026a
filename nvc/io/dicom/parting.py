"""Volumes of one series that lie in each other, told apart by how they were acquired.

`nvc.io.dicom.folder` sorts planes by what differs between echoes, phases and image
types. What a series holds beside that (two flip angles, several repetitions, before and
after contrast) shows only where its planes make no volume together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from nvc.errors import InputError
from nvc.io.dicom.volume import arrange_stack

if TYPE_CHECKING:
    from nvc.io.dicom.header import ImagePlane
    from nvc.io.dicom.joining import Stack
    from nvc.settings.input import InputSettings

_FARTHEST = float("-inf")
"""A value that is not stated is near no other."""


class _Tell(NamedTuple):
    """What may tell volumes apart: a measure, which rounding changes, or a word."""

    name: str
    measure: Callable[[ImagePlane], float | None] | None = None
    word: Callable[[ImagePlane], object] | None = None


_TELLS = (
    _Tell("repetition time", measure=lambda p: p.facts.repetition_time_ms),
    _Tell("inversion time", measure=lambda p: p.facts.inversion_time_ms),
    _Tell("flip angle", measure=lambda p: p.facts.flip_angle_deg),
    _Tell("contrast agent", word=lambda p: p.contrast_agent),
    _Tell("description", word=lambda p: p.facts.words),
    _Tell("temporal position", word=lambda p: p.temporal_position),
    _Tell("acquisition number", word=lambda p: p.acquisition_number),
)


def part_stacks(
    stacks: Sequence[Stack], settings: InputSettings
) -> tuple[list[Stack], tuple[str, ...]]:
    """Part stacks that are no volume where one thing tells their volumes apart.

    Parameters
    ----------
    stacks : sequence of Stack
        As `nvc.io.dicom.folder` sorts planes.
    settings : InputSettings
        Limits.

    Returns
    -------
    stacks : list of Stack
        Parts stand where the whole was.
    notes : tuple of str
        What was parted, and by what.
    """
    found: list[Stack] = []
    notes: list[str] = []
    for stack in stacks:
        told = None if _is_volume(stack, settings) else _parted(stack, settings)
        if told is None:
            found.append(stack)
            continue
        name, parts = told
        found += parts
        notes.append(f"{len(parts)} volumes of one series differ in {name}")
    return found, tuple(notes)


def _parted(stack: Stack, settings: InputSettings) -> tuple[str, list[Stack]] | None:
    """Return parts that each are a volume, and what they differ in.

    Where one thing does not do, all that differ are taken together. Slices that are
    too few for a volume may be over, as long as the rest is whole without them.
    """
    if len(stack) < settings.min_slices:
        return None
    # Packages of one volume have acquisition numbers too, but no place in common.
    is_doubled = len({plane.position_lps_mm for plane in stack}) < len(stack)
    varying: list[tuple[str, list[object]]] = [
        (tell.name, classes)
        for tell in _TELLS
        if is_doubled or tell.measure is not None
        if len(set(classes := _classes(tell, stack, settings))) > 1
    ]
    together: list[object] = [*zip(*(classes for _, classes in varying), strict=True)]
    if len(varying) > 1:
        names = " and ".join(name for name, _ in varying)
        varying = [*varying, (names, together)]
    for name, classes in varying:
        parts = _sorted(stack, classes)
        whole = [part for part in parts if len(part) >= settings.min_slices]
        if whole and all(_is_volume(part, settings) for part in whole):
            return name, parts
    return None


def _classes(tell: _Tell, stack: Stack, settings: InputSettings) -> list[object]:
    """Return a class for each plane; measures that are nearly the same share one."""
    if tell.word is not None:
        return [tell.word(plane) for plane in stack]
    if tell.measure is None:
        return [None] * len(stack)
    stated = [tell.measure(plane) for plane in stack]
    values = [_FARTHEST if value is None else value for value in stated]
    starts: dict[float, float] = {}
    start = _FARTHEST
    for value in sorted(set(values)):
        if start == _FARTHEST or value - start > settings.same_timing * abs(value):
            start = value
        starts[value] = start
    return [starts[value] for value in values]


def _sorted(stack: Stack, classes: Iterable[object]) -> list[Stack]:
    parts: dict[object, list[ImagePlane]] = {}
    for plane, own in zip(stack, classes, strict=True):
        parts.setdefault(own, []).append(plane)
    return [tuple(part) for part in parts.values()]


def _is_volume(stack: Stack, settings: InputSettings) -> bool:
    try:
        arrange_stack(stack, where="", settings=settings)
    except InputError:
        return False
    return True
