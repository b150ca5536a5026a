"""How far a head is stretched in each respect, drawn from a seed."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from nvc.model.anatomy import Side
from nvc.phantom.head import Generator

FREE_MM = (10.0, 21.0)
"""Porus to detachment. Free length 12.4 (SD 1.9) mm in one series (Gupta 2023), CN VIII
16.5 (SD 1.8) mm in another; both tails count."""
FULLNESS = (0.92, 1.18)
"""Size of the brain as a share of the usual: wide cisterns of the old, narrow ones."""
CLIVUS_MM = (-1.0, 4.0)
SWAY_MM = (0.0, 1.6)
"""From a straight course to one bent by some 3 mm."""


class Sequence(StrEnum):
    """The kind of T2: how vessels, nerves and fluid look in it."""

    CISS = "ciss"
    SPACE = "space"
    FIESTA = "fiesta"


@dataclass(frozen=True, slots=True, kw_only=True)
class SideStretch:
    """What one side has of the unusual.

    Parameters
    ----------
    free_mm : float
        Porus to detachment, as the crow flies.
    sway_mm : float
        Deviation of the middle of CN VII from a straight course.
    rise : float
        Slope of the free course, upwards positive.
    flocculus_mm : float or None
        How far a flocculus lies from CN VII; None where it does not reach it.
    plexus : bool
        Whether choroid plexus lies by the root.
    rootlets : int
        Of CN IX to XI.
    bundle_mm : float
        How far below the porus they leave.
    loop : bool
        Whether an artery loops into the canal.
    root_vein_mm : float or None
        How far a vein by the root keeps from CN VII; None where there is none.
    """

    free_mm: float
    sway_mm: float
    rise: float
    flocculus_mm: float | None
    plexus: bool
    rootlets: int
    bundle_mm: float
    loop: bool
    root_vein_mm: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """How one head is stretched.

    Parameters
    ----------
    fullness, clivus_mm : float
        Of `nvc.phantom.painted.brain.build_head`.
    sequence : Sequence
        Signal of the T2.
    ghosts : float
        Strength of the arteries' ghosts in the T2.
    sides : dict of Side to SideStretch
    """

    fullness: float
    clivus_mm: float
    sequence: Sequence
    ghosts: float
    sides: dict[Side, SideStretch]


def draw_stretch(rng: Generator) -> Stretch:
    """Draw how a head is stretched."""
    return Stretch(
        fullness=float(rng.uniform(*FULLNESS)),
        clivus_mm=float(rng.uniform(*CLIVUS_MM)),
        sequence=Sequence(rng.choice(list(Sequence), p=(0.4, 0.3, 0.3))),
        ghosts=float(rng.choice([0.0, rng.uniform(0.02, 0.10)])),
        sides={side: _draw_side(rng) for side in Side},
    )


def _draw_side(rng: Generator) -> SideStretch:
    near, vein = rng.uniform(0.0, 1.2), rng.uniform(0.3, 2.0)
    has = rng.uniform(size=4) < np.array([0.5, 0.4, 0.35, 0.4])
    return SideStretch(
        free_mm=float(rng.uniform(*FREE_MM)),
        sway_mm=float(rng.uniform(*SWAY_MM)),
        rise=float(rng.normal(0.05, 0.12)),
        flocculus_mm=float(near) if has[0] else None,
        plexus=bool(has[1]),
        rootlets=int(rng.integers(4, 9)),
        bundle_mm=float(rng.uniform(7.0, 12.0)),
        loop=bool(has[2]),
        root_vein_mm=float(vein) if has[3] else None,
    )
