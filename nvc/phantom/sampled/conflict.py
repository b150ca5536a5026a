"""A vessel brought to a place on CN VII at a wanted gap, and the nerve it presses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.errors import GeometryError
from nvc.model.anatomy import NerveSegment
from nvc.phantom.conflict import segment_at
from nvc.phantom.geometry.closeness import Closeness, measure_closeness
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube, interpolate, perpendiculars
from nvc.phantom.head import unit
from nvc.phantom.options import Conflict
from nvc.phantom.sampled.lattice import Generator, LevelSet
from nvc.phantom.sampled.nerves import FacialCourse, make_tube
from nvc.phantom.sampled.settle import lift, off_solid, off_tube, settle, within

GAP_MM = 0.002
"""How well a wanted gap is met."""
RADII_MM = {"aica": (0.4, 0.7), "pica": (0.55, 0.9), "vein": (0.4, 0.7)}
"""AICA 0.5 to 1.5 mm across, PICA mostly 1.5 to 1.8 mm, veins about 1 mm."""
_ATTEMPTS = 60
_WIDE_MM = 2.2
"""SD along the nerve of what is pushed aside."""
_NARROW_MM = 1.0
"""SD of what is pressed in: a vessel's width."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ground:
    """What a vessel of one side finds there, head coordinates.

    Parameters
    ----------
    stem, brain, room : LevelSet
        Brainstem, all of the brain, and the room inside the dura.
    nerves : tuple of CurvedTube
        What no vessel enters besides CN VII.
    """

    stem: LevelSet
    brain: LevelSet
    room: LevelSet
    nerves: tuple[CurvedTube, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Meeting:
    """CN VII as it is after a vessel came, and the vessel."""

    facial: CurvedTube
    places: tuple[float, float, float]
    vessel: CurvedTube
    closest: Closeness
    indentation_mm: float
    deviation_mm: float


def bring(
    rng: Generator,
    root: FacialCourse,
    ground: Ground,
    asked: Conflict,
    ends: tuple[Points, Points],
) -> Meeting:
    """Bring a vessel to CN VII.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of place, direction and course.
    root : FacialCourse
        CN VII untouched.
    ground : Ground
        What is about.
    asked : Conflict
        What is wanted.
    ends : tuple of ndarray
        Where the vessel starts and ends, mm.

    Raises
    ------
    GeometryError
        If no course was found.
    """
    for _ in range(_ATTEMPTS):
        met = _try(rng, root, ground, asked, ends)
        if met is not None:
            return met
    raise GeometryError(
        f"no course found for a {asked.vessel} at {asked.segment}; try another seed"
    )


def _try(
    rng: Generator,
    root: FacialCourse,
    ground: Ground,
    asked: Conflict,
    ends: tuple[Points, Points],
) -> Meeting | None:
    plain = make_tube(root)
    arc = plain.arc
    at = _draw_place(rng, NerveSegment(asked.segment), root.places)
    if at is None:
        return None
    node = int(np.argmin(np.abs(arc - at)))
    towards = _draw_direction(rng, root, node, ground)
    facial, shift = press(root, plain, node, towards, asked)
    places = _carry(plain, facial, root.places)
    if shift > 0.0 and not _keeps_off(facial, places, ground.nerves[0]):
        return None
    radius = float(rng.uniform(*RADII_MM[asked.vessel]))
    reach = _reach(facial, node, towards) + asked.gap_mm + radius
    touch = facial.nodes[node] + reach * towards
    course = _lay(rng, facial, node, (touch, towards), radius, (ground, asked, ends))
    part = np.linspace(0.0, 1.0, len(course))
    vessel = CurvedTube.round(course, radius * np.interp(part, [0.0, 1.0], [1.1, 0.9]))
    at = float(facial.arc[node])
    return _tuned(vessel, facial, places, (ground, asked), (at, shift))


def _draw_place(
    rng: Generator, part: NerveSegment, places: tuple[float, float, float]
) -> float | None:
    leave, _, mouth = places
    arc = np.arange(leave + 0.3, mouth - 1.5, 0.1)
    fit = [float(s) for s in arc if segment_at(float(s), places) is part]
    # Not at the very border, where the nearest place may lie beyond it.
    inner = fit[3:-3]
    return float(rng.choice(inner)) if inner else None


def _draw_direction(
    rng: Generator, root: FacialCourse, node: int, ground: Ground
) -> Points:
    """Draw where the vessel lies: off the brainstem, off CN VIII, across the nerve."""
    here = root.nodes[node]
    along = unit(root.nodes[node + 1] - root.nodes[node - 1])
    near = float(ground.stem.distance(here[None])[0])
    off = ground.stem.slope(here[None])[0]
    eighth = ground.nerves[0].nodes
    away = here - eighth[int(np.argmin(np.linalg.norm(eighth - here, axis=1)))]
    bound = float(np.interp(near, [1.0, 4.0], [0.45, -1.0]))
    for _ in range(60):
        drawn = rng.normal(0.0, 1.0, 3)
        drawn = unit(drawn - (drawn @ along) * along)
        if drawn @ off >= bound and drawn @ unit(away) > 0.1:
            return drawn
    flat: Points = off - (off @ along) * along
    return unit(flat)


def press(
    root: FacialCourse, plain: CurvedTube, node: int, towards: Points, asked: Conflict
) -> tuple[CurvedTube, float]:
    """Press a groove into CN VII and push it aside, away from the vessel.

    The wall by the vessel goes in by the indentation, the far wall stays, the section
    keeps its area; then the middle moves on to the deviation.

    Returns
    -------
    CurvedTube
        The nerve.
    float
        How far its middle moved, mm: at least half the indentation.
    """
    depth = asked.indentation_mm
    shift = max(asked.deviation_mm, 0.5 * depth)
    if shift == 0.0:
        return plain, 0.0
    apart = plain.arc - plain.arc[node]
    wide = np.exp(-0.5 * (apart / _WIDE_MM) ** 2)
    narrow = np.exp(-0.5 * (apart / _NARROW_MM) ** 2)
    moved = (shift - 0.5 * depth) * wide + 0.5 * depth * narrow
    nodes = root.nodes - moved[:, None] * towards
    thin = root.radius - 0.5 * depth * narrow
    sections = np.stack([thin, root.radius**2 / thin], axis=1)
    across = perpendiculars(nodes, node, towards)
    return CurvedTube(nodes=nodes, sections=sections, across=across), shift


def _carry(
    plain: CurvedTube, moved: CurvedTube, places: tuple[float, float, float]
) -> tuple[float, float, float]:
    """Return the places along the moved nerve; they stay with its nodes."""
    first, second, third = np.interp(places, plain.arc, moved.arc).tolist()
    return (first, second, third)


def _keeps_off(
    facial: CurvedTube, places: tuple[float, float, float], eighth: CurvedTube
) -> bool:
    """Tell whether the free nerve, pushed aside, still leaves CN VIII its room."""
    free = (facial.arc > places[1]) & (facial.arc < places[2])
    apart = eighth.distance(facial.nodes[free])
    return bool((apart > 0.85 * facial.radius[free]).all())


def _reach(facial: CurvedTube, node: int, towards: Points) -> float:
    """Return the half width of the nerve in a direction across it, mm."""
    share = float(towards @ facial.across[node])
    first, second = facial.sections[node]
    return float(1.0 / np.sqrt((share / first) ** 2 + (1.0 - share**2) / second**2))


def _lay(
    rng: Generator,
    facial: CurvedTube,
    node: int,
    contact: tuple[Points, Points],
    radius: float,
    around: tuple[Ground, Conflict, tuple[Points, Points]],
) -> Points:
    """Lay a loop through the place of contact from one end to the other.

    Vessels cross the nerve at 60 to 90 degrees and bend away from it.
    """
    touch, towards = contact
    ground, asked, (start, end) = around
    along = unit(facial.nodes[node + 1] - facial.nodes[node - 1])
    turn = np.deg2rad(rng.uniform(-30.0, 30.0))
    way = np.cos(turn) * np.cross(towards, along) + np.sin(turn) * along
    if way @ (end - start) < 0.0:
        way = -way
    bend = rng.uniform(3.0, 6.0)
    loop = [
        touch + t * way + 0.5 * t * t / bend * towards
        for t in (-3.0, -1.6, 0.0, 1.6, 3.0)
    ]
    before = 0.5 * (start + loop[0]) + rng.normal(0.0, 1.5, 3)
    after = 0.5 * (end + loop[-1]) + rng.normal(0.0, 1.5, 3)
    before, after = lift(np.stack([before, after]), ground.brain, radius + 0.3)
    ways = np.array([start, before, *loop, after, end])
    keep = [
        off_solid(ground.brain, radius + 0.1),
        within(ground.room, radius + 0.2),
        off_tube(facial, radius + asked.gap_mm + 0.02),
        *(off_tube(tube, radius + 0.12) for tube in ground.nerves),
    ]
    return settle(ways, keep, held=(4,))


def _tuned(
    vessel: CurvedTube,
    facial: CurvedTube,
    places: tuple[float, float, float],
    around: tuple[Ground, Conflict],
    at_and_shift: tuple[float, float],
) -> Meeting | None:
    """Move the vessel until the gap is the one asked for; None if it does not fit."""
    at, shift = at_and_shift
    ground, asked = around
    span = (places[0], places[2])
    closest = measure_closeness(facial, span, vessel)
    for _ in range(14):
        lacking = asked.gap_mm - closest.gap_mm
        if abs(lacking) < GAP_MM:
            break
        centre = interpolate(vessel.arc, vessel.nodes, np.array([closest.vessel_arc]))
        away = unit(centre[0] - closest.on_nerve)
        share = np.exp(-0.5 * ((vessel.arc - closest.vessel_arc) / 3.0) ** 2)
        nodes = vessel.nodes + lacking * share[:, None] * away
        vessel = CurvedTube.round(nodes, vessel.radius)
        closest = measure_closeness(facial, span, vessel)
    fits = (
        abs(asked.gap_mm - closest.gap_mm) < GAP_MM
        and abs(closest.nerve_arc - at) < 1.5
        and segment_at(closest.nerve_arc, places) is NerveSegment(asked.segment)
        and is_free(vessel, ground)
    )
    if not fits:
        return None
    return Meeting(
        facial=facial,
        places=places,
        vessel=vessel,
        closest=closest,
        indentation_mm=asked.indentation_mm,
        deviation_mm=shift,
    )


def is_free(vessel: CurvedTube, ground: Ground) -> bool:
    """Tell whether a vessel enters neither brain nor bone nor another nerve.

    Its first and last 3 mm may: it comes from an artery and ends at the brain.
    """
    inner = (vessel.arc > 3.0) & (vessel.arc < vessel.arc[-1] - 3.0)
    nodes, radius = vessel.nodes[inner], vessel.radius[inner]
    return bool(
        (ground.brain.distance(nodes) > 0.6 * radius).all()
        and (ground.room.distance(nodes) < -0.6 * radius).all()
        and all((t.distance(nodes) > radius - 0.05).all() for t in ground.nerves)
    )
