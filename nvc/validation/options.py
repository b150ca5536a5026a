"""Which heads are tried: everything that differs between people and scanners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

import numpy as np

from nvc.phantom.options import (
    MOST_DEVIATION_MM,
    SEGMENTS,
    STORAGE_ORDERS,
    VESSELS,
    Conflict,
    PhantomOptions,
)

Triple = tuple[float, float, float]

KINDS = ("none", "near", "contact", "indentation")
_KIND_SHARE = (0.2, 0.3, 0.3, 0.2)
_STREAM = 7919
"""Keeps these draws apart from those of the phantoms, which use the same seed."""
_MOTION_DEG = 1.2
_STRETCHED_VOXELS: tuple[Triple, ...] = (
    (0.4, 0.4, 0.8),
    (0.5, 0.5, 0.5),
    (0.6, 0.6, 0.6),
    (0.7, 0.7, 0.8),
    (0.8, 0.8, 0.8),
)
"""Voxel edges of cisternographies as scanners' makers set them."""


class Family(StrEnum):
    """How a head is made."""

    DRAWN = "drawn"
    PAINTED = "painted"
    STRETCHED = "stretched"
    RECOLOURED = "recoloured"
    SAMPLED = "sampled"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadPlan:
    """One head to try.

    Parameters
    ----------
    family : Family
        How it is made.
    options : PhantomOptions
        Anatomy, scanner and conflicts.
    head : Path or None
        Where the real head lies that is coloured anew.
    """

    family: Family
    options: PhantomOptions
    head: Path | None = None

    @property
    def name(self) -> str:
        """Such as ``"painted-17"``."""
        return f"{self.family}-{self.options.seed}"


def plan_heads(
    families: Sequence[Family],
    heads: int,
    seed: int,
    real_heads: Sequence[Path] = (),
) -> list[HeadPlan]:
    """Plan this many heads of each family, with consecutive seeds.

    The families take turns, so that a run that is stopped has some of each. The real
    heads take turns in groups, because making one ready takes longer than a study.
    """
    plans = []
    for number in range(seed, seed + heads):
        for family in families:
            plan = plan_head(family, number)
            if family is Family.RECOLOURED:
                group = (number - seed) * len(real_heads) // heads
                plan = replace(plan, head=real_heads[group])
            plans.append(plan)
    return plans


def plan_head(family: Family, seed: int) -> HeadPlan:
    """Draw the options of one head.

    Tilts to 12 degrees about each axis, noise of 2 to 8 % of CSF, voxel edges of 0.4
    to 0.8 mm, any of the 48 storage orders, head motion between the sequences, and no
    TOF in one head of six. The finest voxels come with a narrow field of view, as on
    scanners.
    """
    rng = np.random.default_rng([_STREAM, seed, list(Family).index(family)])
    if family is Family.STRETCHED:
        return HeadPlan(family=family, options=_stretched(rng, seed))
    if family is Family.RECOLOURED:
        return HeadPlan(family=family, options=_recoloured(rng, seed))
    if family is Family.SAMPLED:
        return HeadPlan(family=family, options=_sampled(rng, seed))
    t2_voxel = _voxel(rng, 0.4, 0.7, 0.8)
    options = PhantomOptions(
        seed=seed,
        left=_conflict(rng),
        right=_conflict(rng),
        noise=float(rng.uniform(0.02, 0.08)),
        bias=float(rng.uniform(0.05, 0.35)),
        csf_flow=float(rng.uniform(0.02, 0.10)),
        t2_voxel_mm=t2_voxel,
        tof_voxel_mm=_voxel(rng, 0.4, 0.6, 0.8),
        tilt_deg=_triple(rng.uniform(-12.0, 12.0, 3)),
        t2_obliquity_deg=_triple(rng.uniform(-8.0, 8.0, 3)),
        tof_obliquity_deg=_triple(rng.uniform(-8.0, 8.0, 3)),
        t2_extent_mm=_extent(rng, min(t2_voxel) < 0.5),
        tof_extent_mm=_extent(rng, True),
        motion_mm=_triple(rng.normal(0.0, 0.8, 3)),
        motion_deg=_triple(rng.normal(0.0, _MOTION_DEG, 3)),
        storage_order=str(rng.choice(STORAGE_ORDERS)),
        point_spread_voxels=float(rng.uniform(0.7, 1.2)),
        with_tof=bool(rng.uniform() > 1.0 / 6.0),
    )
    return HeadPlan(family=family, options=options)


def _stretched(rng: np.random.Generator, seed: int) -> PhantomOptions:
    """Draw a scanner that sees little: small fields, coarse or flat voxels, bands.

    Slabs from 118 x 96 mm and 38 mm thick, voxels of 0.4 x 0.4 x 0.8 mm and up to
    0.8 mm on all edges, no TOF in one head of three.
    """
    t2_voxel = _STRETCHED_VOXELS[int(rng.integers(len(_STRETCHED_VOXELS)))]
    wide, deep = rng.uniform(118.0, 135.0), rng.uniform(96.0, 118.0)
    return PhantomOptions(
        seed=seed,
        left=_conflict(rng),
        right=_conflict(rng),
        noise=float(rng.uniform(0.02, 0.07)),
        bias=float(rng.uniform(0.05, 0.4)),
        csf_flow=float(rng.choice([0.0, rng.uniform(0.1, 0.35)])),
        t2_voxel_mm=t2_voxel,
        tof_voxel_mm=_voxel(rng, 0.4, 0.6, 0.8),
        tilt_deg=_triple(rng.uniform(-10.0, 10.0, 3)),
        t2_obliquity_deg=_triple(rng.uniform(-6.0, 6.0, 3)),
        tof_obliquity_deg=_triple(rng.uniform(-8.0, 8.0, 3)),
        t2_extent_mm=_triple(np.array([wide, deep, rng.uniform(38.0, 48.0)])),
        tof_extent_mm=_extent(rng, True),
        motion_mm=_triple(rng.normal(0.0, 0.8, 3)),
        motion_deg=_triple(rng.normal(0.0, _MOTION_DEG, 3)),
        storage_order=str(rng.choice(STORAGE_ORDERS)),
        with_tof=bool(rng.uniform() > 1.0 / 3.0),
    )


def _recoloured(rng: np.random.Generator, seed: int) -> PhantomOptions:
    """Draw a scanner, and vessels for a nerve that nothing deforms.

    A wide field, voxels of 0.45 to 0.6 mm, obliquities of some 4 degrees, and a
    millimetre of motion before the TOF.
    """
    edge = float(rng.uniform(0.45, 0.6))
    return PhantomOptions(
        seed=seed,
        left=_untouched(rng),
        right=_untouched(rng),
        t2_voxel_mm=_triple(np.array([edge, edge, rng.uniform(0.5, 0.6)])),
        tof_voxel_mm=(0.4, 0.4, 0.6),
        t2_obliquity_deg=_triple(rng.normal(0.0, 3.5, 3)),
        tof_obliquity_deg=_triple(rng.normal(0.0, 3.0, 3)),
        t2_extent_mm=_triple(np.array([150.0, 128.0, rng.uniform(42.0, 48.0)])),
        tof_extent_mm=(140.0, 112.0, 46.0),
        motion_mm=_triple(rng.normal(0.0, 0.6, 3)),
        motion_deg=_triple(rng.normal(0.0, 0.4, 3)),
        storage_order=str(rng.choice(STORAGE_ORDERS)),
        with_tof=bool(rng.uniform() > 1.0 / 6.0),
    )


def _sampled(rng: np.random.Generator, seed: int) -> PhantomOptions:
    """Draw a scanner for the sampled heads, and what comes near CN VII.

    Voxels of 0.42 to 0.7 mm, slices to 0.8 mm; the finest with a narrow field. AICA
    and PICA, a vein in one conflict of ten; gaps from 0.3 to 1.5 mm.
    """
    t2_voxel = _voxel(rng, 0.42, 0.7, 0.8)
    wide = rng.uniform(118.0, 128.0 if t2_voxel[0] < 0.5 else 145.0)
    deep = rng.uniform(95.0, 105.0 if t2_voxel[0] < 0.5 else 122.0)
    return PhantomOptions(
        seed=seed,
        left=_brought(rng),
        right=_brought(rng),
        noise=float(rng.uniform(0.015, 0.06)),
        bias=float(rng.uniform(0.05, 0.4)),
        csf_flow=float(rng.choice([0.0, rng.uniform(0.02, 0.25)])),
        t2_voxel_mm=t2_voxel,
        tof_voxel_mm=_voxel(rng, 0.42, 0.6, 0.8),
        tilt_deg=_triple(rng.normal(0.0, 4.0, 3).clip(-10.0, 10.0)),
        t2_obliquity_deg=_triple(rng.normal(0.0, 3.0, 3)),
        tof_obliquity_deg=_triple(rng.normal(0.0, 4.0, 3)),
        t2_extent_mm=_triple(np.array([wide, deep, rng.uniform(36.0, 46.0)])),
        tof_extent_mm=_triple(np.array([125.0, 100.0, rng.uniform(36.0, 48.0)])),
        motion_mm=_triple(rng.normal(0.0, 0.7, 3)),
        motion_deg=_triple(rng.normal(0.0, 0.8, 3)),
        storage_order=str(rng.choice(STORAGE_ORDERS)),
        with_tof=bool(rng.uniform() > 1.0 / 5.0),
    )


def _brought(rng: np.random.Generator) -> Conflict:
    """Draw what comes near one side of a sampled head."""
    kind = str(rng.choice(KINDS, p=(0.25, 0.3, 0.25, 0.2)))
    if kind == "none":
        return Conflict()
    vessel = str(rng.choice(("aica", "pica", "vein"), p=(0.6, 0.3, 0.1)))
    segment = str(rng.choice(SEGMENTS))
    if kind == "near":
        gap = float(rng.uniform(0.3, 1.5))
        return Conflict(vessel=vessel, segment=segment, gap_mm=round(gap, 3))
    if kind == "contact":
        return Conflict(vessel=vessel, segment=segment)
    most = min(1.2, MOST_DEVIATION_MM.get(segment, 1.2))
    return Conflict(
        vessel=vessel,
        segment=segment,
        indentation_mm=round(float(rng.uniform(0.2, 0.45)), 3),
        deviation_mm=round(float(rng.uniform(0.3, most)), 3),
    )


def _untouched(rng: np.random.Generator) -> Conflict:
    """Draw what comes near a real nerve: nothing, a near vessel or one in contact."""
    kind = str(rng.choice(KINDS[:3], p=(0.25, 0.4, 0.35)))
    if kind == "none":
        return Conflict()
    vessel = str(rng.choice(("aica", "pica"), p=(0.8, 0.2)))
    segment = str(rng.choice(SEGMENTS[1:]))
    gap = float(rng.uniform(0.3, 1.9)) if kind == "near" else 0.0
    return Conflict(vessel=vessel, segment=segment, gap_mm=round(gap, 3))


def _triple(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Triple:
    first, second, third = np.round(values, 3).tolist()
    return (first, second, third)


def _voxel(
    rng: np.random.Generator, low: float, in_plane: float, through: float
) -> Triple:
    """Return square pixels and slices no thinner than they are."""
    edge = float(rng.uniform(low, in_plane))
    slices = float(rng.uniform(edge, through))
    return _triple(np.array([edge, edge, slices]))


def _extent(rng: np.random.Generator, narrow: bool) -> Triple:
    wide = rng.uniform(118.0, 140.0) if narrow else rng.uniform(125.0, 180.0)
    deep = rng.uniform(85.0, 110.0) if narrow else rng.uniform(95.0, 160.0)
    return _triple(np.array([wide, deep, rng.uniform(38.0, 52.0)]))


def _conflict(rng: np.random.Generator) -> Conflict:
    """Draw what comes near one side: by AICA most often, at any segment."""
    kind = str(rng.choice(KINDS, p=_KIND_SHARE))
    if kind == "none":
        return Conflict()
    vessel = str(rng.choice(VESSELS[1:], p=(0.45, 0.2, 0.15, 0.2)))
    segment = str(rng.choice(SEGMENTS))
    if kind == "near":
        gap = float(rng.uniform(0.3, 1.9))
        return Conflict(vessel=vessel, segment=segment, gap_mm=round(gap, 3))
    if kind == "contact":
        return Conflict(vessel=vessel, segment=segment)
    depth, shift = float(rng.uniform(0.2, 0.4)), float(rng.uniform(0.5, 1.3))
    shift = min(shift, MOST_DEVIATION_MM.get(segment, shift))
    return Conflict(
        vessel=vessel,
        segment=segment,
        indentation_mm=round(depth, 3),
        deviation_mm=round(shift, 3),
    )
