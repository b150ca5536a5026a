"""The distance between the walls of two tubes with elliptical sections."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WalledTube:
    """A tube ready for measuring: its course and its sections.

    Parameters
    ----------
    course_mm : ndarray, shape (K, 3)
        Centres.
    frame_u, frame_v : ndarray, shape (K, 3)
        Unit vectors that span each section.
    section_mm2 : ndarray, shape (K, 3)
        (Q_uu, Q_uv, Q_vv) of each ellipse ``x.T @ inv(Q) @ x <= 1``.
    """

    course_mm: NDArray[np.float64]
    frame_u: NDArray[np.float64]
    frame_v: NDArray[np.float64]
    section_mm2: NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WallGap:
    """Where two walls come nearest.

    Parameters
    ----------
    gap_mm : float
        Negative where the tubes overlap: how far they must part to just touch.
    first, second : int
        Index of the course point of each tube.
    normal : ndarray, shape (3,)
        Common normal of the walls, from the first to the second tube.
    first_wall_mm, second_wall_mm : ndarray, shape (3,)
        The two nearest wall points.
    """

    gap_mm: float
    first: int
    second: int
    normal: NDArray[np.float64]
    first_wall_mm: NDArray[np.float64]
    second_wall_mm: NDArray[np.float64]


def find_wall_gap(first: WalledTube, second: WalledTube) -> WallGap:
    """Find the nearest points of two walls.

    For two sections with support functions h (the height of the wall above the
    centre along a direction n) and centres w apart, the gap is the largest
    ``n . w - h_first(n) - h_second(n)`` over unit vectors n; the tubes' gap is the
    least of these over all pairs of sections. It stays defined where they overlap.
    """
    normal, result = np.empty(3), np.empty(3)
    _search(_arrays(first), _arrays(second), normal, result)
    i, j = int(result[1]), int(result[2])
    normal = normal / np.linalg.norm(normal)
    first_wall = first.course_mm[i] + support_point(first, i, normal)
    second_wall = second.course_mm[j] - support_point(second, j, normal)
    return WallGap(
        gap_mm=float(result[0]),
        first=i,
        second=j,
        normal=normal,
        first_wall_mm=first_wall,
        second_wall_mm=second_wall,
    )


def support_point(
    tube: WalledTube, index: int, normal: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Wall point, from the centre of a section, that lies farthest along `normal`."""
    u, v = tube.frame_u[index], tube.frame_v[index]
    q_uu, q_uv, q_vv = tube.section_mm2[index]
    n_u, n_v = float(normal @ u), float(normal @ v)
    along_u, along_v = q_uu * n_u + q_uv * n_v, q_uv * n_u + q_vv * n_v
    height = max(np.sqrt(n_u * along_u + n_v * along_v), 1e-9)
    return np.asarray((along_u * u + along_v * v) / height)


def _arrays(
    tube: WalledTube,
) -> tuple[NDArray[np.float64], ...]:
    return (
        np.ascontiguousarray(tube.course_mm),
        np.ascontiguousarray(tube.frame_u),
        np.ascontiguousarray(tube.frame_v),
        np.ascontiguousarray(tube.section_mm2),
    )


@nb.njit(cache=True, error_model="numpy")
def _support(  # pragma: no cover - compiled
    n: NDArray[np.float64],
    section: tuple[NDArray[np.float64], ...],
    point: NDArray[np.float64],
) -> float:
    """Write the support point of a section to `point`; return its height."""
    u, v, q = section
    n_u = n[0] * u[0] + n[1] * u[1] + n[2] * u[2]
    n_v = n[0] * v[0] + n[1] * v[1] + n[2] * v[2]
    a, b = q[0] * n_u + q[1] * n_v, q[1] * n_u + q[2] * n_v
    height = math.sqrt(max(n_u * a + n_v * b, 1e-18))
    for axis in range(3):
        point[axis] = (a * u[axis] + b * v[axis]) / height
    return height


@nb.njit(cache=True, error_model="numpy")
def _pair_gap(  # pragma: no cover - compiled
    w: NDArray[np.float64],
    one: tuple[NDArray[np.float64], ...],
    two: tuple[NDArray[np.float64], ...],
    n: NDArray[np.float64],
    steps: int,
) -> float:
    """Best separation of two sections `w` apart; `n` receives its direction."""
    p1, p2 = np.empty(3), np.empty(3)
    size = math.sqrt(w[0] ** 2 + w[1] ** 2 + w[2] ** 2) + 1e-12
    for axis in range(3):
        n[axis] = w[axis] / size
    gap = 0.0
    for step in range(steps + 1):
        h1, h2 = _support(n, one, p1), _support(n, two, p2)
        gap = n[0] * w[0] + n[1] * w[1] + n[2] * w[2] - h1 - h2
        if step == steps:
            break
        # Ascend along the part of the gradient that is tangent to the sphere.
        norm = 0.0
        for axis in range(3):
            n[axis] += (w[axis] - p1[axis] - p2[axis] - gap * n[axis]) / size
            norm += n[axis] ** 2
        norm = math.sqrt(norm)
        for axis in range(3):
            n[axis] /= norm
    return gap


@nb.njit(cache=True, error_model="numpy")
def _search(  # pragma: no cover - compiled
    first: tuple[NDArray[np.float64], ...],
    second: tuple[NDArray[np.float64], ...],
    normal: NDArray[np.float64],
    result: NDArray[np.float64],
) -> None:
    """Least separation over all pairs of sections: (gap, index, index)."""
    c1, u1, v1, q1 = first
    c2, u2, v2, q2 = second
    n = np.empty(3)
    rough = np.empty((c1.shape[0], c2.shape[0]))
    for i in range(c1.shape[0]):
        for j in range(c2.shape[0]):
            one, two = (u1[i], v1[i], q1[i]), (u2[j], v2[j], q2[j])
            rough[i, j] = _pair_gap(c2[j] - c1[i], one, two, n, 0)
    # Refining raises a separation, by no more than the sections' flatness.
    limit = rough.min() + 0.35 * math.sqrt(max(q1.max(), q2.max()))
    result[0] = 1e30
    for i in range(c1.shape[0]):
        for j in range(c2.shape[0]):
            if rough[i, j] > limit:
                continue
            one, two = (u1[i], v1[i], q1[i]), (u2[j], v2[j], q2[j])
            gap = _pair_gap(c2[j] - c1[i], one, two, n, 20)
            if gap < result[0]:
                result[0], result[1], result[2] = gap, i, j
                normal[:] = n
