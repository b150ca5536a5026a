"""Both walls around one place, and the brain behind them, as measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.measurement.places.brain_plane import brain_plane
from nvc.measurement.places.local_course import local_course
from nvc.tubes.wall_gap import WalledTube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.brain_plane import BrainPlane
    from nvc.model.stages import Segmentation, Tube

REACH_MM = 3.5
"""Half the length of tube that is described around a place."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walls:
    """Nerve and vessel around a place, RAS mm of the reference.

    Parameters
    ----------
    nerve, vessel : WalledTube
        Up to `REACH_MM` either way.
    brain : BrainPlane or None
        The brain's surface, where it is near.
    """

    nerve: WalledTube
    vessel: WalledTube
    brain: BrainPlane | None


def walls_of_tubes(
    approach: Approach, nerve: Tube, segmentation: Segmentation
) -> Walls:
    """Take both walls from the segmentation's own tubes, with round sections."""
    vessel = segmentation.vessels[approach.vessel].tube
    middle = (approach.nerve_mm + approach.vessel_mm) / 2
    return Walls(
        nerve=_round(nerve, approach.nerve_arc_mm),
        vessel=_round(vessel, approach.vessel_arc_mm),
        brain=brain_plane(segmentation.brainstem, middle),
    )


def _round(tube: Tube, at_mm: float) -> WalledTube:
    course = local_course(tube, at_mm)
    near = np.abs(course.arc_mm) <= REACH_MM
    arc = course.arc_mm[near] + at_mm
    square = np.interp(arc, tube.arc_length_mm(), tube.radius_mm) ** 2
    return WalledTube(
        course_mm=course.points_mm[near],
        frame_u=course.frame_u[near],
        frame_v=course.frame_v[near],
        section_mm2=np.stack([square, np.zeros_like(square), square], axis=-1),
    )


def wall_points_of(tube: WalledTube, angles: int) -> NDArray[np.float64]:
    """Points around every section, shape (K, angles, 3)."""
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


def distance_to_wall(
    points_mm: NDArray[np.float64], tube: WalledTube
) -> NDArray[np.float64]:
    """Signed distance of points to a tube's wall, negative inside; first order.

    Parameters
    ----------
    points_mm : ndarray, shape (..., 3)
        Points.
    tube : WalledTube
        The tube; past its ends the distance is that to its end sections.

    Returns
    -------
    ndarray, shape (...)
        Exact for round sections.
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
