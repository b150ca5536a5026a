"""What is true of a phantom, as JSON-safe values in RAS mm of its T2."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from nvc.model.anatomy import Side
from nvc.notice import NOTICE
from nvc.phantom.anatomy import Anatomy, SideAnatomy
from nvc.phantom.conflict import (
    DETACHMENT_MM,
    ROOT_EXIT_MM,
    TRANSITION_END_MM,
    segment_at,
)
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube, interpolate
from nvc.phantom.head import mirror_points
from nvc.phantom.options import PhantomOptions
from nvc.phantom.vessels import PhantomVessel

SCHEMA = "nvc-phantom-truth/1"


def describe(
    anatomy: Anatomy, options: PhantomOptions, head_to_ras: Points, t2_to_tof: Points
) -> dict[str, Any]:
    """Return the truth of a phantom.

    Parameters
    ----------
    anatomy : Anatomy
        Geometry, head coordinates.
    options : PhantomOptions
        What was asked; stored with the truth.
    head_to_ras : ndarray, shape (4, 4)
        Pose of the head in the T2's world.
    t2_to_tof : ndarray, shape (4, 4)
        Maps RAS mm of the T2 to RAS mm of the TOF.

    Returns
    -------
    dict
        Keys ``sides`` (``left`` and ``right``), ``vessels``, ``head_to_ras_mm``,
        ``t2_to_tof_mm``, ``segments``, ``options``.
    """
    return {
        "schema": SCHEMA,
        "notice": NOTICE,
        "options": asdict(options),
        "head_to_ras_mm": head_to_ras.tolist(),
        "t2_to_tof_mm": t2_to_tof.tolist(),
        "segments": {
            "root_exit_length_mm": ROOT_EXIT_MM,
            "root_detachment_half_length_mm": DETACHMENT_MM,
            "transition_end_past_detachment_mm": TRANSITION_END_MM,
        },
        "sides": {
            side.value: _side(side, parts, anatomy.vessels, head_to_ras)
            for side, parts in anatomy.sides.items()
        },
        "vessels": [_vessel(vessel, head_to_ras) for vessel in anatomy.vessels],
    }


def _side(
    side: Side,
    parts: SideAnatomy,
    vessels: tuple[PhantomVessel, ...],
    head_to_ras: Points,
) -> dict[str, Any]:
    leave, detachment, porus = parts.places
    on_course = interpolate(
        parts.facial.arc, parts.facial.nodes, np.array([leave, detachment])
    )
    closest = parts.closest
    vessel = next(v for v in vessels if v.name == parts.closest_vessel)
    radius = np.interp(closest.vessel_arc, vessel.tube.arc, vessel.tube.radius)
    ends = mirror_points(np.stack([parts.plan.porus, parts.plan.fundus]), side.sign)
    porus_point, fundus_point = _points(ends, head_to_ras)
    points = _points(on_course, head_to_ras)
    walls = _points(np.stack([closest.on_nerve, closest.on_vessel]), head_to_ras)
    return {
        "root_exit_point_mm": points[0],
        "root_detachment_mm": points[1],
        "porus_mm": porus_point,
        "fundus_mm": fundus_point,
        "inner_ear_mm": _points(parts.ear.centre[None], head_to_ras)[0],
        "attached_length_mm": round(detachment - leave, 4),
        "free_length_mm": round(porus - detachment, 4),
        "gap_mm": round(max(closest.gap_mm, 0.0), 4),
        "closest_point_nerve_mm": walls[0],
        "closest_point_vessel_mm": walls[1],
        "nerve_segment": segment_at(closest.nerve_arc, parts.places).value,
        "distance_from_root_exit_mm": round(closest.nerve_arc - leave, 4),
        "distance_from_root_detachment_mm": round(closest.nerve_arc - detachment, 4),
        "vessel": {
            "name": vessel.name,
            "kind": vessel.kind.value,
            "diameter_mm": round(2.0 * float(radius), 4),
        },
        "indentation_mm": parts.indentation_mm,
        "deviation_mm": parts.deviation_mm,
        "cn7": _course(parts.facial, head_to_ras, (leave, porus)),
        "cn8": _course(parts.vestibulocochlear, head_to_ras, None),
        "other_nerves": {
            name: _course(tube, head_to_ras, None)
            for name, tube in parts.others.items()
        },
    }


def _vessel(vessel: PhantomVessel, head_to_ras: Points) -> dict[str, Any]:
    course = _course(vessel.tube, head_to_ras, None)
    return {"name": vessel.name, "kind": vessel.kind.value, **course}


def _course(
    tube: CurvedTube, head_to_ras: Points, span: tuple[float, float] | None
) -> dict[str, Any]:
    """Return a course; `span` marks root exit and porus along it."""
    course: dict[str, Any] = {
        "points_mm": _points(tube.nodes, head_to_ras),
        "radius_mm": np.round(tube.radius, 4).tolist(),
    }
    if span is not None:
        course["root_exit_to_porus_arc_mm"] = [round(place, 4) for place in span]
    return course


def _points(points: Points, head_to_ras: Points) -> list[list[float]]:
    moved = points @ head_to_ras[:3, :3].T + head_to_ras[:3, 3]
    rows: list[list[float]] = np.round(moved, 4).tolist()
    return rows
