"""CN VII and CN VIII found together: the best pair of paths through a plane stack.

A path picked alone jumps from one nerve to the other; the pair, with its known
order (VII anterior-superior) and separation, does not. Both courses are the
minimum of one energy, found exactly by dynamic programming over (position of VII,
offset of VIII from it).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from nvc.settings.nerve import NerveSettings

if TYPE_CHECKING:
    from nvc.numerics import Layout

_NEVER: Layout[float] = 1e9
"""Cost of a state outside the planes."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairPath:
    """The two courses in a stack.

    Parameters
    ----------
    facial, vestibulocochlear : ndarray, shape (S, 2)
        In-plane positions (u, v) in mm.
    facial_at, vestibulocochlear_at : ndarray of int, shape (S, 2)
        The same as indices into each plane.
    """

    facial: NDArray[np.float64]
    vestibulocochlear: NDArray[np.float64]
    facial_at: NDArray[np.int64]
    vestibulocochlear_at: NDArray[np.int64]


@njit(cache=True)
def _keep_least(least, origin, value, cost, step):  # type: ignore[no-untyped-def]
    """Take one step's cost for every offset where it is the least so far.

    The offsets are the inner loop, and without branches: several are done at once.
    """
    for o in range(least.size):
        reached = value[o] + cost
        is_less = reached < least[o]
        least[o] = reached if is_less else least[o]
        origin[o] = step if is_less else origin[o]


@njit(cache=True)
def _move_together(previous, width, move_cost, middle, origin):  # type: ignore[no-untyped-def]
    """Let both nerves step alike: least cost over nine steps, and which it was."""
    for p in range(previous.shape[0]):
        u, v = p // width, p % width
        middle[p], origin[p] = np.float32(_NEVER), 4
        for m in range(9):
            a, b = u + m // 3 - 1, v + m % 3 - 1
            if 0 <= a < width and 0 <= b < width:
                before = previous[a * width + b]
                _keep_least(middle[p], origin[p], before, move_cost[m], m)


@njit(cache=True)
def _move_apart(middle, neighbours, move_cost, total, origin):  # type: ignore[no-untyped-def]
    """Let CN VIII step against CN VII: offset `o` is reached from its neighbours."""
    # No neighbour, -1, is the last of these.
    value = np.full(middle.shape[1] + 1, np.float32(_NEVER))
    before = np.empty(middle.shape[1], np.float32)
    for p in range(middle.shape[0]):
        value[:-1] = middle[p]
        total[p], origin[p] = np.float32(_NEVER), 4
        for m in range(9):
            for o in range(before.size):
                before[o] = value[neighbours[o, m]]
            _keep_least(total[p], origin[p], before, move_cost[m], m)


@njit(cache=True)
def _solve(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - compiled
    data, hidden, eighth, end_cost, pair_cost, offsets, neighbours, move_cost
):
    """Exact minimum over all pairs of courses; grid indices of both, (S, 2) each."""
    planes, width = data.shape[0], data.shape[1]
    states = (width * width, offsets.shape[0])
    together = np.zeros((planes, *states), np.int8)
    apart = np.zeros((planes, *states), np.int8)
    total = np.zeros(states, np.float32)
    middle = np.zeros(states, np.float32)
    best, last, end = np.float32(np.inf), planes - 1, 0
    for s in range(planes):
        if s > 0:
            _move_together(total, width, move_cost, middle, together[s])
            _move_apart(middle, neighbours, move_cost / 2, total, apart[s])
        for p in range(states[0]):
            u, v = p // width, p % width
            for o in range(states[1]):
                a, b = u + offsets[o, 0], v + offsets[o, 1]
                if 0 <= a < width and 0 <= b < width:
                    total[p, o] += data[s, u, v] + eighth * data[s, a, b]
                    if not hidden[s, a, b]:
                        total[p, o] += pair_cost[o]
                    if total[p, o] + end_cost[s, u, v] < best:
                        best = total[p, o] + end_cost[s, u, v]
                        last, end = s, p * states[1] + o
                else:
                    total[p, o] = _NEVER
    return _trace(last, end, width, together, apart, offsets, neighbours)


@njit(cache=True)
def _trace(  # type: ignore[no-untyped-def]  # noqa: PLR0913 - compiled: flat arguments
    last, end, width, together, apart, offsets, neighbours
):
    """Walk back from the best last state."""
    planes, choices = last + 1, offsets.shape[0]
    p, o = end // choices, end % choices
    facial = np.empty((planes, 2), np.int64)
    other = np.empty((planes, 2), np.int64)
    for s in range(planes - 1, -1, -1):
        facial[s, 0], facial[s, 1] = p // width, p % width
        other[s] = facial[s] + offsets[o]
        if s > 0:
            o = neighbours[o, apart[s, p, o]]
            m = together[s, p, o]
            p = (facial[s, 0] + m // 3 - 1) * width + facial[s, 1] + m % 3 - 1
    return facial, other


def _neighbours(offsets: NDArray[np.int64]) -> NDArray[np.int64]:
    """Index of the offset one step away in each of nine directions, or -1."""
    index = {(int(a), int(b)): k for k, (a, b) in enumerate(offsets)}
    steps = [(m // 3 - 1, m % 3 - 1) for m in range(9)]
    return np.array(
        [[index.get((a + i, b + j), -1) for i, j in steps] for a, b in offsets.tolist()]
    )


def find_best_pair(
    cost: NDArray[np.float32],
    spacing_mm: float,
    settings: NerveSettings,
    end_cost: NDArray[np.float32] | None = None,
    hidden: NDArray[np.bool_] | None = None,
) -> PairPath:
    """Find CN VII and CN VIII as the pair of paths of least energy.

    Parameters
    ----------
    cost : ndarray, shape (S, W, W)
        Of a nerve's centre at each place, as of `nvc.segment.nerves.evidence`, and of
        what is known beforehand.
    spacing_mm : float
        Sampling within the planes.
    settings : NerveSettings
        Separation, order and weights.
    end_cost : ndarray, shape (S, W, W), optional
        Of CN VII's course ending at each place; by default it ends in the last plane,
        anywhere.
    hidden : ndarray of bool, shape (S, W, W), optional
        Where CN VIII would not be seen: there it does not bind CN VII to its side.

    Returns
    -------
    PairPath
        From the first plane to that in which it ends.
    """
    width = cost.shape[1]
    if end_cost is None:
        end_cost = np.full(cost.shape, _NEVER, np.float32)
        end_cost[-1] = 0.0
    offsets, pair = _weigh_offsets(spacing_mm, settings)
    moves = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), -1)
    moves = (moves.reshape(-1, 2) ** 2).sum(axis=1).astype(np.float32)
    path7, path8 = _solve(
        cost,
        np.zeros(cost.shape, np.bool_) if hidden is None else hidden,
        np.float32(settings.eighth_weight),
        end_cost,
        pair.astype(np.float32),
        offsets,
        _neighbours(offsets),
        moves * np.float32(settings.move_weight),
    )
    offsets_mm = (np.arange(width) - width // 2) * spacing_mm
    return PairPath(
        facial=offsets_mm[path7],
        vestibulocochlear=offsets_mm[path8],
        facial_at=path7,
        vestibulocochlear_at=path8,
    )


def _weigh_offsets(
    spacing_mm: float, settings: NerveSettings
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Every offset, in grid steps, that may lead from VII to VIII, and its cost."""
    reach = int(settings.separation_max_mm / spacing_mm)
    grid = np.stack(np.meshgrid(*[np.arange(-reach, reach + 1)] * 2, indexing="ij"), -1)
    grid = grid.reshape(-1, 2)
    length = np.maximum(np.linalg.norm(grid, axis=1), 1e-9)
    separation = length * spacing_mm
    towards = np.array(settings.facial_lies_towards)
    order = -(grid @ towards) / (length * np.linalg.norm(towards))
    allowed = (
        (separation >= settings.separation_min_mm)
        & (separation <= settings.separation_max_mm)
        & (order > settings.order_cosine_min)
    )
    spread = (separation - settings.separation_mm) / settings.separation_sd_mm
    # Two nerves are not one: neither may take the other's spot for its own.
    apart_mm = 2.0 * settings.typical_radius_mm
    overlap = np.clip(apart_mm - separation, 0.0, None) / settings.typical_radius_mm
    # Nerves that diverge, or planes at a slant, part a pair by more than that.
    unlikely = np.minimum(spread**2 / 2, settings.separation_doubt_max)
    cost = settings.pair_weight * (unlikely + (1 - order))
    cost = cost + settings.overlap_weight * overlap**2
    return grid[allowed].astype(np.int64), cost[allowed]
