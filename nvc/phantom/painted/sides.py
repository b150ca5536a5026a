"""Canals, labyrinths and nerves of the painted family."""

from __future__ import annotations

import numpy as np

from nvc.phantom.ears import Ear
from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Points, Solid, Union, gradient
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit
from nvc.phantom.painted.solids import SuperEllipsoid

STEP_MM = 0.2
ROOT_MM = 2.5
"""Length of CN VII laid inside the brainstem, where it cannot be seen."""


def plan_side(rng: Generator) -> SidePlan:
    """Draw one side's landmarks, outwards-anterior-superior mm.

    The nerve runs nearly level here, from a low root to a canal at its own height.
    """
    porus = np.array([rng.normal(25.5, 1.0), rng.normal(1.5, 0.8), rng.normal(0, 0.8)])
    axis = unit(np.array([1.0, rng.normal(0.0, 0.12), rng.normal(0.0, 0.08)]))
    angle = np.deg2rad(rng.uniform(40.0, 60.0))
    normal = unit(np.array([-np.sin(angle), -np.cos(angle), rng.normal(0.0, 0.05)]))
    leave = [rng.uniform(9.0, 11.0), rng.normal(-5.5, 0.5), rng.normal(-4.5, 0.6)]
    lift = [rng.uniform(14.5, 16.5), rng.normal(-2.5, 0.7), rng.normal(0.0, 0.7)]
    return SidePlan(
        exit=np.array(leave),
        detachment=np.array(lift),
        porus=porus,
        fundus=porus + float(rng.uniform(9.0, 11.5)) * axis,
        petrous_normal=normal,
    )


def build_ear(rng: Generator, plan: SidePlan, sign: int) -> Ear:
    """Build a funnel-shaped canal and a labyrinth of plain rings."""
    axis = plan.canal_axis
    length = float(np.linalg.norm(plan.fundus - plan.porus))
    along = np.array([-3.5, 0.0, 1.0, 2.5, 5.0, length - 1.0])
    width = float(rng.uniform(2.4, 3.2)) + 0.9 * np.exp(-along.clip(0.0) / 1.5)
    width -= 0.08 * along.clip(0.0)
    canal = CurvedTube.round(
        mirror_points(plan.porus + along[:, None] * axis, sign), width
    )
    vestibule = plan.fundus + 4.5 * axis + np.array([0.0, -3.0, 0.5])
    fluid: list[Solid] = [
        SuperEllipsoid(
            centre=mirror_points(vestibule, sign),
            semi_axes=np.array([2.2, 2.6, 2.4]),
            power=2.0,
        ),
        _ring(
            plan.fundus + np.array([2.5, 5.0, -1.5]),
            np.array([0.6, 0.8, 0.0]),
            (2.0, 1.1),
            sign,
        ),
    ]
    middle = vestibule + np.array([3.2, -2.5, 1.5])
    for normal in ((0.0, 0.0, 1.0), (0.7, 0.7, 0.0), (0.7, -0.7, 0.0)):
        tilt = unit(np.array(normal) + rng.normal(0.0, 0.06, 3))
        fluid.append(_ring(middle, tilt, (3.2, 0.6), sign))
    return Ear(
        canal=canal,
        fluid=Union(tuple(fluid)),
        centre=mirror_points(vestibule, sign),
        cells=SuperEllipsoid(
            centre=mirror_points(middle + np.array([12.0, -8.0, -4.0]), sign),
            semi_axes=np.array([3.0, 4.0, 5.0]),
            power=2.0,
        ),
    )


def _ring(
    centre: Points, normal: Points, radii: tuple[float, float], sign: int
) -> CurvedTube:
    """Return a torus with its large and small radius."""
    first = unit(np.cross(normal, np.array([0.31, 0.22, 0.93])))
    second = np.cross(unit(normal), first)
    turn = np.linspace(0.0, 2.0 * np.pi, 49)
    circle = np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
    return CurvedTube.round(mirror_points(centre + radii[0] * circle, sign), radii[1])


def move_onto_wall(point: Points, solid: Solid, height_mm: float) -> Points:
    """Move a point, shape (3,), to a height above a solid's wall."""
    at: Points = point[None].copy()
    for _ in range(40):
        at += 0.5 * (height_mm - solid.distance(at))[:, None] * gradient(solid, at)
    return at[0]


def build_facial(
    rng: Generator, plan: SidePlan, sign: int, brain: Solid, sway_mm: float = 0.4
) -> CurvedTube:
    """Lay CN VII, 1.4-2.0 mm across, from inside the brainstem to the fundus.

    `sway_mm` is the deviation, along each axis, of its middle from a straight course.
    """
    radius = float(rng.uniform(0.7, 1.0))
    leave = move_onto_wall(mirror_points(plan.exit, sign), brain, 0.0)
    lift = move_onto_wall(mirror_points(plan.detachment, sign), brain, radius)
    middle = move_onto_wall(0.5 * (leave + lift), brain, 0.9 * radius)
    inside = leave - ROOT_MM * gradient(brain, leave[None])[0]
    above = np.array([0.0, 0.8, 0.8])
    gate = mirror_points(plan.porus + above, sign)
    free = lift + 0.45 * (gate - lift) + rng.normal(0.0, sway_mm, 3)
    free = move_onto_wall(free, brain, max(_height(brain, free), radius + 1.2))
    far = plan.porus + 0.6 * (plan.fundus - plan.porus) + above
    points = np.stack(
        [
            inside,
            leave,
            middle,
            lift,
            free,
            gate,
            mirror_points(far, sign),
            mirror_points(plan.fundus + above, sign),
        ]
    )
    course = smooth_course(points, STEP_MM)
    return CurvedTube.round(_settled(course, brain, radius, (leave, lift)), radius)


def _height(solid: Solid, point: Points) -> float:
    return float(solid.distance(point[None])[0])


def _settled(
    course: Points, brain: Solid, radius: float, ends: tuple[Points, Points]
) -> Points:
    """Let the attached part rest on the pons and keep the free part off the brain."""
    course = course.copy()
    first, last = (int(np.argmin(np.linalg.norm(course - end, axis=1))) for end in ends)
    index = np.arange(len(course))
    past = (index - last) * STEP_MM
    resting = (index > first + 5) & (index <= last)
    clear = radius * 0.95 + np.interp(past, [0.0, 2.0, 5.0], [0.0, 0.6, 1.3])
    for _ in range(60):
        height = brain.distance(course)
        lacking = np.where(resting, 0.9 * radius - height, 0.0)
        lacking += np.where(past > 0.0, np.maximum(clear - height, 0.0), 0.0)
        course += 0.5 * lacking[:, None] * gradient(brain, course)
        course[1:-1] += 0.2 * (course[:-2] + course[2:] - 2.0 * course[1:-1])
    return resample(course, STEP_MM)


def build_eighth(
    rng: Generator,
    plan: SidePlan,
    sign: int,
    brain: Solid,
    avoid: tuple[CurvedTube, ...],
) -> CurvedTube:
    """Lay CN VIII below and behind CN VII, of even thickness, 1.5-2.2 mm across."""
    radius = float(rng.uniform(0.75, 1.1))
    root = move_onto_wall(
        mirror_points(plan.detachment + np.array([0.5, -3.4, -1.4]), sign), brain, 0.0
    )
    below = np.array([0.0, -0.75, -0.65])
    gate = mirror_points(plan.porus + below, sign)
    end = mirror_points(plan.fundus - 2.5 * plan.canal_axis + below, sign)
    course = smooth_course(np.stack([root, 0.5 * (root + gate), gate, end]), STEP_MM)
    held = np.zeros(len(course), dtype=bool)
    held[:2] = held[-1] = True
    obstacles = [Obstacle(solid=brain, clearance_mm=radius * 0.7)]
    obstacles += [Obstacle(solid=tube, clearance_mm=radius + 0.2) for tube in avoid]
    course = relax(course, held, tuple(obstacles), rounds=150)
    inside = root - 1.5 * gradient(brain, root[None])[0]
    return CurvedTube.round(
        resample(np.concatenate([inside[None], course]), STEP_MM), radius
    )


def build_other_nerves(plan: SidePlan, sign: int) -> dict[str, CurvedTube]:
    """Lay CN V, VI and IX-XI of one side as plain cords."""
    plans: dict[str, tuple[list[tuple[float, float, float]], float]] = {
        "CN5": ([(12.0, 0.0, 11.0), (17.0, 6.0, 12.0), (20.0, 15.0, 13.0)], 1.7),
        "CN6": ([(4.5, 2.0, -4.0), (5.5, 7.0, 1.0), (7.0, 13.0, 10.0)], 0.45),
    }
    for k, name in enumerate(("CN9", "CN10", "CN11")):
        goal = plan.porus + np.array([-0.5, -2.5, -13.0 - k])
        plans[name] = (
            [(8.5, -10.0, -9.0 - 2 * k), (16.0, -5.0, -12.0 - k), tuple(goal)],
            0.5,
        )
    return {
        name: CurvedTube.round(
            mirror_points(smooth_course(np.array(points), 0.4), sign), radius
        )
        for name, (points, radius) in plans.items()
    }
