"""An artery that loops into the canal, and a vein by the root."""

from __future__ import annotations

import numpy as np

from nvc.model.anatomy import VesselKind
from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Outside, Points, Solid, Union
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, mirror_points, unit
from nvc.phantom.painted.sides import move_onto_wall
from nvc.phantom.painted.vessels import VesselBed
from nvc.phantom.vessels import PhantomVessel

LOOP_RADIUS_MM = (0.35, 0.6)
VEIN_RADIUS_MM = (0.25, 0.5)
LEAST_MM = 0.15
"""Nearer to CN VII than this such a vessel is not laid: contacts are asked for."""


def lay_canal_loop(
    rng: Generator,
    place: VesselBed,
    canal: Solid,
    facial: CurvedTube,
    keep_out: tuple[CurvedTube, ...],
) -> PhantomVessel | None:
    """Lay an AICA through the canal's mouth, 2 to 6 mm in, and out again.

    Meatal loops are found in 23 to 64 % of ears.
    """
    plan, radius = place.plan, float(rng.uniform(*LOOP_RADIUS_MM))
    axis = plan.canal_axis
    deep = float(rng.uniform(2.0, 6.0))
    turn = np.deg2rad(rng.uniform(200.0, 340.0) + np.array([-35.0, 0.0, 35.0]))
    first = unit(np.cross(axis, np.array([0.0, 0.0, 1.0])))
    second = np.cross(axis, first)
    ring = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    depths = ((-3.0, 0), (0.0, 0), (deep, 1), (0.0, 2), (-3.0, 2))
    loop = np.stack([plan.porus + d * axis + 1.7 * ring[k] for d, k in depths])
    basilar = place.trunks["BA"].nodes
    start = basilar[int(rng.uniform(0.25, 0.45) * len(basilar))]
    onwards = plan.porus + np.array([[-1.0, -7.0, -2.0], [5.0, -14.0, -4.0]])
    points = np.concatenate(
        [
            start[None],
            mirror_points(loop, place.sign),
            mirror_points(onwards, place.sign),
        ]
    )
    bone = Outside(Union((Outside(place.bone), canal)))
    tube = _laid(points, radius, place, bone, (facial, *keep_out), 0.25)
    side = "right" if place.sign > 0 else "left"
    return _kept(tube, facial, place, bone, f"AICA_{side}", VesselKind.ARTERY)


def lay_root_vein(
    rng: Generator,
    place: VesselBed,
    gap_mm: float,
    facial: CurvedTube,
    keep_out: tuple[CurvedTube, ...],
) -> PhantomVessel | None:
    """Lay a vein down the pons past the root of CN VII."""
    plan, radius = place.plan, float(rng.uniform(*VEIN_RADIUS_MM))
    root = 0.5 * (plan.exit + plan.detachment) + rng.normal(0.0, 1.0, 3)
    ways = np.stack(
        [
            np.array([13.0, 3.0, 14.0]),
            0.5 * (root + np.array([15.0, 0.0, 9.0])),
            root + np.array([0.5, 1.5, 0.5]),
            np.array([9.0, -6.0, -12.0]),
        ]
    )
    points = np.stack(
        [
            move_onto_wall(mirror_points(way, place.sign), place.brain, radius + 0.2)
            for way in ways
        ]
    )
    tube = _laid(points, radius, place, place.bone, (facial, *keep_out), gap_mm)
    side = "right" if place.sign > 0 else "left"
    name = f"root_vein_{side}"
    return _kept(tube, facial, place, place.bone, name, VesselKind.VEIN)


def _laid(
    points: Points,
    radius: float,
    place: VesselBed,
    bone: Solid,
    off: tuple[CurvedTube, ...],
    gap_mm: float,
) -> CurvedTube:
    """Lay a tube off brain, bone and tubes; the first of these at the asked gap."""
    course = smooth_course(points, 0.4)
    held = np.zeros(len(course), dtype=bool)
    held[0] = held[-1] = True
    solids = (place.brain, bone, *place.beside)
    obstacles = [Obstacle(solid=s, clearance_mm=radius + 0.1) for s in solids]
    for number, tube in enumerate(off):
        apart = radius + (gap_mm if number == 0 else 0.2)
        obstacles.append(Obstacle(solid=tube, clearance_mm=apart))
    course = relax(course, held, tuple(obstacles), rounds=120)
    return CurvedTube.round(resample(course, 0.3), radius)


def _kept(
    tube: CurvedTube,
    facial: CurvedTube,
    place: VesselBed,
    bone: Solid,
    name: str,
    kind: VesselKind,
) -> PhantomVessel | None:
    """Return the vessel, or None where it runs into a nerve, brain or bone."""
    nodes, radius = tube.nodes[8:], float(tube.radius.max())
    if facial.distance(tube.nodes).min() - radius < LEAST_MM:
        return None
    if min(place.brain.distance(nodes).min(), bone.distance(nodes).min()) < 0.0:
        return None
    return PhantomVessel(name=name, kind=kind, tube=tube)
