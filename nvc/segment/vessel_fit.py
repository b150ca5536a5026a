"""Fit a short blurred tube to the voxels around each station of a centreline.

The model of a neighbourhood is one round tube of unknown centre, slant, calibre and
contrast, on a sloping background, next to tubes that are already known (nerves,
other vessels) and may shift a little. Everything is fitted together to the original
voxels, nothing is interpolated, and voxels that the model cannot explain lose
weight. A vessel that presses on a nerve keeps its own centre and calibre that way.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from nvc.segment.vessel_profile import blurred_disc, disc_table
from nvc.segment.vessel_scene import Fitted, Neighbours, Picture, Stations
from nvc.segment.vessel_window import tubes_around, voxels_around

OWN = 10
"""Parameters of tube and background: shift (2), slant (2), log radius, contrast,
level, slope (3)."""

PER_NEIGHBOUR = 5
"""Contrast, shift (3), log radius."""

ITERATIONS = 12
SETTLED = 5e-3
LEAST_VOXELS = 30
LOSS_SCALE = 3.0
"""Residuals beyond this many standard deviations begin to lose weight."""


class _Window(NamedTuple):
    """One station's voxels and what shapes the model there."""

    data: NDArray[np.float64]
    beside: NDArray[np.float64]
    spread: NDArray[np.float64]
    table: NDArray[np.float64]
    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    noise: float


def fit_stations(picture: Picture, stations: Stations, around: Neighbours) -> Fitted:
    """Fit every station on its own.

    Parameters
    ----------
    picture : Picture
        The image.
    stations : Stations
        Where, and with which expectations.
    around : Neighbours
        Known tubes; only those that reach into a station's window matter to it.

    Returns
    -------
    Fitted
        One entry a station; a station outside the image has 0 voxels.
    """
    rows = np.zeros((len(stations.centre_mm), 13))
    if len(rows):
        _fit_all(picture, stations, around, disc_table(), rows)
    return Fitted(rows[:, :3], *rows[:, 3:].T)


@numba.njit(cache=True)
def _fit_all(
    picture: Picture,
    stations: Stations,
    around: Neighbours,
    table: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> None:
    for m in range(rows.shape[0]):
        data = voxels_around(picture, stations, m)
        if data.shape[0] < LEAST_VOXELS:
            continue
        near, beside = tubes_around(picture, stations, around, m, data)
        mean, sd = _priors(stations, around, m, near, beside)
        spread = np.zeros(2)
        for q in range(2):
            for a in range(3):
                for b in range(3):
                    spread[q] += (
                        stations.frame[m, 1 + q, a]
                        * picture.spread_mm2[a, b]
                        * stations.frame[m, 1 + q, b]
                    )
        window = _Window(data, beside, spread, table, mean, sd, picture.noise)
        _fit_one(window, rows[m])
        for c in range(3):
            shift = rows[m, 0] * stations.frame[m, 1, c]
            shift += rows[m, 1] * stations.frame[m, 2, c]
            data[0, 4 + c] = stations.centre_mm[m, c] + shift
        for c in range(3):
            rows[m, c] = data[0, 4 + c]


@numba.njit(cache=True)
def _fit_one(window: _Window, row: NDArray[np.float64]) -> None:
    """Fit with and without the tube; `row` begins with the shift across."""
    count, size = window.data.shape[0], window.mean.size
    weight, inverse = np.ones(count), np.zeros((size, size))
    p = window.mean.copy()
    full, scale = _descend(window, p, True, weight, inverse)
    bare_mean, bare_sd = window.mean.copy(), window.sd.copy()
    bare_mean[5] = 0.0
    bare_sd[:6] = 1e-6
    bare = _Window(
        window.data,
        window.beside,
        window.spread,
        window.table,
        bare_mean,
        bare_sd,
        scale,
    )
    spare = np.zeros((size, size))
    without, _ = _descend(bare, bare_mean.copy(), False, weight, spare)
    r = exp(p[4])
    row[0], row[1] = p[0], p[1]
    row[3], row[4], row[5] = r, p[5], p[6]
    row[6] = scale * sqrt(max(inverse[0, 0], inverse[1, 1]))
    row[7] = scale * r * sqrt(inverse[4, 4])
    row[8] = scale * sqrt(inverse[5, 5])
    row[9] = scale / window.noise
    row[10] = (without - full) / scale**2
    slope = np.zeros(size)
    for n in range(count):
        left = window.data[n, 0] - _row(window, p, n, slope)
        row[11] += log(1.0 + (left / (LOSS_SCALE * window.noise)) ** 2)
    row[11] *= LOSS_SCALE**2
    row[12] = count


@numba.njit(cache=True)
def _priors(
    stations: Stations,
    around: Neighbours,
    m: int,
    near: NDArray[np.int64],
    beside: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Expected value and standard deviation of every parameter."""
    size = OWN + PER_NEIGHBOUR * near.size
    mean, sd = np.zeros(size), np.ones(size)
    sd[0] = sd[1] = stations.centre_sd_mm[m]
    sd[2] = sd[3] = 0.3
    mean[4], sd[4] = log(stations.radius_mm[m]), stations.radius_log_sd[m]
    mean[5], sd[5] = stations.contrast[m], stations.contrast_sd[m]
    sd[6] = 10.0
    sd[7] = sd[8] = sd[9] = 0.15
    for k in range(near.size):
        first = OWN + PER_NEIGHBOUR * k
        mean[first] = around.contrast[near[k], 0]
        sd[first] = around.contrast[near[k], 1]
        closest = np.argmin(beside[k, :, 0])
        sd[first + 1] = sd[first + 2] = sd[first + 3] = beside[k, closest, 5]
        sd[first + 4] = 0.1
    return mean, sd


@numba.njit(cache=True)
def _row(
    window: _Window,
    p: NDArray[np.float64],
    n: int,
    slope: NDArray[np.float64],
) -> float:
    """Value of the model at voxel n; its derivatives go into `slope`."""
    data, beside, spread = window.data, window.beside, window.spread
    r, c = exp(p[4]), p[5]
    t = data[n, 3]
    u = data[n, 1] - p[0] - p[2] * t
    v = data[n, 2] - p[1] - p[3] * t
    # An oval point spread is met by the round one that keeps the second moments of
    # the blurred disc along both directions, and its area.
    q = 0.25 * r * r
    g = sqrt((q + spread[0]) * (q + spread[1]))
    mu, mv = sqrt(g / (q + spread[0])), sqrt(g / (q + spread[1]))
    d = sqrt((u * mu) ** 2 + (v * mv) ** 2) + 1e-9
    value, by_d, by_r = blurred_disc(d, r, sqrt(g - q), window.table)
    slope[0] = -c * by_d * u * mu * mu / d
    slope[1] = -c * by_d * v * mv * mv / d
    slope[2], slope[3] = slope[0] * t, slope[1] * t
    slope[4], slope[5] = c * by_r * r, value
    slope[6], slope[7], slope[8], slope[9] = 1.0, data[n, 1], data[n, 2], t
    total = c * value + p[6] + p[7] * data[n, 1] + p[8] * data[n, 2] + p[9] * t
    for k in range(beside.shape[0]):
        first = OWN + PER_NEIGHBOUR * k
        near = beside[k, n]
        d = near[0]
        for a in range(3):
            d -= near[1 + a] * p[first + 1 + a]
        sign = 1.0 if d >= 0.0 else -1.0
        radius = near[4] * exp(p[first + 4])
        shape, by_d, by_r = blurred_disc(abs(d), radius, near[6], window.table)
        slope[first] = shape
        for a in range(3):
            slope[first + 1 + a] = -p[first] * by_d * sign * near[1 + a]
        slope[first + 4] = p[first] * by_r * radius
        total += p[first] * shape
    return total


@numba.njit(cache=True)
def _descend(
    window: _Window,
    p: NDArray[np.float64],
    reweigh: bool,
    weight: NDArray[np.float64],
    inverse: NDArray[np.float64],
) -> tuple[float, float]:
    """Gauss-Newton with clipped steps from `p`, which is changed.

    Without `reweigh` the given weights and the window's noise are kept, so that a
    simpler model is judged on the same voxels. Returns the weighted cost and the
    robust scale of the residuals.
    """
    size, count = p.size, window.data.shape[0]
    scale = window.noise
    residual = np.zeros(count)
    normal, right = np.zeros((size, size)), np.zeros(size)
    largest = 1.0
    for step in range(ITERATIONS + 1):
        _accumulate(window, p, weight, (residual, normal, right))
        if reweigh:
            scale = max(window.noise, 1.4826 * _middle_size(residual))
            for n in range(count):
                weight[n] = 1.0 / (1.0 + (residual[n] / (LOSS_SCALE * scale)) ** 2)
        for a in range(size):
            stiff = (scale / window.sd[a]) ** 2
            normal[a, a] += stiff
            right[a] += stiff * (window.mean[a] - p[a])
        _invert(normal, inverse)
        if largest < SETTLED or step == ITERATIONS:
            break
        largest = 0.0
        for a in range(size):
            change = 0.0
            for b in range(size):
                change += inverse[a, b] * right[b]
            largest = max(largest, abs(change))
            limit = 0.25 if a < 5 or a >= OWN else 1e9
            p[a] += min(max(change, -limit), limit)
    cost = 0.0
    for n in range(count):
        cost += weight[n] * residual[n] ** 2
    for a in range(size):
        cost += (scale * (window.mean[a] - p[a]) / window.sd[a]) ** 2
    return cost, scale


@numba.njit(cache=True)
def _accumulate(
    window: _Window,
    p: NDArray[np.float64],
    weight: NDArray[np.float64],
    into: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Residuals, the lower half of the normal matrix, and its right side."""
    residual, normal, right = into
    slope = np.zeros(p.size)
    normal[:] = 0.0
    right[:] = 0.0
    for n in range(residual.size):
        residual[n] = window.data[n, 0] - _row(window, p, n, slope)
        for a in range(p.size):
            weighted = weight[n] * slope[a]
            right[a] += weighted * residual[n]
            for b in range(a + 1):
                normal[a, b] += weighted * slope[b]


@numba.njit(cache=True)
def _middle_size(values: NDArray[np.float64]) -> float:
    """Median of the absolute values, by bisection to a thousandth of the largest."""
    low, high = 0.0, 0.0
    for value in values:
        high = max(high, abs(value))
    for _ in range(10):
        middle = 0.5 * (low + high)
        below = 0
        for value in values:
            if abs(value) < middle:
                below += 1
        if 2 * below < values.size:
            low = middle
        else:
            high = middle
    return 0.5 * (low + high)


@numba.njit(cache=True)
def _factor(matrix: NDArray[np.float64], lower: NDArray[np.float64]) -> None:
    """Cholesky factor of a positive definite matrix from its lower half."""
    for a in range(matrix.shape[0]):
        for b in range(a + 1):
            total = matrix[a, b]
            for c in range(b):
                total -= lower[a, c] * lower[b, c]
            if a == b:
                lower[a, a] = sqrt(max(total, 1e-12))
            else:
                lower[a, b] = total / lower[b, b]


@numba.njit(cache=True)
def _invert(matrix: NDArray[np.float64], inverse: NDArray[np.float64]) -> None:
    """Invert a positive definite matrix from its lower half."""
    size = matrix.shape[0]
    root = _inverse_root(matrix)
    for a in range(size):
        for b in range(a + 1):
            total = 0.0
            for c in range(a, size):
                total += root[c, a] * root[c, b]
            inverse[a, b] = total
            inverse[b, a] = total


@numba.njit(cache=True)
def _inverse_root(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the inverse of the lower Cholesky factor."""
    size = matrix.shape[0]
    lower, root = np.zeros((size, size)), np.zeros((size, size))
    for a in range(size):
        for b in range(a):
            total = matrix[a, b]
            for c in range(b):
                total -= lower[a, c] * lower[b, c]
            lower[a, b] = total / lower[b, b]
        total = matrix[a, a]
        for c in range(a):
            total -= lower[a, c] ** 2
        lower[a, a] = sqrt(max(total, 1e-12))
        root[a, a] = 1.0 / lower[a, a]
        for b in range(a):
            total = 0.0
            for c in range(b, a):
                total -= lower[a, c] * root[c, b]
            root[a, b] = total / lower[a, a]
    return root
