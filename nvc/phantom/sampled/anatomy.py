"""The whole of a sampled head: level sets, nerves and vessels, drawn from a seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nvc.model.anatomy import Side, VesselKind
from nvc.phantom.anatomy import REPLACED, Anatomy, SideAnatomy, stream
from nvc.phantom.ears import Ear
from nvc.phantom.geometry.closeness import measure_closeness
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Head, SidePlan, mirror_points
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.sampled.beside import (
    lay_eighth,
    lay_intermedius,
    lay_others,
    lay_plexus,
    lay_strands,
)
from nvc.phantom.sampled.bone import Labels, build_outside, lay_neighbours
from nvc.phantom.sampled.conflict import Ground, Meeting, bring
from nvc.phantom.sampled.ears import build_labyrinth, open_bone
from nvc.phantom.sampled.fossa import (
    Leaves,
    Opening,
    build_cerebellum,
    build_room,
    build_stem,
    build_ventricle,
    carve,
)
from nvc.phantom.sampled.lattice import Generator, LevelSet
from nvc.phantom.sampled.nerves import FacialCourse, draw_measures, lay_root, make_tube
from nvc.phantom.sampled.vessels import VesselSide, find_ends, lay_branch, lay_trunks
from nvc.phantom.vessels import PhantomVessel

FAMILY = 11000
"""Added to the number of a seed's streams: this family draws its own numbers."""


_USUAL = {"AICA": 1.0, "PICA": 0.85, "SCA": 1.0, "PV": 0.8, "TPV": 0.6}
"""Vessels that nobody asked for, and how often a side has them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FossaLevels:
    """Level sets of the posterior fossa, head coordinates.

    Parameters
    ----------
    room : LevelSet
        Inside the dura.
    stem, cerebellum : LevelSet
        Without the ventricle.
    ventricle : LevelSet
        The fourth.
    leaves : Leaves
        Of the cerebellum.
    """

    room: LevelSet
    stem: LevelSet
    cerebellum: LevelSet
    ventricle: LevelSet
    leaves: Leaves


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WholeHead:
    """What is painted, head coordinates.

    Parameters
    ----------
    anatomy : Anatomy
        Nerves, vessels and where they meet.
    fossa : FossaLevels
        Brain and room.
    outside : ndarray
        `Matter` beyond the dura.
    ears : tuple of CurvedTube
        Fluid of both inner ears.
    plexus, strands : tuple of CurvedTube
        Choroid plexus and arachnoid.
    """

    anatomy: Anatomy
    fossa: FossaLevels
    outside: Labels
    ears: tuple[CurvedTube, ...]
    plexus: tuple[CurvedTube, ...]
    strands: tuple[CurvedTube, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Draft:
    """One side on the way."""

    root: FacialCourse
    opening: Opening
    ear: Ear
    fluid: tuple[CurvedTube, ...]
    eighth: CurvedTube
    thin: tuple[CurvedTube, ...]
    others: dict[str, CurvedTube]

    @property
    def nerves(self) -> tuple[CurvedTube, ...]:
        """CN VIII first, then all but CN VII."""
        return (self.eighth, *self.others.values())


def build_scene(options: PhantomOptions) -> WholeHead:
    """Draw the head that the options ask for.

    Raises
    ------
    GeometryError
        If a conflict cannot be laid in this head.
    """
    return _built(
        PhantomOptions(seed=options.seed, left=options.left, right=options.right)
    )


@lru_cache(maxsize=1)
def _built(options: PhantomOptions) -> WholeHead:
    """Build from the seed and the conflicts alone; the last head is kept."""
    drafts, fossa = _lay_ground(options)
    trunks = lay_trunks(stream(options, FAMILY + 7), fossa.stem, fossa.room)
    upon = np.minimum(fossa.stem.values, fossa.leaves.hull.values)
    vessels, met = [*trunks], {}
    for number, (side, draft) in enumerate(drafts.items()):
        ground = Ground(
            stem=fossa.stem, brain=LevelSet(upon), room=fossa.room, nerves=draft.nerves
        )
        bed = VesselSide(
            sign=side.sign,
            trunks={vessel.name: vessel.tube for vessel in trunks},
            ground=ground,
        )
        rng = stream(options, FAMILY + 8 + number)
        met[side], laid = _lay_side(rng, draft, bed, options.conflict(side))
        vessels += laid
    vessels += lay_neighbours(stream(options, FAMILY + 10))
    anatomy = Anatomy(
        surroundings=(),
        head=Head(
            fossa=fossa.room,
            brainstem=fossa.stem,
            cerebellum=fossa.cerebellum,
            ventricle=fossa.ventricle,
        ),
        sides={
            side: _finish(draft, met[side], side.sign, vessels)
            for side, draft in drafts.items()
        },
        vessels=tuple(vessels),
    )
    return _furnish(options, anatomy, fossa, list(drafts.values()))


def _lay_ground(options: PhantomOptions) -> tuple[dict[Side, _Draft], FossaLevels]:
    """Build both sides' nerves and all level sets around them."""
    pons, stem = build_stem(stream(options, FAMILY))
    drafts: dict[Side, _Draft] = {}
    for number, side in enumerate(Side):
        rng = stream(options, FAMILY + 1 + number)
        drafts[side], stem = _draft(rng, side.sign, pons, stem)
    openings = [draft.opening for draft in drafts.values()]
    room = build_room(stream(options, FAMILY + 3), openings)
    cerebellum, leaves = build_cerebellum(stream(options, FAMILY + 4), room)
    ventricle = build_ventricle(stream(options, FAMILY + 5))
    rng = stream(options, FAMILY + 6)
    for draft in drafts.values():
        cerebellum = _make_way(rng, cerebellum, draft)
    fossa = FossaLevels(
        room=room,
        stem=LevelSet(np.maximum(stem.values, -ventricle.values)),
        cerebellum=LevelSet(np.maximum(cerebellum.values, -ventricle.values)),
        ventricle=ventricle,
        leaves=leaves,
    )
    return drafts, fossa


def _furnish(
    options: PhantomOptions,
    anatomy: Anatomy,
    fossa: FossaLevels,
    drafts: Sequence[_Draft],
) -> WholeHead:
    """Add what hangs in the cisterns, and what lies beyond the dura."""
    rng = stream(options, FAMILY + 11)
    plexus: list[CurvedTube] = []
    strands: list[CurvedTube] = []
    vessels = tuple(vessel.tube for vessel in anatomy.vessels)
    for draft, (side, parts) in zip(drafts, anatomy.sides.items(), strict=True):
        keep_off = (parts.facial, draft.eighth, *vessels)
        plexus += lay_plexus(rng, side.sign, keep_off)
        strands += lay_strands(rng, draft.root, fossa.stem, fossa.room)
    outside = build_outside(
        stream(options, FAMILY + 12),
        fossa.room,
        [draft.ear.centre for draft in drafts],
        [draft.opening for draft in drafts],
    )
    return WholeHead(
        anatomy=anatomy,
        fossa=fossa,
        outside=outside,
        ears=tuple(tube for draft in drafts for tube in draft.fluid),
        plexus=tuple(plexus),
        strands=tuple(strands),
    )


def _draft(
    rng: Generator, sign: int, pons: LevelSet, stem: LevelSet
) -> tuple[_Draft, LevelSet]:
    """Lay one side's nerves, and return the brainstem that makes way for them."""
    laid = lay_root(rng, draw_measures(rng), sign, pons, stem)
    root, porus, fundus, stem = laid.root, laid.porus, laid.fundus, laid.stem
    opening = open_bone(rng, sign, (porus, fundus))
    ear, fluid = build_labyrinth(rng, sign, opening)
    eighth, branches = lay_eighth(rng, root, sign, stem, (porus, fundus))
    thin = branches
    if rng.uniform() < 0.6:
        thin = (*branches, lay_intermedius(root, eighth))
    draft = _Draft(
        root=root,
        opening=opening,
        ear=ear,
        fluid=tuple(fluid),
        eighth=eighth,
        thin=thin,
        others=lay_others(rng, sign, stem, porus, opening.cave),
    )
    return draft, stem


def _make_way(rng: Generator, cerebellum: LevelSet, draft: _Draft) -> LevelSet:
    """Keep the cerebellum off the nerves: the flocculus may lie against them."""
    gap = float(rng.choice([0.1, rng.uniform(0.1, 2.0)]))
    found = carve(cerebellum, make_tube(draft.root), gap + 0.3)
    found = carve(found, draft.eighth, 0.1)
    for name, tube in draft.others.items():
        if not name.startswith("CN5-"):
            found = carve(found, tube, 0.2)
    return found


def _lay_side(
    rng: Generator, draft: _Draft, bed: VesselSide, asked: Conflict
) -> tuple[Meeting | None, list[PhantomVessel]]:
    """Lay what is asked for, then the other vessels of a side, clear of CN VII."""
    side = "right" if bed.sign > 0 else "left"
    met, laid = None, []
    facial = make_tube(draft.root)
    if asked.vessel != "none":
        ends = find_ends(rng, asked.vessel, bed)
        met = bring(rng, draft.root, bed.ground, asked, ends)
        facial = met.facial
        kind = VesselKind.VEIN if asked.vessel == "vein" else VesselKind.ARTERY
        name = f"{REPLACED[asked.vessel]}_{side}"
        laid.append(PhantomVessel(name=name, kind=kind, tube=met.vessel))
    taken = REPLACED.get(asked.vessel, "")
    for name, chance in _USUAL.items():
        if name == taken or rng.uniform() > chance:
            continue
        apart = tuple(vessel.tube for vessel in laid)
        found = lay_branch(rng, name, bed, facial, apart)
        if found is not None:
            laid.append(found)
    return met, laid


def _finish(
    draft: _Draft, met: Meeting | None, sign: int, vessels: Sequence[PhantomVessel]
) -> SideAnatomy:
    facial = make_tube(draft.root) if met is None else met.facial
    places = draft.root.places if met is None else met.places
    span = (places[0], places[2])
    found = [(measure_closeness(facial, span, v.tube), v.name) for v in vessels]
    closest, name = min(found, key=lambda item: item[0].gap_mm)
    arc = facial.arc
    leave, lift = (
        mirror_points(facial.nodes[int(np.argmin(np.abs(arc - place)))], sign)
        for place in places[:2]
    )
    opening = draft.opening
    plan = SidePlan(
        exit=leave,
        detachment=lift,
        porus=mirror_points(opening.porus, sign),
        fundus=mirror_points(opening.fundus, sign),
        petrous_normal=mirror_points(opening.face_normal, sign),
    )
    return SideAnatomy(
        plan=plan,
        ear=draft.ear,
        facial=facial,
        vestibulocochlear=draft.eighth,
        thin=draft.thin,
        others=draft.others,
        places=places,
        closest=closest,
        closest_vessel=name,
        indentation_mm=0.0 if met is None else met.indentation_mm,
        deviation_mm=0.0 if met is None else met.deviation_mm,
    )
