"""Where a tube that was followed shows as a dark tube in the open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d

from nvc.tubes.frames import frames_and_bends
from nvc.tubes.stations.course import Course, is_shown, is_within
from nvc.tubes.stations.known import NERVE_CONTRAST, find_beyond

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.segment.dark.searched_box import SearchedBox
    from nvc.settings import VesselsSettings
    from nvc.tubes.stations.values import Fitted, Picture

_ANGLES: Count[int] = 16


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
    fluid, bone : ndarray, shape (N,)
        Shares of CSF and of bone-dark tissue in each station's surroundings, 0 to 1.
    number : int
        Which of the followed tubes it is, an index.
    """

    course: Course
    shown: NDArray[np.bool_]
    free: NDArray[np.bool_]
    fluid: NDArray[np.float64]
    bone: NDArray[np.float64]
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
    fluid, bone = _ring(searched, picture, course, tubes, settings)
    return Track(
        course=course,
        shown=_shown(course, fit, tubes, settings),
        free=_is_free(fluid, bone, settings),
        fluid=fluid,
        bone=bone,
        number=number,
    )


def find_free(
    searched: SearchedBox,
    picture: Picture,
    course: Course,
    tubes: list[Course],
    settings: VesselsSettings,
) -> NDArray[np.bool_]:
    """Tell which stations of a course lie in the open, not at bone or dura.

    Parameters
    ----------
    searched, picture, course, tubes, settings
        As for `make_track`; the course need not be fitted.

    Returns
    -------
    ndarray of bool, shape (N,)
    """
    return _is_free(*_ring(searched, picture, course, tubes, settings), settings)


def _is_free(
    bright: NDArray[np.float64], dark: NDArray[np.float64], settings: VesselsSettings
) -> NDArray[np.bool_]:
    """Tell it by the shares of CSF and of bone-dark tissue around each station."""
    limits = settings.dark
    # One station may err.
    bright, dark = (uniform_filter1d(s, 3, mode="nearest") for s in (bright, dark))
    return np.asarray((dark < limits.ring_dark_max) & (bright > limits.ring_bright_min))


def _shown(
    course: Course, fit: Fitted, tubes: list[Course], settings: VesselsSettings
) -> NDArray[np.bool_]:
    """Stations with a dark tube beyond doubt that is not one of the known ones."""
    shown = is_shown(fit, settings.significance)
    shown &= course.contrast / NERVE_CONTRAST > 0.5
    shown &= is_within(course.radius_mm, settings.fitted_radius_mm)
    shown &= find_beyond(course.points_mm, tubes, 0.5 * course.radius_mm)
    return np.asarray(shown)


def _ring(
    searched: SearchedBox,
    picture: Picture,
    course: Course,
    known: list[Course],
    settings: VesselsSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Shares of CSF and of bone-dark tissue around each station, shape (N,).

    Places on known tubes count as neither: a nerve may be pressed on.
    """
    frame, _ = frames_and_bends(course.points_mm, picture.spread_mm2)
    angle = np.arange(_ANGLES) * 2.0 * np.pi / _ANGLES
    away = (
        np.cos(angle)[None, :, None] * frame[:, None, 1]
        + np.sin(angle)[None, :, None] * frame[:, None, 2]
    )
    reach = (course.radius_mm + settings.dark.ring_gap_mm)[:, None, None]
    at = course.points_mm[:, None] + reach * away
    values = searched.scaled(at)
    free = np.isfinite(values) & find_beyond(at, known, settings.wall_mm)
    count = np.maximum(free.sum(axis=1), 1)
    bright = (free & (values > 0.5)).sum(axis=1) / count
    dark = (free & searched.is_void(values)).sum(axis=1) / count
    return bright, dark
