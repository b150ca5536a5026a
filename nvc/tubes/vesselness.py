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
from math import acos, ceil, cos
from typing import TYPE_CHECKING

import numba
import numpy as np

from nvc.settings.fixed import FIXED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.numerics import Exact


SCALE_EXPONENT = FIXED.tube.scale_exponent
"""Weight of a scale, sigma to this power."""

KERNEL_REACH: Exact[float] = 3.5
"""Half width of a Gaussian kernel in standard deviations."""


def _cosine_third_polynomial(degree: int = 6) -> tuple[np.float32, ...]:
    """Coefficients of 2 cos(2/3 acos t) on [0, 1], lowest power first.

    With t the cosine of half Smith's angle this is the largest root of
    x^3 - 3x = 2r; the function is smooth on [0, 1], so that a short polynomial
    (error < 1e-6) spares both arccosine and cosine.
    """
    nodes = 0.5 - 0.5 * np.cos(np.pi * (np.arange(64) + 0.5) / 64)
    values = [2.0 * cos(2.0 / 3.0 * acos(t)) for t in nodes.tolist()]
    fitted = np.polynomial.Polynomial.fit(nodes, values, degree).convert()
    return tuple(np.float32(c) for c in fitted.coef)


_C0, _C1, _C2, _C3, _C4, _C5, _C6 = _cosine_third_polynomial()


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


def respond_to_tubes(
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
        where both have the sign of a tube and outweigh the one along it.

    Examples
    --------
    >>> line = np.zeros((15, 15, 15), dtype=np.float32)
    >>> line[7, 7, :] = 1.0
    >>> found = respond_to_tubes(line, (0.5, 0.5, 0.5), (0.5,))
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
        total = np.empty(nk, dtype=np.float32)
        for j in range(nj):
            row = image[i, j]
            for k in range(nk):
                padded[k + reach] = row[k]
            for k in range(reach):
                padded[k] = row[0]
                padded[nk + reach + k] = row[nk - 1]
            for k in range(nk):
                total[k] = half[0] * row[k]
            for t in range(1, reach + 1):
                w, low, high = half[t], padded[reach - t :], padded[reach + t :]
                for k in range(nk):
                    total[k] += w * (low[k] + high[k])
            for k in range(nk):
                out[i, j, k] = total[k]


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


@numba.njit(cache=True, fastmath=True, inline="always")
def _across_tube(
    xx: np.float32,
    yy: np.float32,
    zz: np.float32,
    xy: np.float32,
    xz: np.float32,
    yz: np.float32,
) -> np.float32:
    """Return l2 l3 of the two lowest eigenvalues where both are negative, else 0.

    Free of branches and of anything but arithmetic and square roots, so that the
    compiler works on several voxels at once.
    """
    zero, half = np.float32(0.0), np.float32(0.5)
    one, two = np.float32(1.0), np.float32(2.0)
    trace = xx + yy + zz
    mean = trace * np.float32(1.0 / 3.0)
    a, b, c = xx - mean, yy - mean, zz - mean
    off = xy * xy + xz * xz + yz * yz
    p2 = (a * a + b * b + c * c + two * off) * np.float32(1.0 / 6.0)
    p2 = max(p2, np.float32(1e-20))
    p = np.sqrt(p2)
    det = a * (b * c - yz * yz) - xy * (xy * c - yz * xz) + xz * (xy * yz - b * xz)
    r = min(max(half * det / (p2 * p), -one), one)
    t = np.sqrt(half * (one + r))
    root = _C0 + t * (_C1 + t * (_C2 + t * (_C3 + t * (_C4 + t * (_C5 + t * _C6)))))
    rest = max(np.float32(4.0) - root * root, zero)
    spread = np.float32(0.8660254) * np.sqrt(rest)
    second = mean + p * (spread - half * root)
    third = mean - p * (spread + half * root)
    # A saddle, where what bends up along outweighs what bends down across, is none.
    good = (second < zero) & (trace < zero)
    return second * third if good else zero


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
    one, quarter, two = np.float32(1.0), np.float32(0.25), np.float32(2.0)
    ii, jj, kk = one / size[0] ** 2, one / size[1] ** 2, one / size[2] ** 2
    ij = quarter / (size[0] * size[1])
    ik = quarter / (size[0] * size[2])
    jk = quarter / (size[1] * size[2])
    for i in numba.prange(1, ni - 1):
        found = np.zeros(nk, dtype=np.float32)
        for j in range(1, nj - 1):
            here, fore, back = s[i, j], s[i + 1, j], s[i - 1, j]
            up, down = s[i, j + 1], s[i, j - 1]
            fore_up, fore_down = s[i + 1, j + 1], s[i + 1, j - 1]
            back_up, back_down = s[i - 1, j + 1], s[i - 1, j - 1]
            for k in range(1, nk - 1):
                twice = two * here[k]
                found[k] = _across_tube(
                    (fore[k] - twice + back[k]) * ii,
                    (up[k] - twice + down[k]) * jj,
                    (here[k + 1] - twice + here[k - 1]) * kk,
                    (fore_up[k] - fore_down[k] - back_up[k] + back_down[k]) * ij,
                    (fore[k + 1] - fore[k - 1] - back[k + 1] + back[k - 1]) * ik,
                    (up[k + 1] - up[k - 1] - down[k + 1] + down[k - 1]) * jk,
                )
            best, where = strength[i, j], scale[i, j]
            for k in range(1, nk - 1):
                value = weight * np.sqrt(found[k])
                better = value > best[k]
                where[k] = sigma if better else where[k]
                best[k] = value if better else best[k]
