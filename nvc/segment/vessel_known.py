"""Tubes that are already known, and how courses are cut against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.vessel_course import Course
from nvc.segment.vessel_scene import Neighbours, no_neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import Tube

NERVE_CONTRAST = -1.0
"""Of a nerve in CSF where brain is 0 and CSF 1: nerves look like brain."""

BEYOND_MM = 4.0
"""Nerves go on past both ends of what was tracked."""


def nerve_courses(tubes: Sequence[Tube]) -> list[Course]:
    """Return nerves as known tubes that go on straight past both ends."""
    courses = []
    for tube in tubes:
        points, radius = tube.points_mm, tube.radius_mm
        if len(points) < 3:
            continue
        steps = np.arange(0.5, BEYOND_MM + 0.25, 0.5)[:, None]
        first = points[0] - points[min(3, len(points) - 1)]
        last = points[-1] - points[max(-4, -len(points))]
        before = points[0] + steps[::-1] * first / np.linalg.norm(first)
        after = points[-1] + steps * last / np.linalg.norm(last)
        count = len(steps)
        courses.append(
            Course(
                points_mm=np.concatenate([before, points, after]),
                radius_mm=np.pad(radius, count, mode="edge"),
                contrast=np.full(len(points) + 2 * count, NERVE_CONTRAST),
            )
        )
    return courses


def as_neighbours(
    courses: list[Course], shift_sd_mm: float, contrast_sd: float
) -> Neighbours:
    """Let courses be the known tubes next to another one."""
    if not courses:
        return no_neighbours()
    contrast = [[float(np.median(c.contrast)), contrast_sd] for c in courses]
    return Neighbours(
        points_mm=np.concatenate([c.points_mm for c in courses]),
        radius_mm=np.concatenate([c.radius_mm for c in courses]),
        tube=np.repeat(np.arange(len(courses)), [len(c) for c in courses]),
        shift_sd_mm=np.full(sum(len(c) for c in courses), shift_sd_mm),
        contrast=np.array(contrast),
    )


def together(parts: Sequence[Neighbours]) -> Neighbours:
    """Join several sets of neighbours into one."""
    parts = [part for part in parts if len(part.tube)]
    if not parts:
        return no_neighbours()
    offset, tubes = 0, []
    for part in parts:
        tubes.append(part.tube + offset)
        offset += len(part.contrast)
    return Neighbours(
        points_mm=np.concatenate([part.points_mm for part in parts]),
        radius_mm=np.concatenate([part.radius_mm for part in parts]),
        tube=np.concatenate(tubes),
        shift_sd_mm=np.concatenate([part.shift_sd_mm for part in parts]),
        contrast=np.concatenate([part.contrast for part in parts]),
    )


def without_doubles(courses: list[Course]) -> list[Course]:
    """Cut away what runs inside a thicker vessel; thickest first.

    A branch starts inside its parent; it keeps what lies beyond the parent's wall.
    """
    ordered = sorted(courses, key=lambda c: (-float(np.median(c.radius_mm)), -len(c)))
    kept: list[Course] = []
    for course in ordered:
        free = np.ones(len(course), dtype=bool)
        for other in kept:
            offset = course.points_mm[:, None] - other.points_mm[None]
            gap = np.linalg.norm(offset, axis=2)
            inner = np.maximum(other.radius_mm, 0.4)
            free &= np.all(gap > inner[None], axis=1)
        kept.extend(course.cut(a, b) for a, b in runs(free) if b - a > 3)
    return kept


def runs(flags: NDArray[np.bool_], bridge: int = 0) -> list[tuple[int, int]]:
    """Return half-open stretches of true flags, across gaps of up to `bridge`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    found: list[tuple[int, int]] = []
    for first, stop in edges.reshape(-1, 2).tolist():
        if found and first - found[-1][1] <= bridge:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return found
