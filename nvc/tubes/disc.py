"""The cross-section of a blurred round tube: what a vessel of known calibre shows.

A disc of radius r seen through a Gaussian point spread of standard deviation s has,
at distance d from its centre, the brightness 1 - Q1(d/s, r/s) with Q1 the Marcum Q
function; both derivatives are closed expressions of modified Bessel functions. A
tube of 0.5 mm radius at 0.5 mm voxels therefore never reaches its own intensity,
and its calibre follows from the shape and the height of its profile together.

References
----------
Marcum 1960, doi:10.1109/TIT.1960.1057560 (Q function).
Hoogeveen et al. 1998, doi:10.1109/42.712128 (limits of vessel calibre in MRA).
"""

from __future__ import annotations

from functools import lru_cache
from math import erf, exp, sqrt
from typing import TYPE_CHECKING

import numba
import numpy as np
from numpy.typing import NDArray
from scipy.stats import ncx2

if TYPE_CHECKING:
    from nvc.numerics import Domain, Exact, Step

POINT_SPREAD_PER_VOXEL: Exact[float] = 0.4247
"""Standard deviation of a Gaussian whose full width at half maximum is one voxel."""

STEP: Step[float] = 0.1
REACH_A: Domain[float] = 16.0
REACH_B: Domain[float] = 10.0
"""Of the table; farther out the disc is flat or gone."""
SQRT_HALF: Exact[float] = 0.7071067811865476
_SERIES_END: Domain[float] = 3.75
"""Of the series for small numbers (Abramowitz, Stegun 9.8.1)."""


@lru_cache(maxsize=1)
def tabulate_disc() -> NDArray[np.float64]:
    """Tabulate the blurred disc at (distance / s, radius / s) in steps of `STEP`.

    Returns
    -------
    ndarray, shape (161, 101)
        1 - Q1(a, b), read-only.
    """
    a = np.arange(0.0, REACH_A + STEP / 2, STEP)[:, None]
    b = np.arange(0.0, REACH_B + STEP / 2, STEP)[None, :]
    central = 1.0 - np.exp(-0.5 * b**2)
    with np.errstate(all="ignore"):
        table = ncx2.cdf(b**2, 2, np.maximum(a, STEP / 100) ** 2)
    table = np.where(a > 0, table, central)
    table[:, 0] = 0.0
    table = np.ascontiguousarray(np.nan_to_num(table))
    table.flags.writeable = False
    return table


@numba.njit(cache=True)
def _i0e_i1e(x: float) -> tuple[float, float]:
    """exp(-x) I0(x) and exp(-x) I1(x) for x >= 0 (Abramowitz, Stegun 9.8.1-9.8.4)."""
    if x < _SERIES_END:
        t = (x / 3.75) ** 2
        i0 = 1.0 + t * (3.5156229 + t * (3.0899424 + t * (1.2067492 + t * (
            0.2659732 + t * (0.0360768 + t * 0.0045813)))))  # fmt: skip
        i1 = x * (0.5 + t * (0.87890594 + t * (0.51498869 + t * (0.15084934 + t * (
            0.02658733 + t * (0.00301532 + t * 0.00032411))))))  # fmt: skip
        scale = exp(-x)
        return i0 * scale, i1 * scale
    t = 3.75 / x
    i0 = 0.39894228 + t * (0.01328592 + t * (0.00225319 + t * (-0.00157565 + t * (
        0.00916281 + t * (-0.02057706 + t * (0.02635537 + t * (
            -0.01647633 + t * 0.00392377)))))))  # fmt: skip
    i1 = 0.39894228 + t * (-0.03988024 + t * (-0.00362018 + t * (0.00163801 + t * (
        -0.01031555 + t * (0.02282967 + t * (-0.02895312 + t * (
            0.01787654 - t * 0.00420059)))))))  # fmt: skip
    root = sqrt(x)
    return i0 / root, i1 / root


@numba.njit(cache=True)
def blur_disc(
    distance: float, radius: float, spread: float, table: NDArray[np.float64]
) -> tuple[float, float, float]:
    """Brightness of a blurred disc and its slopes along distance and radius.

    Parameters
    ----------
    distance, radius, spread : float
        From the centre, of the disc, and of the point spread; mm.
    table : ndarray
        From `tabulate_disc`.

    Returns
    -------
    value, by_distance, by_radius : float
        Fraction of full contrast, and its derivatives per mm.
    """
    a, b = distance / spread, radius / spread
    apart = exp(-0.5 * (a - b) ** 2)
    i0, i1 = _i0e_i1e(a * b)
    by_distance = -b * apart * i1 / spread
    by_radius = b * apart * i0 / spread
    if b >= REACH_B - STEP or a >= REACH_A - STEP:
        # Nearly a straight wall: the Rice distribution is almost normal about
        # a + 1/(2a).
        outward = a - b + 0.5 / max(a, b)
        return 0.5 * (1.0 - erf(outward * SQRT_HALF)), by_distance, by_radius
    ia, ib = int(a / STEP), int(b / STEP)
    fa, fb = a / STEP - ia, b / STEP - ib
    value = (1 - fa) * ((1 - fb) * table[ia, ib] + fb * table[ia, ib + 1])
    value += fa * ((1 - fb) * table[ia + 1, ib] + fb * table[ia + 1, ib + 1])
    return value, by_distance, by_radius


@numba.njit(cache=True)
def blur_discs(
    distance: NDArray[np.float64],
    radius: NDArray[np.float64],
    spread: float,
    table: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Brightness of blurred discs at many places; arguments as in `blur_disc`.

    Parameters
    ----------
    distance, radius : ndarray, shape (N,)
        Distance of each place from the centre, and the radius there.
    spread : float
        Standard deviation of the point spread.
    table : ndarray
        From `tabulate_disc`.
    """
    values = np.empty(distance.size)
    for n in range(distance.size):
        values[n] = blur_disc(distance[n], radius[n], spread, table)[0]
    return values
