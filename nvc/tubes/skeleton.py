"""Turn a mask of tube voxels into a tree of voxel paths.

One shortest-path tree is grown from the root through the mask, cheap along the
ridge; the farthest voxel that no path has explained yet becomes the tip of the next
branch, until what is left is too short to be one.

References
----------
Sato et al. 2000, doi:10.1109/PCCGA.2000.883951 (TEASAR).
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree

from nvc.settings.fixed import FIXED

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Layout


HALF_NEIGHBOURHOOD: Layout[tuple[tuple[int, ...], ...]] = tuple(
    o for o in product((-1, 0, 1), repeat=3) if o > (0, 0, 0)
)
"""One of each pair of opposite steps to the 26 neighbours."""

LEAST_CRESTS = FIXED.tube.crests_min


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Branch:
    """One path of the tree.

    Parameters
    ----------
    voxels : ndarray of int, shape (N, 3)
        From where it leaves its parent (or from the root) to its tip.
    parent : int
        Index of the branch it leaves, -1 for the first.
    """

    voxels: NDArray[np.int64]
    parent: int


def find_ridge_lines(
    mask: NDArray[np.bool_], strength: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """Thin a mask to the middle lines of its ridges and the voxels next to them.

    Where tubes lie on each other or on a wide structure the mask is one lump, in which
    a path along the one hides the other; their middle lines stay apart.

    Parameters
    ----------
    mask : ndarray of bool, shape (I, J, K)
        Voxels of tubes.
    strength : ndarray, shape (I, J, K)
        Ridge strength.

    Returns
    -------
    ndarray of bool, shape (I, J, K)
        Within `mask`.
    """
    padded = np.pad(strength, 1, mode="edge")
    inner = tuple(slice(1, -1) for _ in range(3))
    crests = np.zeros(strength.shape, dtype=np.int8)
    for offset in HALF_NEIGHBOURHOOD:
        ahead = tuple(
            slice(1 + o, n + 1 + o) for o, n in zip(offset, strength.shape, strict=True)
        )
        behind = tuple(
            slice(1 - o, n + 1 - o) for o, n in zip(offset, strength.shape, strict=True)
        )
        here = padded[inner]
        crests += (here >= padded[ahead]) & (here >= padded[behind])
    middle = mask & (crests >= LEAST_CRESTS)
    return mask & ndimage.binary_dilation(middle, np.ones((3, 3, 3), bool))


def trace_tree(
    mask: NDArray[np.bool_],
    strength: NDArray[np.float32],
    reach_mm: NDArray[np.float32],
    voxel_size_mm: tuple[float, float, float],
    shortest_mm: float,
) -> tuple[Branch, ...]:
    """Trace the branches of one connected mask.

    Parameters
    ----------
    mask : ndarray of bool, shape (I, J, K)
        One connected component.
    strength : ndarray, shape (I, J, K)
        Ridge strength; paths keep to where it is high. Positive in the mask.
    reach_mm : ndarray, shape (I, J, K)
        How far around a path's voxel the mask counts as explained by it.
    voxel_size_mm : tuple of float
        Edge lengths.
    shortest_mm : float
        Branches with less unexplained length are left out.

    Returns
    -------
    tuple of Branch
        Longest first; the first holds the strongest voxel.
    """
    nodes = np.argwhere(mask)
    if len(nodes) < 2:
        return ()
    size = np.asarray(voxel_size_mm)
    ridge = strength[mask].astype(float)
    graph = _graph(mask, nodes, ridge / ridge.max(), size)
    # Two sweeps: the root is an end of the tree, so that its first path is the
    # longest trunk rather than one of two halves.
    strongest = int(np.argmax(ridge * reach_mm[mask]))
    cost = dijkstra(graph, indices=strongest)
    root = int(np.argmax(np.where(np.isfinite(cost), cost, -1.0)))
    cost, previous = dijkstra(graph, indices=root, return_predecessors=True)
    cost = np.where(np.isfinite(cost), cost, -1.0)
    return _branches(nodes * size, nodes, (cost, previous), reach_mm[mask], shortest_mm)


def _graph(
    mask: NDArray[np.bool_],
    nodes: NDArray[np.int64],
    ridge: NDArray[np.float64],
    size: NDArray[np.float64],
) -> sparse.csr_array:
    """Link neighbouring voxels; a step costs its length over the ridge's strength."""
    index = np.full(np.array(mask.shape) + 2, -1, dtype=np.int64)
    index[tuple((nodes + 1).T)] = np.arange(len(nodes))
    price = 1.0 / (0.02 + ridge)
    start, end, cost = [], [], []
    for offset in HALF_NEIGHBOURHOOD:
        other = index[tuple((nodes + 1 + np.array(offset)).T)]
        here = np.flatnonzero(other >= 0)
        there = other[here]
        length = float(np.linalg.norm(np.array(offset) * size))
        start.append(here)
        end.append(there)
        cost.append(0.5 * length * (price[here] + price[there]))
    a, b, c = np.concatenate(start), np.concatenate(end), np.concatenate(cost)
    both = (np.concatenate([c, c]), (np.concatenate([a, b]), np.concatenate([b, a])))
    return sparse.csr_array(both, shape=(len(nodes), len(nodes)))


def _branches(
    places: NDArray[np.float64],
    nodes: NDArray[np.int64],
    tree: tuple[NDArray[np.float64], NDArray[np.int32]],
    reach: NDArray[np.float32],
    shortest_mm: float,
) -> tuple[Branch, ...]:
    cost, previous = tree
    explained = cost < 0
    owner = np.full(len(nodes), -1, dtype=np.int64)
    search = cKDTree(places)
    found: list[Branch] = []
    for tip in np.argsort(-cost, kind="stable").tolist():
        if explained[tip]:
            continue
        path, fresh = _walk(tip, previous, owner, explained, places)
        parent = int(owner[path[-1]])
        new = path if parent < 0 else path[:-1]
        if fresh >= shortest_mm:
            owner[new] = len(found)
            found.append(Branch(voxels=nodes[path[::-1]], parent=parent))
        for near in search.query_ball_point(places[path], reach[path]):
            explained[near] = True
    return tuple(found)


def _walk(
    tip: int,
    previous: NDArray[np.int32],
    owner: NDArray[np.int64],
    explained: NDArray[np.bool_],
    places: NDArray[np.float64],
) -> tuple[list[int], float]:
    """Go back from a tip to the tree; also the length that was not explained yet."""
    path, fresh, node = [tip], 0.0, tip
    while owner[node] < 0 and previous[node] >= 0:
        node = int(previous[node])
        if not explained[node]:
            fresh += float(np.linalg.norm(places[node] - places[path[-1]]))
        path.append(node)
    return path, fresh
