"""One side of a real head: its nerves as they show, and what is drawn beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.errors import GeometryError
from nvc.model.anatomy import NerveSegment, Side, VesselKind
from nvc.phantom.anatomy import REPLACED
from nvc.phantom.conflict import segment_at
from nvc.phantom.ears import Ear, build_ear
from nvc.phantom.geometry.closeness import Closeness
from nvc.phantom.geometry.courses import smooth_course
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit
from nvc.phantom.options import Conflict
from nvc.phantom.recoloured.fields import Field
from nvc.phantom.recoloured.fossa import Fossa
from nvc.phantom.recoloured.nerves import fit_course, lay_facial
from nvc.phantom.recoloured.paths import AroundNerve
from nvc.phantom.recoloured.reading import SideReading
from nvc.phantom.recoloured.vessels import (
    Bed,
    Wanted,
    bring_vessel,
    lay_bystander,
    measure_surroundings,
)
from nvc.phantom.vessels import PhantomVessel

_RADII = {"aica": (0.4, 0.75), "pica": (0.5, 0.85), "vein": (0.4, 0.75)}
"""Range of radii, mm: AICA 0.8-1.5, PICA 1.0-1.7, veins 0.8-1.5 across."""
_PLACES = 8
"""Places along a segment that are tried for a vessel."""
_EIGHTH_RADIUS_MM = 0.9
"""CN VIII is 2.3 to 1.4 mm across (clinical series of 75 nerves)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RealSide:
    """One side, head coordinates.

    Parameters
    ----------
    plan : SidePlan
        Landmarks, outwards-anterior-superior.
    ear : Ear
        Drawn: canal and inner ear.
    bed : Bed
        Nerves, brain and wall.
    """

    plan: SidePlan
    ear: Ear
    bed: Bed


def build_side(
    rng: Generator, side: Side, reading: SideReading, fossa: Fossa, nerves: Field
) -> RealSide:
    """Fit the nerves of one side.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the inner ear.
    side : Side
        Which one.
    reading : SideReading
        In head coordinates.
    fossa : Fossa
        Brain and wall.
    nerves : Field
        Tissue as it is coloured (`nvc.phantom.recoloured.fossa.sharpen`).
    """
    own = SidePlan(
        exit=mirror_points(reading.root_exit, side.sign),
        detachment=mirror_points(reading.root_detachment, side.sign),
        porus=mirror_points(reading.porus, side.sign),
        fundus=mirror_points(reading.fundus, side.sign),
        petrous_normal=unit(mirror_points(reading.porus - reading.fundus, side.sign)),
    )
    ear = build_ear(rng, own, side.sign)
    free = fit_course(reading.facial, nerves, fossa.brain, reading.eighth)
    eighth = fit_course(reading.eighth, nerves, fossa.brain, reading.facial)
    facial = lay_facial(reading.root_exit, reading.root_detachment, free, fossa.brain)
    return RealSide(
        plan=own,
        ear=ear,
        bed=Bed(
            sign=side.sign,
            fossa=fossa,
            canal=ear.canal,
            facial=facial,
            eighth=CurvedTube.round(eighth.course, _EIGHTH_RADIUS_MM),
            places=_places(facial, reading, own, side.sign),
        ),
    )


def _places(
    facial: CurvedTube, reading: SideReading, plan: SidePlan, sign: int
) -> tuple[float, float, float]:
    """Return where root exit, detachment and porus lie along CN VII, mm.

    The read points are carried onto the course; the porus is where the course enters
    the canal by the plane through the read porus.
    """
    arc = facial.arc

    def nearest(point: Points) -> float:
        away = np.linalg.norm(facial.nodes - point, axis=1)
        return float(arc[int(np.argmin(away))])

    normal = mirror_points(plan.petrous_normal, sign)
    beyond = (facial.nodes - reading.porus) @ normal < 0.0
    beyond &= arc > nearest(reading.root_detachment)
    porus = (
        float(arc[int(np.argmax(beyond))]) if beyond.any() else nearest(reading.porus)
    )
    return nearest(reading.root_exit), nearest(reading.root_detachment), porus


def draw_vessels(
    rng: Generator,
    side: Side,
    bed: Bed,
    conflict: Conflict,
    trunks: dict[str, CurvedTube],
) -> tuple[list[PhantomVessel], Closeness | None]:
    """Draw what a side is asked for, an AICA that nobody asked for, perhaps a vein.

    Raises
    ------
    GeometryError
        If the vessel asked for has no way.
    """
    sinus = _sinus(bed)
    parents = {"aica": trunks["BA"], "pica": trunks[f"VA_{side}"], "vein": sinus}
    around = measure_surroundings(bed)
    vessels: list[PhantomVessel] = []
    met: Closeness | None = None
    if conflict.vessel != "none":
        tube, met = _asked(rng, bed, around, conflict, parents[conflict.vessel])
        vessels.append(_named(conflict.vessel, side, tube))
    for kind, chance in (("aica", 1.0), ("vein", 0.5)):
        taken = conflict.vessel == kind or (
            kind == "aica" and conflict.vessel == "pica"
        )
        if taken or rng.uniform() > chance:
            continue
        radius = float(rng.uniform(*_RADII[kind]))
        laid = lay_bystander(rng, bed, around, parents[kind], radius)
        others = [vessel.tube for vessel in vessels]
        if laid is not None and not any(_touch(laid, other) for other in others):
            vessels.append(_named(kind, side, laid))
    return vessels, met


def _asked(
    rng: Generator,
    bed: Bed,
    around: AroundNerve,
    conflict: Conflict,
    parent: CurvedTube,
) -> tuple[CurvedTube, Closeness]:
    failure = GeometryError("no place along the nerve")
    places = _spots(rng, bed, NerveSegment(conflict.segment))
    for at in places:
        wanted = Wanted(
            at_mm=at,
            gap_mm=conflict.gap_mm,
            radius_mm=float(rng.uniform(*_RADII[conflict.vessel])),
            parent=parent,
        )
        try:
            tube, met = bring_vessel(rng, bed, around, wanted)
        except GeometryError as error:
            failure = error
            continue
        if segment_at(met.nerve_arc, bed.places) is NerveSegment(conflict.segment):
            return tube, met
    raise failure


def _spots(rng: Generator, bed: Bed, segment: NerveSegment) -> list[float]:
    """Return places in a segment, mm past the root detachment."""
    leave, lift, porus = bed.places
    arc = np.arange(leave, porus - 0.8, 0.1)
    fit = [at - lift for at in arc if segment_at(float(at), bed.places) is segment]
    return [float(rng.choice(fit)) for _ in range(_PLACES)] if fit else []


def _sinus(bed: Bed) -> CurvedTube:
    """Return where the petrosal veins end: above and before the canal's mouth."""
    _, _, porus = bed.places
    mouth = bed.facial.nodes[int(np.searchsorted(bed.facial.arc, porus))]
    ends = np.array([[-2.0, 2.0, 8.0], [0.0, 0.0, 11.0]])
    return CurvedTube.round(mouth + mirror_points(ends, bed.sign), 0.8)


def _touch(first: CurvedTube, second: CurvedTube) -> bool:
    return bool((second.distance(first.nodes) < first.radius).any())


def _named(kind: str, side: Side, tube: CurvedTube) -> PhantomVessel:
    vein = kind == "vein"
    return PhantomVessel(
        name=f"{REPLACED[kind]}_{side.value}",
        kind=VesselKind.VEIN if vein else VesselKind.ARTERY,
        tube=tube,
    )


def in_head(reading: SideReading, ras_to_head: Points) -> SideReading:
    """Return a reading in head coordinates."""

    def moved(points: Points) -> Points:
        own: Points = points @ ras_to_head[:3, :3].T + ras_to_head[:3, 3]
        return own

    facial = moved(reading.facial)
    return SideReading(
        root_exit=moved(reading.root_exit),
        root_detachment=moved(reading.root_detachment),
        porus=moved(reading.porus),
        fundus=moved(reading.fundus),
        facial=smooth_course(facial, 0.5),
        eighth=moved(reading.eighth),
    )
