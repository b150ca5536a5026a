"""Points on a tube's wall, and how far other points lie from it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.tubes.wall_gap import WalledTube


def sample_wall(tube: WalledTube, angles: int) -> NDArray[np.float64]:
    """Sample the wall evenly around every section.

    Parameters
    ----------
    tube : WalledTube
        K sections, mm of any frame.
    angles : int
        Points a section.

    Returns
    -------
    ndarray, shape (K, angles, 3)
        mm of the tube's frame.
    """
    turn = np.arange(angles) * (2 * np.pi / angles)
    q_uu, q_uv, q_vv = tube.section_mm2.T
    high = np.sqrt(q_vv)[:, None]
    wide = np.sqrt(np.maximum(q_uu - q_uv**2 / q_vv, 0.0))[:, None]
    v = high * np.sin(turn)
    u = wide * np.cos(turn) + (q_uv / q_vv)[:, None] * v
    return np.asarray(
        tube.course_mm[:, None]
        + u[..., None] * tube.frame_u[:, None]
        + v[..., None] * tube.frame_v[:, None]
    )


def measure_wall_distance_mm(
    points_mm: NDArray[np.float64], tube: WalledTube
) -> NDArray[np.float64]:
    """Measure how far points lie from a tube's wall, to first order.

    Parameters
    ----------
    points_mm : ndarray, shape (..., 3)
        mm of the tube's frame.
    tube : WalledTube
        The tube; past its ends the distance is that to its end sections.

    Returns
    -------
    ndarray, shape (...)
        mm, negative inside; exact for round sections.
    """
    flat = points_mm.reshape(-1, 3)
    nearest = cKDTree(tube.course_mm).query(flat)[1]
    offset = flat - tube.course_mm[nearest]
    u = np.sum(offset * tube.frame_u[nearest], axis=1)
    v = np.sum(offset * tube.frame_v[nearest], axis=1)
    q_uu, q_uv, q_vv = tube.section_mm2[nearest].T
    size = q_uu * q_vv - q_uv**2
    by_u, by_v = (q_vv * u - q_uv * v) / size, (q_uu * v - q_uv * u) / size
    level = np.sqrt(np.maximum(u * by_u + v * by_v, 1e-18))
    distance = (level - 1) * level / np.maximum(np.hypot(by_u, by_v), 1e-9)
    past = (nearest == 0) | (nearest == len(tube.course_mm) - 1)
    along = np.sqrt(np.maximum(np.sum(offset**2, axis=1) - u**2 - v**2, 0.0))
    beyond = np.hypot(np.maximum(distance, 0.0), along)
    return np.asarray(
        np.where(past & (along > 0.0), np.maximum(distance, beyond), distance)
    ).reshape(points_mm.shape[:-1])
