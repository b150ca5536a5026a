"""What goes on from a certain vessel is that vessel.

Paths break where a vessel bends round on itself, meets another or lies on a nerve, and
a short stretch alone cannot be told from texture. Next to the end of a vessel that is
certain it needs no proof of its own, only not to be as grey as a nerve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.segment.dark.by_nerve import meet_nerve
from nvc.segment.dark.judge import (
    DARKER_SHARE,
    GREY_SDS,
    HIDDEN_MM,
    LEVEL_SD,
    STRANGER_DARKER_SD,
    Certainty,
    DarkTube,
    is_darker,
    measure_lumen,
    measure_lumen_along,
)
from nvc.tubes.curve import course_length, runs, unit
from nvc.tubes.stations.known import bridge

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.segment.dark.by_nerve import Facial
    from nvc.segment.dark.track import Track
    from nvc.tubes.stations.course import Course

ONWARD_MM = 1.5
"""From the wall of a vessel's end to the stretch that goes on from it: three
stations, which a bend or a crossing may cost."""

SPAN_MM = HIDDEN_MM + 2.0 * ONWARD_MM
"""Between the ends of two stretches of one vessel: what hides it, and what is lost of
both by that."""

TOUCHING_MM = 0.5
"""What begins this near to a vessel's wall comes from it, whichever way it turns."""

LEAST_STATIONS = 3
SAME_SHARE = 0.5
SHOWN_SHARE = 0.5
NO_TRACK = -1
LEAST_SAME_MM = 0.4

MOST_ROUNDS = 20
"""Each adds a stretch to some track; no vessel here is in more pieces."""


def grow(
    tubes: list[DarkTube],
    tracks: list[Track],
    facials: list[Facial],
    void: float,
    seen: Callable[[Course], Track | None],
) -> list[DarkTube]:
    """Add to certain vessels the stretches that go on from them.

    Parameters
    ----------
    tubes : list of DarkTube
        What each track was taken for.
    tracks : list of Track
        Every dark tube that was followed.
    facials : list of Facial
        CN VII of each side.
    void : float
        Level of a flow void, brain 0 and CSF 1.
    seen : callable
        Follows a first guess in the image.

    Returns
    -------
    list of DarkTube
        The certain ones, what goes on from them, and those that stay unresolved.
    """
    certain = [t for t in tubes if t.certainty is not Certainty.UNRESOLVED]
    for _ in range(MOST_ROUNDS):
        found = False
        for track in tracks:
            for piece in _loose(track, certain):
                part = _next_part(piece, certain, void)
                if part is not None:
                    certain.append(_as_part_of(*part, track.number, facials))
                    found = True
                    break
        if not found:
            break
    certain = [
        tube
        for track in tracks
        for tube in _bridged(track, [t for t in certain if t.track == track.number])
    ]
    certain += _spans(certain, facials, void, seen)
    doubted = [t for t in tubes if t.certainty is Certainty.UNRESOLVED]
    return certain + [t for t in doubted if not is_same(t.course, certain)]


@dataclass(frozen=True, slots=True, eq=False)
class _Loose:
    """A stretch of a track that is part of no certain vessel.

    Parameters
    ----------
    course : Course
        The stretch.
    is_free : bool
        Whether it lies in the open.
    track : int
        Number of its track.
    """

    course: Course
    is_free: bool
    track: int


def _loose(track: Track, certain: list[DarkTube]) -> list[_Loose]:
    own = track.shown.copy()
    for tube in certain:
        own &= ~_within(track.course, tube.course)
    return [
        _Loose(track.course.cut(a, b), is_free, track.number)
        for is_free, which in ((True, own & track.free), (False, own))
        for a, b in runs(which, bridge=1)
        if b - a >= LEAST_STATIONS
    ]


def _next_part(
    piece: _Loose, certain: list[DarkTube], void: float
) -> tuple[Course, DarkTube] | None:
    """Return the part of a stretch that goes on from a certain vessel, and that.

    Next to it the stretch must not be grey; behind what hides the way between them, as
    CN VII may, it must be likely darker than a nerve.
    Against bone or dura, where an edge may look like a tube, only what leads from one
    certain stretch to another counts.
    """
    course = piece.course
    if not piece.is_free:
        return _between(course, certain, void)
    for turned in (False, True):
        points = course.points_mm[::-1] if turned else course.points_mm
        parent = next((t for t in certain if _goes_on(t.course, points)), None)
        behind = None
        if parent is None:
            behind = next((t for t in certain if _is_behind(t.course, points)), None)
            if behind is None:
                continue
        count = _until_grey(course, turned, void)
        if count < LEAST_STATIONS:
            continue
        first = len(course) - count if turned else 0
        part = course.cut(first, first + count)
        if parent is not None and not _is_grey(part, void):
            return part, parent
        if behind is not None and _is_dark(part, void):
            return part, behind
    return None


def _between(
    course: Course, certain: list[DarkTube], void: float
) -> tuple[Course, DarkTube] | None:
    """Return the shortest part of a course that joins two certain vessels."""
    at: list[tuple[int, DarkTube]] = []
    for tube in certain:
        beyond = _beyond_wall(course, tube.course)
        nearest = int(np.argmin(beyond))
        if beyond[nearest] <= ONWARD_MM:
            at.append((nearest, tube))
    at.sort(key=lambda one: one[0])
    joined = min(pairwise(at), key=lambda two: two[1][0] - two[0][0], default=None)
    if joined is None:
        return None
    part = course.cut(joined[0][0], joined[1][0] + 1)
    if len(part) < LEAST_STATIONS or course_length(part.points_mm) > HIDDEN_MM:
        return None
    return None if _is_grey(part, void) else (part, joined[0][1])


def _bridged(track: Track, tubes: list[DarkTube]) -> list[DarkTube]:
    """Join stretches of one track across what hides it, as CN VII may.

    Next to it both lose a little more than what is hidden.
    """
    course = track.course
    search = cKDTree(course.points_mm)
    spans = []
    for tube in tubes:
        ends = search.query(tube.course.points_mm[[0, -1]])[1]
        spans.append((int(ends.min()), int(ends.max()) + 1, tube))
    joined: list[tuple[int, int, DarkTube]] = []
    for first, stop, tube in sorted(spans, key=lambda span: span[:2]):
        if joined:
            before = joined[-1]
            hidden = course.cut(before[1] - 1, first + 1) if first > before[1] else None
            if hidden is None or course_length(hidden.points_mm) <= SPAN_MM:
                surer = max(before[2], tube, key=lambda one: len(one.course))
                joined[-1] = (before[0], max(stop, before[1]), surer)
                continue
        joined.append((first, stop, tube))
    return [replace(tube, course=course.cut(a, b)) for a, b, tube in joined]


def _spans(
    certain: list[DarkTube],
    facials: list[Facial],
    void: float,
    seen: Callable[[Course], Track | None],
) -> list[DarkTube]:
    """Look for what lies between two certain stretches that face each other.

    No path led along it, yet it may show once one looks where it must be.
    """
    pairs = []
    for one, other in combinations(certain, 2):
        found = bridge(one.course, other.course, SPAN_MM)
        if found is not None and len(found[1][1]) >= LEAST_STATIONS:
            pairs.append((found[0], found[1][1], one))
    made: list[DarkTube] = []
    for _, guess, one in sorted(pairs, key=lambda pair: pair[0]):
        if is_same(guess, certain + made):
            continue
        track = seen(guess)
        if track is None or track.shown.mean() < SHOWN_SHARE:
            continue
        if not _is_grey(track.course, void):
            made.append(_as_part_of(track.course, one, NO_TRACK, facials))
    return made


def _goes_on(vessel: Course, points: NDArray[np.float64]) -> bool:
    """Tell whether a stretch, its first point nearest, goes on from a vessel."""
    beyond, cosine = _onward(vessel, points)
    return beyond <= TOUCHING_MM or (beyond <= ONWARD_MM and cosine > 0.0)


def _is_behind(vessel: Course, points: NDArray[np.float64]) -> bool:
    """Tell whether a stretch goes on from a vessel behind what may hide it."""
    beyond, cosine = _onward(vessel, points)
    return beyond <= HIDDEN_MM and cosine > 0.0


def _onward(vessel: Course, points: NDArray[np.float64]) -> tuple[float, float]:
    """How far beyond a vessel's wall a stretch begins, and how straight on it goes.

    The second is the least cosine between the vessel's end, the way from there, and
    the stretch; -1 where the stretch begins beside the vessel.
    """
    gap = np.linalg.norm(vessel.points_mm - points[0], axis=1)
    near = int(np.argmin(gap))
    beyond = float(gap[near]) - max(float(vessel.radius_mm[near]), LEAST_SAME_MM)
    if 0 < near < len(vessel) - 1:
        return beyond, -1.0
    inner = min(3, len(vessel) - 1) if near == 0 else max(near - 3, 0)
    leaving = unit(vessel.points_mm[near] - vessel.points_mm[inner])
    onward = unit(points[min(3, len(points) - 1)] - points[0])
    across = unit(points[0] - vessel.points_mm[near])
    return beyond, float(min(leaving @ across, onward @ across, leaving @ onward))


def _until_grey(course: Course, turned: bool, void: float) -> int:
    """How many stations from an end on are not surely as grey as a nerve."""
    lumen, error = measure_lumen_along(course)
    grey = lumen - np.hypot(LEVEL_SD, error) > DARKER_SHARE * void
    grey = grey[::-1] if turned else grey
    return int(np.argmax(grey)) if grey.any() else len(course)


def _is_grey(course: Course, void: float) -> bool:
    """Tell whether a stretch is surely no darker than a nerve."""
    if course.fitted is None:
        return True
    lumen, _, error = measure_lumen(course, course.fitted)
    return lumen - GREY_SDS * error > DARKER_SHARE * void


def _is_dark(course: Course, void: float) -> bool:
    """Tell whether a stretch is likely darker than a nerve."""
    if course.fitted is None:
        return False
    return is_darker(measure_lumen(course, course.fitted), void, STRANGER_DARKER_SD)


def _within(course: Course, vessel: Course) -> NDArray[np.bool_]:
    """Tell which points of a course lie within a vessel."""
    return _beyond_wall(course, vessel) <= 0.0


def _beyond_wall(course: Course, vessel: Course) -> NDArray[np.float64]:
    """How far beyond a vessel's wall each point of a course lies, mm."""
    gap, near = cKDTree(vessel.points_mm).query(course.points_mm)
    return np.asarray(gap - np.maximum(vessel.radius_mm[near], LEAST_SAME_MM))


def _as_part_of(
    course: Course, parent: DarkTube, track: int, facials: list[Facial]
) -> DarkTube:
    near = meet_nerve(course, facials, course)
    return replace(
        parent,
        course=course,
        facial=near.facial,
        facial_gap_mm=near.gap_mm,
        track=track,
    )


def is_same(course: Course, certain: list[DarkTube]) -> bool:
    """Tell whether most of a course lies within certain vessels.

    Parameters
    ----------
    course : Course
        Any.
    certain : list of DarkTube
        Vessels.
    """
    within = np.zeros(len(course), dtype=bool)
    for tube in certain:
        within |= _within(course, tube.course)
    return bool(within.mean() > SAME_SHARE)
