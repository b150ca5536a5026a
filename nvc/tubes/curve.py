"""Courses as points in order: sampled, smoothed, cut into stretches, boxed in.

The one home of interpolation along a course; that of volumes is `nvc.sampling`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import make_smoothing_spline
from scipy.ndimage import gaussian_filter1d

from nvc.model.stages import Tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid


def resample(course_mm: NDArray[np.float64], step_mm: float) -> NDArray[np.float64]:
    """Resample a polyline (N, 3) to equal steps; both ends are kept."""
    lengths = np.linalg.norm(np.diff(course_mm, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(round(arc[-1] / step_mm), 1)
    at = np.linspace(0.0, arc[-1], count + 1)
    return np.stack([np.interp(at, arc, course_mm[:, k]) for k in range(3)], axis=1)


def round_corners(points: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Smooth a course with fixed ends: deviations from the chord are filtered."""
    chord = np.linspace(0, 1, len(points))[:, None]
    straight = points[0] * (1 - chord) + points[-1] * chord
    # Odd reflection keeps both ends where they are.
    padded = np.concatenate(
        [
            -(points - straight)[::-1][:-1],
            points - straight,
            -(points - straight)[::-1][1:],
        ]
    )
    smooth = gaussian_filter1d(padded, sigma, axis=0, mode="nearest")
    return straight + smooth[len(points) - 1 : 2 * len(points) - 1]


def smooth_course(
    points_mm: NDArray[np.float64],
    sd_mm: NDArray[np.float64],
    stiffness_mm: float,
) -> NDArray[np.float64]:
    """Weighted cubic smoothing spline through noisy centres.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        Centres in order.
    sd_mm : ndarray, shape (N,)
        Their uncertainty; a large value lets the course pass at a distance.
    stiffness_mm : float
        Structures shorter than about this are smoothed away.

    Returns
    -------
    ndarray, shape (N, 3)
    """
    if len(points_mm) < 5:
        return points_mm.copy()
    steps = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-3))])
    weight = 1.0 / sd_mm**2
    weight = weight / np.median(weight)
    spacing = arc[-1] / (len(arc) - 1)
    # Cut-off of a cubic smoothing spline: lam = (L / 2 pi)^4 / spacing for weight 1.
    lam = (stiffness_mm / (2 * np.pi)) ** 4 / spacing
    columns = [
        make_smoothing_spline(arc, points_mm[:, k], w=weight, lam=lam)(arc)
        for k in range(3)
    ]
    return np.stack(columns, axis=1)


def resample_tube(tube: Tube, step_mm: float) -> Tube:
    """Return the tube with samples at most `step_mm` apart, linear in between."""
    along = tube.arc_length_mm()
    if len(along) < 2 or along[-1] == 0.0:
        return tube
    count = int(np.ceil(along[-1] / step_mm)) + 1
    at = np.linspace(0.0, along[-1], count)

    def interpolated(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(np.interp(at, along, values), dtype=float)

    return Tube(
        points_mm=np.stack([interpolated(c) for c in tube.points_mm.T], axis=1),
        radius_mm=interpolated(tube.radius_mm),
        position_sd_mm=interpolated(tube.position_sd_mm),
    )


def box_around(
    grid: Grid, points: NDArray[np.float64], margin_mm: float
) -> tuple[slice, slice, slice] | None:
    """Return the voxels that hold points, RAS mm (N, 3), and a margin; None: none."""
    ijk = grid.to_voxel(points)
    reach = grid.reach_voxels(margin_mm)
    low = np.maximum(np.floor(ijk.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(ijk.max(axis=0) + reach) + 1, grid.shape).astype(int)
    if np.any(high <= low):
        return None
    i, j, k = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return i, j, k


def densify(tube: Tube, step_mm: float) -> Tube:
    """Resample a tube to equal steps."""
    arc = tube.arc_length_mm()
    points = resample(tube.points_mm, step_mm)
    at = np.linspace(0, arc[-1], len(points))
    return Tube(
        points_mm=points,
        radius_mm=np.interp(at, arc, tube.radius_mm),
        position_sd_mm=np.interp(at, arc, tube.position_sd_mm),
    )


def unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector of length 1 in the same direction; 0 stays 0."""
    return vector / max(float(np.linalg.norm(vector)), 1e-9)


def runs(flags: NDArray[np.bool_], bridge: int = 0) -> list[tuple[int, int]]:
    """Return half-open stretches of true flags, across gaps of up to `bridge`."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    found: list[tuple[int, int]] = []
    for first, stop in edges.reshape(-1, 2).tolist():
        if found and first - found[-1][1] <= bridge:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return found
