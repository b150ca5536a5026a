"""Centrelines and calibres of structures given as voxel labels."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cc3d
import numpy as np
from scipy import ndimage, sparse
from scipy.sparse.csgraph import dijkstra
from scipy.spatial import cKDTree
from skimage.morphology import skeletonize

from nvc.model.grid import Grid
from nvc.model.stages import Tube
from nvc.settings.fixed import FIXED
from nvc.tubes.curve import arc_length

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Step


# Half the width, in voxel diagonals, over which voxels share in one centre: wide
# enough to average the staircase, narrow against the bends of nerve and artery.
_BANDWIDTH_DIAGONALS: Step[float] = 1.0
_STEP_MM: Step[float] = 0.3


def lies_by(tube: Tube, other: Tube, reach_mm: float) -> bool:
    """Tell whether two courses come within a distance of each other, mm."""
    apart = tube.points_mm[:, None] - other.points_mm[None]
    return bool(np.linalg.norm(apart, axis=-1).min() <= reach_mm)


def trace_course(mask: NDArray[np.bool_], grid: Grid) -> Tube | None:
    """Turn a mask of one unbranched structure into a tube.

    Parameters
    ----------
    mask : ndarray, shape ``grid.shape``
        True inside; pieces of a broken label are joined by straight lines.
    grid : Grid
        Its lattice.

    Returns
    -------
    Tube or None
        From either end to the other; None for fewer than four voxels.
    """
    ijk = np.argwhere(mask)
    if len(ijk) < 4:
        return None
    points = grid.to_ras_mm(ijk.astype(float))
    graph = _joined(_neighbour_graph(ijk, points), points)
    first = int(np.argmax(dijkstra(graph, indices=0)))
    along = dijkstra(graph, indices=first)
    path = _centres(points, along, _bandwidth(grid))
    return _refined(points, path, grid)


def trace_branches(mask: NDArray[np.bool_], grid: Grid) -> list[Tube]:
    """Turn a mask of vessels into one tube a branch.

    Parameters
    ----------
    mask : ndarray, shape ``grid.shape``
        True inside.
    grid : Grid
        Its lattice.

    Returns
    -------
    list of Tube
        Branches of every connected piece; stubs shorter than the vessel is wide are
        dropped. Pieces without a skeleton branch give one tube over their length.
    """
    pieces, count = cc3d.connected_components(
        mask.astype(np.uint8), connectivity=26, return_N=True
    )
    tubes: list[Tube] = []
    boxes = ndimage.find_objects(pieces, max_label=int(count))
    for number, box in enumerate(boxes, start=1):
        piece = pieces[box] == number
        own = _grid_of_box(grid, box)
        found = _branches_of(piece, own)
        if not found:
            whole = trace_course(piece, own)
            found = [] if whole is None else [whole]
        tubes.extend(found)
    return tubes


def _grid_of_box(grid: Grid, box: tuple[slice, ...]) -> Grid:
    corner = np.array([axis.start for axis in box], dtype=float)
    affine = grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = grid.to_ras_mm(corner)
    shape = tuple(axis.stop - axis.start for axis in box)
    return Grid(shape=(shape[0], shape[1], shape[2]), voxel_to_ras_mm=affine)


def _branches_of(piece: NDArray[np.bool_], grid: Grid) -> list[Tube]:
    ijk = np.argwhere(piece)
    skeleton = np.argwhere(skeletonize(np.pad(piece, 1))) - 1
    if len(skeleton) < 4:
        return []
    points = grid.to_ras_mm(ijk.astype(float))
    paths = [grid.to_ras_mm(skeleton[path].astype(float)) for path in _trace(skeleton)]
    paths = [path for path in paths if len(path) >= 3]
    if not paths:
        return []
    # Every voxel belongs to the branch it is nearest to.
    owner = np.concatenate([np.full(len(path), n) for n, path in enumerate(paths)])
    _, nearest = cKDTree(np.concatenate(paths)).query(points)
    mine = owner[nearest]
    tubes = []
    for number, path in enumerate(paths):
        own = points[mine == number]
        if len(own) < 4:
            continue
        tube = _refined(own, path, grid)
        longer = tube.arc_length_mm()[-1] > 2 * float(np.median(tube.radius_mm))
        if longer or len(paths) == 1:
            tubes.append(tube)
    return tubes


def _trace(skeleton: NDArray[np.int_]) -> list[list[int]]:
    """Cut a skeleton at its ends and junctions into paths of voxel numbers."""
    pairs = cKDTree(skeleton).query_pairs(1.8)
    neighbours: list[set[int]] = [set() for _ in range(len(skeleton))]
    for a, b in pairs:
        neighbours[a].add(b)
        neighbours[b].add(a)
    nodes = {n for n, near in enumerate(neighbours) if len(near) != 2}
    used: set[tuple[int, int]] = set()
    paths: list[list[int]] = []
    # A closed ring has no node; any of its voxels will do as a start.
    for start in sorted(nodes) or [0]:
        for following in sorted(neighbours[start]):
            if (start, following) in used:
                continue
            path = [start, following]
            used |= {(start, following), (following, start)}
            while path[-1] not in nodes:
                onward = [
                    n for n in sorted(neighbours[path[-1]]) if (path[-1], n) not in used
                ]
                if not onward:
                    break
                used |= {(path[-1], onward[0]), (onward[0], path[-1])}
                path.append(onward[0])
            paths.append(path)
    return paths


def _neighbour_graph(
    ijk: NDArray[np.int_], points_mm: NDArray[np.float64]
) -> sparse.csr_matrix:
    pairs = np.array(sorted(cKDTree(ijk).query_pairs(1.8)), dtype=int).reshape(-1, 2)
    return _graph(pairs, points_mm)


def _graph(
    pairs: NDArray[np.int_], points_mm: NDArray[np.float64]
) -> sparse.csr_matrix:
    length = np.linalg.norm(points_mm[pairs[:, 0]] - points_mm[pairs[:, 1]], axis=1)
    size = len(points_mm)
    half = sparse.coo_matrix((length, (pairs[:, 0], pairs[:, 1])), shape=(size, size))
    return (half + half.T).tocsr()


def _joined(
    graph: sparse.csr_matrix, points_mm: NDArray[np.float64]
) -> sparse.csr_matrix:
    """Bridge the pieces of a broken label where they are nearest to each other."""
    while True:
        count, piece = sparse.csgraph.connected_components(graph, directed=False)
        if count == 1:
            return graph
        one, rest = np.flatnonzero(piece == 0), np.flatnonzero(piece != 0)
        distance, nearest = cKDTree(points_mm[one]).query(points_mm[rest])
        best = int(np.argmin(distance))
        graph = graph + _graph(np.array([[rest[best], one[nearest[best]]]]), points_mm)


def _bandwidth(grid: Grid) -> float:
    return _BANDWIDTH_DIAGONALS * float(np.linalg.norm(grid.voxel_size_mm))


def _centres(
    points_mm: NDArray[np.float64], along_mm: NDArray[np.float64], width_mm: float
) -> NDArray[np.float64]:
    """Local-linear centre of the voxels as a function of their place along."""
    length = float(along_mm.max() - along_mm.min())
    at = np.linspace(
        float(along_mm.min()), float(along_mm.max()), max(3, int(length / _STEP_MM) + 1)
    )
    offset = along_mm[None, :] - at[:, None]
    weight = np.exp(-0.5 * (offset / width_mm) ** 2)
    total = weight.sum(axis=1)
    mean = (weight * offset).sum(axis=1) / total
    spread = (weight * offset**2).sum(axis=1) / total - mean**2
    centre = weight @ points_mm / total[:, None]
    slope = (weight * offset) @ points_mm / total[:, None] - mean[:, None] * centre
    slope /= np.maximum(spread, 1e-6)[:, None]
    return np.asarray(centre - mean[:, None] * slope)


def _refined(
    points_mm: NDArray[np.float64], path_mm: NDArray[np.float64], grid: Grid
) -> Tube:
    """Re-centre a rough path on its voxels and measure the calibre along it."""
    width = _bandwidth(grid)
    for _ in range(3):
        along = _along(points_mm, path_mm)
        path_mm = _centres(points_mm, along, width)
    along = _along(points_mm, path_mm)
    arc = arc_length(path_mm)
    weight = np.exp(-0.5 * ((along[None, :] - arc[:, None]) / width) ** 2)
    # The kernel's share that lies on the tube, so that ends are not thinned.
    fine = np.linspace(float(along.min()), float(along.max()), 200)
    kernel = np.exp(-0.5 * ((fine[None, :] - arc[:, None]) / width) ** 2)
    share = np.trapezoid(kernel, fine, axis=1)
    voxel_mm3 = float(np.prod(grid.voxel_size_mm))
    area = weight.sum(axis=1) * voxel_mm3 / np.maximum(share, 1e-6)
    position_sd = FIXED.label.centre_sd * max(grid.voxel_size_mm)
    return Tube(
        points_mm=path_mm,
        radius_mm=np.sqrt(area / np.pi),
        position_sd_mm=np.full(len(path_mm), position_sd),
    )


def _along(
    points_mm: NDArray[np.float64], path_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Arc length of the foot of every point on a path, its ends continued straight."""
    step = np.diff(path_mm, axis=0)
    length = np.maximum(np.linalg.norm(step, axis=1), 1e-9)
    start_arc = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    low, high = np.zeros_like(length), length.copy()
    low[0], high[-1] = -np.inf, np.inf
    _, vertex = cKDTree(path_mm).query(points_mm)
    along = np.zeros(len(points_mm))
    least = np.full(len(points_mm), np.inf)
    # The foot lies on one of the two edges that meet at the nearest vertex.
    for edge in (np.maximum(vertex - 1, 0), np.minimum(vertex, len(step) - 1)):
        direction = step[edge] / length[edge, None]
        offset = points_mm - path_mm[edge]
        foot = np.clip(np.sum(offset * direction, axis=1), low[edge], high[edge])
        miss = np.linalg.norm(offset - foot[:, None] * direction, axis=1)
        better = miss < least
        along[better] = (start_arc[edge] + foot)[better]
        least = np.minimum(least, miss)
    return along
