"""How much of a blurred elliptical disc is seen at a point, and its derivatives.

An imaging system sees a tube's cross-section E, an ellipse, through a Gaussian of
covariance C (point spread plus the voxel's own extent). The value at (u, v) is

    V = integral over E of N((u', v') - (u, v); C) du' dv'.

Writing N(u', v') = N(v') N(u' | v') and integrating over the chord of E at v' leaves
one integral over v', done by Gauss-Legendre nodes in the angle t with
v' = B sin t. E is {(u', v'): |u' - k v'| <= A cos t}, which reaches every centred
ellipse without a rotation: A = B and k = 0 is the circle.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(12)
_REACH = 3.8
"""Standard deviations beyond which the Gaussian counts as zero."""


@nb.njit(cache=True, inline="always")
def _normal_cdf(z: float, density: float) -> float:  # pragma: no cover - compiled
    """Cumulative normal from its density at z (Abramowitz-Stegun 26.2.17)."""
    t = 1.0 / (1.0 + 0.2316419 * abs(z))
    tail = (
        density
        * t
        * (
            0.319381530
            + t
            * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
        )
    )
    return 1.0 - tail if z >= 0 else tail


@nb.njit(cache=True, error_model="numpy")
def _integrate(  # pragma: no cover - compiled
    u: float,
    v: float,
    shape: tuple[float, float, float],
    cov: tuple[float, float, float],
    limits: tuple[float, float],
    out: NDArray[np.float64],
) -> None:
    """Sum the chords between two angles; arguments as in `blurred_ellipse`."""
    half_a, half_b, shear = shape
    c_uu, c_uv, c_vv = cov
    sv = math.sqrt(c_vv)
    rho = c_uv / c_vv
    s = math.sqrt(c_uu - rho * c_uv)
    half, middle = 0.5 * (limits[1] - limits[0]), 0.5 * (limits[1] + limits[0])
    norm = 1.0 / math.sqrt(2.0 * math.pi)
    for node in range(_NODES.size):
        angle = middle + half * _NODES[node]
        sine, cosine = math.sin(angle), math.cos(angle)
        y = half_b * sine
        dy = y - v
        phi = half * _WEIGHTS[node] * norm / sv * math.exp(-0.5 * dy * dy / c_vv)
        mean = u + rho * dy
        z_high = (shear * y + half_a * cosine - mean) / s
        z_low = (shear * y - half_a * cosine - mean) / s
        g_high = norm * math.exp(-0.5 * z_high * z_high)
        g_low = norm * math.exp(-0.5 * z_low * z_low)
        chord = _normal_cdf(z_high, g_high) - _normal_cdf(z_low, g_low)
        weight = phi * half_b * cosine
        differ, total = (g_high - g_low) / s, (g_high + g_low) / s
        by_s2 = -0.5 * (z_high * g_high - z_low * g_low) / (s * s)
        by_rho = -differ * dy
        out[0] += weight * chord
        out[1] -= weight * differ
        out[2] += weight * (chord * dy / c_vv + rho * differ)
        out[3] += weight * cosine * total
        out[4] += phi * half_a * sine * sine * total
        out[5] += weight * y * differ
        out[6] += weight * by_s2
        out[7] += weight * (by_rho / c_vv - 2.0 * rho * by_s2)
        out[8] += weight * (
            rho * rho * by_s2
            - rho / c_vv * by_rho
            + 0.5 * chord * (dy * dy / c_vv - 1.0) / c_vv
        )


@nb.njit(cache=True, error_model="numpy")
def blurred_ellipse(  # pragma: no cover - compiled
    u: float,
    v: float,
    shape: tuple[float, float, float],
    cov: tuple[float, float, float],
    out: NDArray[np.float64],
) -> None:
    """Write V and its derivatives to `out`.

    Parameters
    ----------
    u, v : float
        Place in the cross-section from the ellipse's centre, mm.
    shape : tuple of float
        (A, B, k): half width, half height and shear of the ellipse.
    cov : tuple of float
        (C_uu, C_uv, C_vv) of the whole blur, mm squared.
    out : ndarray, shape (9,)
        V and its derivatives by u, v, A, B, k, C_uu, C_uv and C_vv.
    """
    out[:] = 0.0
    half_a, half_b, shear = shape
    c_uu, c_uv, c_vv = cov
    widest = math.sqrt(max(c_uu, c_vv) + abs(c_uv))
    far = math.sqrt(u * u + v * v)
    if far > max(half_a, half_b) * (1.0 + abs(shear)) + _REACH * widest:
        return
    if far + _REACH * widest < min(half_a, half_b) / (1.0 + abs(shear)):
        out[0] = 1.0
        return
    sv = math.sqrt(c_vv)
    low = max(-1.0, (v - _REACH * sv) / half_b)
    high = min(1.0, (v + _REACH * sv) / half_b)
    if high <= low:
        return
    _integrate(u, v, shape, cov, (math.asin(low), math.asin(high)), out)
