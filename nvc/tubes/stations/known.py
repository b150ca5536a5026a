"""Tubes that are already known, and how courses are cut against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.settings.fixed import FIXED
from nvc.tubes.curve import runs, unit
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.values import Neighbours, no_neighbours

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.numerics import Count, Layout

NERVE_CONTRAST: Layout[float] = -1.0
"""Of a nerve in CSF where brain is 0 and CSF 1: nerves look like brain."""

_LEAST_STATIONS: Count[int] = 4


def extend_nerves(tubes: Sequence[Tube], *, from_exit: bool = False) -> list[Course]:
    """Return nerves as known tubes that go on straight past their ends.

    Parameters
    ----------
    tubes : sequence of Tube
        From the brainstem outwards.
    from_exit : bool
        Whether they begin at the root exit: nothing of them lies before it.
    """
    courses = []
    for tube in tubes:
        points, radius = tube.points_mm, tube.radius_mm
        if len(points) < 3:
            continue
        steps = np.arange(0.5, FIXED.tube.beyond_mm + 0.25, 0.5)[:, None]
        first = points[0] - points[min(3, len(points) - 1)]
        last = points[-1] - points[max(-4, -len(points))]
        before = points[0] + steps[::-1] * first / np.linalg.norm(first)
        before = before[len(before) if from_exit else 0 :]
        after = points[-1] + steps * last / np.linalg.norm(last)
        count = len(steps)
        courses.append(
            Course(
                points_mm=np.concatenate([before, points, after]),
                radius_mm=np.pad(radius, (len(before), count), mode="edge"),
                contrast=np.full(len(before) + len(points) + count, NERVE_CONTRAST),
            )
        )
    return courses


def make_neighbours(
    courses: list[Course], shift_sd_mm: float, contrast_sd: float
) -> Neighbours:
    """Let courses be the known tubes next to another one; a point alone is none."""
    courses = [course for course in courses if len(course) > 1]
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


def join_neighbours(parts: Sequence[Neighbours]) -> Neighbours:
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


def find_beyond(
    points_mm: NDArray[np.float64],
    tubes: Sequence[Course | Tube],
    by_mm: NDArray[np.float64] | float = 0.0,
) -> NDArray[np.bool_]:
    """Tell which points lie outside of all tubes.

    Parameters
    ----------
    points_mm : ndarray, shape (..., 3)
        Places.
    tubes : sequence of Course or Tube
        In the same world.
    by_mm : ndarray, shape (...), or float
        How far from a tube's wall counts as inside, mm.

    Returns
    -------
    ndarray of bool, shape (...)
    """
    beyond = np.ones(points_mm.shape[:-1], dtype=bool)
    for tube in tubes:
        gap, near = cKDTree(tube.points_mm).query(points_mm)
        beyond &= gap > tube.radius_mm[near] + by_mm
    return beyond


def cut_doubles(courses: list[Course], first: Sequence[Course] = ()) -> list[Course]:
    """Cut away what runs inside another vessel; the largest keep their course.

    A branch starts inside its parent; it keeps what lies beyond the parent's wall.

    Parameters
    ----------
    courses : list of Course
        That may double each other.
    first : sequence of Course
        That keep their course whatever their size.

    Returns
    -------
    list of Course
        `first`, and then the others.
    """
    ordered = sorted(courses, key=lambda c: -float(c.radius_mm.sum()))
    kept = list(first)
    for course in ordered:
        free = np.ones(len(course), dtype=bool)
        for other in kept:
            gap, near = cKDTree(other.points_mm).query(course.points_mm)
            # Beyond its end a vessel has no inside: another may go on from there.
            ended = (near == 0) | (near == len(other) - 1)
            inner = np.maximum(other.radius_mm[near], FIXED.tube.inside_min_mm)
            free &= gap > np.where(ended, FIXED.tube.inside_min_mm, inner)
        kept.extend(course.cut(a, b) for a, b in runs(free, least=_LEAST_STATIONS))
    return kept


def link_ends(courses: list[Course]) -> list[Course]:
    """Join courses end to end where one goes on as another.

    Tracing breaks where vessels touch and at forks. Two ends are joined, nearest
    first, where they are near and neither points away from the other.
    """
    chain = list(courses)
    while True:
        best: tuple[float, int, int, Course] | None = None
        for a in range(len(chain)):
            for b in range(a + 1, len(chain)):
                found = _link(chain[a], chain[b])
                if found is not None and (best is None or found[0] < best[0]):
                    best = (found[0], a, b, found[1])
        if best is None:
            return chain
        _, a, b, joined = best
        chain = [c for n, c in enumerate(chain) if n not in (a, b)]
        chain.insert(a, joined)


def _link(first: Course, second: Course) -> tuple[float, Course] | None:
    """Return the gap between the nearest ends and the joined course, or None."""
    found = bridge(first, second, FIXED.tube.link_mm)
    if found is None:
        return None
    gap, parts = found
    values = [
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("points_mm", "radius_mm", "contrast")
    ]
    return gap, Course(points_mm=values[0], radius_mm=values[1], contrast=values[2])


def bridge(
    first: Course, second: Course, within_mm: float
) -> tuple[float, tuple[Course, Course, Course]] | None:
    """Lead from one course to another where their nearest ends face each other.

    Parameters
    ----------
    first, second : Course
        Of three stations or more.
    within_mm : float
        Farthest that the ends may be apart.

    Returns
    -------
    tuple or None
        How far the ends are apart, mm, and the course before, between and after;
        None where they are farther apart or point away from each other.
    """
    ends = [
        (float(np.linalg.norm(p.points_mm[-1] - q.points_mm[0])), p, q)
        for p in (first, _reversed(first))
        for q in (second, _reversed(second))
    ]
    gap, before, after = min(ends, key=lambda end: end[0])
    if gap > within_mm or min(len(before), len(after)) < 3:
        return None
    leaving = unit(before.points_mm[-1] - before.points_mm[-3])
    coming = unit(after.points_mm[2] - after.points_mm[0])
    across = after.points_mm[0] - before.points_mm[-1]
    least = FIXED.tube.link_cosine_min
    onwards = gap < 0.5 or min(leaving @ across, coming @ across) > least * gap
    if not onwards or leaving @ coming < -least:
        return None
    t = np.linspace(0.0, 1.0, round(gap / 0.4) + 2)[1:-1, None]
    # Cubic Hermite: the ends of a loop meet around its bend, not across it.
    points = (
        (1 + 2 * t) * (1 - t) ** 2 * before.points_mm[-1]
        + t**2 * (3 - 2 * t) * after.points_mm[0]
        + gap * t * (1 - t) * ((1 - t) * leaving - t * coming)
    )
    between = Course(
        points_mm=points,
        radius_mm=np.full(len(t), 0.5 * (before.radius_mm[-1] + after.radius_mm[0])),
        contrast=np.full(len(t), 0.5 * (before.contrast[-1] + after.contrast[0])),
    )
    return gap, (before, between, after)


def _reversed(course: Course) -> Course:
    return Course(
        points_mm=course.points_mm[::-1],
        radius_mm=course.radius_mm[::-1],
        contrast=course.contrast[::-1],
    )
