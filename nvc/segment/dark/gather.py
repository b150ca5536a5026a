"""Strands that are, or may be, vessels, put together along what was followed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.dark.encounter import meet_nerve
from nvc.tubes.curve import course_length, is_mostly
from nvc.tubes.stations.known import bridge, find_beyond

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from nvc.segment.dark.explain import Kind
    from nvc.segment.dark.strands import Strand
    from nvc.segment.dark.track import Track
    from nvc.settings.groups.strands import StrandsSettings
    from nvc.tubes.stations.course import Course


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DarkTube:
    """A dark tube that is no known nerve.

    Parameters
    ----------
    course : Course
        In mm of the working frame.
    odds : float
        Log odds of its being a vessel.
    is_certain : bool
        Whether it is taken for one; else it only may be one.
    rival : Kind
        What it is most likely else.
    facial : int
        Which CN VII is nearest, an index.
    facial_gap_mm : float
        Wall to wall.
    track : int
        Which of the followed tubes it is a stretch of, an index.
    """

    course: Course
    odds: float
    is_certain: bool
    rival: Kind
    facial: int
    facial_gap_mm: float
    track: int = 0


def gather_tubes(
    strands: Sequence[Strand],
    odds: NDArray[np.float64],
    rivals: Sequence[Kind],
    tracks: Sequence[Track],
    facials: list[Course],
    settings: StrandsSettings,
) -> list[DarkTube]:
    """Put strands together, the certain ones across what hides their track.

    Parameters
    ----------
    strands : sequence of Strand
        By track and along it.
    odds : ndarray, shape (N,)
        Log odds of each.
    rivals : sequence of Kind
        What explains each best, but for a vessel.
    tracks : sequence of Track
        What was followed.
    facials : list of Course
        CN VII of each side.
    settings : StrandsSettings
        Which odds are enough.

    Returns
    -------
    list of DarkTube
        Vessels, and then what may be one, however unlikely.
    """
    courses = {track.number: track.course for track in tracks}
    spans: list[_Span] = []
    doubted: list[_Span] = []
    may_go_on = False
    for strand, log_odds, rival in zip(strands, odds.tolist(), rivals, strict=True):
        span = _Span(strand.track, strand.first, strand.stop, log_odds, rival)
        if log_odds <= settings.certain_odds:
            may_go_on &= log_odds > settings.doubted_odds
            doubted.append(span)
            continue
        if may_go_on and _is_hidden(courses, spans[-1], span, settings):
            span = spans.pop().joined(span)
        spans.append(span)
        may_go_on = True
    found = [_make(span, courses, facials, is_certain=True) for span in spans]
    unsure = [_make(span, courses, facials, is_certain=False) for span in doubted]
    return found + [tube for tube in unsure if not lies_within(tube.course, found)]


@dataclass(frozen=True, slots=True)
class _Span:
    """Stations of a track, and what they are."""

    track: int
    first: int
    stop: int
    odds: float
    rival: Kind

    def joined(self, onward: _Span) -> _Span:
        odds = max(self.odds, onward.odds)
        return replace(self, stop=onward.stop, odds=odds)


def guess_between(tubes: Sequence[DarkTube], settings: StrandsSettings) -> list[Course]:
    """Return ways between ends of vessels that face each other.

    Parameters
    ----------
    tubes : sequence of DarkTube
        What was gathered.
    settings : StrandsSettings
        How much may lie hidden between.

    Returns
    -------
    list of Course
        Guesses, the shortest first, where no vessel is known yet.
    """
    certain = [tube for tube in tubes if tube.is_certain]
    ways = []
    for one, other in combinations(certain, 2):
        way = bridge(one.course, other.course, longest_hidden_mm(settings))
        if way is not None and len(way[1][1]) > 2:
            ways.append((way[0], way[1][1]))
    ways.sort(key=lambda way: way[0])
    return [course for _, course in ways if not lies_within(course, certain)]


def lies_within(course: Course, tubes: Sequence[DarkTube]) -> bool:
    """Tell whether most of a course lies within tubes."""
    within = ~find_beyond(course.points_mm, [tube.course for tube in tubes])
    return is_mostly(within)


def _is_hidden(
    courses: Mapping[int, Course], span: _Span, onward: _Span, settings: StrandsSettings
) -> bool:
    """Whether no more lies between two stretches than CN VII hides and both lose."""
    if span.track != onward.track:
        return False
    hidden_mm = courses[span.track].points_mm[span.stop - 1 : onward.first + 1]
    return course_length(hidden_mm) <= longest_hidden_mm(settings)


def longest_hidden_mm(settings: StrandsSettings) -> float:
    """Return what CN VII hides, and what both ends lose beside it, mm."""
    return settings.hidden_mm + 2.0 * settings.onward_mm


def _make(
    span: _Span,
    courses: Mapping[int, Course],
    facials: list[Course],
    *,
    is_certain: bool,
) -> DarkTube:
    course = courses[span.track].cut(span.first, span.stop)
    near = meet_nerve(course, facials, course)
    return DarkTube(
        course=course,
        odds=span.odds,
        is_certain=is_certain,
        rival=span.rival,
        facial=near.facial,
        facial_gap_mm=near.gap_mm,
        track=span.track,
    )
