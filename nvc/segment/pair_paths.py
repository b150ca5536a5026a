"""CN VII and CN VIII found together: the best pair of paths through a plane stack.

A path picked alone jumps from one nerve to the other; the pair, with its known
order (VII anterior-superior) and separation, does not. Both courses are the
minimum of one energy, found exactly by dynamic programming over (position of VII,
offset of VIII from it).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from nvc.settings.nerve import NerveSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairPath:
    """The two courses in a stack.

    Parameters
    ----------
    facial, vestibulocochlear : ndarray, shape (S, 2)
        In-plane positions (u, v) in mm.
    response_facial, response_vestibulocochlear : ndarray, shape (S,)
        Spot response at them, about 1 on a well-seen nerve.
    """

    facial: NDArray[np.float64]
    vestibulocochlear: NDArray[np.float64]
    response_facial: NDArray[np.float64]
    response_vestibulocochlear: NDArray[np.float64]


def spot_response(
    n: NDArray[np.float32], spacing_mm: float, step_mm: float, settings: NerveSettings
) -> NDArray[np.float32]:
    """How much each place looks like a nerve cut across: a spot darker than CSF.

    The smaller of the two principal curvatures of the smoothed deficit ``1 - n``, so
    that an edge or a vessel running within the plane (curved one way only) gives
    none. Scaled so that an ideal nerve of typical radius gives 1.

    Parameters
    ----------
    n : ndarray, shape (S, W, W)
        Tissue scale in a plane stack.
    spacing_mm, step_mm : float
        Sampling within and across planes.
    settings : NerveSettings
        Sizes.
    """
    deficit = 1.0 - np.clip(np.nan_to_num(n, nan=-1.0), settings.darkest_nerve, 1.0)
    sigma_mm = settings.spot_sigma_mm
    sigma = sigma_mm / spacing_mm
    across = settings.along_sigma_mm / step_mm
    curves = []
    for order in ((0, 2, 0), (0, 0, 2), (0, 1, 1)):
        smooth = gaussian_filter(deficit, (across, sigma, sigma), order=order)
        curves.append(smooth * sigma**2)
    uu, vv, uv = curves
    half_trace = (uu + vv) / 2
    root = np.sqrt(((uu - vv) / 2) ** 2 + uv**2)
    # Ideal blurred disc of radius r: curvature at its centre is
    # -(r^2 / 2 s^2) exp(-r^2 / 2 s^2) per axis at scale s, times the contrast.
    ratio = settings.typical_radius_mm**2 / (2 * sigma_mm**2)
    ideal = ratio * np.exp(-ratio)
    response: NDArray[np.float32] = np.clip(-(half_trace + root) / ideal, 0.0, 1.2)
    return response


@njit(cache=True)
def _solve(  # type: ignore[no-untyped-def]  # noqa: C901, PLR0913 - one compiled loop
    cost7, cost8, pair_cost, offsets, move_cost7, move_cost8, width
):
    planes = cost7.shape[0]
    positions = width * width
    choices = offsets.shape[0]
    side = int(2 * offsets.max() + 1)
    lookup = -np.ones((side, side), np.int64)
    reach = side // 2
    for o in range(choices):
        lookup[offsets[o, 0] + reach, offsets[o, 1] + reach] = o
    total = np.empty((positions, choices), np.float32)
    from7 = np.zeros((planes, positions, choices), np.int8)
    from8 = np.zeros((planes, positions, choices), np.int8)
    big = np.float32(1e9)
    previous = np.zeros((positions, choices), np.float32)
    middle = np.empty((positions, choices), np.float32)
    for s in range(planes):
        # First VII and VIII move together ...
        for p in range(positions):
            pu, pv = p // width, p % width
            for o in range(choices):
                best, arg = big, 4
                if s == 0:
                    best = np.float32(0.0)
                else:
                    for m in range(9):
                        qu, qv = pu + m // 3 - 1, pv + m % 3 - 1
                        if qu < 0 or qv < 0 or qu >= width or qv >= width:
                            continue
                        value = previous[qu * width + qv, o] + move_cost7[m]
                        if value < best:
                            best, arg = value, m
                middle[p, o] = best
                from7[s, p, o] = arg
        # ... then VIII moves against VII.
        for p in range(positions):
            pu, pv = p // width, p % width
            for o in range(choices):
                bu, bv = pu + offsets[o, 0], pv + offsets[o, 1]
                if bu < 0 or bv < 0 or bu >= width or bv >= width:
                    total[p, o] = big
                    continue
                best, arg = big, 4
                for m in range(9):
                    ou = offsets[o, 0] + m // 3 - 1 + reach
                    ov = offsets[o, 1] + m % 3 - 1 + reach
                    if ou < 0 or ov < 0 or ou >= side or ov >= side:
                        continue
                    before = lookup[ou, ov]
                    if before < 0:
                        continue
                    value = middle[p, before] + (move_cost8[m] if s > 0 else 0.0)
                    if value < best:
                        best, arg = value, m
                if s == 0:
                    best, arg = np.float32(0.0), 4
                from8[s, p, o] = arg
                total[p, o] = (
                    best + cost7[s, pu, pv] + cost8[s, bu, bv] + pair_cost[s, o]
                )
        previous[:] = total
    end = np.argmin(previous)
    p, o = end // choices, end % choices
    path7 = np.empty((planes, 2), np.int64)
    path8 = np.empty((planes, 2), np.int64)
    for s in range(planes - 1, -1, -1):
        path7[s, 0], path7[s, 1] = p // width, p % width
        path8[s, 0] = path7[s, 0] + offsets[o, 0]
        path8[s, 1] = path7[s, 1] + offsets[o, 1]
        if s == 0:
            break
        m = from8[s, p, o]
        ou = offsets[o, 0] + m // 3 - 1 + reach
        ov = offsets[o, 1] + m % 3 - 1 + reach
        o = lookup[ou, ov]
        m = from7[s, p, o]
        p = (path7[s, 0] + m // 3 - 1) * width + path7[s, 1] + m % 3 - 1
    return path7, path8, previous.min()


def best_pair(
    response: NDArray[np.float32],
    spacing_mm: float,
    prior_sd_mm: NDArray[np.float64],
    settings: NerveSettings,
) -> PairPath:
    """Find CN VII and CN VIII as the pair of paths of least energy.

    Parameters
    ----------
    response : ndarray, shape (S, W, W)
        From `spot_response`.
    spacing_mm : float
        Sampling within the planes.
    prior_sd_mm : ndarray, shape (S,)
        How far the pair's middle may lie from the planes' origins, one sigma.
    settings : NerveSettings
        Separation, order and weights.
    """
    width = response.shape[1]
    offsets_mm = (np.arange(width) - width // 2) * spacing_mm
    reach = int(settings.separation_max_mm / spacing_mm)
    grid = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij"), -1)
    grid = grid.reshape(-1, 2)
    separation = np.linalg.norm(grid, axis=1) * spacing_mm
    # `offsets` lead from VII to VIII, that is posterior and inferior.
    order = (
        -(grid @ np.array([1.0, 1.0]))
        / np.sqrt(2)
        / np.maximum(np.linalg.norm(grid, axis=1), 1e-9)
    )
    allowed = (
        (separation >= settings.separation_min_mm)
        & (separation <= settings.separation_max_mm)
        & (order > settings.order_cosine_min)
    )
    grid, separation, order = grid[allowed], separation[allowed], order[allowed]
    spread = (separation - settings.separation_mm) / settings.separation_sd_mm
    pair = settings.pair_weight * (spread**2 / 2 + (1 - order))
    moves = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), -1)
    moves = (moves.reshape(-1, 2) ** 2).sum(axis=1).astype(np.float32)
    radius2 = offsets_mm[:, None] ** 2 + offsets_mm[None, :] ** 2
    prior = radius2[None] / (2 * prior_sd_mm[:, None, None] ** 2)
    data = -np.minimum(response, 1.0) + settings.prior_weight * prior / 2
    path7, path8, _ = _solve(
        data.astype(np.float32),
        data.astype(np.float32),
        np.broadcast_to(pair, (len(response), len(pair))).astype(np.float32),
        grid.astype(np.int64),
        moves * np.float32(settings.move_weight),
        moves * np.float32(settings.move_weight / 2),
        width,
    )
    plane = np.arange(len(response))
    return PairPath(
        facial=offsets_mm[path7],
        vestibulocochlear=offsets_mm[path8],
        response_facial=response[plane, path7[:, 0], path7[:, 1]].astype(float),
        response_vestibulocochlear=response[plane, path8[:, 0], path8[:, 1]].astype(
            float
        ),
    )
