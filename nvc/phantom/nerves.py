"""Courses of the cranial nerves, fitted to the brainstem and the canals."""

from __future__ import annotations

import numpy as np

from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Points, Solid, gradient
from nvc.phantom.geometry.tube import CurvedTube, interpolate
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit

STEP_MM = 0.2
DETACHMENT_GAP_MM = 0.3
"""Wall-to-brain distance that defines the root detachment point."""


def build_facial(rng: Generator, plan: SidePlan, sign: int, brain: Solid) -> CurvedTube:
    """Lay CN VII of one side, 1.5-2.0 mm across, from the brainstem to the fundus."""
    radius = float(np.clip(rng.normal(0.86, 0.07), 0.72, 1.0))
    course = _facial_course(rng, plan, sign, brain, radius)
    return _cleared(_facial_tube(rng, course, radius), brain, plan, sign)


def find_nerve_places(
    facial: CurvedTube, plan: SidePlan, sign: int, brain: Solid
) -> tuple[float, float, float]:
    """Find root exit, root detachment and porus along CN VII by their definitions.

    Returns
    -------
    tuple of float
        Arc lengths, mm: where the centreline last leaves the brain before the
        attached part, where the wall first comes within 0.3 mm of the brain walking
        in from the porus, and where the course crosses the petrous face.
    """
    arc = facial.arc
    fine = np.arange(0.0, arc[-1], 0.01)
    centre = interpolate(arc, facial.nodes, fine)
    normal = mirror_points(plan.petrous_normal, sign)
    beyond = (centre - mirror_points(plan.porus, sign)) @ normal < 0.0
    porus = float(fine[int(np.argmax(beyond))])
    outside = brain.distance(centre) > 0.0
    leave = float(fine[int(np.argmax(outside))])
    coarse = np.arange(porus, leave, -0.05)
    angles = np.linspace(0.0, 2.0 * np.pi, 48, endpoint=False)
    wall = facial.wall(coarse, angles)
    nearest = brain.distance(wall.reshape(-1, 3)).reshape(wall.shape[:2]).min(axis=1)
    detachment = float(coarse[int(np.argmax(nearest < DETACHMENT_GAP_MM))])
    return leave, detachment, porus


def _facial_course(
    rng: Generator, plan: SidePlan, sign: int, brain: Solid, radius: float
) -> Points:
    along = unit(plan.detachment - plan.exit)
    length = float(np.linalg.norm(plan.detachment - plan.exit))
    lift = unit(np.array([0.72, 0.12, -0.68]))
    lift = unit(lift - (lift @ along) * along)
    arc = np.array([-2.4, -1.2, 0.0, 1.5, 0.5 * length, length - 1.0])
    height = np.array([-2.2, -1.2, 0.0, 0.75, 0.75, 0.75]) * radius
    attached = plan.exit + arc[:, None] * along + height[:, None] * lift
    in_canal = _canal_offset(rng)
    axis = plan.canal_axis
    to_porus = plan.porus + in_canal[0] - attached[-1]
    middle = attached[-1] + 0.5 * to_porus + rng.uniform(0.3, 1.0) * lift
    middle = middle + rng.normal(0.0, 0.25, 3)
    size = np.linalg.norm(plan.fundus - plan.porus)
    beyond = np.stack(
        [
            plan.porus + in_canal[0],
            plan.porus + 0.5 * size * axis + in_canal[1],
            plan.fundus + in_canal[2],
        ]
    )
    course = smooth_course(np.concatenate([attached, middle[None], beyond]), STEP_MM)
    course = mirror_points(course, sign)
    return _seated(course, brain, radius, length)


def _canal_offset(rng: Generator) -> Points:
    """Offsets of CN VII from the canal's axis at porus, middle and fundus."""
    spread = rng.normal(0.0, 0.12, (3, 3)) * np.array([0.0, 1.0, 1.0])
    base = np.array([[0.0, 0.7, 0.7], [0.0, 0.9, 1.0], [0.0, 0.9, 1.0]])
    return base + spread


def _seated(course: Points, brain: Solid, radius: float, length: float) -> Points:
    """Move the attached part so that the nerve rests on the brain's surface."""
    course = course.copy()
    for _ in range(25):
        steps = np.linalg.norm(np.diff(course, axis=0), axis=1)
        arc = np.concatenate([[0.0], np.cumsum(steps)]) - 2.4
        wanted = radius * np.interp(
            arc, [-2.4, -1.2, 0.0, 1.5], [-2.2, -1.2, 0.0, 0.75]
        )
        weight = np.interp(arc, [length - 2.0, length - 0.5], [1.0, 0.0])
        lacking = (wanted - brain.distance(course)) * weight
        course += 0.5 * lacking[:, None] * gradient(brain, course, 0.3)
        smooth = course.copy()
        smooth[1:-1] = 0.25 * (course[:-2] + course[2:]) + 0.5 * course[1:-1]
        course = smooth
    return resample(course, STEP_MM)


def _facial_tube(rng: Generator, course: Points, radius: float) -> CurvedTube:
    tube = CurvedTube.round(course, radius)
    arc = tube.arc
    flat = np.interp(arc, [0.0, 8.0, 13.0], [0.10, 0.08, 0.0]) * rng.uniform(0.3, 1.0)
    sections = radius * np.stack([1.0 + flat, 1.0 / (1.0 + flat)], axis=1)
    return CurvedTube(nodes=tube.nodes, sections=sections, across=tube.across)


def _cleared(facial: CurvedTube, brain: Solid, plan: SidePlan, sign: int) -> CurvedTube:
    """Keep the free part well off the brain, so that it detaches once."""
    arc = facial.arc
    length = float(np.linalg.norm(plan.detachment - plan.exit))
    nodes = facial.nodes.copy()
    past = arc - 2.4 - (length + 0.6)
    wanted = facial.radius + np.interp(past, [0.0, 3.0], [0.30, 1.2])
    for _ in range(40):
        lacking = np.where(past > 0.0, wanted - brain.distance(nodes), 0.0)
        lacking = np.maximum(lacking, 0.0)
        if lacking.max() < 1e-3:
            break
        nodes += 0.5 * lacking[:, None] * gradient(brain, nodes, 0.3)
        smooth = nodes.copy()
        smooth[1:-1] = 0.25 * (nodes[:-2] + nodes[2:]) + 0.5 * nodes[1:-1]
        nodes = np.where((past > -1.0)[:, None], smooth, nodes)
    fresh = CurvedTube.round(nodes, 1.0)
    return CurvedTube(nodes=nodes, sections=facial.sections, across=fresh.across)


def build_eighth(
    rng: Generator,
    plan: SidePlan,
    sign: int,
    brain: Solid,
    avoid: tuple[CurvedTube, ...],
) -> CurvedTube:
    """Lay CN VIII, tapering from 2.3 to 1.5 mm, behind and below CN VII.

    `avoid` holds CN VII and any vessel at it; CN VIII bends around them.
    """
    root = plan.exit + np.array([2.0, -2.6, 0.2]) + rng.normal(0.0, 0.3, 3)
    in_canal = np.array([0.0, -0.75, -0.75])
    gate = plan.porus + in_canal
    middle = 0.5 * (root + gate) + np.array([0.0, -0.5, -0.9])
    ending = plan.fundus - 3.0 * plan.canal_axis + in_canal
    course = mirror_points(
        smooth_course(np.stack([root, middle, gate, ending]), STEP_MM), sign
    )
    thick = float(np.clip(rng.normal(1.10, 0.10), 0.9, 1.3))
    thin = float(np.clip(rng.normal(0.78, 0.06), 0.68, 0.9))
    away = gradient(brain, course[:1])[0]
    start = course[0] - brain.distance(course[:1])[0] * away
    fade = np.linspace(1.0, 0.0, len(course))[:, None] ** 2
    course += (start - course[0]) * fade
    held = np.zeros(len(course), dtype=bool)
    held[0] = held[-1] = True
    obstacles = [Obstacle(solid=brain, clearance_mm=0.5)]
    obstacles += [Obstacle(solid=tube, clearance_mm=thick + 0.25) for tube in avoid]
    course = relax(course, held, tuple(reversed(obstacles)), rounds=150)
    inside = course[0] - 0.6 * gradient(brain, course[:1])[0]
    course = resample(np.concatenate([inside[None], course]), STEP_MM)
    arc = CurvedTube.round(course, 1.0).arc
    return CurvedTube.round(course, np.interp(arc, [2.0, 9.0], [thick, thin]))


def build_branches(
    plan: SidePlan, sign: int, trunk: CurvedTube
) -> tuple[CurvedTube, ...]:
    """Cochlear, superior and inferior vestibular nerves at the fundus."""
    start = trunk.nodes[-1]
    ends = (
        np.array([0.0, 0.9, -0.9]),
        np.array([0.0, -0.9, 0.8]),
        np.array([0.0, -0.9, -0.8]),
    )
    branches = []
    for end, radius in zip(ends, (0.5, 0.42, 0.38), strict=True):
        tip = mirror_points(plan.fundus + 0.3 * plan.canal_axis + end, sign)
        course = start + np.linspace(0.0, 1.0, 12)[:, None] * (tip - start)
        branches.append(CurvedTube.round(course, radius))
    return tuple(branches)


def build_intermedius(
    facial: CurvedTube, trunk: CurvedTube, start_arc: float
) -> CurvedTube:
    """Return the nervus intermedius, 0.6 mm across (CN VII-VIII cleft)."""
    arc = np.arange(start_arc, facial.arc[-1] - 5.0, 0.5)
    centre = interpolate(facial.arc, facial.nodes, arc)
    gap = np.linalg.norm(trunk.nodes[None] - centre[:, None], axis=2)
    facing = trunk.nodes[np.argmin(gap, axis=1)] - centre
    facing /= np.linalg.norm(facing, axis=1, keepdims=True)
    reach = interpolate(facial.arc, facial.radius[:, None], arc) + 0.1
    return CurvedTube.round(resample(centre + reach * facing, 0.5), 0.3)


def build_other_nerves(
    rng: Generator, plan: SidePlan, sign: int
) -> dict[str, CurvedTube]:
    """Lay CN V, VI and the bundle of IX-XI of one side."""
    plans = {
        "CN5": (
            [
                (13.0, -4.0, 15.0),
                (16.5, 1.5, 16.0),
                (19.0, 8.0, 17.0),
                (21.0, 15.0, 17.5),
            ],
            [1.7, 1.6, 1.9, 2.1],
        ),
        "CN6": (
            [(4.6, -2.0, 1.0), (5.2, 4.0, 1.5), (7.0, 9.0, 9.0), (9.0, 14.0, 15.0)],
            [0.5, 0.45, 0.45, 0.45],
        ),
    }
    jugular = plan.porus + np.array([-1.5, -5.0, -12.0])
    for k in range(3):
        root = np.array([9.0 - 0.3 * k, -9.0 - 0.4 * k, -3.0 - 2.2 * k])
        goal = jugular + np.array([0.0, -0.8 * k, -0.7 * k])
        middle = 0.5 * (root + goal) + np.array([0.0, 0.4, -0.5])
        plans[f"CN{('9', '10', '11')[k]}"] = (
            [tuple(root), tuple(middle), tuple(goal)],
            [0.5, 0.45, 0.45] if k != 1 else [0.6, 0.6, 0.6],
        )
    nerves = {}
    for name, (points, radii) in plans.items():
        control = np.array(points)
        control[1:] += rng.normal(0.0, 0.4, control[1:].shape)
        course = mirror_points(smooth_course(control, 0.4), sign)
        radius = np.interp(
            np.linspace(0.0, 1.0, len(course)), np.linspace(0.0, 1.0, len(radii)), radii
        )
        nerves[name] = CurvedTube.round(course, radius * rng.normal(1.0, 0.06))
    return nerves
