"""Dark strands of the cistern: stretches of what was followed, of one level each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.dark.encounter import NerveEncounter, meet_nerve
from nvc.tubes.curve import course_length, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.segment.dark.track import Track
    from nvc.settings.groups.strands import StrandsSettings
    from nvc.tubes.stations.course import Course

_LEAST_STATIONS: Count[int] = 3
"""Fewer have no direction."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Strand:
    """A stretch of a track that shows one level.

    Parameters
    ----------
    course : Course
        Fitted, in mm of the working frame.
    track, first, stop : int
        Which track, and which of its stations.
    fluid, bone : float
        Shares of CSF and of bone-dark tissue in its surroundings, 0 to 1.
    lumen, error : float
        Level pooled over its length and one sigma of it; brain 0 and CSF 1.
    encounter : NerveEncounter
        How it comes to CN VII.
    """

    course: Course
    track: int
    first: int
    stop: int
    fluid: float
    bone: float
    lumen: float
    error: float
    encounter: NerveEncounter

    @property
    def radius_mm(self) -> float:
        """Its median calibre."""
        return float(np.median(self.course.radius_mm))

    @property
    def widths(self) -> float:
        """How many times as long as wide it is."""
        return course_length(self.course.points_mm) / (2.0 * self.radius_mm)


def cut_strands(
    tracks: list[Track], facials: list[Course], settings: StrandsSettings
) -> list[Strand]:
    """Cut tracks where they are not seen, meet bone, and where their level changes.

    Parameters
    ----------
    tracks : list of Track
        Dark tubes as they were followed.
    facials : list of Course
        CN VII of each side.
    settings : StrandsSettings
        What a change of level must be worth.

    Returns
    -------
    list of Strand
        By track and along it, each of one level, in the open or at bone.
    """
    strands: list[Strand] = []
    for track in tracks:
        for stretch in (track.shown & track.free, track.shown & ~track.free):
            for a, b in runs(stretch, bridge=2):
                for first, stop in _of_one_level(track.course.cut(a, b), settings):
                    if stop - first >= _LEAST_STATIONS:
                        found = _make(track, a + first, a + stop, facials, settings)
                        strands.append(found)
    return sorted(strands, key=lambda one: (one.track, one.first))


def _make(
    track: Track,
    first: int,
    stop: int,
    facials: list[Course],
    settings: StrandsSettings,
) -> Strand:
    course = track.course.cut(first, stop)
    lumen, error = measure_lumen(course, settings)
    return Strand(
        course=course,
        track=track.number,
        first=first,
        stop=stop,
        fluid=float(track.fluid[first:stop].mean()),
        bone=float(track.bone[first:stop].mean()),
        lumen=lumen,
        error=error,
        encounter=meet_nerve(course, facials, track.course),
    )


def measure_levels(
    course: Course, settings: StrandsSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the level of the lumen at each station and how much it tells.

    Parameters
    ----------
    course : Course
        Fitted.
    settings : StrandsSettings
        How many stations share a voxel.

    Returns
    -------
    level, weight : ndarray, shape (N,)
        Brain 0 and CSF 1; the inverse of the variance, as if all were independent.

    Raises
    ------
    ValueError
        If the course was not fitted.
    """
    fit = course.fitted
    if fit is None:
        raise ValueError("the course was not fitted")
    variance = settings.shared_stations * np.maximum(fit.contrast_sd, 0.02) ** 2
    return fit.level + fit.contrast, 1.0 / variance


def measure_lumen(course: Course, settings: StrandsSettings) -> tuple[float, float]:
    """Pool the level of the lumen over a fitted course.

    Parameters
    ----------
    course : Course
        A stretch of tube.
    settings : StrandsSettings
        What the scale itself may be off.

    Returns
    -------
    lumen, error : float
        Brain 0 and CSF 1; one sigma.
    """
    level, weight = measure_levels(course, settings)
    lumen = float(np.average(level, weights=weight))
    # Calibre and level of a thin tube are told apart by the point spread alone.
    thin = settings.blurred_radius_mm / float(np.median(course.radius_mm))
    scale = settings.level_sd * max(1.0, thin)
    return lumen, float(np.hypot(weight.sum() ** -0.5, scale))


def _of_one_level(course: Course, settings: StrandsSettings) -> list[tuple[int, int]]:
    """Cut a course into stretches of one level each.

    Of all ways to cut it the one of least misfit, where each further stretch costs
    `change_cost`: found from the front by dynamic programming (Jackson et al. 2005,
    doi:10.1109/LSP.2001.838216).
    """
    level, weight = measure_levels(course, settings)
    weight = 1.0 / (1.0 / weight + settings.level_sd**2)
    sums = [
        np.concatenate([[0.0], np.cumsum(weight * level**power)]) for power in (0, 1, 2)
    ]
    cost, start = np.zeros(len(level) + 1), np.zeros(len(level) + 1, dtype=int)
    for stop in range(1, len(level) + 1):
        total, first, second = (s[stop] - s[:stop] for s in sums)
        spent = cost[:stop] + 0.5 * (second - first**2 / total) + settings.change_cost
        start[stop] = int(np.argmin(spent))
        cost[stop] = spent[start[stop]]
    cuts = [len(level)]
    while cuts[-1]:
        cuts.append(int(start[cuts[-1]]))
    return list(zip(cuts[:0:-1], cuts[-2::-1], strict=True))
