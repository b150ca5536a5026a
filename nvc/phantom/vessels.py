"""The arteries and veins of the posterior fossa that touch nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.model.anatomy import VesselKind
from nvc.phantom.geometry.courses import Obstacle, relax, resample, smooth_course
from nvc.phantom.geometry.shapes import Points, Solid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, mirror_points

CLEAR_MM = 2.5
"""Least wall-to-wall distance from CN VII of a vessel that nobody asked for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PhantomVessel:
    """A vessel with its name, such as ``"AICA_right"``, head coordinates."""

    name: str
    kind: VesselKind
    tube: CurvedTube


def lay_trunk_arteries(
    rng: Generator, brain: Solid, bone: Solid
) -> dict[str, CurvedTube]:
    """Lay BA and both VA.

    BA 3.2 (SD 0.5) mm across, VA 2.8 (SD 0.6) mm; one VA is often the larger.
    """
    sway = rng.normal(0.0, 1.0, 3)
    joint = np.array([sway[0], 6.5, 0.5 + rng.normal(0.0, 1.5)])
    basilar = np.array(
        [
            joint,
            [1.3 * sway[1], 8.5, 7.0],
            [sway[1] + sway[2], 10.5, 15.0],
            [sway[2], 11.5, 24.0],
            [sway[2], 11.0, 30.0],
        ]
    )
    trunks = {"BA": (basilar, float(np.clip(rng.normal(1.6, 0.22), 1.2, 2.1)))}
    for sign, side in ((1, "right"), (-1, "left")):
        start = np.array([12.5, -4.0, -36.0]) + rng.normal(0.0, 0.7, 3)
        middle = np.array([10.5, -1.5, -17.0]) + rng.normal(0.0, 1.0, 3)
        upper = np.array([5.0, 3.8, -5.0]) + rng.normal(0.0, 0.7, 3)
        points = mirror_points(np.stack([start, middle, upper]), sign)
        trunks[f"VA_{side}"] = (
            np.concatenate([points, joint[None]]),
            float(np.clip(rng.normal(1.35, 0.28), 0.8, 1.95)),
        )
    tubes = {}
    for name, (points, radius) in trunks.items():
        course = smooth_course(points, 0.5)
        held = np.zeros(len(course), dtype=bool)
        held[0] = held[-1] = True
        obstacles = (
            Obstacle(solid=bone, clearance_mm=radius + 0.2),
            Obstacle(solid=brain, clearance_mm=radius + 0.2),
        )
        course = relax(course, held, obstacles)
        tubes[name] = CurvedTube.round(resample(course, 0.4), radius)
    return tubes


_SUPERIOR = [
    (8.0, 8.0, 25.0),
    (17.0, 0.0, 24.0),
    (21.0, -12.0, 25.0),
    (18.0, -24.0, 27.0),
]
_CEREBRAL = [
    (7.0, 10.0, 30.5),
    (17.0, 4.0, 30.0),
    (23.0, -10.0, 30.0),
    (22.0, -24.0, 31.0),
]
_POSTERIOR = [
    (10.0, -4.0, -12.0),
    (10.5, -11.0, -13.0),
    (8.0, -19.0, -10.0),
    (5.0, -24.0, -15.0),
]
_PETROSAL = [
    (14.0, -1.0, 19.5),
    (18.5, -3.0, 19.0),
    (22.0, 1.0, 19.5),
    (27.0, 2.0, 20.5),
]
"""Ways of the superior cerebellar, posterior cerebral and posterior inferior
cerebellar arteries and of the petrosal vein: outwards, anterior, superior, mm."""


def _branch_plans(
    rng: Generator, trunks: dict[str, CurvedTube], sign: int
) -> dict[str, tuple[Points, float, VesselKind]]:
    """Return control points and radii of one side's branches."""
    side = "right" if sign > 0 else "left"
    basilar, vertebral = trunks["BA"].nodes, trunks[f"VA_{side}"].nodes

    def course(start: Points, points: list[tuple[float, float, float]]) -> Points:
        own = np.array(points) + rng.normal(0.0, 1.0, (len(points), 3))
        return np.concatenate([start[None], mirror_points(own, sign)])

    def on(trunk: Points, part: float) -> Points:
        node: Points = trunk[int(part * (len(trunk) - 1))]
        return node

    artery, vein = VesselKind.ARTERY, VesselKind.VEIN
    rise = float(rng.uniform(-1.0, 4.0))
    anterior = [
        (7.0, 8.0, 3.0),
        (15.0, 5.5, 1.0 + rise),
        (21.0, 1.5, 0.5 + rise),
        (25.0, -9.0, -1.0),
        (31.0, -17.0, -4.0),
    ]
    return {
        f"SCA_{side}": (
            course(on(basilar, 0.85), _SUPERIOR),
            rng.normal(0.75, 0.08),
            artery,
        ),
        f"PCA_{side}": (
            course(on(basilar, 1.0), _CEREBRAL),
            rng.normal(1.0, 0.1),
            artery,
        ),
        f"AICA_{side}": (
            course(on(basilar, rng.uniform(0.12, 0.35)), anterior),
            rng.normal(0.52, 0.08),
            artery,
        ),
        f"PICA_{side}": (
            course(on(vertebral, 0.4), _POSTERIOR),
            rng.normal(0.75, 0.1),
            artery,
        ),
        f"PV_{side}": (
            course(mirror_points(np.array([9.0, 4.0, 19.0]), sign), _PETROSAL),
            rng.normal(0.7, 0.1),
            vein,
        ),
    }


def lay_branches(
    rng: Generator,
    trunks: dict[str, CurvedTube],
    sign: int,
    obstacles: tuple[Obstacle, ...],
    facial: CurvedTube,
) -> list[PhantomVessel]:
    """Lay SCA, PCA, AICA, PICA and a petrosal vein of one side.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the vessels.
    trunks : dict of str to CurvedTube
        From `lay_trunk_arteries`.
    sign : int
        +1 right, -1 left.
    obstacles : tuple of Obstacle
        Clearances count from the vessel's wall.
    facial : CurvedTube
        CN VII of this side; every branch stays clear of it.
    """
    laid = []
    for name, (points, radius, kind) in _branch_plans(rng, trunks, sign).items():
        thick = float(np.clip(radius, 0.35, 1.3))
        margin = float(rng.uniform(0.25, 2.0))
        keep = CLEAR_MM + margin + float(facial.sections.max()) + thick
        around = tuple(
            Obstacle(solid=item.solid, clearance_mm=item.clearance_mm + thick)
            for item in obstacles
        )
        own = Obstacle(solid=CurvedTube.round(facial.nodes, 1e-3), clearance_mm=keep)
        course = smooth_course(points, 0.5)
        held = np.zeros(len(course), dtype=bool)
        held[0] = held[-1] = True
        course = resample(relax(course, held, (*around, own), rounds=120), 0.4)
        part = np.linspace(0.0, 1.0, len(course))
        taper = np.interp(part, [0.0, 0.3, 1.0], [1.1, 1.0, 0.8])
        tube = CurvedTube.round(course, thick * taper)
        if facial.distance(tube.nodes).min() - tube.radius.max() > CLEAR_MM:
            laid.append(PhantomVessel(name=name, kind=kind, tube=tube))
    return laid
