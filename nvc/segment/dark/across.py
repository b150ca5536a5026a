"""Ways across what hides a vessel, from one strand to another that faces it.

Where a vessel lies on CN VII or on the brain no ridge leads along it, and it seems to
end on one side and to begin on the other, as nerves do. Followed as one it shows what
it is: whether it passes CN VII, and whether both halves have one level. A ridge that
does lead on may stray at its end, so that a vessel ends at another strand's side: it
is followed along either part of that.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.segment.dark.gather import longest_hidden_mm
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.known import bridge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.segment.dark.strands import Strand
    from nvc.settings.groups.strands import StrandsSettings

_INTO: Count[int] = 3
"""Stations of each strand that one must reach into: so many have a direction."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WayAcross:
    """A way along two strands and from one to the other.

    Parameters
    ----------
    course : Course
        All of it, not fitted.
    first, stop : int
        Which of its stations lie between the strands.
    strands, tracks : tuple of int
        Which the strands are, and which tracks they are stretches of; indices.
    """

    course: Course
    first: int
    stop: int
    strands: tuple[int, int]
    tracks: tuple[int, int]


def guess_across(
    strands: Sequence[Strand],
    odds: NDArray[np.float64],
    facials: Sequence[Course],
    settings: StrandsSettings,
) -> list[WayAcross]:
    """Return ways by CN VII from vessels to what faces their ends.

    Parameters
    ----------
    strands : sequence of Strand
        Of one image.
    odds : ndarray, shape (N,)
        Log odds of each to be a vessel.
    facials : sequence of Course
        CN VII of each side.
    settings : StrandsSettings
        How much may lie hidden between.

    Returns
    -------
    list of WayAcross
        Guesses, the nearest to CN VII first.
    """
    within_mm, found = longest_hidden_mm(settings), []
    for i, j in combinations(range(len(strands)), 2):
        one, other = strands[i], strands[j]
        if one.track == other.track or max(odds[i], odds[j]) <= settings.certain_odds:
            continue
        for first, second in _faces(one.course, other.course, settings.onward_mm):
            way = bridge(first, second, within_mm)
            if way is None:
                continue
            apart_mm = _from_nerve_mm(way[1][1], facials)
            if apart_mm < settings.hidden_mm:
                found.append((apart_mm, (i, j), way[1]))
    found.sort(key=lambda way: way[0])
    return [
        WayAcross(
            course=_joined(parts),
            first=len(parts[0]),
            stop=len(parts[0]) + len(parts[1]),
            strands=pair,
            tracks=(strands[pair[0]].track, strands[pair[1]].track),
        )
        for _, pair, parts in found
    ]


def _faces(one: Course, other: Course, within_mm: float) -> list[tuple[Course, Course]]:
    """Pairs of stretches that may be one vessel: of whole strands, or of parts.

    A track that was led astray at its end lies beside the vessel that it left: what
    ends at its side goes on along either part of it.
    """
    return [
        (one, other),
        *((one, part) for part in _beyond(other, one, within_mm)),
        *((part, other) for part in _beyond(one, other, within_mm)),
    ]


def _beyond(course: Course, ending: Course, within_mm: float) -> list[Course]:
    """Both parts of a course from where another ends at its side; none elsewhere."""
    parts = []
    for end_mm in ending.points_mm[[0, -1]]:
        gap = np.linalg.norm(course.points_mm - end_mm, axis=1)
        at = int(np.argmin(gap))
        if gap[at] - course.radius_mm[at] < within_mm:
            ways = (course.cut(0, at + 1), course.cut(at, len(course)))
            parts += [part for part in ways if _INTO <= len(part) < len(course)]
    return parts


def _from_nerve_mm(between: Course, facials: Sequence[Course]) -> float:
    """How near a way comes to the middle of CN VII, mm."""
    tree = cKDTree(np.concatenate([facial.points_mm for facial in facials]))
    return float(tree.query(between.points_mm)[0].min(initial=np.inf))


def _joined(parts: Sequence[Course]) -> Course:
    points, radius, contrast = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("points_mm", "radius_mm", "contrast")
    )
    return Course(points_mm=points, radius_mm=radius, contrast=contrast)


def is_one(strand: Strand, way: WayAcross) -> bool:
    """Tell whether a strand of a way that was followed is both its strands in one.

    Parameters
    ----------
    strand : Strand
        Of the way, fitted: a tube of one level that shows all along.
    way : WayAcross
        As it was guessed.
    """
    within = way.course.points_mm[[way.first - _INTO, way.stop + _INTO - 1]]
    gap, near = cKDTree(strand.course.points_mm).query(within)
    return bool((gap < strand.course.radius_mm[near]).all())
