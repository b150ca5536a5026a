"""A vessel's course: stations along it, fitted to an image and kept smooth."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.settings.fixed import FIXED
from nvc.tubes.curve import resample_with
from nvc.tubes.frames import frames_and_bends
from nvc.tubes.smoothing import smooth_values
from nvc.tubes.stations.fit import fit_stations
from nvc.tubes.stations.values import Fitted, Stations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.tubes.stations.values import Neighbours, Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Course:
    """Stations at equal steps along one vessel.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        Centres.
    radius_mm, contrast : ndarray, shape (N,)
        Calibre, and lumen against background in units of the picture.
    fitted : Fitted or None
        The last fit, one entry a station.
    """

    points_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    contrast: NDArray[np.float64]
    fitted: Fitted | None = None

    def __len__(self) -> int:
        return len(self.points_mm)

    def cut(self, first: int, stop: int) -> Course:
        """Return the stations from `first` up to, not including, `stop`."""
        part = slice(first, stop)
        fitted = (
            None if self.fitted is None else Fitted(*(f[part] for f in self.fitted))
        )
        return Course(
            points_mm=self.points_mm[part],
            radius_mm=self.radius_mm[part],
            contrast=self.contrast[part],
            fitted=fitted,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """How far a fit may go from where it starts.

    Parameters
    ----------
    centre_sd_mm : float
        Of the starting centres.
    radius_log_sd : float
        Relative, of the starting calibres.
    contrast_sd : float
        Relative, of the starting contrast.
    pooled_contrast_sd : float
        Relative, about what neighbouring stations say, in the later rounds.
    contrast_smoothing_mm : float
        Length over which contrast is taken to be the same.
    """

    centre_sd_mm: float = 0.5
    radius_log_sd: float = 0.5
    contrast_sd: float = 0.5
    pooled_contrast_sd: float = FIXED.tube.pooled_contrast_sd
    contrast_smoothing_mm: float = FIXED.tube.contrast_smoothing_mm


def follow(
    picture: Picture,
    start: Course,
    expect: Expectation,
    around: Neighbours,
    *,
    rounds: int = 3,
    step_mm: float = 0.5,
) -> Course:
    """Refine a course round by round: fit every station, smooth, fit again.

    Parameters
    ----------
    picture : Picture
        The image.
    start : Course
        First guess; resampled to equal steps.
    expect : Expectation
        How far to trust it.
    around : Neighbours
        Other tubes near by.
    rounds : int
        Number of fits.
    step_mm : float
        Between stations.

    Returns
    -------
    Course
        With the last fit.
    """
    course = _equal_steps(start, step_mm)
    for turn in range(rounds):
        fitted = fit_stations(
            picture, lay_stations(picture, course, expect, turn), around
        )
        course = _absorb(course, fitted, expect, step_mm)
        if turn < rounds - 1:
            course = _equal_steps(course, step_mm)
    return course


def _equal_steps(course: Course, step_mm: float) -> Course:
    values = np.column_stack([course.radius_mm, course.contrast])
    points, values = resample_with(course.points_mm, values, step_mm)
    return Course(points_mm=points, radius_mm=values[:, 0], contrast=values[:, 1])


def lay_stations(
    picture: Picture, course: Course, expect: Expectation, turn: int = 0
) -> Stations:
    """Return the stations of a course for the given round of fitting."""
    frame, bend = frames_and_bends(course.points_mm, picture.spread_mm2)
    count = len(course)
    first = turn == 0
    contrast_sd = expect.contrast_sd if first else expect.pooled_contrast_sd
    return Stations(
        centre_mm=np.ascontiguousarray(course.points_mm),
        frame=frame,
        bend_per_mm=bend,
        radius_mm=course.radius_mm,
        radius_log_sd=np.full(count, expect.radius_log_sd if first else 0.3),
        contrast=course.contrast,
        contrast_sd=contrast_sd * np.abs(course.contrast),
        centre_sd_mm=np.full(count, expect.centre_sd_mm if first else 0.3),
        half_length_mm=FIXED.tube.half_length_mm,
    )


def is_shown(fitted: Fitted, sds: float = FIXED.tube.shown_sds) -> NDArray[np.bool_]:
    """Tell at which stations the voxels show a tube, by so many standard errors."""
    return np.asarray((fitted.voxels > 0) & (fitted.gain > sds**2))


def is_within(
    values: NDArray[np.float64], limits: tuple[float, float]
) -> NDArray[np.bool_]:
    """Tell which values lie between two limits."""
    low, high = limits
    return np.asarray((values > low) & (values < high))


def _absorb(
    course: Course, fitted: Fitted, expect: Expectation, step_mm: float
) -> Course:
    """Take up a fit: smooth centres, calibre and contrast along the course."""
    usable = is_shown(fitted)
    centre_weight = usable / (fitted.centre_sd_mm**2 + FIXED.tube.least_centre_sd_mm**2)
    calibre_sd = fitted.radius_sd_mm / np.maximum(fitted.radius_mm, 0.05)
    calibre_weight = usable / (calibre_sd**2 + 0.1**2)
    contrast_weight = usable / (fitted.contrast_sd**2 + 0.02**2)
    if usable.sum() < 2:
        return replace(course, fitted=fitted)
    moved = np.where(usable[:, None], fitted.centre_mm, course.points_mm)
    radius = np.where(usable, fitted.radius_mm, course.radius_mm)
    contrast = np.where(usable, fitted.contrast, course.contrast)
    log_radius = smooth_values(
        np.log(radius), calibre_weight, FIXED.tube.calibre_smoothing_mm / step_mm
    )
    return Course(
        points_mm=smooth_values(
            moved, centre_weight, FIXED.tube.course_smoothing_mm / step_mm
        ),
        radius_mm=np.exp(np.clip(log_radius, np.log(0.1), np.log(8.0))),
        contrast=smooth_values(
            contrast, contrast_weight, expect.contrast_smoothing_mm / step_mm
        ),
        fitted=fitted,
    )
