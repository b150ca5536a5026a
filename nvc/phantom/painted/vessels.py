"""Arteries and veins of the painted family, and the one brought to CN VII."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nvc.errors import GeometryError
from nvc.model.anatomy import NerveSegment, VesselKind
from nvc.phantom.conflict import segment_at
from nvc.phantom.geometry.closeness import Closeness, measure_closeness
from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Points, Solid
from nvc.phantom.geometry.tube import CurvedTube, interpolate, perpendiculars, tangents
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit
from nvc.phantom.nerves import find_nerve_places
from nvc.phantom.options import Conflict
from nvc.phantom.vessels import CLEAR_MM, PhantomVessel

TOLERANCE_MM = 0.002
_ATTEMPTS = 60
_RADII = {
    "aica": (0.35, 0.75),
    "pica": (0.55, 0.95),
    "va": (1.1, 1.7),
    "vein": (0.4, 0.8),
}
"""Range of radii, mm: AICA 0.5-1.5, PICA 1.5-1.8, VA 2.2-3.4 mm across, veins 1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VesselBed:
    """What a vessel is laid into, on one side.

    Parameters
    ----------
    plan : SidePlan
        Landmarks, outwards-anterior-superior.
    sign : int
        +1 right, -1 left.
    brain, bone : Solid
        What vessels keep out of.
    trunks : dict of str to CurvedTube
        BA and both VA.
    beside : tuple of Solid
        What else lies against the nerves.
    """

    plan: SidePlan
    sign: int
    brain: Solid
    bone: Solid
    trunks: dict[str, CurvedTube]
    beside: tuple[Solid, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlannedContact:
    """Where a vessel is to come near: arc length, unit direction, vessel's radius."""

    at: float
    towards: Points
    radius: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Met:
    """CN VII as the vessel leaves it, the vessel, and how far it was pushed."""

    facial: CurvedTube
    vessel: CurvedTube
    deviation_mm: float


def lay_trunk_arteries(
    rng: Generator, brain: Solid, bone: Solid
) -> dict[str, CurvedTube]:
    """Lay the basilar artery, 2.8-3.8 mm across, and both vertebral arteries."""
    sway = rng.normal(0.0, 1.0, 4)
    low = np.array([sway[0], 3.0, -16.0])
    plans = {
        "BA": (
            np.stack(
                [low, [sway[1], 8.5, -4.0], [sway[2], 9.0, 8.0], [sway[3], 9.0, 24.0]]
            ),
            float(rng.uniform(1.4, 1.9)),
        )
    }
    for sign, side in ((1, "right"), (-1, "left")):
        wide = float(rng.uniform(7.0, 9.0))
        points = np.array([[12.0, -6.0, -34.0], [wide, 0.0, -25.0]])
        plans[f"VA_{side}"] = (
            np.concatenate([mirror_points(points, sign), low[None]]),
            float(rng.uniform(1.1, 1.7)),
        )
    return {
        name: lay_off(points, radius, (brain, bone), ())
        for name, (points, radius) in plans.items()
    }


def lay_off(
    points: Points,
    radius: float,
    around: tuple[Solid, ...],
    more: tuple[Obstacle, ...],
) -> CurvedTube:
    """Lay a tube through points, 0.25 mm off some solids and off more obstacles."""
    course = smooth_course(points, 0.5)
    held = np.zeros(len(course), dtype=bool)
    held[0] = held[-1] = True
    obstacles = tuple(Obstacle(solid=s, clearance_mm=radius + 0.25) for s in around)
    course = relax(course, held, (*obstacles, *more), rounds=120)
    return CurvedTube.round(resample(course, 0.4), radius)


def lay_bystanders(
    rng: Generator,
    place: VesselBed,
    facial: CurvedTube,
    keep_out: tuple[CurvedTube, ...],
) -> list[PhantomVessel]:
    """Lay an AICA, a PICA and a petrosal vein that stay clear of CN VII.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the vessels.
    place : VesselBed
        The side.
    facial : CurvedTube
        Its CN VII; the vessels stay 2.5 mm and a random margin away.
    keep_out : tuple of CurvedTube
        Other tubes of this side.
    """
    side = "right" if place.sign > 0 else "left"
    rise = float(rng.uniform(5.0, 9.0)) * (1.0 if rng.uniform() < 0.5 else -1.0)
    basilar, vertebral = place.trunks["BA"].nodes, place.trunks[f"VA_{side}"].nodes
    plans = {
        "AICA": (
            basilar[int(rng.uniform(0.25, 0.45) * len(basilar))],
            [(11.0, 7.0, 0.6 * rise), (21.0, 1.0, rise), (30.0, -12.0, rise)],
            VesselKind.ARTERY,
        ),
        "PICA": (
            vertebral[int(0.5 * len(vertebral))],
            [(11.0, -8.0, -21.0), (8.0, -18.0, -24.0), (5.0, -24.0, -28.0)],
            VesselKind.ARTERY,
        ),
        "PV": (
            mirror_points(np.array([11.0, 5.0, 18.0]), place.sign),
            [(18.0, 4.0, 14.0), (25.0, 2.0, 12.5), (29.0, -1.0, 11.0)],
            VesselKind.VEIN,
        ),
    }
    laid = []
    for name, (start, points, kind) in plans.items():
        low, high = _RADII["vein" if kind is VesselKind.VEIN else name.lower()]
        radius = float(rng.uniform(low, high))
        apart = CLEAR_MM + float(facial.sections.max()) + radius
        apart += float(rng.uniform(0.3, 1.5))
        wall = CurvedTube.round(facial.nodes, 1e-3)
        obstacles = [Obstacle(solid=wall, clearance_mm=apart)]
        obstacles += [
            Obstacle(solid=tube, clearance_mm=radius + 0.3) for tube in keep_out
        ]
        own = np.array(points) + rng.normal(0.0, 0.7, (len(points), 3))
        course = np.concatenate([start[None], mirror_points(own, place.sign)])
        tube = lay_off(
            course, radius, (place.brain, place.bone, *place.beside), tuple(obstacles)
        )
        if facial.distance(tube.nodes).min() - radius > CLEAR_MM:
            laid.append(PhantomVessel(name=f"{name}_{side}", kind=kind, tube=tube))
    return laid


def bring_vessel(
    rng: Generator, facial: CurvedTube, place: VesselBed, conflict: Conflict
) -> Met:
    """Lay the vessel that a conflict asks for, and deform CN VII.

    Raises
    ------
    GeometryError
        If no course has the asked gap in the asked segment.
    """
    wanted = NerveSegment(conflict.segment)
    for _ in range(_ATTEMPTS):
        places = find_nerve_places(facial, place.plan, place.sign, place.brain)
        approach = _approach(rng, facial, place, conflict, places)
        if approach is None:
            continue
        deformed, shift = _deformed(facial, approach, conflict)
        vessel = _course(rng, deformed, place, approach, conflict)
        places = find_nerve_places(deformed, place.plan, place.sign, place.brain)
        span = (places[0], places[2])
        vessel, closest = _with_gap(deformed, span, vessel, conflict.gap_mm)
        if (
            abs(closest.gap_mm - conflict.gap_mm) < TOLERANCE_MM
            and abs(closest.nerve_arc - approach.at) < 1.5
            and segment_at(closest.nerve_arc, places) is wanted
            and _is_free(vessel, closest, (place.brain, *place.beside))
        ):
            return Met(facial=deformed, vessel=vessel, deviation_mm=shift)
    raise GeometryError(
        f"no course found for a {conflict.vessel} at {conflict.segment}; "
        "try another seed"
    )


def _is_free(vessel: CurvedTube, closest: Closeness, around: tuple[Solid, ...]) -> bool:
    """Tell whether the vessel lies outside the brain where it crosses the nerve."""
    crossing = np.abs(vessel.arc - closest.vessel_arc) < 2.0
    nodes = vessel.nodes[crossing]
    return all(bool((solid.distance(nodes) > 0.3).all()) for solid in around)


def _spans(places: tuple[float, float, float]) -> dict[NerveSegment, Points]:
    leave, lift, porus = places
    return {
        NerveSegment.ROOT_EXIT: np.array([leave + 0.3, leave + 1.2]),
        NerveSegment.ATTACHED: np.array([leave + 2.2, lift - 1.6]),
        NerveSegment.ROOT_DETACHMENT: np.array([lift - 0.6, lift + 0.6]),
        NerveSegment.TRANSITION: np.array([lift + 1.6, lift + 3.4]),
        NerveSegment.CISTERNAL: np.array([lift + 4.8, porus - 1.6]),
    }


def _approach(
    rng: Generator,
    facial: CurvedTube,
    place: VesselBed,
    conflict: Conflict,
    places: tuple[float, float, float],
) -> PlannedContact | None:
    """Choose the direction with most room, or None where there is none."""
    radius = float(rng.uniform(*_RADII[conflict.vessel]))
    low, high = np.sort(_spans(places)[NerveSegment(conflict.segment)])
    at = float(rng.uniform(low, high))
    centre = interpolate(facial.arc, facial.nodes, np.array([at]))
    tangent = unit(interpolate(facial.arc, tangents(facial.nodes), np.array([at]))[0])
    first = unit(np.cross(tangent, np.array([0.1, 0.2, 1.0])))
    second = np.cross(tangent, first)
    angle = np.linspace(0.0, 2.0 * np.pi, 36, endpoint=False)
    ways = np.cos(angle)[:, None] * first + np.sin(angle)[:, None] * second
    reach = float(facial.radius[0]) + radius + conflict.gap_mm
    spot = centre + reach * ways
    around = (place.brain, place.bone, *place.beside)
    room = np.min([solid.distance(spot) for solid in around], axis=0) - radius
    below = {"aica": 0.1, "vein": 0.4, "pica": -0.6, "va": -0.5}[conflict.vessel]
    score = np.minimum(room, 1.2) + 0.7 * ways[:, 1] + below * ways[:, 2]
    score += rng.normal(0.0, 0.35, len(score))
    score[room < 0.15] = -np.inf
    if not np.isfinite(score).any():
        return None
    return PlannedContact(at=at, towards=ways[int(np.argmax(score))], radius=radius)


def _bump(arc: Points, at: float, width_mm: float) -> Points:
    """Return a raised cosine of height one and this full width."""
    part = np.clip((arc - at) / width_mm, -0.5, 0.5)
    return 0.5 * (1.0 + np.cos(2.0 * np.pi * part))


def _deformed(
    facial: CurvedTube, approach: PlannedContact, conflict: Conflict
) -> tuple[CurvedTube, float]:
    """Flatten CN VII by the indentation and push its centre by the deviation.

    The far wall stays where the flattening alone would leave it, so the centre moves
    by at least half the indentation.
    """
    depth = conflict.indentation_mm
    shift = max(conflict.deviation_mm, 0.5 * depth)
    if shift == 0.0:
        return facial, 0.0
    arc = facial.arc
    dent = _bump(arc, approach.at, 4.5)
    push = (shift - 0.5 * depth) * _bump(arc, approach.at, 11.0) + 0.5 * depth * dent
    nodes = facial.nodes - push[:, None] * approach.towards
    start = int(np.argmin(np.abs(arc - approach.at)))
    across = perpendiculars(nodes, start, approach.towards)
    thin = facial.radius - 0.5 * depth * dent
    sections = np.stack([thin, facial.radius**2 / thin], axis=1)
    return replace(facial, nodes=nodes, sections=sections, across=across), shift


def _course(
    rng: Generator,
    facial: CurvedTube,
    place: VesselBed,
    approach: PlannedContact,
    conflict: Conflict,
) -> CurvedTube:
    """Lay the vessel across the nerve, from its parent to where it goes on."""
    arc, radius, towards = facial.arc, approach.radius, approach.towards
    at = np.array([approach.at])
    centre = interpolate(arc, facial.nodes, at)[0]
    tangent = unit(interpolate(arc, tangents(facial.nodes), at)[0])
    towards = unit(towards - (towards @ tangent) * tangent)
    wall = float(-facial.distance(centre[None])[0])
    apex = centre + (wall + conflict.gap_mm + radius) * towards
    lean = np.deg2rad(rng.normal(0.0, 18.0))
    along = np.cos(lean) * np.cross(tangent, towards) + np.sin(lean) * tangent
    before, after = _ends(conflict.vessel, place)
    if (after[0] - before[-1]) @ along < 0.0:
        along = -along
    bend = float(rng.uniform(2.5, 4.0)) + 2.0 * radius
    part = np.array([-4.5, -2.2, -1.1, 0.0, 1.1, 2.2, 4.5])
    loop = apex + part[:, None] * along + (part**2 / (2.0 * bend))[:, None] * towards
    path = smooth_course(np.concatenate([before, loop, after]), 0.35)
    held = np.linalg.norm(path - apex, axis=1) < 2.0
    held[0] = held[-1] = True
    apart = float(facial.sections.max()) + radius + conflict.gap_mm + 0.5
    obstacles = (
        Obstacle(solid=place.bone, clearance_mm=radius + 0.3),
        Obstacle(solid=place.brain, clearance_mm=radius + 0.2),
        Obstacle(solid=CurvedTube.round(facial.nodes, 1e-3), clearance_mm=apart),
        *(Obstacle(solid=s, clearance_mm=radius + 0.2) for s in place.beside),
    )
    path = resample(relax(path, held, obstacles), 0.25)
    return CurvedTube.round(path, radius)


def _ends(vessel: str, place: VesselBed) -> tuple[Points, Points]:
    """Return way points before and behind the crossing, head coordinates."""
    side = "right" if place.sign > 0 else "left"

    def own(*points: tuple[float, float, float]) -> Points:
        return mirror_points(np.array(points), place.sign)

    basilar, vertebral = place.trunks["BA"].nodes, place.trunks[f"VA_{side}"].nodes
    onwards = own((28.0, -9.0, -1.0), (34.0, -15.0, -3.0))
    if vessel == "aica":
        return basilar[[int(0.35 * len(basilar))]], onwards
    if vessel == "pica":
        start = vertebral[[int(0.45 * len(vertebral))]]
        return start, own((14.0, -9.0, -15.0), (10.0, -18.0, -24.0))
    if vessel == "va":
        return own((13.0, -4.0, -33.0), (14.0, -1.0, -18.0)), basilar[[0]]
    return own((27.0, 0.0, 12.0)), onwards


def _with_gap(
    facial: CurvedTube, span: tuple[float, float], vessel: CurvedTube, gap_mm: float
) -> tuple[CurvedTube, Closeness]:
    """Shift the vessel near its closest place until the gap is the asked one."""
    closest = measure_closeness(facial, span, vessel)
    for _ in range(25):
        error = gap_mm - closest.gap_mm
        if abs(error) < TOLERANCE_MM:
            break
        centre = interpolate(vessel.arc, vessel.nodes, np.array([closest.vessel_arc]))
        away = unit(centre[0] - closest.on_nerve)
        weight = _bump(vessel.arc, closest.vessel_arc, 14.0)
        nodes = vessel.nodes + error * weight[:, None] * away
        vessel = CurvedTube.round(nodes, vessel.radius)
        closest = measure_closeness(facial, span, vessel)
    return vessel, closest
