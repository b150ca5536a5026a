"""Arteries and veins drawn into a real cistern, one of them at a known gap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nvc.errors import GeometryError
from nvc.phantom.geometry.closeness import Closeness, measure_closeness
from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Outside, Points, Solid, Union
from nvc.phantom.geometry.tube import CurvedTube, interpolate, tangents
from nvc.phantom.head import Generator, unit
from nvc.phantom.recoloured.fields import Lattice
from nvc.phantom.recoloured.fossa import Fossa
from nvc.phantom.recoloured.paths import AroundNerve, Room, Search

ENTERS_MM = 0.1
"""How far a drawn vessel may reach into brain or bone."""
TOLERANCE_MM = 0.005
CLEAR_MM = 2.6
"""Least gap to CN VII of a vessel that nobody asked for."""
_ATTEMPTS = 40
_REACH_MM = np.array([30.0, 28.0, 20.0])
"""Half lengths of the box around CN VII in which ways are looked for."""
_STEP_MM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bed:
    """What vessels are laid into, on one side; head coordinates.

    Parameters
    ----------
    sign : int
        +1 right, -1 left.
    fossa : Fossa
        Brain and wall.
    canal : Solid
        Internal auditory canal: room as well.
    facial, eighth : CurvedTube
        CN VII and CN VIII.
    places : tuple of float
        Root exit, root detachment and porus along CN VII, mm.
    """

    sign: int
    fossa: Fossa
    canal: Solid
    facial: CurvedTube
    eighth: CurvedTube
    places: tuple[float, float, float]

    @property
    def brain(self) -> Solid:
        """Brainstem and cerebellum."""
        return self.fossa.brain

    @property
    def bone(self) -> Solid:
        """All beyond the wall but the canal."""
        return Outside(Union((self.fossa.wall, self.canal)))

    @property
    def span(self) -> tuple[float, float]:
        """Part of CN VII that counts: root exit to porus, mm."""
        return self.places[0], self.places[2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A vessel that is to come near CN VII.

    Parameters
    ----------
    at_mm : float
        Where: arc length past the root detachment, negative on the brain.
    gap_mm : float
        Wall to wall.
    radius_mm : float
        Of the vessel.
    parent : CurvedTube
        Where it comes from: a trunk artery, or the petrosal sinus.
    """

    at_mm: float
    gap_mm: float
    radius_mm: float
    parent: CurvedTube


def lay_trunk(points: Points, radius_mm: float, fossa: Fossa) -> CurvedTube:
    """Lay an artery that was read off brain and wall; thinner where it is narrow."""
    course = smooth_course(points, 0.5)
    held = np.zeros(len(course), dtype=bool)
    bone = Outside(fossa.wall)
    obstacles = tuple(
        Obstacle(solid=solid, clearance_mm=radius_mm) for solid in (fossa.brain, bone)
    )
    held[0] = held[-1] = True
    course = resample(relax(course, held, obstacles, rounds=80), 0.4)
    room = np.minimum(fossa.brain.distance(course), bone.distance(course)) + 0.08
    inner = ndimage.minimum_filter1d(room, 5, mode="nearest")
    thin = np.clip(ndimage.gaussian_filter1d(inner, 2.0), 0.6, radius_mm)
    return CurvedTube.round(course, np.minimum(thin, np.maximum(room, 0.5)))


def bring_vessel(
    rng: Generator, bed: Bed, around: AroundNerve, wanted: Wanted
) -> tuple[CurvedTube, Closeness]:
    """Lay a vessel from its parent past CN VII and on.

    Raises
    ------
    GeometryError
        If no course has the wanted gap there and stays out of brain and bone.
    """
    room = around.room(wanted.radius_mm, max(wanted.gap_mm + 0.3, 0.5))
    for _ in range(_ATTEMPTS):
        loop = _draw_loop(rng, bed, wanted)
        if loop is None:
            continue
        course = _join(rng, bed, room, wanted, loop)
        if course is None:
            continue
        tube, closest = _with_gap(bed, course, wanted, loop[len(loop) // 2])
        at = closest.nerve_arc - bed.places[1]
        if (
            abs(closest.gap_mm - wanted.gap_mm) < TOLERANCE_MM
            and abs(at - wanted.at_mm) < 1.2
            and _is_free(tube, bed, wanted.parent)
        ):
            return tube, closest
    raise GeometryError(
        f"no way for a vessel {wanted.gap_mm:.2f} mm from CN VII at "
        f"{wanted.at_mm:.1f} mm; try another seed"
    )


def lay_bystander(
    rng: Generator, bed: Bed, around: AroundNerve, parent: CurvedTube, radius_mm: float
) -> CurvedTube | None:
    """Lay a vessel that stays clear of CN VII; None where there is no way."""
    keep_mm = CLEAR_MM + float(rng.uniform(0.0, 1.0))
    room = around.room(radius_mm, keep_mm)
    middle = bed.facial.nodes[len(bed.facial.nodes) // 3]
    start = _origin(rng, parent, middle)
    search = room.search(start)
    for _ in range(6):
        goal = _draw_goal(rng, bed, search, middle)
        if goal is None:
            return None
        tube = _smoothed(
            bed,
            np.concatenate([start[None], search.way_to(goal)]),
            radius_mm,
            keep_mm,
            None,
        )
        gap = measure_closeness(bed.facial, bed.span, tube).gap_mm
        if gap > 0.8 * keep_mm and _is_free(tube, bed, parent):
            return tube
    return None


def _draw_loop(rng: Generator, bed: Bed, wanted: Wanted) -> Points | None:
    """Return points of a loop over the nerve, its apex in the middle, or None."""
    arc = bed.facial.arc
    at = np.array([bed.places[1] + wanted.at_mm])
    centre = interpolate(arc, bed.facial.nodes, at)[0]
    along = unit(interpolate(arc, tangents(bed.facial.nodes), at)[0])
    first = unit(np.cross(along, np.array([0.1, 0.2, 1.0])))
    second = np.cross(along, first)
    turn = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    ways = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    radius = wanted.radius_mm
    reach = float(bed.facial.radius[0]) + wanted.gap_mm + radius
    spots = centre + reach * ways
    room = _clearance(bed, spots) - radius
    room = np.minimum(room, bed.eighth.distance(spots) - radius - 0.1)
    usable = np.flatnonzero(room > 0.0)
    if len(usable) == 0:
        return None
    weight = np.minimum(room[usable], 1.0) + 0.1
    towards = ways[rng.choice(usable, p=weight / weight.sum())]
    lean = np.deg2rad(rng.normal(0.0, 22.0))
    across = np.cos(lean) * np.cross(along, towards) + np.sin(lean) * along
    bend = float(rng.uniform(2.2, 4.0)) + radius
    part = np.array([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    loop: Points = centre + reach * towards + part[:, None] * across
    loop = loop + (part**2 / (2.0 * bend))[:, None] * towards
    return loop if (_clearance(bed, loop) > radius - ENTERS_MM).all() else None


def _clearance(bed: Bed, points: Points) -> Points:
    nearest: Points = np.minimum(bed.brain.distance(points), bed.bone.distance(points))
    return nearest


def measure_surroundings(bed: Bed) -> AroundNerve:
    """Measure how far everything is in the box around CN VII."""
    arc = np.array([np.mean(bed.span)])
    middle = interpolate(bed.facial.arc, bed.facial.nodes, arc)[0]
    middle = middle - np.array([8.0 * bed.sign, 0.0, 0.0])
    lattice = Lattice.between(
        middle - _REACH_MM, middle + _REACH_MM, bed.fossa.wall.lattice.step_mm
    )
    points = lattice.points().reshape(-1, 3)
    walls = _clearance(bed, points)
    open_ = np.flatnonzero(walls > 0.0)
    found = {name: np.full(len(points), -1.0) for name in ("facial", "eighth")}
    for name, tube in (("facial", bed.facial), ("eighth", bed.eighth)):
        found[name][open_] = tube.distance(points[open_])
    return AroundNerve(
        lattice=lattice,
        walls=walls.reshape(lattice.shape).astype(np.float32),
        facial=found["facial"].reshape(lattice.shape).astype(np.float32),
        eighth=found["eighth"].reshape(lattice.shape).astype(np.float32),
        grey=bed.fossa.grey.distance(points).reshape(lattice.shape).astype(np.float32),
    )


def _draw_goal(
    rng: Generator, bed: Bed, search: Search, start: Points
) -> Points | None:
    """Return a place behind or beside CN VII that has a way to it."""
    room = search.room
    free = np.argwhere(room.clearance > 0.1)
    if len(free) == 0:
        return None
    some = free[rng.integers(0, len(free), 400)]
    points = room.lattice.low_mm + room.lattice.step_mm * some
    offset = points - start
    away = np.linalg.norm(offset, axis=1)
    onwards = offset @ unit(np.array([0.6 * bed.sign, -0.7, -0.4]))
    cost = search.cost_at(points)
    fit = (away > 9.0) & (away < 24.0) & (onwards > 2.0) & np.isfinite(cost)
    if not fit.any():
        return None
    kept = np.flatnonzero(fit)
    kept = kept[np.argsort(cost[kept])][: max(len(kept) // 2, 1)]
    goal: Points = points[rng.choice(kept)]
    return goal


def _join(
    rng: Generator, bed: Bed, room: Room, wanted: Wanted, loop: Points
) -> Points | None:
    """Return control points from the parent along the loop and on."""
    origin = _origin(rng, wanted.parent, loop[3])
    starts = (loop[0], loop[-1])
    # The end nearer to the parent is where the vessel comes from.
    if np.linalg.norm(starts[0] - origin) > np.linalg.norm(starts[1] - origin):
        loop = loop[::-1]
    before = room.search(loop[0])
    if not before.reaches(origin):
        return None
    back = room.search(loop[-1])
    goal = _draw_goal(rng, bed, back, loop[-1])
    if goal is None:
        return None
    come = before.way_to(origin)[::-1]
    go = back.way_to(goal)
    come = come[np.linalg.norm(come - loop[0], axis=1) > 1.5]
    go = go[np.linalg.norm(go - loop[-1], axis=1) > 1.5]
    return np.concatenate([origin[None], come, loop, go])


def _origin(rng: Generator, parent: CurvedTube, near: Points) -> Points:
    """Return a place on a parent vessel at about the height of another place."""
    height = near[2] + rng.normal(-1.0, 3.0)
    node: Points = parent.nodes[int(np.argmin(np.abs(parent.nodes[:, 2] - height)))]
    return node


def _smoothed(
    bed: Bed, points: Points, radius: float, keep: float, apex: Points | None
) -> CurvedTube:
    """Lay a spline through points, off brain, bone and both nerves."""
    course = smooth_course(points, 0.35)
    held = np.zeros(len(course), dtype=bool)
    if apex is not None:
        held = np.linalg.norm(course - apex, axis=1) < 2.0
    held[0] = held[-1] = True
    line = CurvedTube.round(bed.facial.nodes, 1e-3)
    apart = float(bed.facial.sections.max()) + radius + keep
    obstacles = (
        Obstacle(solid=bed.bone, clearance_mm=radius + 0.1),
        Obstacle(solid=bed.brain, clearance_mm=radius + 0.1),
        Obstacle(solid=bed.eighth, clearance_mm=radius + 0.05),
        Obstacle(solid=line, clearance_mm=apart),
    )
    course = relax(course, held, obstacles, rounds=60)
    return CurvedTube.round(resample(course, _STEP_MM), radius)


def _with_gap(
    bed: Bed, points: Points, wanted: Wanted, apex: Points
) -> tuple[CurvedTube, Closeness]:
    """Lay the vessel, then shift it about its closest place to the wanted gap."""
    tube = _smoothed(bed, points, wanted.radius_mm, wanted.gap_mm + 0.4, apex)
    closest = measure_closeness(bed.facial, bed.span, tube)
    for _ in range(25):
        error = wanted.gap_mm - closest.gap_mm
        if abs(error) < TOLERANCE_MM:
            break
        at = np.array([closest.vessel_arc])
        centre = interpolate(tube.arc, tube.nodes, at)[0]
        away = unit(centre - closest.on_nerve)
        part = np.clip((tube.arc - closest.vessel_arc) / 10.0, -0.5, 0.5)
        weight = 0.5 * (1.0 + np.cos(2.0 * np.pi * part))
        nodes = tube.nodes + error * weight[:, None] * away
        tube = CurvedTube.round(nodes, tube.radius)
        closest = measure_closeness(bed.facial, bed.span, tube)
    return tube, closest


def _is_free(tube: CurvedTube, bed: Bed, parent: CurvedTube) -> bool:
    """Tell whether a vessel stays out of brain, bone and CN VIII, but at its origin."""
    own = parent.distance(tube.nodes) > tube.radius
    nodes, radius = tube.nodes[own], tube.radius[own]
    if len(nodes) == 0:
        return False
    out = bool((_clearance(bed, nodes) - radius >= -ENTERS_MM).all())
    return out and bool((bed.eighth.distance(nodes) - radius >= -ENTERS_MM).all())
