"""Where a tube that was followed shows as a dark tube in the open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial import cKDTree

from nvc.tubes.frames import frames_and_bends
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.known import NERVE_CONTRAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.dark.searched_box import SearchedBox
    from nvc.settings import VesselsSettings
    from nvc.tubes.stations.values import Fitted, Picture

RING = 16
RING_GAP_MM = 0.9
DARK_SIDE = 0.15
LEAST_BRIGHT = 0.5
"""Shares of the surroundings: bone or dura on one side makes an edge, not a tube."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Track:
    """A dark tube as it was followed, and where it shows.

    Parameters
    ----------
    course : Course
        Fitted with a nerve's contrast as the expectation, so that only the voxels
        can make it darker.
    shown : ndarray of bool, shape (N,)
        Stations with a dark tube beyond doubt that is none of the known ones.
    free : ndarray of bool, shape (N,)
        Stations in the open: bone or dura on one side makes an edge, not a tube.
    number : int
        Which of the followed tubes it is, an index.
    """

    course: Course
    shown: NDArray[np.bool_]
    free: NDArray[np.bool_]
    number: int = 0


def make_track(
    searched: SearchedBox,
    picture: Picture,
    course: Course,
    tubes: list[Course],
    settings: VesselsSettings,
    number: int = 0,
) -> Track | None:
    """Tell where a fitted course shows a dark tube.

    Parameters
    ----------
    searched : SearchedBox
        The reference on its scale.
    picture : Picture
        That the course was fitted to.
    course : Course
        As in `Track`.
    tubes : list of Course
        All known tubes.
    settings : VesselsSettings
        Sizes and thresholds.
    number : int
        As in `Track`.

    Returns
    -------
    Track or None
        None where nothing could be fitted.
    """
    fit = course.fitted
    if fit is None:
        return None
    return Track(
        course=course,
        shown=_shown(course, fit, tubes, settings),
        free=find_free(searched, picture, course, tubes),
        number=number,
    )


def find_free(
    searched: SearchedBox, picture: Picture, course: Course, tubes: list[Course]
) -> NDArray[np.bool_]:
    """Tell which stations of a course lie in the open, not at bone or dura.

    Parameters
    ----------
    searched, picture, course, tubes
        As for `make_track`; the course need not be fitted.

    Returns
    -------
    ndarray of bool, shape (N,)
    """
    bright, dark = _ring(searched, picture, course, tubes)
    # One station may err.
    free = uniform_filter1d(dark, 3, mode="nearest") < DARK_SIDE
    return np.asarray(
        free & (uniform_filter1d(bright, 3, mode="nearest") > LEAST_BRIGHT)
    )


def _shown(
    course: Course, fit: Fitted, tubes: list[Course], settings: VesselsSettings
) -> NDArray[np.bool_]:
    """Stations with a dark tube beyond doubt that is not one of the known ones."""
    shown = (fit.voxels > 0) & (fit.gain > settings.significance**2)
    shown &= course.contrast < 0.5 * NERVE_CONTRAST
    shown &= course.radius_mm > 0.5 * settings.smallest_radius_mm
    shown &= course.radius_mm < settings.largest_radius_mm
    for other in tubes:
        gap, near = cKDTree(other.points_mm).query(course.points_mm)
        shown &= gap > other.radius_mm[near] + 0.5 * course.radius_mm
    return np.asarray(shown)


def _ring(
    searched: SearchedBox, picture: Picture, course: Course, known: list[Course]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of CSF and of bone-dark tissue around each station, shape (N,).

    Places on known tubes count as neither: a nerve may be pressed on.
    """
    frame, _ = frames_and_bends(course.points_mm, picture.spread_mm2)
    angle = np.arange(RING) * 2.0 * np.pi / RING
    away = (
        np.cos(angle)[None, :, None] * frame[:, None, 1]
        + np.sin(angle)[None, :, None] * frame[:, None, 2]
    )
    reach = (course.radius_mm + RING_GAP_MM)[:, None, None]
    at = course.points_mm[:, None] + reach * away
    values = searched.scaled(at)
    free = np.isfinite(values)
    for other in known:
        gap, near = cKDTree(other.points_mm).query(at)
        free &= gap > other.radius_mm[near] + 0.2
    count = np.maximum(free.sum(axis=1), 1)
    bright = (free & (values > 0.5)).sum(axis=1) / count
    dark = (free & (values < 0.5 * searched.void)).sum(axis=1) / count
    return bright, dark
