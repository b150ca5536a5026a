"""How much a place looks like a tube, over several calibres, in one fast pass.

A bright tube has two strongly negative second derivatives, across it, and none
along it. Each scale smooths with a separable Gaussian, takes the Hessian by
differences and its eigenvalues in closed form, all in compiled code, since this
runs over millions of voxels.

References
----------
Sato et al. 1998, doi:10.1016/S1361-8415(98)80009-1 (multi-scale line filter).
Smith 1961, doi:10.1145/355578.366316 (eigenvalues of a symmetric 3 x 3 matrix).
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, ceil, cos, sqrt
from typing import TYPE_CHECKING

import numba
import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SCALE_EXPONENT = 1.5
"""Weight of a scale, sigma to this power; 2 would favour wide structures."""

KERNEL_REACH = 3.5
"""Half width of a Gaussian kernel in standard deviations."""


def _cosine_third_polynomial(degree: int = 7) -> tuple[float, ...]:
    """Coefficients of 2 cos(2/3 acos t) on [0, 1], highest power first.

    With t the cosine of half Smith's angle this is the largest root of
    x^3 - 3x = 2r; the function is smooth on [0, 1], so that a short polynomial
    (error < 1e-6) spares both arccosine and cosine.
    """
    nodes = 0.5 - 0.5 * np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    values = [2.0 * cos(2.0 / 3.0 * acos(t)) for t in nodes.tolist()]
    return tuple(np.polyfit(nodes, values, degree).tolist())


_C = tuple(np.float32(c) for c in _cosine_third_polynomial())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TubeResponse:
    """Strength of the best scale at each voxel.

    Parameters
    ----------
    strength : ndarray of float32, shape of the image
        In units of intensity x mm^-0.5; 0 where nothing is tube-like.
    scale_mm : ndarray of float32, shape of the image
        Scale that gave the strength, 0 where there was none.
    """

    strength: NDArray[np.float32]
    scale_mm: NDArray[np.float32]


def tube_response(
    voxels: NDArray[np.float32],
    voxel_size_mm: Sequence[float],
    scales_mm: Sequence[float],
    *,
    bright: bool = True,
) -> TubeResponse:
    """Measure tube-likeness of every voxel.

    Parameters
    ----------
    voxels : ndarray, shape (I, J, K)
        Intensities.
    voxel_size_mm : sequence of float
        Edge lengths along i, j and k.
    scales_mm : sequence of float
        Standard deviations of the smoothing; a tube of radius r answers best at
        about 0.7 r to r.
    bright : bool
        Look for bright tubes; else dark ones.

    Returns
    -------
    TubeResponse
        sqrt(l2 l3) sigma^1.5 with l2, l3 the two eigenvalues across the tube,
        where both have the sign of a tube.

    Examples
    --------
    >>> line = np.zeros((15, 15, 15), dtype=np.float32)
    >>> line[7, 7, :] = 1.0
    >>> found = tube_response(line, (0.5, 0.5, 0.5), (0.5,))
    >>> [int(i) for i in np.argwhere(found.strength[:, :, 7] ==
    ...                              found.strength[:, :, 7].max())[0]]
    [7, 7]
    """
    image = np.ascontiguousarray(voxels, dtype=np.float32)
    if not bright:
        image = -image
    size = np.asarray(voxel_size_mm, dtype=np.float32)
    strength = np.zeros(image.shape, dtype=np.float32)
    scale = np.zeros(image.shape, dtype=np.float32)
    scratch, smooth = np.empty_like(image), np.empty_like(image)
    for sigma in scales_mm:
        kernels = [_kernel(sigma / edge) for edge in size.tolist()]
        _smooth_last(image, kernels[2], smooth)
        _smooth_middle(smooth, kernels[1], scratch)
        _smooth_first(scratch, kernels[0], smooth)
        weight = np.float32(sigma**SCALE_EXPONENT)
        _keep_best(smooth, size, weight, np.float32(sigma), strength, scale)
    return TubeResponse(strength=strength, scale_mm=scale)


def _kernel(sigma_vox: float) -> NDArray[np.float32]:
    """Half of a normalised Gaussian, from its centre outwards.

    Integrated over each voxel, so that it stays a proper average below one voxel.
    """
    reach = max(1, ceil(KERNEL_REACH * sigma_vox))
    from_centre = np.arange(reach + 1)
    fine = (np.arange(16) + 0.5) / 16 - 0.5
    offsets = from_centre[:, None] + fine[None, :]
    half = np.exp(-0.5 * (offsets / max(sigma_vox, 0.05)) ** 2).mean(axis=1)
    return np.asarray(half / (half[0] + 2.0 * half[1:].sum()), dtype=np.float32)


@numba.njit(cache=True, fastmath=True, parallel=True)
def _smooth_last(
    image: NDArray[np.float32], half: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    ni, nj, nk = image.shape
    reach = half.size - 1
    for i in numba.prange(ni):
        padded = np.empty(nk + 2 * reach, dtype=np.float32)
        for j in range(nj):
            for k in range(nk):
                padded[k + reach] = image[i, j, k]
            for k in range(reach):
                padded[k] = image[i, j, 0]
                padded[nk + reach + k] = image[i, j, nk - 1]
            for k in range(nk):
                out[i, j, k] = half[0] * padded[k + reach]
            for t in range(1, reach + 1):
                w = half[t]
                for k in range(nk):
                    out[i, j, k] += w * (padded[k + reach - t] + padded[k + reach + t])


@numba.njit(cache=True, fastmath=True, parallel=True)
def _smooth_middle(
    image: NDArray[np.float32], half: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    ni, nj, nk = image.shape
    reach = half.size - 1
    for i in numba.prange(ni):
        for j in range(nj):
            for k in range(nk):
                out[i, j, k] = half[0] * image[i, j, k]
            for t in range(1, reach + 1):
                low, high, w = max(j - t, 0), min(j + t, nj - 1), half[t]
                for k in range(nk):
                    out[i, j, k] += w * (image[i, low, k] + image[i, high, k])


@numba.njit(cache=True, fastmath=True, parallel=True)
def _smooth_first(
    image: NDArray[np.float32], half: NDArray[np.float32], out: NDArray[np.float32]
) -> None:
    ni, nj, nk = image.shape
    reach = half.size - 1
    for i in numba.prange(ni):
        for j in range(nj):
            for k in range(nk):
                out[i, j, k] = half[0] * image[i, j, k]
            for t in range(1, reach + 1):
                low, high, w = max(i - t, 0), min(i + t, ni - 1), half[t]
                for k in range(nk):
                    out[i, j, k] += w * (image[low, j, k] + image[high, j, k])


@numba.njit(cache=True, fastmath=True)
def _across_tube(
    xx: float, yy: float, zz: float, xy: float, xz: float, yz: float
) -> np.float32:
    """Return sqrt(l2 l3) of the two lowest eigenvalues where both are negative."""
    mean = (xx + yy + zz) * np.float32(1.0 / 3.0)
    a, b, c = xx - mean, yy - mean, zz - mean
    off = xy * xy + xz * xz + yz * yz
    p2 = (a * a + b * b + c * c + np.float32(2.0) * off) * np.float32(1.0 / 6.0)
    if p2 <= np.float32(1e-30):
        return np.float32(max(-mean, np.float32(0.0)))
    p = sqrt(p2)
    det = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    r = min(max(np.float32(0.5) * det / (p2 * p), np.float32(-1.0)), np.float32(1.0))
    t = sqrt(np.float32(0.5) * (np.float32(1.0) + r))
    root = _C[0]
    for q in range(1, len(_C)):
        root = root * t + _C[q]
    rest = np.float32(4.0) - root * root
    spread = np.float32(0.8660254) * sqrt(max(rest, np.float32(0.0)))
    second = mean + p * (spread - np.float32(0.5) * root)
    third = mean - p * (spread + np.float32(0.5) * root)
    if second >= np.float32(0.0):
        return np.float32(0.0)
    return np.float32(sqrt(second * third))


@numba.njit(cache=True, fastmath=True, parallel=True)
def _keep_best(
    s: NDArray[np.float32],
    size: NDArray[np.float32],
    weight: float,
    sigma: float,
    strength: NDArray[np.float32],
    scale: NDArray[np.float32],
) -> None:
    ni, nj, nk = s.shape
    ii, jj, kk = 1 / (size[0] ** 2), 1 / (size[1] ** 2), 1 / (size[2] ** 2)
    ij = 0.25 / (size[0] * size[1])
    ik = 0.25 / (size[0] * size[2])
    jk = 0.25 / (size[1] * size[2])
    for i in numba.prange(1, ni - 1):
        for j in range(1, nj - 1):
            for k in range(1, nk - 1):
                twice = np.float32(2.0) * s[i, j, k]
                xx = (s[i + 1, j, k] - twice + s[i - 1, j, k]) * ii
                yy = (s[i, j + 1, k] - twice + s[i, j - 1, k]) * jj
                zz = (s[i, j, k + 1] - twice + s[i, j, k - 1]) * kk
                # Two of three eigenvalues cannot be strongly negative otherwise.
                if xx + yy + zz >= np.float32(0.0):
                    continue
                xy = s[i + 1, j + 1, k] - s[i + 1, j - 1, k]
                xy = (xy - s[i - 1, j + 1, k] + s[i - 1, j - 1, k]) * ij
                xz = s[i + 1, j, k + 1] - s[i + 1, j, k - 1]
                xz = (xz - s[i - 1, j, k + 1] + s[i - 1, j, k - 1]) * ik
                yz = s[i, j + 1, k + 1] - s[i, j + 1, k - 1]
                yz = (yz - s[i, j - 1, k + 1] + s[i, j - 1, k - 1]) * jk
                value = weight * _across_tube(xx, yy, zz, xy, xz, yz)
                if value > strength[i, j, k]:
                    strength[i, j, k] = value
                    scale[i, j, k] = sigma
