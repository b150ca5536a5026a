"""Fit a short blurred tube to the voxels around each station of a centreline.

The model of a neighbourhood is one round tube of unknown centre, slant, calibre and
contrast, on a sloping background, next to tubes that are already known (nerves,
other vessels) and may shift a little. Everything is fitted together to the original
voxels, nothing is interpolated, and voxels that the model cannot explain lose
weight. A vessel that presses on a nerve keeps its own centre and calibre that way.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import TYPE_CHECKING, NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from nvc.tubes.disc import blur_disc, tabulate_disc
from nvc.tubes.small_systems import invert, solve
from nvc.tubes.stations.values import Fitted, Neighbours, Picture, Stations
from nvc.tubes.stations.window import gather_tubes, gather_voxels

if TYPE_CHECKING:
    from nvc.numerics import Count, Exact, Layout, Tolerance

OWN: Layout[int] = 10
"""Parameters of tube and background: shift (2), slant (2), log radius, contrast,
level, slope (3)."""

TUBE: Layout[int] = 6
"""How many of them, the first ones, are the tube's."""

_CONTRAST: Layout[int] = 5
"""Which of them is the contrast."""

PER_NEIGHBOUR: Layout[int] = 5
"""Contrast, shift (3), log radius."""

ITERATIONS: Count[int] = 12
SETTLED: Tolerance[float] = 5e-3
LEAST_VOXELS: Count[int] = 30
FAR: Exact[float] = 5.0
"""Standard deviations of the blur off a wall at which nothing of it is left: 3e-7."""
LOSS_SCALE: Exact[float] = 3.0
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
        _fit_all(picture, stations, around, tabulate_disc(), rows)
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
        data = gather_voxels(picture, stations, m)
        if data.shape[0] < LEAST_VOXELS:
            continue
        near, beside = gather_tubes(picture, stations, around, m, data)
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
    residual, p = np.empty(count), window.mean.copy()
    full, scale = _descend(window, p, 0, (weight, residual, inverse))
    for n in range(count):
        row[11] += log(1.0 + (residual[n] / (LOSS_SCALE * window.noise)) ** 2)
    row[11] *= LOSS_SCALE**2
    bare_mean = window.mean.copy()
    bare_mean[5] = 0.0
    bare = _Window(
        window.data,
        window.beside,
        window.spread,
        window.table,
        bare_mean,
        window.sd,
        scale,
    )
    without, _ = _descend(bare, bare_mean.copy(), TUBE, (weight, residual, inverse))
    r = exp(p[4])
    row[0], row[1] = p[0], p[1]
    row[3], row[4], row[5] = r, p[5], p[6]
    row[6] = scale * sqrt(max(inverse[0, 0], inverse[1, 1]))
    row[7] = scale * r * sqrt(inverse[4, 4])
    row[8] = scale * sqrt(inverse[5, 5])
    row[9] = scale / window.noise
    row[10] = (without - full) / scale**2
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
def _draw(
    window: _Window,
    p: NDArray[np.float64],
    first: int,
    into: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Value of the model at every voxel, and its derivatives from `first` on.

    One call a pass and not one a voxel: handing arrays over costs more than a voxel.
    """
    value, slope = into
    data = window.data
    for n in range(value.size):
        u, v, t = data[n, 1], data[n, 2], data[n, 3]
        value[n] = p[6] + p[7] * u + p[8] * v + p[9] * t
        slope[n, 6], slope[n, 7], slope[n, 8], slope[n, 9] = 1.0, u, v, t
    if first == 0:
        _add_tube(window, p, into)
    for k in range(window.beside.shape[0]):
        _add_neighbour(window, p, k, into)


@numba.njit(cache=True)
def _add_tube(
    window: _Window,
    p: NDArray[np.float64],
    into: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Add the tube at every voxel, and its derivatives."""
    value, slope = into
    data, table = window.data, window.table
    r, c = exp(p[4]), p[5]
    # An oval point spread is met by the round one that keeps the second moments of
    # the blurred disc along both directions, and its area.
    q = 0.25 * r * r
    across_u, across_v = q + window.spread[0], q + window.spread[1]
    g = sqrt(across_u * across_v)
    spread = sqrt(g - q)
    for n in range(value.size):
        t = data[n, 3]
        u = data[n, 1] - p[0] - p[2] * t
        v = data[n, 2] - p[1] - p[3] * t
        d = sqrt(u * u * g / across_u + v * v * g / across_v) + 1e-9
        shape, by_d, by_r = _disc(d, r, spread, table)
        by_u = -c * by_d * u * g / across_u / d
        by_v = -c * by_d * v * g / across_v / d
        slope[n, 0], slope[n, 1] = by_u, by_v
        slope[n, 2], slope[n, 3] = by_u * t, by_v * t
        slope[n, 4], slope[n, 5] = c * by_r * r, shape
        value[n] += c * shape


@numba.njit(cache=True)
def _add_neighbour(
    window: _Window,
    p: NDArray[np.float64],
    k: int,
    into: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Add a tube that is already known at every voxel, and its derivatives."""
    value, slope = into
    beside, table = window.beside, window.table
    own = OWN + PER_NEIGHBOUR * k
    size = exp(p[own + 4])
    for n in range(value.size):
        x, y, z = beside[k, n, 1], beside[k, n, 2], beside[k, n, 3]
        d = beside[k, n, 0] - x * p[own + 1] - y * p[own + 2] - z * p[own + 3]
        radius = beside[k, n, 4] * size
        shape, by_d, by_r = _disc(abs(d), radius, beside[k, n, 6], table)
        away = -p[own] * by_d if d >= 0.0 else p[own] * by_d
        slope[n, own] = shape
        slope[n, own + 1], slope[n, own + 2] = away * x, away * y
        slope[n, own + 3] = away * z
        slope[n, own + 4] = p[own] * by_r * radius
        value[n] += p[own] * shape


@numba.njit(cache=True)
def _disc(
    distance: float, radius: float, spread: float, table: NDArray[np.float64]
) -> tuple[float, float, float]:
    """The blurred disc, without its long sums where they come to nothing."""
    beyond = distance - radius
    if beyond > FAR * spread:
        return 0.0, 0.0, 0.0
    if beyond < -FAR * spread:
        return 1.0, 0.0, 0.0
    return blur_disc(distance, radius, spread, table)


@numba.njit(cache=True)
def _descend(
    window: _Window,
    p: NDArray[np.float64],
    first: int,
    into: tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]],
) -> tuple[float, float]:
    """Gauss-Newton with clipped steps from `p`, which is changed from `first` on.

    `into` holds weights, residuals and the inverse of the normal matrix. A model
    without the tube (`first` beyond it) is simpler: the given weights and the
    window's noise are kept, so that it is judged on the same voxels, and the inverse
    stays that of the whole model. Returns the weighted cost and the robust scale of
    the residuals.
    """
    weight, residual, inverse = into
    size, count = p.size, window.data.shape[0]
    scale = window.noise
    slope = np.empty((count, size))
    normal, right = np.zeros((size, size)), np.zeros(size)
    lower, change = np.zeros((size, size)), np.zeros(size)
    largest = 1.0
    for step in range(ITERATIONS + 1):
        _accumulate(window, p, first, weight, (residual, slope, normal, right))
        if first == 0:
            scale = max(window.noise, 1.4826 * _middle_size(residual))
            for n in range(count):
                weight[n] = 1.0 / (1.0 + (residual[n] / (LOSS_SCALE * scale)) ** 2)
        for a in range(first, size):
            stiff = (scale / window.sd[a]) ** 2
            normal[a, a] += stiff
            right[a] += stiff * (window.mean[a] - p[a])
        if largest < SETTLED or step == ITERATIONS:
            break
        solve(normal, right, first, lower, change)
        largest = 0.0
        for a in range(first, size):
            largest = max(largest, abs(change[a]))
            limit = 0.25 if a < _CONTRAST or a >= OWN else 1e9
            p[a] += min(max(change[a], -limit), limit)
    if first == 0:
        invert(normal, inverse)
    cost = 0.0
    for n in range(count):
        cost += weight[n] * residual[n] ** 2
    for a in range(first, size):
        cost += (scale * (window.mean[a] - p[a]) / window.sd[a]) ** 2
    return cost, scale


@numba.njit(cache=True)
def _accumulate(
    window: _Window,
    p: NDArray[np.float64],
    first: int,
    weight: NDArray[np.float64],
    into: tuple[
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ],
) -> None:
    """Residuals, slopes, the lower half of the normal matrix, and its right side."""
    residual, slope, normal, right = into
    count, size = residual.size, p.size
    _draw(window, p, first, (residual, slope))
    normal[:] = 0.0
    right[:] = 0.0
    for n in range(count):
        residual[n] = window.data[n, 0] - residual[n]
        for a in range(first, size):
            weighted = weight[n] * slope[n, a]
            if weighted == 0.0:
                continue
            right[a] += weighted * residual[n]
            for b in range(first, a + 1):
                normal[a, b] += weighted * slope[n, b]


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
