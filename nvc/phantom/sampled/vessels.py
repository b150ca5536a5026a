"""Basilar and vertebral arteries, their branches and veins that nobody asked for."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.model.anatomy import VesselKind
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import mirror_points
from nvc.phantom.sampled.conflict import Ground, is_free
from nvc.phantom.sampled.lattice import Generator, LevelSet
from nvc.phantom.sampled.settle import lift, off_solid, off_tube, settle, within
from nvc.phantom.vessels import PhantomVessel

CLEAR_MM = 2.1
"""Least distance, wall to wall, from CN VII of what nobody asked for."""
_TRIES = 8
Place = tuple[float, float, float]
_WAYS: dict[str, tuple[Place, ...]] = {
    "AICA": (
        (10.0, 8.0, 3.0),
        (18.0, 6.0, 4.0),
        (23.0, 1.5, 2.5),
        (26.5, -6.0, 1.0),
        (31.0, -12.0, -2.0),
    ),
    "PICA": (
        (11.0, -2.0, -13.0),
        (12.0, -9.0, -16.0),
        (8.5, -17.5, -13.0),
        (5.0, -21.5, -8.0),
    ),
    "SCA": ((9.0, 7.0, 24.0), (17.0, 0.0, 25.0), (21.0, -11.0, 26.0)),
    "PV": (
        (18.0, -2.0, 19.0),
        (20.5, 1.5, 18.5),
        (22.5, 5.5, 19.0),
        (24.0, 8.0, 20.5),
    ),
    "TPV": ((5.0, 9.5, 12.0), (11.0, 7.5, 14.5), (16.0, 3.0, 17.5)),
}
"""Arteries, petrosal and transverse pontine veins: outwards, anterior, superior."""
_RADII_MM = {
    "AICA": (0.35, 0.7),
    "PICA": (0.55, 0.9),
    "SCA": (0.6, 0.85),
    "PV": (0.5, 0.9),
    "TPV": (0.2, 0.35),
}
_VEINS = ("PV", "TPV")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VesselSide:
    """Where the vessels of one side run.

    Parameters
    ----------
    sign : int
        +1 right, -1 left.
    trunks : dict of str to CurvedTube
        BA and both VA.
    ground : Ground
        What is about.
    """

    sign: int
    trunks: dict[str, CurvedTube]
    ground: Ground


def lay_trunks(rng: Generator, stem: LevelSet, room: LevelSet) -> list[PhantomVessel]:
    """Lay the vertebral arteries and the basilar artery.

    BA 3.2 (SD 0.5) mm across, each VA 2.8 (SD 0.6) mm, one mostly the larger (CTA,
    n = 100); BA bends to the side of the smaller VA.
    """
    radii = np.clip(rng.normal(1.4, 0.3, 2), 0.7, 2.0)
    bow = float(np.clip(1.8 * (radii[1] - radii[0]) + rng.normal(0.0, 1.2), -4.0, 4.0))
    joint = np.array([0.4 * bow, 5.0, -1.0 + rng.normal(0.0, 2.0)])
    wide = float(np.clip(rng.normal(1.6, 0.25), 1.1, 2.2))
    ways = np.array(
        [joint, [bow, 9.5, 7.0], [0.8 * bow, 11.5, 15.0], [0.0, 14.0, 24.0]]
    )
    ways = np.concatenate([ways, [[0.0, 15.0, 30.0]]])
    laid = [_trunk("BA", ways, wide, stem, room)]
    for radius, sign, side in ((radii[0], 1, "right"), (radii[1], -1, "left")):
        own = np.array([[11.0, -6.0, -36.0], [9.5, -1.0, -18.0], [5.0, 2.5, -8.0]])
        own = mirror_points(own + rng.normal(0.0, 0.9, (3, 3)), sign)
        course = np.concatenate([own, joint[None]])
        laid.append(_trunk(f"VA_{side}", course, float(radius), stem, room))
    return laid


def _trunk(
    name: str, ways: Points, radius: float, stem: LevelSet, room: LevelSet
) -> PhantomVessel:
    keep = (off_solid(stem, radius + 0.15), within(room, radius + 0.2))
    tube = CurvedTube.round(settle(ways, keep), radius)
    return PhantomVessel(name=name, kind=VesselKind.ARTERY, tube=tube)


def find_ends(rng: Generator, vessel: str, bed: VesselSide) -> tuple[Points, Points]:
    """Return where a vessel that is brought to CN VII starts, and ends on the brain."""
    side = "right" if bed.sign > 0 else "left"
    ends = {
        "aica": [30.0, -7.0, -2.0],
        "pica": [13.0, -19.0, -12.0],
        "vein": [28.0, -5.0, 11.0],
    }
    end = np.array(ends[vessel]) + rng.normal(0.0, 1.2, 3)
    start = np.array([17.5, 3.5, 19.0]) + rng.normal(0.0, 0.8, 3)
    both = mirror_points(np.stack([start, end]), bed.sign)
    first, last = lift(both, bed.ground.brain, 1.0)
    if vessel != "vein":
        first = _start(rng, vessel.upper(), side, bed.trunks)
    return first, last


def _start(
    rng: Generator, name: str, side: str, trunks: dict[str, CurvedTube]
) -> Points:
    spans = {"AICA": ("BA", 0.05, 0.35), "SCA": ("BA", 0.75, 0.85)}
    trunk, low, high = spans.get(name, (f"VA_{side}", 0.45, 0.75))
    nodes = trunks[trunk].nodes
    found: Points = nodes[int(rng.uniform(low, high) * (len(nodes) - 1))]
    return found


def lay_branch(
    rng: Generator,
    name: str,
    bed: VesselSide,
    facial: CurvedTube,
    keep_apart: tuple[CurvedTube, ...],
) -> PhantomVessel | None:
    """Lay one branch or vein, clear of CN VII; None where there is no room for it."""
    sign, trunks, ground = bed.sign, bed.trunks, bed.ground
    side = "right" if sign > 0 else "left"
    for _ in range(_TRIES):
        radius = float(rng.uniform(*_RADII_MM[name]))
        ways = np.array(_WAYS[name])
        ways = mirror_points(ways + rng.normal(0.0, 1.0, ways.shape), sign)
        ways = lift(ways, ground.brain, radius + 0.2)
        if name not in _VEINS:
            start = _start(rng, name, side, trunks)
            ways = np.concatenate([start[None], ways])
        clear = CLEAR_MM + radius + float(rng.uniform(0.25, 1.5))
        keep = [
            off_solid(ground.brain, radius + 0.1),
            within(ground.room, radius + 0.2),
            off_tube(facial, clear),
            *(off_tube(tube, radius + 0.12) for tube in ground.nerves),
            *(off_tube(tube, radius + 0.25) for tube in keep_apart),
        ]
        course = settle(ways, keep)
        part = np.linspace(0.0, 1.0, len(course))
        taper = np.interp(part, [0.0, 0.4, 1.0], [1.15, 1.0, 0.75])
        tube = CurvedTube.round(course, radius * taper)
        apart = float((facial.distance(tube.nodes) - tube.radius).min())
        if apart > CLEAR_MM and is_free(tube, ground):
            kind = VesselKind.VEIN if name in _VEINS else VesselKind.ARTERY
            return PhantomVessel(name=f"{name}_{side}", kind=kind, tube=tube)
    return None
