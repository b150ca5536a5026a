"""A stretched head in a scanner: volumes and truth, as the other families give them."""

from __future__ import annotations

from dataclasses import replace

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from nvc.phantom.anatomy import stream
from nvc.phantom.geometry.shapes import Solid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, Head, SidePlan
from nvc.phantom.options import PhantomOptions
from nvc.phantom.painted.anatomy import Craft, build_anatomy
from nvc.phantom.painted.brain import build_head
from nvc.phantom.painted.heads import (
    SLAB_CENTRE,
    T2_LEVELS,
    TOF_LEVELS,
    Studio,
    draw_look,
    take_pictures,
)
from nvc.phantom.painted.paint import Look
from nvc.phantom.painted.sides import build_ear, build_facial
from nvc.phantom.painted.vessels import VesselBed
from nvc.phantom.stretched.nerves import Beside, plan_stretched
from nvc.phantom.stretched.stretch import Sequence, Stretch, draw_stretch
from nvc.phantom.stretched.vessels import lay_canal_loop, lay_root_vein
from nvc.phantom.study import Phantom
from nvc.phantom.vessels import PhantomVessel

FAMILY = 7000
"""Added to the number of a seed's streams: this family draws its own numbers."""
_SIGNAL = {
    Sequence.CISS: T2_LEVELS,
    Sequence.SPACE: (0.02, 0.35, 0.05, 0.22, 0.85, 0.8, 0.34, 0.36, 0.28, 0.02, 0.04),
    Sequence.FIESTA: (0.02, 0.5, 0.05, 0.3, 1.0, 0.95, 0.4, 0.42, 0.4, 0.22, 0.3),
}
"""Signals of the paints in their order (`nvc.phantom.painted.paint.Paint`)."""


def make_stretched(options: PhantomOptions) -> Phantom:
    """Draw a stretched head from a seed and take its pictures.

    Parameters
    ----------
    options : PhantomOptions
        As for `nvc.phantom.painted.make_painted`. What is asked to come near CN VII
        comes there; a loop into the canal or a vein by the root may come nearer, and
        the truth says so.

    Raises
    ------
    InputError
        If a T1 is asked for.
    GeometryError
        If a conflict cannot be laid in this head.
    """
    if options.with_t1:
        raise InputError.of(
            "bad-phantom", "with_t1", "is true; stretched heads have no T1."
        )
    stretch = find_stretch(options)
    anatomy = build_anatomy(options, _craft(stretch, options))

    def look(role: SequenceRole, asked: PhantomOptions) -> Look:
        is_t2 = role is SequenceRole.T2
        levels = _SIGNAL[stretch.sequence] if is_t2 else TOF_LEVELS
        drawn = draw_look(role, asked, FAMILY, levels)
        return replace(drawn, pulsation=stretch.ghosts) if is_t2 else drawn

    return take_pictures(
        anatomy, options, Studio(family=FAMILY, centre=SLAB_CENTRE, look=look)
    )


def find_stretch(options: PhantomOptions) -> Stretch:
    """Return how the head of a seed is stretched."""
    return draw_stretch(stream(options, FAMILY + 50))


def _craft(stretch: Stretch, options: PhantomOptions) -> Craft:
    """Return the makers of one head's parts."""
    around = {
        side.sign: Beside(
            seed=(options.seed, FAMILY + 60 + number), stretch=stretch.sides[side]
        )
        for number, side in enumerate(Side)
    }
    waiting = list(Side)

    def plan(rng: Generator) -> SidePlan:
        return plan_stretched(rng, stretch.sides[waiting.pop(0)], stretch.fullness)

    def head(rng: Generator, plans: dict[int, SidePlan]) -> Head:
        return build_head(rng, plans, stretch.fullness, stretch.clivus_mm)

    def facial(rng: Generator, own: SidePlan, sign: int, brain: Solid) -> CurvedTube:
        return build_facial(rng, own, sign, brain, around[sign].stretch.sway_mm)

    def more(
        rng: Generator,
        place: VesselBed,
        nerve: CurvedTube,
        keep_out: tuple[CurvedTube, ...],
    ) -> list[PhantomVessel]:
        own, found = around[place.sign].stretch, []
        side = Side.RIGHT if place.sign > 0 else Side.LEFT
        ear = build_ear(
            stream(options, FAMILY + 10 + place.sign), place.plan, place.sign
        )
        if own.loop and options.conflict(side).vessel != "aica":
            found.append(lay_canal_loop(rng, place, ear.canal, nerve, keep_out))
        if own.root_vein_mm is not None:
            found.append(lay_root_vein(rng, place, own.root_vein_mm, nerve, keep_out))
        return [vessel for vessel in found if vessel is not None]

    return Craft(
        family=FAMILY,
        plan_side=plan,
        build_head=head,
        build_facial=facial,
        build_others=lambda own, sign: around[sign].rootlets(own, sign),
        beside=lambda own, sign, nerve: around[sign].solids(own, sign, nerve),
        lay_more=more,
    )
