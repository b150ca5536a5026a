"""Where points lie on a course: arc length and place in the cross-section."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from nvc.measurement.places.local_course import STEP_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.local_course import LocalCourse


def place_points(
    points_mm: NDArray[np.float64], course: LocalCourse, centre_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Place points on a course.

    Parameters
    ----------
    points_mm : ndarray, shape (M, 3)
        Points from `centre_mm`, mm.
    course : LocalCourse
        In the frame of `centre_mm`.
    centre_mm : ndarray, shape (3,)
        What the points are counted from.

    Returns
    -------
    ndarray, shape (M, 4)
        Arc length from the course's place, and u and v in the section there, mm;
        index of the nearest course point.
    """
    found = np.empty((len(points_mm), 4))
    _place_on_course(
        np.ascontiguousarray(points_mm),
        (course.points_mm - centre_mm, course.frame_u, course.frame_v),
        STEP_MM,
        found,
    )
    found[:, 0] -= course.origin * STEP_MM
    return found


@nb.njit(cache=True, error_model="numpy")
def _place_on_course(  # pragma: no cover - compiled
    points: NDArray[np.float64],
    course: tuple[NDArray[np.float64], ...],
    step: float,
    out: NDArray[np.float64],
) -> None:
    """Find for every point its foot on a course and its place in the section there.

    Parameters
    ----------
    points : ndarray, shape (M, 3)
        Points, mm.
    course : tuple of ndarray, shape (K, 3)
        Points of the course, `step` apart, and the sections' two directions.
    step : float
        Spacing of the course, mm.
    out : ndarray, shape (M, 4)
        Arc length of the foot from the first course point (below 0 or beyond the
        length: past an end), u, v and index of the nearest course point.
    """
    centres, frame_u, frame_v = course
    last = centres.shape[0] - 2
    for m in range(points.shape[0]):
        best = _nearest(points[m], centres)
        edge, share = max(best - 1, 0), 0.0
        least = 1e30
        for candidate in (max(best - 1, 0), min(best, last)):
            t, miss = _foot(points[m], centres, candidate, step)
            if miss < least:
                least, edge, share = miss, candidate, t
        w = min(max(share, 0.0), 1.0)
        u = v = 0.0
        for axis in range(3):
            rise = centres[edge + 1, axis] - centres[edge, axis]
            offset = points[m, axis] - centres[edge, axis] - share * rise
            u += offset * ((1 - w) * frame_u[edge, axis] + w * frame_u[edge + 1, axis])
            v += offset * ((1 - w) * frame_v[edge, axis] + w * frame_v[edge + 1, axis])
        out[m, 0], out[m, 1], out[m, 2], out[m, 3] = (edge + share) * step, u, v, best


@nb.njit(cache=True, error_model="numpy")
def _nearest(  # pragma: no cover - compiled
    point: NDArray[np.float64], centres: NDArray[np.float64]
) -> int:
    best, least = 0, 1e30
    for k in range(centres.shape[0]):
        d = 0.0
        for axis in range(3):
            d += (point[axis] - centres[k, axis]) ** 2
        if d < least:
            best, least = k, d
    return best


@nb.njit(cache=True, error_model="numpy")
def _foot(  # pragma: no cover - compiled
    point: NDArray[np.float64],
    centres: NDArray[np.float64],
    edge: int,
    step: float,
) -> tuple[float, float]:
    """Share along an edge and squared distance there; end edges go on straight."""
    dot = 0.0
    for axis in range(3):
        rise = centres[edge + 1, axis] - centres[edge, axis]
        dot += (point[axis] - centres[edge, axis]) * rise
    t = dot / (step * step)
    if edge > 0:
        t = max(t, 0.0)
    if edge < centres.shape[0] - 2:
        t = min(t, 1.0)
    miss = 0.0
    for axis in range(3):
        rise = centres[edge + 1, axis] - centres[edge, axis]
        miss += (point[axis] - centres[edge, axis] - t * rise) ** 2
    return t, miss
