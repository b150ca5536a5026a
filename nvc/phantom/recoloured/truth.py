"""The truth in few words: per side the course, the landmarks and the nearest vessel."""

from __future__ import annotations

from typing import Any

import numpy as np

from nvc.phantom.anatomy import SideAnatomy
from nvc.phantom.geometry.closeness import measure_closeness
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import interpolate
from nvc.phantom.study import Phantom
from nvc.phantom.vessels import PhantomVessel

CONTACT_MM = 0.1
"""Below this gap nerve and vessel count as touching."""
_STEP_MM = 0.5


def describe_shortly(phantom: Phantom, case: str) -> dict[str, Any]:
    """Return JSON-safe truth, RAS mm of the T2.

    Parameters
    ----------
    phantom : Phantom
        Of a real head, coloured anew.
    case : str
        Name of the study.

    Returns
    -------
    dict
        Keys ``case``, ``options``, ``t2_to_tof``, ``note`` and ``sides``; per side
        ``line`` (CN VII from root exit to porus), ``root_exit``, ``root_detachment``,
        ``porus``, ``fundus``, ``nerve_radius_mm``, ``closest`` (the nearest vessel;
        ``point`` lies midway between the walls), ``per_vessel`` and ``conflict``.
    """
    sides = phantom.anatomy.sides
    return {
        "case": case,
        "options": {"seed": phantom.options.seed},
        "t2_to_tof": phantom.truth["t2_to_tof_mm"],
        "sides": {
            side.value: {
                **_side(parts, phantom.anatomy.vessels, phantom.head_to_ras),
                **{
                    short: phantom.truth["sides"][side.value][long]
                    for short, long in (
                        ("root_exit", "root_exit_point_mm"),
                        ("root_detachment", "root_detachment_mm"),
                        ("porus", "porus_mm"),
                        ("fundus", "fundus_mm"),
                    )
                },
            }
            for side, parts in sides.items()
        },
        "note": "real T1 anatomy, made contrast; arteries are drawn, and CN VII along "
        "its own course, as thick as its partial volume in the T1 says",
    }


def _side(
    parts: SideAnatomy, vessels: tuple[PhantomVessel, ...], head_to_ras: Points
) -> dict[str, Any]:
    leave, lift, porus = parts.places
    span = (leave, porus)
    near = parts.closest
    vessel = next(v for v in vessels if v.name == parts.closest_vessel)
    arc = np.append(np.arange(leave, porus, _STEP_MM), porus)
    line = interpolate(parts.facial.arc, parts.facial.nodes, arc)
    midway = 0.5 * (near.on_nerve + near.on_vessel)
    radius = np.interp(near.vessel_arc, vessel.tube.arc, vessel.tube.radius)
    return {
        "closest": {
            "gap_mm": near.gap_mm,
            "vessel": vessel.name,
            "kind": vessel.kind.value,
            "arc_from_rdp_mm": near.nerve_arc - lift,
            "point": _moved(midway, head_to_ras),
            "vessel_radius_mm": float(radius),
        },
        "per_vessel": {
            v.name: measure_closeness(parts.facial, span, v.tube).gap_mm
            for v in vessels
        },
        "conflict": bool(near.gap_mm < CONTACT_MM),
        "nerve_radius_mm": float(parts.facial.radius[0]),
        "line": _moved(line, head_to_ras),
    }


def _moved(points: Points, motion: Points) -> Any:
    moved: Points = points @ motion[:3, :3].T + motion[:3, 3]
    return np.round(moved, 4).tolist()
