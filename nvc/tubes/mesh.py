"""Surfaces as triangles: drawn from a field or along a tube, and how far two are apart.

Nothing here smooths a surface: that would shift walls by 0.25 to 0.4 mm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree
from skimage.measure import marching_cubes

from nvc.tubes.curve import unit
from nvc.tubes.frames import tangents

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid
    from nvc.model.stages import Tube
    from nvc.numerics import Count

_CANDIDATES: Count[int] = 40
"""Vertices of one mesh, nearest to the other's first, that are looked at closely."""

Mesh = tuple["NDArray[np.float64]", "NDArray[np.int_]"]
"""Vertices, mm, shape (N, 3), and triangles by the indices of their corners, (T, 3)."""


def mesh_surface(field: NDArray[np.float64], grid: Grid) -> Mesh | None:
    """Triangulate the half level of a field by marching cubes.

    Parameters
    ----------
    field : ndarray, shape `grid.shape`
        1 inside and 0 outside; what lies beyond the grid is outside.
    grid : Grid
        Where the field's values lie.

    Returns
    -------
    Mesh or None
        In the grid's own mm; None where the field has no such level.

    References
    ----------
    Lewiner et al. 2003, doi:10.1080/10867651.2003.10487582.
    """
    padded = np.pad(field, 1)
    if not (padded.min() < 0.5 < padded.max()):
        return None
    vertices, faces, _, _ = marching_cubes(padded, level=0.5)
    return grid.to_ras_mm(vertices.astype(float) - 1.0), faces


def find_mesh_gap(
    first: Mesh, second: Mesh
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Find the nearest points of two meshes that do not cross.

    Parameters
    ----------
    first, second : Mesh
        In one frame.

    Returns
    -------
    gap_mm : float
        Distance of the nearest points.
    on_first, on_second : ndarray, shape (3,)
        The points.
    """
    one = _vertex_to_mesh(first, second)
    other = _vertex_to_mesh(second, first)
    if other[0] < one[0]:
        return other[0], other[2], other[1]
    return one


def _vertex_to_mesh(
    first: Mesh, second: Mesh
) -> tuple[float, NDArray[np.float64], NDArray[np.float64]]:
    """Nearest pair of a vertex of the first mesh and a triangle of the second."""
    vertices, _ = first
    corners, faces = second
    distance, nearest = cKDTree(corners).query(vertices)
    best = (np.inf, vertices[0], corners[0])
    for index in np.argsort(distance, kind="stable")[:_CANDIDATES]:
        touching = np.any(faces == nearest[index], axis=1)
        foot = _nearest_on_triangles(vertices[index], corners[faces[touching]])
        apart = np.linalg.norm(foot - vertices[index], axis=1)
        at = int(np.argmin(apart))
        if apart[at] < best[0]:
            best = (float(apart[at]), vertices[index], foot[at])
    return best


def _nearest_on_triangles(
    point: NDArray[np.float64], corners: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Nearest point of every triangle, corners of shape (T, 3, 3), shape (T, 3)."""
    a, b, c = corners[:, 0], corners[:, 1], corners[:, 2]
    normal = np.cross(b - a, c - a)
    size = np.maximum(np.sum(normal**2, axis=1), 1e-18)
    height = np.sum((point - a) * normal, axis=1) / size
    foot = point - height[:, None] * normal
    inside = np.ones(len(a), dtype=bool)
    edge_feet = []
    for start, end in ((a, b), (b, c), (c, a)):
        edge = end - start
        turn = np.sum(np.cross(edge, foot - start) * normal, axis=1)
        inside &= turn >= 0
        length = np.maximum(np.sum(edge**2, axis=1), 1e-18)
        t = np.clip(np.sum((point - start) * edge, axis=1) / length, 0, 1)
        edge_feet.append(start + t[:, None] * edge)
    feet = np.stack(edge_feet)
    nearest = np.argmin(np.linalg.norm(feet - point, axis=-1), axis=0)
    on_edge = feet[nearest, np.arange(len(a))]
    return np.where(inside[:, None], foot, on_edge)


def mesh_tube(tube: Tube, around: int = 12) -> Mesh:
    """Draw a tube's wall as rings of vertices, joined by triangles that face outwards.

    Parameters
    ----------
    tube : Tube
        N points, two at least.
    around : int
        Vertices a ring; those of the first point come first.

    Returns
    -------
    vertices : ndarray, shape (N * around, 3)
        In the tube's own mm.
    faces : ndarray, shape (T, 3)
    """
    points = tube.points_mm
    course = tangents(points)
    # Carried along from one ring to the next, so that the wall does not twist.
    side = np.empty_like(points)
    least = np.eye(3)[np.argmin(np.abs(course[0]))]
    for n, along in enumerate(course):
        before = least if n == 0 else side[n - 1]
        side[n] = unit(before - (before @ along) * along)
    other = np.cross(course, side)
    angle = np.linspace(0.0, 2 * np.pi, around, endpoint=False)
    ring = (
        np.cos(angle)[None, :, None] * side[:, None]
        + np.sin(angle)[None, :, None] * other[:, None]
    )
    at = np.broadcast_to(np.arange(len(points))[:, None], ring.shape[:2])
    vertices = points[:, None] + tube.wall_mm(at, ring)[..., None] * ring
    here = np.arange(len(points) - 1)[:, None] * around + np.arange(around)[None]
    beside = np.roll(here, -1, axis=1)
    one = np.stack([here, beside, here + around], axis=-1)
    two = np.stack([beside, beside + around, here + around], axis=-1)
    faces = np.concatenate([one.reshape(-1, 3), two.reshape(-1, 3)])
    return vertices.reshape(-1, 3), faces
