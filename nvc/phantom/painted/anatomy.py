"""One painted head, drawn from a seed: the same value as the first family's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nvc.model.anatomy import Side, VesselKind
from nvc.phantom import tissues
from nvc.phantom.anatomy import REPLACED, Anatomy, SideAnatomy, stream
from nvc.phantom.geometry.closeness import measure_closeness
from nvc.phantom.geometry.shapes import Outside, Solid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, Head, SidePlan
from nvc.phantom.nerves import find_nerve_places
from nvc.phantom.options import PhantomOptions
from nvc.phantom.painted.brain import build_head
from nvc.phantom.painted.sides import (
    build_ear,
    build_eighth,
    build_facial,
    build_other_nerves,
    plan_side,
)
from nvc.phantom.painted.vessels import (
    Met,
    VesselBed,
    bring_vessel,
    lay_bystanders,
    lay_trunk_arteries,
)
from nvc.phantom.tissues import Layer
from nvc.phantom.vessels import PhantomVessel

Tubes = tuple[CurvedTube, ...]
FAMILY = 5000
"""Added to the number of a seed's streams: both families draw their own numbers."""


def _nothing_beside(
    _plan: SidePlan, _sign: int, _facial: CurvedTube
) -> tuple[Solid, ...]:
    return ()


def _no_more(
    _rng: Generator, _place: VesselBed, _facial: CurvedTube, _keep_out: Tubes
) -> list[PhantomVessel]:
    return []


@dataclass(frozen=True, slots=True, kw_only=True)
class Craft:
    """How the parts of a head are made; the order in which they are is fixed.

    Parameters
    ----------
    family : int
        Added to the number of a seed's streams.
    plan_side : callable
        Draws the landmarks of one side, left before right.
    build_head : callable
        Draws fossa and brain around both sides' landmarks.
    build_facial : callable
        Lays CN VII from landmarks, sign and brain.
    build_others : callable
        Lays CN V, VI and IX to XI.
    beside : callable
        What lies against the nerves besides: brain that vessels keep out of.
    lay_more : callable
        Vessels besides those of every head; they may come near CN VII.
    """

    family: int = FAMILY
    plan_side: Callable[[Generator], SidePlan] = plan_side
    build_head: Callable[[Generator, dict[int, SidePlan]], Head] = build_head
    build_facial: Callable[[Generator, SidePlan, int, Solid], CurvedTube] = build_facial
    build_others: Callable[[SidePlan, int], dict[str, CurvedTube]] = build_other_nerves
    beside: Callable[[SidePlan, int, CurvedTube], tuple[Solid, ...]] = _nothing_beside
    lay_more: Callable[
        [Generator, VesselBed, CurvedTube, Tubes], list[PhantomVessel]
    ] = _no_more


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Draft:
    """One side before all vessels are known."""

    place: VesselBed
    facial: CurvedTube
    eighth: CurvedTube
    others: dict[str, CurvedTube]
    met: Met | None


def build_anatomy(options: PhantomOptions, craft: Craft | None = None) -> Anatomy:
    """Draw the anatomy that the options ask for.

    Parameters
    ----------
    options : PhantomOptions
        Seed and conflicts.
    craft : Craft, optional
        How the parts are made; by default as in every painted head.

    Raises
    ------
    GeometryError
        If a conflict cannot be laid in this head.
    """
    craft = craft or Craft()
    rng = stream(options, craft.family)
    plans = {side: craft.plan_side(rng) for side in Side}
    head = craft.build_head(rng, {side.sign: plan for side, plan in plans.items()})
    bone = Outside(head.fossa)
    trunks = lay_trunk_arteries(stream(options, craft.family + 1), head.brain, bone)
    vessels: dict[str, PhantomVessel] = {}
    drafts: dict[Side, _Draft] = {}
    for number, (side, plan) in enumerate(plans.items()):
        place = VesselBed(
            plan=plan, sign=side.sign, brain=head.brain, bone=bone, trunks=trunks
        )
        draft = _draft(options, side, place, craft, craft.family + 2 + 2 * number)
        drafts[side] = draft
        if draft.met is not None:
            vessels.update(_brought(options, side, draft.met.vessel))
    for name, tube in trunks.items():
        own = PhantomVessel(name=name, kind=VesselKind.ARTERY, tube=tube)
        vessels.setdefault(name, own)
    for number, draft in enumerate(drafts.values()):
        keep_out: tuple[CurvedTube, ...] = (draft.eighth, draft.others["CN5"])
        if draft.met is not None:
            keep_out = (*keep_out, draft.met.vessel)
        rng = stream(options, craft.family + 13 + number)
        more = craft.lay_more(rng, draft.place, draft.facial, keep_out)
        vessels.update({v.name: v for v in more if v.name not in vessels})
        keep_out = (*keep_out, *(vessel.tube for vessel in more))
        rng = stream(options, craft.family + 3 + 2 * number)
        for vessel in lay_bystanders(rng, draft.place, draft.facial, keep_out):
            vessels.setdefault(vessel.name, vessel)
    everything = tuple(vessels.values())
    sides = {
        side: _finished(options, side, drafts[side], craft, everything) for side in Side
    }
    beside = tuple(
        Layer(solid=solid, tissue=tissues.CORTEX)
        for draft in drafts.values()
        for solid in draft.place.beside
    )
    return Anatomy(surroundings=beside, head=head, sides=sides, vessels=everything)


def _brought(
    options: PhantomOptions, side: Side, tube: CurvedTube
) -> dict[str, PhantomVessel]:
    asked = options.conflict(side).vessel
    name = f"{REPLACED[asked]}_{side.value}"
    kind = VesselKind.VEIN if asked == "vein" else VesselKind.ARTERY
    return {name: PhantomVessel(name=name, kind=kind, tube=tube)}


def _draft(
    options: PhantomOptions, side: Side, place: VesselBed, craft: Craft, number: int
) -> _Draft:
    rng = stream(options, number)
    facial = craft.build_facial(rng, place.plan, place.sign, place.brain)
    place = replace(place, beside=craft.beside(place.plan, place.sign, facial))
    for_conflict, for_eighth = rng.spawn(2)
    conflict = options.conflict(side)
    met = None
    if conflict.vessel != "none":
        met = bring_vessel(for_conflict, facial, place, conflict)
        facial = met.facial
    avoid = (facial,) if met is None else (facial, met.vessel)
    return _Draft(
        place=place,
        facial=facial,
        eighth=build_eighth(for_eighth, place.plan, place.sign, place.brain, avoid),
        others=craft.build_others(place.plan, place.sign),
        met=met,
    )


def _finished(
    options: PhantomOptions,
    side: Side,
    draft: _Draft,
    craft: Craft,
    vessels: tuple[PhantomVessel, ...],
) -> SideAnatomy:
    plan = draft.place.plan
    places = find_nerve_places(draft.facial, plan, side.sign, draft.place.brain)
    span = (places[0], places[2])
    found = [(measure_closeness(draft.facial, span, v.tube), v.name) for v in vessels]
    closest, name = min(found, key=lambda item: item[0].gap_mm)
    met = draft.met
    return SideAnatomy(
        plan=plan,
        ear=build_ear(stream(options, craft.family + 10 + side.sign), plan, side.sign),
        facial=draft.facial,
        vestibulocochlear=draft.eighth,
        thin=(),
        others=draft.others,
        places=places,
        closest=closest,
        closest_vessel=name,
        indentation_mm=0.0 if met is None else options.conflict(side).indentation_mm,
        deviation_mm=0.0 if met is None else met.deviation_mm,
    )
