"""CN VII and CN VIII fitted together in planes across them, as blurred discs."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.special import chndtr

from nvc.settings.fixed import FIXED

if TYPE_CHECKING:
    from nvc.numerics import Domain, Layout

_RHO_MAX: Domain[float] = 12.0
_RHO_NODES: Layout[int] = 361
_R_MAX: Domain[float] = 8.0
_R_NODES: Layout[int] = 161
_OF_DISCS: Layout[int] = 6
"""How many parameters, the first ones, are the discs' own: (u, v, r) of each."""


@cache
def _profile_table() -> NDArray[np.float64]:
    """A unit disc blurred by a Gaussian, tabulated over (rho / s, r / s).

    The blurred value at distance rho is the probability that a Gaussian point falls
    into the disc: a non-central chi-square distribution of two degrees of freedom.
    """
    rho = np.linspace(0, _RHO_MAX, _RHO_NODES)[:, None]
    radius = np.linspace(0, _R_MAX, _R_NODES)[None, :]
    return np.ascontiguousarray(chndtr(radius**2, 2.0, rho**2))


@njit(cache=True, inline="always")
def _disc(table, rho, radius):  # type: ignore[no-untyped-def]
    if rho >= _RHO_MAX - 1e-6:
        return 0.0
    if radius >= _R_MAX - 1e-6:
        radius = _R_MAX - 1e-6
    x = rho / _RHO_MAX * (_RHO_NODES - 1)
    y = radius / _R_MAX * (_R_NODES - 1)
    i, j = int(x), int(y)
    a, b = x - i, y - j
    return (
        table[i, j] * (1 - a) * (1 - b)
        + table[i + 1, j] * a * (1 - b)
        + table[i, j + 1] * (1 - a) * b
        + table[i + 1, j + 1] * a * b
    )


@njit(cache=True)
def _draw_disc(table, p, uv, sigma, which, discs):  # type: ignore[no-untyped-def]
    """Draw one of the two discs (u, v, r) of contrast 1."""
    u, v, r = p[3 * which], p[3 * which + 1], p[3 * which + 2]
    for k in range(uv.shape[0]):
        away = np.hypot(uv[k, 0] - u, uv[k, 1] - v)
        discs[which, k] = _disc(table, away / sigma, r / sigma)


@njit(cache=True)
def _add_up(p, discs, out):  # type: ignore[no-untyped-def]
    """Background p[6] and two discs; p[7], p[8] are their contrasts."""
    for k in range(out.shape[0]):
        one, two = discs[0, k], discs[1, k]
        # Where the discs overlap the darker wins once, not twice.
        both = p[7] * one + p[8] * two - min(p[7], p[8]) * one * two
        out[k] = p[6] - both


@njit(cache=True)
def _predict(table, p, uv, sigma, discs, out):  # type: ignore[no-untyped-def]
    _draw_disc(table, p, uv, sigma, 0, discs)
    _draw_disc(table, p, uv, sigma, 1, discs)
    _add_up(p, discs, out)


@njit(cache=True)
def _slopes(table, p, uv, sigma, drawn, jacobian):  # type: ignore[no-untyped-def]
    """Derivatives of the model at `p` by differences.

    A disc's own three parameters change it alone, and the others neither.
    """
    discs, model = drawn
    step = np.array([0.02, 0.02, 0.02, 0.02, 0.02, 0.02, 0.01, 0.01, 0.01])
    moved = np.empty(model.size)
    for k in range(p.size):
        q, tried = p.copy(), discs.copy()
        q[k] += step[k]
        if k < _OF_DISCS:
            _draw_disc(table, q, uv, sigma, k // 3, tried)
        _add_up(q, tried, moved)
        jacobian[:, k] = (moved - model) / step[k]


@njit(cache=True)
def _fit(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - compiled: flat arguments
    table, start, prior_sd, uv, n, weight, sigma, loss
):
    count, size = uv.shape[0], start.shape[0]
    p = start.copy()
    model, moved = np.empty(count), np.empty(count)
    # Both discs as they are, and as they would be.
    discs, tried = np.empty((2, count)), np.empty((2, count))
    jacobian = np.empty((count, size))
    normal = np.zeros((size, size))
    damping = 1e-2
    _predict(table, p, uv, sigma, discs, model)
    best = _cost(p, start, prior_sd, n, model, weight, loss)
    for _ in range(25):
        _slopes(table, p, uv, sigma, (discs, model), jacobian)
        residual = n - model
        # Cauchy weights: what is neither nerve nor CSF loses its say.
        robust = weight / (1.0 + (residual / loss) ** 2)
        normal = jacobian.T @ (jacobian * robust.reshape(-1, 1))
        right = jacobian.T @ (residual * robust)
        for k in range(size):
            normal[k, k] += 1.0 / prior_sd[k] ** 2
            right[k] += (start[k] - p[k]) / prior_sd[k] ** 2
        improved = False
        for _ in range(6):
            damped = normal.copy()
            for k in range(size):
                damped[k, k] *= 1.0 + damping
            q = p + np.linalg.solve(damped, right)
            q[2], q[5] = max(q[2], 0.2), max(q[5], 0.2)
            _predict(table, q, uv, sigma, tried, moved)
            value = _cost(q, start, prior_sd, n, moved, weight, loss)
            if value < best:
                improved = best - value > 1e-6 * best
                p, best = q, value
                model[:], discs[:] = moved, tried
                damping = max(damping / 4, 1e-6)
                break
            damping *= 4
        if not improved:
            break
    return p, np.linalg.inv(normal), best


@njit(cache=True)
def _cost(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - compiled
    p, start, prior_sd, n, model, weight, loss
):
    total = 0.0
    for k in range(n.shape[0]):
        r = (n[k] - model[k]) / loss
        total += weight[k] * loss * loss * np.log1p(r * r)
    for k in range(p.shape[0]):
        total += ((p[k] - start[k]) / prior_sd[k]) ** 2
    return total


@dataclass(frozen=True, slots=True, kw_only=True)
class Disc:
    """A nerve cut across.

    Parameters
    ----------
    centre : tuple of float
        In-plane (u, v), mm.
    radius_mm : float
        Of the disc before blurring.
    contrast : float
        Difference to CSF on the tissue scale (CSF 1, brain 0).
    sd_mm, sd_radius_mm : float
        Uncertainty of centre (per axis) and radius, one sigma.
    """

    centre: tuple[float, float]
    radius_mm: float
    contrast: float
    sd_mm: float
    sd_radius_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossSection:
    """Both nerves in one plane, and the CSF around them on the tissue scale."""

    facial: Disc
    vestibulocochlear: Disc
    background: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DiscPrior:
    """Where the discs are expected, and how firmly (one sigma each)."""

    facial: tuple[float, float]
    vestibulocochlear: tuple[float, float]
    radius_facial_mm: float
    radius_vestibulocochlear_mm: float
    contrast_facial: float
    contrast_vestibulocochlear: float
    position_sd_mm: float
    radius_sd_mm: float
    contrast_sd: float
    background_sd: float = FIXED.tube.background_sd


def fit_discs(  # noqa: PLR0913 - the last three are plain numbers
    uv_mm: NDArray[np.float64],
    n: NDArray[np.float64],
    weight: NDArray[np.float64],
    prior: DiscPrior,
    *,
    blur_mm: float,
    noise: float,
    loss: float,
) -> CrossSection:
    """Fit two blurred discs on CSF to samples of one plane.

    Parameters
    ----------
    uv_mm : ndarray, shape (N, 2)
        In-plane positions.
    n : ndarray, shape (N,)
        Tissue scale.
    weight : ndarray, shape (N,)
        0 to 1; brain, bone and places without data get none.
    prior : DiscPrior
        Gaussian priors, in the units of the data's noise.
    blur_mm : float
        Point spread, one sigma.
    noise : float
        Standard deviation of a sample on the tissue scale, including what the model
        does not describe.
    loss : float
        Scale of the Cauchy loss on the tissue scale.
    """
    start = np.array(
        [
            *prior.facial,
            prior.radius_facial_mm,
            *prior.vestibulocochlear,
            prior.radius_vestibulocochlear_mm,
            1.0,
            prior.contrast_facial,
            prior.contrast_vestibulocochlear,
        ]
    )
    position, radius, contrast = (
        prior.position_sd_mm,
        prior.radius_sd_mm,
        prior.contrast_sd,
    )
    sd = np.array(
        [position, position, radius] * 2 + [prior.background_sd, contrast, contrast]
    )
    scale = 1.0 / noise**2
    p, covariance, _ = _fit(
        _profile_table(), start, sd, uv_mm, n, weight * scale, blur_mm, loss
    )
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    one, two = (
        Disc(
            centre=(float(p[k]), float(p[k + 1])),
            radius_mm=float(p[k + 2]),
            contrast=float(p[c]),
            sd_mm=float(np.hypot(spread[k], spread[k + 1]) / np.sqrt(2)),
            sd_radius_mm=float(spread[k + 2]),
        )
        for k, c in ((0, 7), (3, 8))
    )
    return CrossSection(facial=one, vestibulocochlear=two, background=float(p[6]))
