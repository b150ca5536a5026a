"""The whole anatomy of one phantom, in head coordinates, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nvc.model.anatomy import Side, VesselKind
from nvc.phantom.conflict import Brought, Setting, bring_vessel
from nvc.phantom.ears import Ear, build_ear
from nvc.phantom.geometry.closeness import Closeness, measure_closeness
from nvc.phantom.geometry.courses import Obstacle
from nvc.phantom.geometry.shapes import Outside, Solid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, Head, SidePlan, build_head, plan_side
from nvc.phantom.nerves import (
    build_branches,
    build_eighth,
    build_facial,
    build_intermedius,
    build_other_nerves,
    find_nerve_places,
)
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.surroundings import build_surroundings
from nvc.phantom.tissues import Layer
from nvc.phantom.vessels import PhantomVessel, lay_branches, lay_trunk_arteries

REPLACED = {"aica": "AICA", "pica": "PICA", "va": "VA", "vein": "PV"}
"""Which vessel of a side a conflict takes the place of."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideAnatomy:
    """One side: nerves, ear, and where things lie along CN VII.

    Parameters
    ----------
    plan : SidePlan
        Landmarks, outwards-anterior-superior.
    ear : Ear
        Canal and inner ear.
    facial, vestibulocochlear : CurvedTube
        From inside the brainstem to the fundus, head coordinates.
    thin : tuple of CurvedTube
        Branches of CN VIII at the fundus and the nervus intermedius.
    others : dict of str to CurvedTube
        CN V, VI and IX-XI.
    places : tuple of float
        Root exit, root detachment and porus, arc length of `facial`, mm.
    closest : Closeness
        To the nearest vessel, root exit to porus.
    closest_vessel : str
        Its name.
    indentation_mm, deviation_mm : float
        How far CN VII is pressed in and displaced.
    """

    plan: SidePlan
    ear: Ear
    facial: CurvedTube
    vestibulocochlear: CurvedTube
    thin: tuple[CurvedTube, ...]
    others: dict[str, CurvedTube]
    places: tuple[float, float, float]
    closest: Closeness
    closest_vessel: str
    indentation_mm: float
    deviation_mm: float

    @property
    def visible_facial(self) -> CurvedTube:
        """CN VII from the root exit on: inside the brainstem it cannot be told."""
        return self.facial.from_arc(self.places[0])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Anatomy:
    """Everything solid in the head."""

    surroundings: tuple[Layer, ...]
    head: Head
    sides: dict[Side, SideAnatomy]
    vessels: tuple[PhantomVessel, ...]


def stream(options: PhantomOptions, number: int) -> Generator:
    """Return one of the seed's independent streams of random numbers."""
    return np.random.default_rng([options.seed, number])


def build_anatomy(options: PhantomOptions) -> Anatomy:
    """Draw the anatomy that the options ask for.

    Raises
    ------
    GeometryError
        If a conflict cannot be laid in this head.
    """
    return _built(
        PhantomOptions(seed=options.seed, left=options.left, right=options.right)
    )


@lru_cache(maxsize=2)
def _built(options: PhantomOptions) -> Anatomy:
    """Build from the seed and the conflicts alone; the last two heads are kept."""
    rng = stream(options, 0)
    plans = {side: plan_side(rng) for side in Side}
    head = build_head(rng, {side.sign: plan for side, plan in plans.items()})
    bone = Outside(head.fossa)
    trunks = lay_trunk_arteries(stream(options, 1), head.brain, bone)
    vessels: dict[str, PhantomVessel] = {}
    drafts: dict[Side, _Draft] = {}
    for side in Side:
        draft = _draft_side(options, side, plans[side], head, trunks)
        drafts[side] = draft
        if draft.brought is not None:
            conflict = options.conflict(side)
            name = f"{REPLACED[conflict.vessel]}_{side.value}"
            kind = VesselKind.VEIN if conflict.vessel == "vein" else VesselKind.ARTERY
            vessels[name] = PhantomVessel(
                name=name, kind=kind, tube=draft.brought.vessel
            )
    for name, tube in trunks.items():
        if name not in vessels:
            vessels[name] = PhantomVessel(name=name, kind=VesselKind.ARTERY, tube=tube)
    for side, draft in drafts.items():
        laid = _other_vessels(options, side, draft, head, trunks)
        vessels.update({v.name: v for v in laid if v.name not in vessels})
    everything = tuple(vessels.values())
    sides = {side: _finish(draft, everything) for side, draft in drafts.items()}
    around = build_surroundings(
        stream(options, 8),
        head.fossa,
        (plans[Side.RIGHT].petrous(1), plans[Side.LEFT].petrous(-1)),
    )
    return Anatomy(
        surroundings=tuple(around), head=head, sides=sides, vessels=everything
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Draft:
    plan: SidePlan
    ear: Ear
    facial: CurvedTube
    eighth: CurvedTube
    thin: tuple[CurvedTube, ...]
    others: dict[str, CurvedTube]
    places: tuple[float, float, float]
    brought: Brought | None


def _draft_side(
    options: PhantomOptions,
    side: Side,
    plan: SidePlan,
    head: Head,
    trunks: dict[str, CurvedTube],
) -> _Draft:
    sign = side.sign
    rng = stream(options, 2 if side is Side.LEFT else 3)
    ear = build_ear(rng, plan, sign)
    facial = build_facial(rng, plan, sign, head.brain)
    others = build_other_nerves(rng, plan, sign)
    draws = rng.spawn(2)
    conflict = options.conflict(side)
    brought = None
    if conflict.vessel != "none":
        setting = Setting(
            plan=plan,
            sign=sign,
            brain=head.brain,
            bone=Outside(head.fossa),
            parents=trunks,
        )
        brought = bring_vessel(draws[0], facial, setting, conflict)
        facial = brought.facial
    avoid = () if brought is None else (brought.vessel,)
    eighth = build_eighth(draws[1], plan, sign, head.brain, (facial, *avoid))
    places = find_nerve_places(facial, plan, sign, head.brain)
    thin = build_branches(plan, sign, eighth)
    if draws[1].uniform() < 0.5:
        thin = (*thin, build_intermedius(facial, eighth, places[0] + 0.5))
    return _Draft(
        plan=plan,
        ear=ear,
        facial=facial,
        eighth=eighth,
        thin=thin,
        others=others,
        places=places,
        brought=brought,
    )


def _other_vessels(
    options: PhantomOptions,
    side: Side,
    draft: _Draft,
    head: Head,
    trunks: dict[str, CurvedTube],
) -> list[PhantomVessel]:
    conflict: Conflict = options.conflict(side)
    solids: list[tuple[Solid, float]] = [
        (Outside(head.fossa), 0.2),
        (head.brain, 0.1),
        (draft.eighth, 0.2),
        (draft.others["CN5"], 0.2),
    ]
    if draft.brought is not None:
        solids.append((draft.brought.vessel, 0.3))
    obstacles = tuple(Obstacle(solid=solid, clearance_mm=c) for solid, c in solids)
    rng = stream(options, 4 if side is Side.LEFT else 5)
    laid = lay_branches(rng, trunks, side.sign, obstacles, draft.facial)
    replaced = f"{REPLACED.get(conflict.vessel, '')}_{side.value}"
    return [vessel for vessel in laid if vessel.name != replaced]


def _finish(draft: _Draft, vessels: tuple[PhantomVessel, ...]) -> SideAnatomy:
    span = (draft.places[0], draft.places[2])
    found = [(measure_closeness(draft.facial, span, v.tube), v.name) for v in vessels]
    closest, name = min(found, key=lambda item: item[0].gap_mm)
    brought = draft.brought
    return SideAnatomy(
        plan=draft.plan,
        ear=draft.ear,
        facial=draft.facial,
        vestibulocochlear=draft.eighth,
        thin=draft.thin,
        others=draft.others,
        places=draft.places,
        closest=closest,
        closest_vessel=name,
        indentation_mm=0.0 if brought is None else brought.indentation_mm,
        deviation_mm=0.0 if brought is None else brought.deviation_mm,
    )
