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
from scipy.ndimage import uniform_filter1d

from nvc.segment.vessel_approach import CROSSING_GAP_MM, Facial, approach_of
from nvc.segment.vessel_course import Course, frames, smooth
from nvc.segment.vessel_known import NERVE_CONTRAST, runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.vessel_place import Place
    from nvc.segment.vessel_scene import Fitted, Picture
    from nvc.settings import VesselsSettings

LEVEL_SD = 0.06
"""Uncertainty of the scale itself (shading, point spread), brain 0 and CSF 1."""

LEAST_DARKER_SD = 3.0
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

RING = 16
RING_GAP_MM = 0.9
DARK_SIDE = 0.15
LEAST_BRIGHT = 0.5
"""Shares of the surroundings: bone or dura on one side makes an edge, not a tube."""

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
        Reference RAS mm.
    certainty : Certainty
        Darker than a nerve; or crossing one; or neither, yet not excluded.
    lumen, lumen_sd, lumen_error : float
        Level pooled over its length, one sigma of the fit, and one with what the scale
        itself may be off; brain 0 and CSF 1.
    facial : int
        Which CN VII is nearest, an index.
    facial_gap_mm : float
        Wall to wall.
    """

    course: Course
    certainty: Certainty
    lumen: float
    lumen_sd: float
    lumen_error: float
    facial: int
    facial_gap_mm: float

    @property
    def forbids_clear(self) -> bool:
        """Whether a side with this unresolved tube must not be called clear."""
        thick = float(np.median(self.course.radius_mm)) > STRANGER_MM
        return thick and self.facial_gap_mm <= STRANGER_GAP_MM


def judge(
    place: Place,
    picture: Picture,
    course: Course,
    known: tuple[list[Course], list[Facial]],
    settings: VesselsSettings,
) -> list[DarkTube]:
    """Cut a fitted course into stretches that are, or may be, a vessel.

    Parameters
    ----------
    place : Place
        The reference on its scale.
    picture : Picture
        That the course was fitted to.
    course : Course
        Fitted with a nerve's contrast as the expectation, so that only the voxels
        can make it darker.
    known : tuple of list
        All known tubes; and CN VII of each side.
    settings : VesselsSettings
        Sizes and thresholds.
    """
    fit = course.fitted
    if fit is None:
        return []
    tubes, facials = known
    bright, dark = _ring(place, picture, course, tubes)
    shown = _shown(course, fit, tubes, settings)
    # Bone or dura on one side makes an edge, not a tube; one station may err.
    shown &= uniform_filter1d(dark, 3, mode="nearest") < DARK_SIDE
    shown &= uniform_filter1d(bright, 3, mode="nearest") > LEAST_BRIGHT
    least = max(4, round(settings.shortest_mm / settings.station_mm))
    found: list[DarkTube] = []
    for first, stop in runs(shown, bridge=2):
        if stop - first < least:
            continue
        piece = course.cut(first, stop)
        for a, b in _of_one_kind(piece, place.void, least, settings):
            part = piece.cut(a, b)
            wide = 2.0 * float(np.median(part.radius_mm))
            if (b - a) * settings.station_mm < SLENDER * wide:
                continue
            tube = _named(part, place.void, facials, course)
            if tube is not None:
                found.append(tube)
    return _continued(found, place.void, settings)


def _continued(
    tubes: list[DarkTube], void: float, settings: VesselsSettings
) -> list[DarkTube]:
    """Let a stretch be a void where one goes on as it, until it is surely grey.

    A vessel that passes behind CN VII is hidden for a while. Beside the nerve its
    lumen is known worse than where it lies free.
    """
    certain = [tube.course for tube in tubes if tube.certainty is Certainty.VOID]
    found: list[DarkTube] = []
    for tube in tubes:
        dark = None
        if tube.certainty is not Certainty.VOID:
            dark = _dark_end(tube, certain, void, settings)
        if dark is None:
            found.append(tube)
        else:
            found.append(replace(tube, course=dark, certainty=Certainty.VOID))
    return found


def _dark_end(
    tube: DarkTube, certain: list[Course], void: float, settings: VesselsSettings
) -> Course | None:
    """Return the part of a stretch that goes on from a void and is not surely grey."""
    course = tube.course
    if course.fitted is None:
        return None
    lumen, error = _lumen_along(course, settings)
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


def _lumen_along(
    course: Course, settings: VesselsSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Level of the lumen pooled over some length, and its error, shape (N,)."""
    fit = course.fitted
    if fit is None:
        raise ValueError("the course was not fitted")
    steps = 2.0 * LUMEN_SMOOTHING_MM / settings.station_mm
    weight = 1.0 / np.maximum(fit.contrast_sd, 0.02) ** 2
    lumen = smooth(fit.level + fit.contrast, weight, steps)
    return lumen, fit.contrast_sd * np.sqrt(OVERLAP / steps)


def _of_one_kind(
    course: Course, void: float, least: int, settings: VesselsSettings
) -> list[tuple[int, int]]:
    """Cut a tube where it turns from void to grey, or the other way.

    A path may run along a vessel and on along a nerve. Its signal tells, pooled over
    some length; a vessel as grey as the limit flickers about it, and stays whole.
    """
    lumen, error = _lumen_along(course, settings)
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


def _shown(
    course: Course, fit: Fitted, tubes: list[Course], settings: VesselsSettings
) -> NDArray[np.bool_]:
    """Stations with a dark tube beyond doubt that is not one of the known ones."""
    shown = (fit.voxels > 0) & (fit.gain > settings.significance**2)
    shown &= course.contrast < 0.5 * NERVE_CONTRAST
    shown &= course.radius_mm > 0.5 * settings.smallest_radius_mm
    shown &= course.radius_mm < settings.largest_radius_mm
    for other in tubes:
        gap = np.linalg.norm(course.points_mm[:, None] - other.points_mm[None], axis=2)
        wall = other.radius_mm[None] + 0.5 * course.radius_mm[:, None]
        shown &= np.all(gap > wall, axis=1)
    return np.asarray(shown)


def _named(
    course: Course, void: float, facials: list[Facial], whole: Course
) -> DarkTube | None:
    """Say what a stretch of a tube is; None where it may well be a nerve."""
    fit = course.fitted
    if fit is None:
        return None
    information = 1.0 / np.maximum(fit.contrast_sd, 0.02) ** 2
    lumen = float(np.sum(information * (fit.level + fit.contrast)) / information.sum())
    sd = float(np.sqrt(OVERLAP / np.sum(information)))
    radius = float(np.median(course.radius_mm))
    # Calibre and level of a thin tube are told apart by the point spread alone.
    error = float(np.hypot(sd, LEVEL_SD * max(1.0, THIN_MM / radius)))
    near = approach_of(course, facials, whole)
    gap = near.gap_mm
    thin = radius < THIN_MM
    if lumen < -LEAST_DARKER_SD * error and lumen < DARKER_SHARE * void:
        certainty = Certainty.VOID
    elif gap > CROSSING_GAP_MM or (lumen > -error and near.is_beside_exit):
        return None
    elif lumen - GREY_SDS * error > DARKER_SHARE * void:
        # As grey as a nerve: a vein of slow flow can be that too.
        stranger = radius > STRANGER_MM
        if stranger and near.crosses and near.passes:
            certainty = Certainty.CROSSING
        elif stranger and gap <= STRANGER_GAP_MM:
            certainty = Certainty.UNRESOLVED
        else:
            return None
    elif near.crosses and thin:
        certainty = Certainty.CROSSING
    else:
        certainty = Certainty.UNRESOLVED
    return DarkTube(
        course=course,
        certainty=certainty,
        lumen=lumen,
        lumen_sd=sd,
        lumen_error=error,
        facial=near.facial,
        facial_gap_mm=gap,
    )


def _ring(
    place: Place, picture: Picture, course: Course, known: list[Course]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of CSF and of bone-dark tissue around each station, shape (N,).

    Places on known tubes count as neither: a nerve may be pressed on.
    """
    frame, _ = frames(course.points_mm, picture.spread_mm2)
    angle = np.arange(RING) * 2.0 * np.pi / RING
    away = (
        np.cos(angle)[None, :, None] * frame[:, None, 1]
        + np.sin(angle)[None, :, None] * frame[:, None, 2]
    )
    reach = (course.radius_mm + RING_GAP_MM)[:, None, None]
    at = course.points_mm[:, None] + reach * away
    values = place.scaled(at)
    free = np.isfinite(values)
    for other in known:
        gap = np.linalg.norm(at[:, :, None] - other.points_mm[None, None], axis=3)
        free &= np.all(gap > other.radius_mm[None, None] + 0.2, axis=2)
    count = np.maximum(free.sum(axis=1), 1)
    bright = (free & (values > 0.5)).sum(axis=1) / count
    dark = (free & (values < 0.5 * place.void)).sum(axis=1) / count
    return bright, dark
