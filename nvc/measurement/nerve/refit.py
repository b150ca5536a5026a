"""CN VII's course from its own cross-sections, refitted before anything is measured.

A course as segmented is stiff, for it must be found where little shows. A nerve pushed
aside by a vessel bends away from such a course and into the shadow beside it, by up to
half a millimetre: more than the gap and the deviation to be measured. Where a short
piece of nerve shows in the image, its section tells the centre to a few hundredths.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.nerve.sections import fit_sections
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.model.stages import Tube
from nvc.tubes.curve import interpolate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.nerve_section import NerveSection
    from nvc.measurement.places.side_context import SideContext
    from nvc.model.stages import SideLandmarks
    from nvc.numerics import Count, Exact, Step, Tolerance
    from nvc.settings import MeasureSettings

STATION_MM: Step[float] = 0.6
"""Spacing of the sections: half of the pieces they are fitted to."""
_ROBUST_TURNS: Count[int] = 5
# Points nearer to each other than this are one.
_LEAST_STEP_MM: Tolerance[float] = 0.05
# Points of a found course share their error over some 3 mm: five stations are one.
_SHARED: Exact[float] = 5**0.5
# Residuals beyond some 2.4 sigma lose weight (Cauchy, 95 % efficient on a normal).
_CAUCHY: Exact[float] = 2.385


def refit_course(context: SideContext, landmarks: SideLandmarks) -> SideContext:
    """Refit the course of one side's nerve and fit its sections along it.

    Parameters
    ----------
    context : SideContext
        With the course as segmented, in the working frame.
    landmarks : SideLandmarks
        Projected onto the new course, mm of the working frame.

    Returns
    -------
    SideContext
        With the new course and its sections.
    """
    stations = _stations(context.course)
    found = fit_sections(stations, context)
    tube = _smoothed(stations, found, context)
    return replace(
        context,
        course=NerveCourse.of(tube, landmarks),
        sections=tuple(section for section in found if section is not None),
    )


def _stations(course: NerveCourse) -> list[float]:
    """Where sections are looked for: from the brain on, short of the canal.

    They are counted from the detachment, which is known better than either end: a
    root exit that is found a little farther on must not move every section.
    """
    end = float(course.arc_mm[-1])
    if course.porus_mm is not None:
        end = min(end, course.porus_mm)
    first = (course.detachment_mm or 0.0) % STATION_MM
    return [float(arc) for arc in np.arange(first, end + 1e-6, STATION_MM)]


@dataclass(frozen=True, slots=True, eq=False)
class _Seen:
    """Where the centres were seen, shape (N, 3), and how surely, shape (N,)."""

    centre_mm: NDArray[np.float64]
    sd_mm: NDArray[np.float64]


def _smoothed(
    stations: list[float], found: list[NerveSection | None], context: SideContext
) -> Tube:
    """Lay a course through the sections; it keeps to the old one where none is."""
    course, settings = context.course, context.settings
    beyond = np.arange(stations[-1] + STATION_MM, course.arc_mm[-1], STATION_MM)
    arc = np.array([*stations, *beyond])
    old = interpolate(arc, course.arc_mm, course.tube.points_mm)
    doubt = np.interp(arc, course.arc_mm, course.tube.position_sd_mm)
    seen = _Seen(
        centre_mm=old.copy(), sd_mm=_SHARED * np.hypot(doubt, settings.centre_sd_mm)
    )
    for k, section in enumerate(found):
        if section is not None:
            seen.centre_mm[k] = section.centre_mm
            seen.sd_mm[k] = np.hypot(section.centre_sd_mm, settings.model_sd_mm)
    points, sd = _spline(seen, settings)
    if arc[0] > _LEAST_STEP_MM:
        # What lies before the first section moves along with it.
        begin = course.tube.points_mm[:1] + points[0] - old[0]
        points, sd = np.concatenate([begin, points]), np.concatenate([sd[:1], sd])
        arc = np.concatenate([[0.0], arc])
    return Tube(
        points_mm=points,
        radius_mm=np.interp(arc, course.arc_mm, course.tube.radius_mm),
        position_sd_mm=sd,
    )


def _spline(
    seen: _Seen, settings: MeasureSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Weigh centres against bending, and outliers down; centres and their sds."""
    count = len(seen.sd_mm)
    if count < 3:
        return seen.centre_mm, seen.sd_mm
    place = STATION_MM * np.arange(count)
    alike = np.exp(-np.abs(place[:, None] - place[None]) / settings.scene.alike_mm)
    stiff = compute_bend_precision(settings.nerve_bend_sd_per_mm**2 * alike)
    weight = 1 / seen.sd_mm**2
    points: NDArray[np.float64] = seen.centre_mm
    covariance: NDArray[np.float64] = np.eye(count)
    for _ in range(_ROBUST_TURNS):
        covariance = np.asarray(np.linalg.inv(stiff + np.diag(weight)))
        points = np.asarray(covariance @ (weight[:, None] * seen.centre_mm))
        off = np.linalg.norm(seen.centre_mm - points, axis=1) / seen.sd_mm
        weight = 1 / seen.sd_mm**2 / (1 + (off / _CAUCHY) ** 2)
    return points, np.sqrt(np.diag(covariance))


def compute_bend_precision(covariance: NDArray[np.float64]) -> NDArray[np.float64]:
    """Precision of a course whose bends vary by so much.

    Parameters
    ----------
    covariance : ndarray, shape (N, N)
        Of its bends at points `STATION_MM` apart, 1/mm^2.

    Returns
    -------
    ndarray, shape (N, N)
        Of one coordinate; straight lines cost nothing.
    """
    second = np.diff(np.eye(len(covariance)), n=2, axis=0) / STATION_MM**2
    return np.asarray(second.T @ np.linalg.solve(covariance[1:-1, 1:-1], second))
