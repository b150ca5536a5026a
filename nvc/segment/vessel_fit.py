"""Fit a short blurred tube to the voxels around each station of a centreline.

The model of a neighbourhood is one round tube of unknown centre, slant, calibre and
contrast, on a sloping background, next to tubes that are already known (nerves,
other vessels) and may shift a little, and to the brainstem. Everything is fitted
together to the original voxels, nothing is interpolated, and voxels that the model
cannot explain lose weight. A vessel that presses on a nerve keeps its own centre
and calibre that way.
"""

from __future__ import annotations

from math import exp, log, sqrt
from typing import NamedTuple

import numba
import numpy as np
from numpy.typing import NDArray

from nvc.segment.vessel_profile import blurred_disc, disc_table

OWN = 11
"""Parameters of tube and background: shift (2), slant (2), log radius, contrast,
level, slope (3), brainstem."""

PER_NEIGHBOUR = 5
"""Contrast, shift (3), log radius."""

MOST_NEIGHBOURS = 4
MOST_VOXELS = 500
ITERATIONS = 12
SETTLED = 2e-3


class Picture(NamedTuple):
    """An image made ready for fitting, in units of the contrast that is looked for.

    Parameters
    ----------
    voxels : ndarray of float32, shape (I, J, K)
        Intensities, scaled.
    stem : ndarray of float32, shape (I, J, K)
        Blurred fraction of brainstem in each voxel, or zeros.
    to_mm : ndarray, shape (4, 4)
        Voxel indices to mm.
    to_voxel : ndarray, shape (4, 4)
        Its inverse.
    spread_mm2 : ndarray, shape (3, 3)
        Covariance of the point spread.
    noise : float
        Standard deviation of the noise, scaled.
    reach_mm : float
        How far beyond a tube's wall voxels are looked at.
    """

    voxels: NDArray[np.float32]
    stem: NDArray[np.float32]
    to_mm: NDArray[np.float64]
    to_voxel: NDArray[np.float64]
    spread_mm2: NDArray[np.float64]
    noise: float
    reach_mm: float


class Neighbours(NamedTuple):
    """Known tubes near by, their points one after another.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        Centrelines, densely sampled (0.5 mm or less).
    radius_mm : ndarray, shape (N,)
        Calibres.
    tube : ndarray of int64, shape (N,)
        Which tube a point belongs to.
    shift_sd_mm : ndarray, shape (N,)
        How far the centre may be off.
    contrast : ndarray, shape (T, 2)
        Expected contrast of each tube and its standard deviation.
    """

    points_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    tube: NDArray[np.int64]
    shift_sd_mm: NDArray[np.float64]
    contrast: NDArray[np.float64]


class Stations(NamedTuple):
    """Places along a centreline, with what is expected there.

    Parameters
    ----------
    centre_mm : ndarray, shape (M, 3)
        Expected centres.
    frame : ndarray, shape (M, 3, 3)
        Rows: tangent, and two directions across it along which the point spread is
        uncorrelated.
    bend_per_mm : ndarray, shape (M, 2)
        Curvature of the course towards the two directions across it.
    radius_mm, radius_log_sd : ndarray, shape (M,)
        Expected calibre and its relative uncertainty.
    contrast, contrast_sd : ndarray, shape (M,)
        Expected contrast against the background and its uncertainty.
    centre_sd_mm : ndarray, shape (M,)
        How far the centre may be off.
    half_length_mm : float
        Of the piece of tube that is fitted.
    """

    centre_mm: NDArray[np.float64]
    frame: NDArray[np.float64]
    bend_per_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    radius_log_sd: NDArray[np.float64]
    contrast: NDArray[np.float64]
    contrast_sd: NDArray[np.float64]
    centre_sd_mm: NDArray[np.float64]
    half_length_mm: float


class Fitted(NamedTuple):
    """What the voxels say at each station.

    Parameters
    ----------
    centre_mm : ndarray, shape (M, 3)
        Fitted centres.
    radius_mm, contrast, level : ndarray, shape (M,)
        Calibre, contrast, and background at the centre.
    centre_sd_mm, radius_sd_mm, contrast_sd : ndarray, shape (M,)
        One sigma; of the centre across the course.
    misfit : ndarray, shape (M,)
        Robust residual in units of the noise.
    gain : ndarray, shape (M,)
        Fall in chi-square against the same model without the tube.
    loss : ndarray, shape (M,)
        Robust misfit summed over the voxels (Cauchy), for comparing pictures.
    voxels : ndarray, shape (M,)
        Number used; 0 where the station could not be fitted.
    """

    centre_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    contrast: NDArray[np.float64]
    level: NDArray[np.float64]
    centre_sd_mm: NDArray[np.float64]
    radius_sd_mm: NDArray[np.float64]
    contrast_sd: NDArray[np.float64]
    misfit: NDArray[np.float64]
    gain: NDArray[np.float64]
    loss: NDArray[np.float64]
    voxels: NDArray[np.float64]


def no_neighbours() -> Neighbours:
    """Return an empty set of neighbours."""
    return Neighbours(
        points_mm=np.zeros((0, 3)),
        radius_mm=np.zeros(0),
        tube=np.zeros(0, dtype=np.int64),
        shift_sd_mm=np.zeros(0),
        contrast=np.zeros((0, 2)),
    )


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


@numba.njit(cache=True, parallel=True)
def _fit_all(
    picture: Picture,
    stations: Stations,
    around: Neighbours,
    table: NDArray[np.float64],
    rows: NDArray[np.float64],
) -> None:
    for m in numba.prange(rows.shape[0]):
        _fit_one(picture, stations, around, table, (m, rows))


@numba.njit(cache=True)
def _gather(picture: Picture, stations: Stations, m: int) -> NDArray[np.float64]:
    """Collect the voxels of a window: value, u, v, t, brainstem, x, y, z."""
    reach = stations.radius_mm[m] + picture.reach_mm
    half = stations.half_length_mm
    box = np.zeros((3, 2), dtype=np.int64)
    away = sqrt(reach**2 + half**2)
    centre = stations.centre_mm[m]
    for axis in range(3):
        inverse = picture.to_voxel[axis]
        middle = inverse[3]
        size = 0.0
        for q in range(3):
            middle += inverse[q] * centre[q]
            size += inverse[q] ** 2
        extent = away * sqrt(size)
        box[axis, 0] = max(0, int(middle - extent))
        box[axis, 1] = min(picture.voxels.shape[axis], int(middle + extent) + 2)
    volume = np.pi * reach**2 * 2.0 * half / abs(np.linalg.det(picture.to_mm[:3, :3]))
    # A large vessel has more voxels than its few parameters need: take every nth.
    stride = 1 + int(volume / MOST_VOXELS)
    found = np.empty((2 * MOST_VOXELS, 8))
    count, seen = 0, 0
    frame, bend = stations.frame[m], stations.bend_per_mm[m]
    a = picture.to_mm
    for i in range(box[0, 0], box[0, 1]):
        for j in range(box[1, 0], box[1, 1]):
            for k in range(box[2, 0], box[2, 1]):
                x = a[0, 0] * i + a[0, 1] * j + a[0, 2] * k + a[0, 3] - centre[0]
                y = a[1, 0] * i + a[1, 1] * j + a[1, 2] * k + a[1, 3] - centre[1]
                z = a[2, 0] * i + a[2, 1] * j + a[2, 2] * k + a[2, 3] - centre[2]
                t = frame[0, 0] * x + frame[0, 1] * y + frame[0, 2] * z
                if abs(t) > half:
                    continue
                u = frame[1, 0] * x + frame[1, 1] * y + frame[1, 2] * z
                v = frame[2, 0] * x + frame[2, 1] * y + frame[2, 2] * z
                u -= 0.5 * bend[0] * t * t
                v -= 0.5 * bend[1] * t * t
                if u * u + v * v > reach**2:
                    continue
                seen += 1
                if seen % stride or count >= 2 * MOST_VOXELS:
                    continue
                found[count, 0] = picture.voxels[i, j, k]
                found[count, 1], found[count, 2], found[count, 3] = u, v, t
                found[count, 4] = picture.stem[i, j, k]
                found[count, 5], found[count, 6], found[count, 7] = x, y, z
                count += 1
    return found[:count]


@numba.njit(cache=True)
def _near_tubes(
    stations: Stations, around: Neighbours, m: int, reach: float
) -> NDArray[np.int64]:
    """Indices of the neighbour tubes that come into a window."""
    near = np.full(MOST_NEIGHBOURS, -1, dtype=np.int64)
    count = 0
    for n in range(around.tube.size):
        d2 = 0.0
        for q in range(3):
            d2 += (around.points_mm[n, q] - stations.centre_mm[m, q]) ** 2
        if d2 > (reach + around.radius_mm[n]) ** 2:
            continue
        known = False
        for q in range(count):
            known = known or near[q] == around.tube[n]
        if not known and count < MOST_NEIGHBOURS:
            near[count] = around.tube[n]
            count += 1
    return near[:count]


@numba.njit(cache=True)
def _near_span(
    stations: Stations, around: Neighbours, which: tuple[int, int], reach: float
) -> NDArray[np.int64]:
    """First segment of a tube near a station, and one past the last."""
    m, tube = which
    span = np.zeros(2, dtype=np.int64)
    begun = False
    for n in range(around.tube.size - 1):
        if around.tube[n] != tube or around.tube[n + 1] != tube:
            continue
        d2 = 0.0
        for q in range(3):
            d2 += (around.points_mm[n, q] - stations.centre_mm[m, q]) ** 2
        if d2 > (reach + around.radius_mm[n]) ** 2:
            continue
        if not begun:
            span[0] = max(n - 1, 0) if n > 0 and around.tube[n - 1] == tube else n
            begun = True
        span[1] = n + 1
    if begun and span[1] + 1 < around.tube.size and around.tube[span[1] + 1] == tube:
        span[1] += 1
    return span


@numba.njit(cache=True)
def _to_tube(
    at: NDArray[np.float64],
    around: Neighbours,
    span: NDArray[np.int64],
    found: NDArray[np.float64],
) -> None:
    """Write distance, direction (3), radius and shift sd of the closest point."""
    best = 1e18
    for n in range(span[0], span[1]):
        p, q = around.points_mm[n], around.points_mm[n + 1]
        along, length = 0.0, 1e-18
        for c in range(3):
            along += (at[c] - p[c]) * (q[c] - p[c])
            length += (q[c] - p[c]) ** 2
        s = min(max(along / length, 0.0), 1.0)
        d2 = 0.0
        for c in range(3):
            d2 += (at[c] - p[c] - s * (q[c] - p[c])) ** 2
        if d2 < best:
            best = d2
            found[0] = sqrt(d2)
            for c in range(3):
                away = at[c] - p[c] - s * (q[c] - p[c])
                found[1 + c] = away / max(found[0], 1e-9)
            r0, r1 = around.radius_mm[n], around.radius_mm[n + 1]
            found[4] = (1 - s) * r0 + s * r1
            found[5] = around.shift_sd_mm[n]


@numba.njit(cache=True)
def _fit_one(
    picture: Picture,
    stations: Stations,
    around: Neighbours,
    table: NDArray[np.float64],
    target: tuple[int, NDArray[np.float64]],
) -> None:
    m, rows = target
    data = _gather(picture, stations, m)
    if data.shape[0] < 30:
        return
    near = _near_tubes(stations, around, m, (stations.radius_mm[m] + picture.reach_mm))
    beside = np.zeros((near.size, data.shape[0], 6))
    at = np.empty(3)
    reach = stations.radius_mm[m] + picture.reach_mm + 1.5
    for k in range(near.size):
        span = _near_span(stations, around, (m, near[k]), reach)
        for n in range(data.shape[0]):
            for c in range(3):
                at[c] = data[n, 5 + c] + stations.centre_mm[m, c]
            _to_tube(at, around, span, beside[k, n])
    size = OWN + PER_NEIGHBOUR * near.size
    mean, sd = _priors(stations, around, m, near, beside)
    spread = np.zeros(2)
    for q in range(2):
        direction = stations.frame[m, 1 + q]
        spread[q] = direction @ picture.spread_mm2 @ direction
    scene = (data, beside, picture.spread_mm2, spread, table)
    weight = np.ones(data.shape[0])
    p = mean.copy()
    inverse = np.zeros((size, size))
    full, scale = _descend(scene, p, (mean, sd, picture.noise), weight, inverse)
    without = mean.copy()
    without[5] = 0.0
    bare_sd = sd.copy()
    bare_sd[:6] = 1e-6
    bare_mean = without.copy()
    fixed = weight.copy()
    spare = np.zeros((size, size))
    empty, _ = _descend(scene, without, (bare_mean, bare_sd, -scale), fixed, spare)
    r = exp(p[4])
    for c in range(3):
        rows[m, c] = (
            stations.centre_mm[m, c]
            + p[0] * stations.frame[m, 1, c]
            + p[1] * stations.frame[m, 2, c]
        )
    rows[m, 3], rows[m, 4], rows[m, 5] = r, p[5], p[6]
    rows[m, 6] = scale * sqrt(max(inverse[0, 0], inverse[1, 1]))
    rows[m, 7] = scale * r * sqrt(inverse[4, 4])
    rows[m, 8] = scale * sqrt(inverse[5, 5])
    rows[m, 9] = scale / picture.noise
    rows[m, 10] = (empty - full) / scale**2
    slope = np.zeros(size)
    for n in range(data.shape[0]):
        left = (data[n, 0] - _row(scene, p, n, slope)) / (3.0 * picture.noise)
        rows[m, 11] += 9.0 * log(1.0 + left * left)
    rows[m, 12] = data.shape[0]


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
    sd[10] = 1.0
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
    scene: tuple[
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ],
    p: NDArray[np.float64],
    n: int,
    slope: NDArray[np.float64],
) -> float:
    """Value of the model at voxel n; its derivatives go into `slope`."""
    data, beside, psf, spread, table = scene
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
    value, by_d, by_r = blurred_disc(d, r, sqrt(g - q), table)
    slope[0] = -c * by_d * u * mu * mu / d
    slope[1] = -c * by_d * v * mv * mv / d
    slope[2], slope[3] = slope[0] * t, slope[1] * t
    slope[4], slope[5] = c * by_r * r, value
    slope[6], slope[7], slope[8], slope[9] = 1.0, data[n, 1], data[n, 2], t
    slope[10] = data[n, 4]
    total = c * value + p[6] + p[7] * data[n, 1] + p[8] * data[n, 2] + p[9] * t
    total += p[10] * data[n, 4]
    for k in range(beside.shape[0]):
        first = OWN + PER_NEIGHBOUR * k
        near = beside[k, n]
        blur = 1e-9
        for a in range(3):
            for b in range(3):
                blur += near[1 + a] * psf[a, b] * near[1 + b]
        d = near[0]
        for a in range(3):
            d -= near[1 + a] * p[first + 1 + a]
        sign = 1.0 if d >= 0.0 else -1.0
        radius = near[4] * exp(p[first + 4])
        shape, by_d, by_r = blurred_disc(abs(d), radius, sqrt(blur), table)
        slope[first] = shape
        for a in range(3):
            slope[first + 1 + a] = -p[first] * by_d * sign * near[1 + a]
        slope[first + 4] = p[first] * by_r * radius
        total += p[first] * shape
    return total


@numba.njit(cache=True)
def _descend(
    scene: tuple[
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
        NDArray[np.float64],
    ],
    p: NDArray[np.float64],
    prior: tuple[NDArray[np.float64], NDArray[np.float64], float],
    weight: NDArray[np.float64],
    inverse: NDArray[np.float64],
) -> tuple[float, float]:
    """Gauss-Newton with clipped steps; returns the weighted cost and the scale.

    A negative noise level keeps the given weights and uses its size as the scale,
    so that a simpler model is judged on the same voxels.
    """
    mean, sd, noise = prior
    data = scene[0]
    size, count = p.size, data.shape[0]
    scale = abs(noise)
    slope = np.zeros(size)
    residual = np.zeros(count)
    normal, right = np.zeros((size, size)), np.zeros(size)
    settled = False
    for step in range(ITERATIONS + 1):
        normal[:] = 0.0
        right[:] = 0.0
        for n in range(count):
            residual[n] = data[n, 0] - _row(scene, p, n, slope)
            for a in range(size):
                wa = weight[n] * slope[a]
                right[a] += wa * residual[n]
                for b in range(a + 1):
                    normal[a, b] += wa * slope[b]
        if noise > 0.0:
            scale = max(noise, 1.4826 * np.median(np.abs(residual)))
            for n in range(count):
                weight[n] = 1.0 / (1.0 + (residual[n] / (3.0 * scale)) ** 2)
        for a in range(size):
            stiff = (scale / sd[a]) ** 2
            normal[a, a] += stiff
            right[a] += stiff * (mean[a] - p[a])
            for b in range(a):
                normal[b, a] = normal[a, b]
        if settled or step == ITERATIONS:
            break
        change = np.linalg.solve(normal, right)
        settled = step > 0 and np.max(np.abs(change)) < SETTLED
        for a in range(size):
            limit = 0.25 if a < 5 or a >= OWN else 1e9
            p[a] += min(max(change[a], -limit), limit)
    inverse[:] = np.linalg.inv(normal)
    cost = 0.0
    for n in range(count):
        cost += weight[n] * residual[n] ** 2
    for a in range(size):
        cost += (scale * (mean[a] - p[a]) / sd[a]) ** 2
    return cost, scale
