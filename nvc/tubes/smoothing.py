"""Courses, and values along them, made smooth.

Three ways for three needs: `smooth_values` for what is known with a weight at equal
steps, `smooth_course` for noisy centres at any steps, `round_corners` for a path of
voxels whose ends are to stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.interpolate import make_smoothing_spline
from scipy.linalg import solveh_banded
from scipy.ndimage import gaussian_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray


def smooth_values(
    values: NDArray[np.float64],
    weight: NDArray[np.float64],
    length_steps: float,
) -> NDArray[np.float64]:
    """Smooth values along a course by penalised least squares.

    Parameters
    ----------
    values : ndarray, shape (N,) or (N, K)
        At equal steps.
    weight : ndarray, shape (N,)
        Inverse variances; zero bridges a station.
    length_steps : float
        Half-power length of the smoother, in steps.

    Returns
    -------
    ndarray, shape of `values`
        The values themselves where they are fewer than four, or none has a weight.

    References
    ----------
    Whittaker 1922, doi:10.1017/S0013091500077853. Eilers 2003,
    doi:10.1021/ac034173t.
    """
    count = len(values)
    if count < 4:
        return values
    if not (weight > 0).any():
        return values
    weight = weight / float(np.median(weight[weight > 0]))
    stiffness = length_steps**4
    bands = np.zeros((3, count))
    for offset, band in enumerate(_second_difference_bands(count)):
        bands[2 - offset, offset:] = stiffness * band
    # The small ridge keeps a stretch without any weight solvable.
    bands[2] += weight + 1e-6
    flat = values.reshape(count, -1)
    solved = solveh_banded(bands, (weight + 1e-6)[:, None] * flat)
    return np.asarray(solved.reshape(values.shape), dtype=float)


def _second_difference_bands(count: int) -> tuple[NDArray[np.float64], ...]:
    """Main and two upper diagonals of D'D, D the second difference."""
    main, first, second = np.zeros(count), np.zeros(count - 1), np.zeros(count - 2)
    main[:-2] += 1.0
    main[1:-1] += 4.0
    main[2:] += 1.0
    first[:-1] -= 2.0
    first[1:] -= 2.0
    second += 1.0
    return main, first, second


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


def round_corners(
    points_mm: NDArray[np.float64], sigma_steps: float
) -> NDArray[np.float64]:
    """Smooth a course with fixed ends: deviations from the chord are filtered.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        At equal steps.
    sigma_steps : float
        Standard deviation of the Gaussian, in steps.
    """
    chord = np.linspace(0, 1, len(points_mm))[:, None]
    straight = points_mm[0] * (1 - chord) + points_mm[-1] * chord
    # Odd reflection keeps both ends where they are.
    padded = np.concatenate(
        [
            -(points_mm - straight)[::-1][:-1],
            points_mm - straight,
            -(points_mm - straight)[::-1][1:],
        ]
    )
    smooth = gaussian_filter1d(padded, sigma_steps, axis=0, mode="nearest")
    return straight + smooth[len(points_mm) - 1 : 2 * len(points_mm) - 1]
