"""A vessel brought to CN VII at a chosen place with a chosen gap."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from nvc.errors import GeometryError
from nvc.model.anatomy import NerveSegment
from nvc.phantom.geometry.closeness import Closeness, measure_closeness
from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Points, Solid, gradient
from nvc.phantom.geometry.tube import CurvedTube, interpolate, perpendiculars, tangents
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit
from nvc.phantom.nerves import find_nerve_places
from nvc.phantom.options import Conflict

ROOT_EXIT_MM = 1.5
"""Length of the root exit counted from the root exit point."""
DETACHMENT_MM = 1.0
"""Half length of the root detachment (medial REZ 2.6 mm, JKNS 2014)."""
TRANSITION_END_MM = 4.0
"""End of the transition past the detachment (central myelin 3.7 mm, Gupta 2023)."""
GAP_TOLERANCE_MM = 0.002
_ATTEMPTS = 80


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Setting:
    """What a conflict is built into, on one side.

    Parameters
    ----------
    plan : SidePlan
        Landmarks, outwards-anterior-superior.
    sign : int
        +1 right, -1 left.
    brain, bone : Solid
        What vessels keep out of.
    parents : dict of str to CurvedTube
        VA and BA the vessel may start from.
    """

    plan: SidePlan
    sign: int
    brain: Solid
    bone: Solid
    parents: dict[str, CurvedTube]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Brought:
    """A deformed nerve and the vessel that deforms it."""

    facial: CurvedTube
    vessel: CurvedTube
    places: tuple[float, float, float]
    closest: Closeness
    indentation_mm: float
    deviation_mm: float


def segment_at(arc: float, places: tuple[float, float, float]) -> NerveSegment:
    """Name the part of CN VII at an arc length, given exit, detachment and porus."""
    leave, detachment, porus = places
    if arc > porus:
        return NerveSegment.CANAL
    if arc - leave <= ROOT_EXIT_MM:
        return NerveSegment.ROOT_EXIT
    past = arc - detachment
    if past < -DETACHMENT_MM:
        return NerveSegment.ATTACHED
    if past <= DETACHMENT_MM:
        return NerveSegment.ROOT_DETACHMENT
    if past <= TRANSITION_END_MM:
        return NerveSegment.TRANSITION
    return NerveSegment.CISTERNAL


def bring_vessel(
    rng: Generator, facial: CurvedTube, setting: Setting, conflict: Conflict
) -> Brought:
    """Deform CN VII as asked and lay the vessel that comes near it.

    Draws courses until one meets every demand: the least gap over the whole course
    is the one asked for, within 0.002 mm, and lies in the asked segment.

    Raises
    ------
    GeometryError
        If no course was found.
    """
    wanted = NerveSegment(conflict.segment)
    for attempt in range(_ATTEMPTS):
        brought = _attempt(rng, facial, setting, conflict, attempt)
        if brought is None:
            continue
        found = segment_at(brought.closest.nerve_arc, brought.places)
        if found is wanted:
            return brought
    raise GeometryError(
        f"no course found for a {conflict.vessel} at {conflict.segment}; "
        "try another seed"
    )


def _attempt(
    rng: Generator,
    facial: CurvedTube,
    setting: Setting,
    conflict: Conflict,
    attempt: int,
) -> Brought | None:
    places = find_nerve_places(facial, setting.plan, setting.sign, setting.brain)
    at = _draw_place(rng, conflict.segment, places)
    spread = 35.0 + 0.5 * attempt
    along_brain = conflict.deviation_mm > 0.4 and attempt % 3 != 2
    towards = _draw_direction(rng, facial, at, setting, spread, along_brain)
    deformed, shift = deform(facial, at, towards, conflict)
    moved = find_nerve_places(deformed, setting.plan, setting.sign, setting.brain)
    if segment_at(at, moved).value != conflict.segment:
        # Pushed against the pons, the nerve detaches elsewhere: follow it.
        at += moved[1] - places[1]
        deformed, shift = deform(facial, at, towards, conflict)
        moved = find_nerve_places(deformed, setting.plan, setting.sign, setting.brain)
    places = moved
    vessel = _lay(rng, deformed, at, towards, setting, conflict)
    span = (places[0], places[2])
    closest = measure_closeness(deformed, span, vessel)
    for _ in range(25):
        error = conflict.gap_mm - closest.gap_mm
        if abs(error) < GAP_TOLERANCE_MM:
            break
        weight = np.exp(-0.5 * ((vessel.arc - closest.vessel_arc) / 3.0) ** 2)
        centre = interpolate(vessel.arc, vessel.nodes, np.array([closest.vessel_arc]))
        away = unit(centre[0] - closest.on_nerve)
        nodes = vessel.nodes + error * weight[:, None] * away
        vessel = CurvedTube.round(nodes, vessel.radius)
        closest = measure_closeness(deformed, span, vessel)
    settled = abs(conflict.gap_mm - closest.gap_mm) < GAP_TOLERANCE_MM
    inside = setting.brain.distance(vessel.nodes) < 0.3
    crossing = np.abs(vessel.arc - closest.vessel_arc) < 2.0
    if not settled or abs(closest.nerve_arc - at) > 1.5 or (inside & crossing).any():
        return None
    return Brought(
        facial=deformed,
        vessel=vessel,
        places=places,
        closest=closest,
        indentation_mm=conflict.indentation_mm,
        deviation_mm=shift,
    )


def _draw_place(
    rng: Generator, segment: str, places: tuple[float, float, float]
) -> float:
    leave, detachment, porus = places
    spans = {
        NerveSegment.ROOT_EXIT: (leave + 0.4, leave + 1.3),
        NerveSegment.ATTACHED: (leave + 2.5, detachment - 1.8),
        NerveSegment.ROOT_DETACHMENT: (detachment - 0.6, detachment + 0.7),
        NerveSegment.TRANSITION: (detachment + 1.6, detachment + 3.5),
        NerveSegment.CISTERNAL: (detachment + 5.0, porus - 1.8),
    }
    low, high = spans[NerveSegment(segment)]
    return float(rng.uniform(low, max(high, low + 0.1)))


def _draw_direction(
    rng: Generator,
    facial: CurvedTube,
    at: float,
    setting: Setting,
    spread_deg: float,
    along_brain: bool,
) -> Points:
    """Draw the direction from the nerve to the vessel: off the brain, off CN VIII."""
    centre = interpolate(facial.arc, facial.nodes, np.array([at]))
    tangent = unit(interpolate(facial.arc, tangents(facial.nodes), np.array([at]))[0])
    free = mirror_points(np.array([0.15, 0.65, -0.45]), setting.sign)
    off_brain = gradient(setting.brain, centre, 0.3)[0]
    away = float(setting.brain.distance(centre)[0])
    share = float(np.interp(away, [0.8, 2.5], [1.0, 0.15]))
    mean = share * off_brain + (0.5 if share == 1.0 else 1.0) * free
    if along_brain and share > 0.3:
        # The pons gives way little: a nerve lying on it is rather pushed along it.
        mean = free - (free @ off_brain) * off_brain + 0.35 * off_brain
    mean = unit(mean - (mean @ tangent) * tangent)
    angle = np.deg2rad(np.clip(rng.normal(0.0, 0.5), -1.0, 1.0) * spread_deg)
    sideways = np.cross(tangent, mean)
    return np.cos(angle) * mean + np.sin(angle) * sideways


def deform(
    facial: CurvedTube, at: float, towards: Points, conflict: Conflict
) -> tuple[CurvedTube, float]:
    """Press a vessel's groove into CN VII and push it aside.

    The section becomes an ellipse of equal area whose wall on the vessel's side lies
    deeper by the indentation while the far wall stays; the whole nerve then moves so
    that its centre is displaced by the deviation.

    Returns
    -------
    CurvedTube
        The deformed nerve.
    float
        Displacement of its centre, mm: at least half the indentation.
    """
    depth = conflict.indentation_mm
    shift = max(conflict.deviation_mm, 0.5 * depth)
    if shift == 0.0:
        return facial, 0.0
    arc = facial.arc
    wide = np.exp(-0.5 * ((arc - at) / 2.4) ** 2)
    narrow = np.exp(-0.5 * ((arc - at) / 1.0) ** 2)
    moved = (shift - 0.5 * depth) * wide + 0.5 * depth * narrow
    nodes = facial.nodes - moved[:, None] * towards
    if depth == 0.0:
        across = perpendiculars(nodes)
        return replace(facial, nodes=nodes, across=across), shift
    start = int(np.argmin(np.abs(arc - at)))
    radius = facial.radius
    thin = radius - 0.5 * depth * narrow
    sections = np.stack([thin, radius**2 / thin], axis=1)
    across = perpendiculars(nodes, start, towards)
    return CurvedTube(nodes=nodes, sections=sections, across=across), shift


def _radius(rng: Generator, vessel: str) -> float:
    """Radii: AICA 0.5-1.5 mm across, PICA 1.5-1.8, VA 2.8 (SD 0.6), veins about 1."""
    mean, spread, low, high = {
        "aica": (0.52, 0.10, 0.35, 0.75),
        "pica": (0.75, 0.10, 0.50, 1.0),
        "va": (1.4, 0.25, 1.05, 1.9),
        "vein": (0.55, 0.12, 0.4, 0.8),
    }[vessel]
    return float(np.clip(rng.normal(mean, spread), low, high))


def _ends(vessel: str, setting: Setting) -> tuple[list[Points], list[Points]]:
    """Return way points before and behind the crossing, head coordinates."""
    sign = setting.sign

    def own(x: float, y: float, z: float) -> Points:
        return mirror_points(np.array([x, y, z]), sign)

    side = "right" if sign > 0 else "left"
    if vessel == "aica":
        basilar = setting.parents["BA"].nodes
        start = basilar[int(0.22 * len(basilar))]
        return [start, own(7.0, 7.5, 3.5)], [
            own(24.0, -10.0, 0.0),
            own(31.0, -17.0, -3),
        ]
    if vessel == "pica":
        vertebral = setting.parents[f"VA_{side}"].nodes
        start = vertebral[int(0.45 * len(vertebral))]
        return [start, own(11.0, 0.0, -9.0)], [
            own(13.5, -9.0, -8.0),
            own(9.0, -18.0, -14.0),
        ]
    if vessel == "va":
        return [own(12.5, -4.0, -30.0), own(13.0, 0.0, -14.0)], [
            own(8.0, 6.0, -1.0),
            setting.parents["BA"].nodes[0],
        ]
    return [own(27.0, -13.0, 8.0), own(22.0, -6.0, 4.0)], [
        own(20.0, 8.0, 10.0),
        own(24.0, 8.0, 19.0),
    ]


def _lay(
    rng: Generator,
    facial: CurvedTube,
    at: float,
    towards: Points,
    setting: Setting,
    conflict: Conflict,
) -> CurvedTube:
    radius = _radius(rng, conflict.vessel)
    tangent = unit(interpolate(facial.arc, tangents(facial.nodes), np.array([at]))[0])
    centre = interpolate(facial.arc, facial.nodes, np.array([at]))[0]
    towards = unit(towards - (towards @ tangent) * tangent)
    wall = float(-facial.distance(centre[None])[0])
    apex = centre + (wall + conflict.gap_mm + radius) * towards
    turn = np.deg2rad(rng.normal(0.0, 15.0))
    course = np.cos(turn) * np.cross(tangent, towards) + np.sin(turn) * tangent
    before, after = _ends(conflict.vessel, setting)
    if (after[0] - before[-1]) @ course < 0.0:
        course = -course
    bend = rng.uniform(3.0, 5.0) + 2.0 * radius
    along = np.linspace(-2.4, 2.4, 9)
    loop = apex + along[:, None] * course + (along**2 / (2 * bend))[:, None] * towards
    lead = np.array([[-5.5], [5.5]]) * course + rng.uniform(2.5, 4.0) * towards + apex
    points = np.concatenate(
        [np.stack(before), lead[:1], loop, lead[1:], np.stack(after)]
    )
    path = smooth_course(points, 0.4)
    held = np.linalg.norm(path - apex, axis=1) < 2.2
    held[:2] = held[-2:] = True
    apart = float(facial.sections.max()) + radius + conflict.gap_mm + 0.5
    path = relax(
        path,
        held,
        (
            Obstacle(solid=setting.bone, clearance_mm=radius + 0.3),
            Obstacle(solid=setting.brain, clearance_mm=radius + 0.15),
            Obstacle(solid=CurvedTube.round(facial.nodes, 1e-3), clearance_mm=apart),
        ),
    )
    path = resample(path, 0.25)
    taper = np.interp(
        np.linspace(0.0, 1.0, len(path)), [0.0, 0.4, 1.0], [1.1, 1.0, 0.8]
    )
    if conflict.vessel in ("va", "vein"):
        taper = np.ones(len(path))
    return CurvedTube.round(path, radius * taper)
