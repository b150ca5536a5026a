"""Vessel or nerve: what a dark tube in the cistern is taken for.

A flow void is darker than any nerve, once blur is accounted for. A tube that is not
darker than a nerve, or too thin to tell, still is no cranial nerve where it crosses
CN VII: the nerves of the angle run side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.dark.by_nerve import (
    CROSSING_GAP_MM,
    Facial,
    NerveEncounter,
    meet_hidden_nerve,
    meet_nerve,
)
from nvc.tubes.curve import runs
from nvc.tubes.smoothing import smooth_values
from nvc.tubes.stations.course import Course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.dark.searched_box import SearchedBox
    from nvc.segment.dark.track import Track
    from nvc.settings import VesselsSettings
    from nvc.tubes.stations.values import Fitted

LEVEL_SD = 0.06
"""Uncertainty of the scale itself (shading, point spread), brain 0 and CSF 1."""

LEAST_DARKER_SD = 3.0
STRANGER_DARKER_SD = 2.0
"""Enough where no nerve but CN VII and CN VIII, both known, runs."""

DARKER_SHARE = 0.3
"""A vessel's lumen lies at least this share of the way from brain to a void."""

SLENDER = 2.0
"""A tube is at least this many times as long as it is wide; a knob is none."""

GREY_SDS = 2.0
"""Farther than this above the limit a stretch is as grey as a nerve."""

HIDDEN_MM = 5.0
"""Longest stretch that CN VII and CN VIII hide: both are about 2 mm wide there."""

LUMEN_SMOOTHING_MM = 1.5

OVERLAP = 3.0
"""A voxel is used by this many stations in a row, which are not independent."""

THIN_MM = 0.8
"""Radius below which blur may hide a void."""

STRANGER_MM = 0.4
"""Radius above which a grey tube beside CN VII is not its nervus intermedius, which is
0.62 mm across (doi:10.1002/ca.22025)."""

STRANGER_GAP_MM = 1.0
"""Gap within which such a tube would matter, were it a vein."""


class Certainty(StrEnum):
    """What a dark tube is taken for."""

    VOID = "void"
    CROSSING = "crossing"
    UNRESOLVED = "unresolved"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DarkTube:
    """A dark tube that is no known nerve.

    Parameters
    ----------
    course : Course
        In mm of the working frame.
    certainty : Certainty
        Darker than a nerve; or crossing one; or neither, yet not excluded.
    lumen, lumen_sd, lumen_error : float
        Level pooled over its length, one sigma of the fit, and one with what the scale
        itself may be off; brain 0 and CSF 1.
    facial : int
        Which CN VII is nearest, an index.
    facial_gap_mm : float
        Wall to wall.
    track : int
        Which of the followed tubes it is a stretch of, an index.
    """

    course: Course
    certainty: Certainty
    lumen: float
    lumen_sd: float
    lumen_error: float
    facial: int
    facial_gap_mm: float
    track: int = 0

    @property
    def forbids_clear(self) -> bool:
        """Whether a side with this unresolved tube must not be called clear."""
        thick = float(np.median(self.course.radius_mm)) > STRANGER_MM
        return thick and self.facial_gap_mm <= STRANGER_GAP_MM


def judge(
    searched: SearchedBox,
    track: Track,
    facials: list[Facial],
    settings: VesselsSettings,
) -> list[DarkTube]:
    """Cut a track into stretches that are, or may be, a vessel.

    Parameters
    ----------
    searched : SearchedBox
        The reference on its scale.
    track : Track
        A dark tube.
    facials : list of Facial
        CN VII of each side.
    settings : VesselsSettings
        Sizes and thresholds.

    Returns
    -------
    list of DarkTube
        Each with its `Certainty`: darker than a nerve beyond doubt, crossing CN VII as
        no cranial nerve does, going on from such a one, or not told from a nerve.
        Stretches that may well be a nerve are left out.
    """
    course = track.course
    least = max(4, round(settings.shortest_mm / settings.station_mm))
    found: list[DarkTube] = []
    for first, stop in runs(track.shown & track.free, bridge=2):
        if stop - first < least:
            continue
        piece = course.cut(first, stop)
        for a, b in _of_one_kind(piece, searched.void, least):
            part = piece.cut(a, b)
            wide = 2.0 * float(np.median(part.radius_mm))
            if (b - a) * settings.station_mm < SLENDER * wide:
                continue
            tube = _named(part, searched.void, facials, course)
            if tube is not None:
                found.append(replace(tube, track=track.number))
    return _continued(found, searched.void)


def _continued(tubes: list[DarkTube], void: float) -> list[DarkTube]:
    """Let a stretch be a void where one goes on as it, until it is surely grey.

    A vessel that passes behind CN VII is hidden for a while. Beside the nerve its
    lumen is known worse than where it lies free.
    """
    certain = [tube.course for tube in tubes if tube.certainty is Certainty.VOID]
    found: list[DarkTube] = []
    for tube in tubes:
        dark = None
        if tube.certainty is not Certainty.VOID:
            dark = _dark_end(tube, certain, void)
        if dark is None:
            found.append(tube)
        else:
            found.append(replace(tube, course=dark, certainty=Certainty.VOID))
    return found


def _dark_end(tube: DarkTube, certain: list[Course], void: float) -> Course | None:
    """Return the part of a stretch that goes on from a void and is not surely grey."""
    course = tube.course
    if course.fitted is None:
        return None
    lumen, error = measure_lumen_along(course)
    error = np.hypot(error, tube.lumen_error)
    grey = np.flatnonzero(lumen - error > DARKER_SHARE * void)
    for other in certain:
        first, last = other.points_mm[0], other.points_mm[-1]
        if np.linalg.norm(course.points_mm[0] - last) <= HIDDEN_MM:
            part = (0, int(grey[0]) if len(grey) else len(course))
        elif np.linalg.norm(course.points_mm[-1] - first) <= HIDDEN_MM:
            part = (int(grey[-1]) + 1 if len(grey) else 0, len(course))
        else:
            continue
        if part[1] - part[0] > 3:
            return course.cut(*part)
    return None


def measure_lumen_along(
    course: Course,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level of the lumen pooled over some length, and its error.

    Parameters
    ----------
    course : Course
        Fitted, at equal steps.

    Returns
    -------
    lumen, error : ndarray, shape (N,)
        Brain 0 and CSF 1; one sigma of the fit.

    Raises
    ------
    ValueError
        If the course was not fitted.
    """
    fit = course.fitted
    if fit is None:
        raise ValueError("the course was not fitted")
    apart = np.linalg.norm(np.diff(course.points_mm, axis=0), axis=1)
    steps = 2.0 * LUMEN_SMOOTHING_MM / max(float(apart.mean()), 0.1)
    weight = 1.0 / np.maximum(fit.contrast_sd, 0.02) ** 2
    lumen = smooth_values(fit.level + fit.contrast, weight, steps)
    return lumen, fit.contrast_sd * np.sqrt(OVERLAP / steps)


def _of_one_kind(course: Course, void: float, least: int) -> list[tuple[int, int]]:
    """Cut a tube where it turns from void to grey, or the other way.

    A path may run along a vessel and on along a nerve. Its signal tells, pooled over
    some length; a vessel as grey as the limit flickers about it, and stays whole.
    """
    lumen, error = measure_lumen_along(course)
    error = np.hypot(LEVEL_SD, error)
    limit = DARKER_SHARE * void
    surely_void = runs(lumen < limit - error, bridge=least)
    surely_grey = runs(lumen > limit + error, bridge=least)
    marks = sorted(
        [(a, b, 0) for a, b in surely_void if b - a >= least]
        + [(a, b, 1) for a, b in surely_grey if b - a >= least]
    )
    cuts = [0]
    for before, after in pairwise(marks):
        if before[2] != after[2]:
            between = np.arange(min(before[1], after[0]), max(before[1], after[0]) + 1)
            between = between[between < len(course)]
            cuts.append(int(between[np.argmin(np.abs(lumen[between] - limit))]))
    cuts.append(len(course))
    return [(a, b) for a, b in pairwise(cuts) if b - a >= least]


def _named(
    course: Course, void: float, facials: list[Facial], whole: Course
) -> DarkTube | None:
    """Say what a stretch of a tube is; None where it may well be a nerve."""
    fit = course.fitted
    if fit is None:
        return None
    pooled = measure_lumen(course, fit)
    near = meet_nerve(course, facials, whole)
    certainty = _certainty(course, pooled, void, near)
    if certainty is None:
        near = meet_hidden_nerve(course, facials)
        thick = float(np.median(course.radius_mm)) > STRANGER_MM
        if not (thick and near.is_steep and near.gap_mm <= STRANGER_GAP_MM):
            return None
        if _is_brighter(pooled, 0.0):
            # Where CN VII is only estimated the roots of CN IX to XI begin, fibres with
            # fluid between them: brighter than brain, as no vessel is that lies there.
            return None
        # CN VII is hidden there, perhaps by this: no reason to name it, nor to go on
        # as if nothing were there.
        certainty = Certainty.UNRESOLVED
    lumen, sd, error = pooled
    return DarkTube(
        course=course,
        certainty=certainty,
        lumen=lumen,
        lumen_sd=sd,
        lumen_error=error,
        facial=near.facial,
        facial_gap_mm=near.gap_mm,
    )


def _certainty(
    course: Course,
    pooled: tuple[float, float, float],
    void: float,
    near: NerveEncounter,
) -> Certainty | None:
    """Tell what the signal of a stretch, and its way by CN VII, make of it."""
    lumen, _, error = pooled
    gap, radius = near.gap_mm, float(np.median(course.radius_mm))
    thin, stranger = radius < THIN_MM, radius > STRANGER_MM
    doubt = LEAST_DARKER_SD
    if stranger and gap <= STRANGER_GAP_MM and near.is_past_roots:
        doubt = STRANGER_DARKER_SD
    if is_darker(pooled, void, doubt):
        return Certainty.VOID
    if gap > CROSSING_GAP_MM or (lumen > -error and near.is_beside_exit):
        return None
    if stranger and near.crosses and near.passes:
        # No nerve runs like that; as grey as one, a vein of slow flow does.
        return Certainty.CROSSING
    if _is_brighter(pooled, DARKER_SHARE * void):
        strange = stranger and gap <= STRANGER_GAP_MM
        return Certainty.UNRESOLVED if strange else None
    return Certainty.CROSSING if near.crosses and thin else Certainty.UNRESOLVED


def _is_brighter(pooled: tuple[float, float, float], level: float) -> bool:
    """Tell whether a lumen is brighter than a level beyond doubt."""
    lumen, _, error = pooled
    return lumen - GREY_SDS * error > level


def is_darker(pooled: tuple[float, float, float], void: float, sds: float) -> bool:
    """Tell whether a lumen is darker than a nerve, and as dark as a vessel's may be.

    A nerve in fluid has the level of brain (`nvc.tubes.stations.known`), 0.

    Parameters
    ----------
    pooled : tuple of float
        Lumen, sd and error, as of `measure_lumen`.
    void : float
        Level of a flow void, brain 0 and CSF 1.
    sds : float
        Errors by which it must be darker than brain.
    """
    lumen, _, error = pooled
    return lumen < -sds * error and lumen < DARKER_SHARE * void


def measure_lumen(course: Course, fit: Fitted) -> tuple[float, float, float]:
    """Pool the level of the lumen over a course.

    Parameters
    ----------
    course : Course
        A stretch of tube.
    fit : Fitted
        Its fit.

    Returns
    -------
    lumen, sd, error : float
        As in `DarkTube`.
    """
    information = 1.0 / np.maximum(fit.contrast_sd, 0.02) ** 2
    lumen = float(np.sum(information * (fit.level + fit.contrast)) / information.sum())
    sd = float(np.sqrt(OVERLAP / np.sum(information)))
    radius = float(np.median(course.radius_mm))
    # Calibre and level of a thin tube are told apart by the point spread alone.
    error = float(np.hypot(sd, LEVEL_SD * max(1.0, THIN_MM / radius)))
    return lumen, sd, error
