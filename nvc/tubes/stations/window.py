"""The voxels around a station, and the known tubes among them; compiled."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

import numba
import numpy as np
from numpy.typing import NDArray

from nvc.tubes.stations.values import Neighbours, Picture, Stations

if TYPE_CHECKING:
    from nvc.numerics import Count

MOST_NEIGHBOURS: Count[int] = 4
MOST_VOXELS: Count[int] = 500


@numba.njit(cache=True)
def _voxel_mm3(a: NDArray[np.float64]) -> float:
    """Volume of a voxel from its affine."""
    first = a[0, 0] * (a[1, 1] * a[2, 2] - a[1, 2] * a[2, 1])
    second = a[0, 1] * (a[1, 0] * a[2, 2] - a[1, 2] * a[2, 0])
    third = a[0, 2] * (a[1, 0] * a[2, 1] - a[1, 1] * a[2, 0])
    return abs(first - second + third)


@numba.njit(cache=True)
def gather_voxels(picture: Picture, stations: Stations, m: int) -> NDArray[np.float64]:
    """Collect the voxels of a window.

    Returns
    -------
    ndarray, shape (N, 7)
        Intensity; place across (2) and along the tube; place in mm off the station.
    """
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
    volume = 2.0 * np.pi * reach**2 * half / _voxel_mm3(picture.to_mm)
    # A large vessel has more voxels than its few parameters need: take every nth.
    stride = 1 + int(volume / MOST_VOXELS)
    found = np.empty((2 * MOST_VOXELS, 7))
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
                found[count, 4], found[count, 5], found[count, 6] = x, y, z
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
        if not begun:
            # The last segment where no more than its end comes near.
            span[0], span[1] = n, n + 1
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
def gather_tubes(
    picture: Picture,
    stations: Stations,
    around: Neighbours,
    m: int,
    data: NDArray[np.float64],
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Where each voxel of a window lies with regard to the known tubes.

    Returns
    -------
    near : ndarray of int64, shape (K,)
        The tubes that come into the window.
    beside : ndarray, shape (K, N, 7)
        Distance from the tube's centre, direction away from it (3), its radius,
        how far it may be off, and the blur in that direction.
    """
    reach = stations.radius_mm[m] + picture.reach_mm
    near = _near_tubes(stations, around, m, reach)
    beside = np.zeros((near.size, data.shape[0], 7))
    at = np.empty(3)
    for k in range(near.size):
        span = _near_span(stations, around, (m, near[k]), reach + 1.5)
        for n in range(data.shape[0]):
            for c in range(3):
                at[c] = data[n, 4 + c] + stations.centre_mm[m, c]
            found = beside[k, n]
            _to_tube(at, around, span, found)
            blur = 1e-9
            for a in range(3):
                for b in range(3):
                    blur += found[1 + a] * picture.spread_mm2[a, b] * found[1 + b]
            found[6] = sqrt(blur)
    return near, beside
