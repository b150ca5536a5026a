"""Settings of the template head, in groups: canal, pose, pons and mirror plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, geometry, heads, judged


@dataclass(frozen=True, slots=True, kw_only=True)
class CanalBundleSettings:
    """Settings of finding the bundle of nerves in its canal, in a T1."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    reach_mm: int = heads(
        8,
        "mm",
        "places of the fundus tried to either side of the template's; four times its "
        "spread in four heads",
        ge=2,
        le=16,
    )
    around_mm: int = geometry(
        14, "mm", "of what is compared about the fundus: canal and mouth", ge=8, le=24
    )
    cord_radius_mm: float = geometry(
        2.0, "mm", "half a canal of 5.8 mm less its fluid", ge=1.0, le=3.0
    )
    wall_mm: tuple[float, float] = geometry(
        (3.2, 5.2),
        "mm",
        "distances from the axis at which bone lies: a canal's radius is 2.9 mm "
        "(folia_morphologica 19332)",
        ge=1.0,
        le=10.0,
    )
    length_mm: float = geometry(
        10.0,
        "mm",
        "of the cord: a canal (9.8 mm) in whole voxels of the search",
        ge=6.0,
        le=14.0,
    )
    mouth_mm: float = geometry(
        2.5, "mm", "from an oblique mouth, bone may lack on one side", ge=0.0, le=6.0
    )
    end_mm: tuple[float, float] = heads(
        (1.5, 4.0),
        "mm",
        "beyond the fundus: a plate of bone, and what of the labyrinth a T1 does not "
        "show",
        ge=0.0,
        le=8.0,
    )
    before_mm: float = judged(
        6.0, "mm", "of the bundle before the porus, without walls", ge=0.0, le=12.0
    )
    before_radius: float = judged(
        0.75, "of the cord's", "there the nerves lie closer", ge=0.3, le=1.5
    )
    brightest: float = heads(
        0.6,
        "of the pons",
        "nerves have 0.4 to 0.65; marrow and brain count as no more",
        ge=0.3,
        le=1.0,
    )
    turns_deg: tuple[float, ...] = heads(
        (-16.0, -8.0, 0.0, 8.0, 16.0),
        "degree",
        "tried in the axial plane about the template's direction, two of its SD",
        ge=-45.0,
        le=45.0,
    )
    rises_deg: tuple[float, ...] = heads(
        (-10.0, 0.0, 10.0),
        "degree",
        "tried upwards about the template's direction",
        ge=-45.0,
        le=45.0,
    )
    direction_sd_deg: float = heads(
        8.0,
        "degree",
        "16 +- 5 degrees forwards and 2 +- 4 upwards in eight canals read by eye",
        ge=1.0,
        le=30.0,
    )
    place_sd_mm: float = heads(
        2.5,
        "mm",
        "fundi read by eye lie 1.2 to 1.8 mm (1 SD along an axis) about the "
        "template's, and the next heads may differ more",
        ge=0.5,
        le=8.0,
    )
    samples: float = judged(
        15.0,
        "samples",
        "independent places in a comparison: the cord and its four walls, at three "
        "depths",
        ge=1.0,
        le=200.0,
    )
    likeness_min: float = heads(
        0.5,
        "correlation",
        "with a cord in bone; 0.7 to 0.9 in canals that were read",
        ge=0.0,
        le=1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseSettings:
    """Settings of comparing a head with the template under a pose."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    start_block_mm: float = geometry(
        60.0,
        "mm",
        "contrast is free in each block; half a brain's width at the starts, for fewer "
        "voxels can be explained in fewer ways",
        ge=20.0,
        le=200.0,
    )
    block_mm: float = judged(
        40.0, "mm", "shading by a head coil is even over this", ge=10.0, le=200.0
    )
    side_block_mm: float = geometry(
        22.0, "mm", "half of a side of the posterior fossa", ge=10.0, le=60.0
    )
    block_share_min: float = judged(
        0.25,
        "of a whole block's voxels",
        "a smaller block is joined to its neighbour",
        ge=0.0,
        le=1.0,
    )
    block_seen_min: float = judged(
        0.5,
        "of a block",
        "must lie inside the volume for the block to count",
        ge=0.0,
        le=1.0,
    )
    hill_apart_mm: float = geometry(
        12.0,
        "mm",
        "starts nearer than this, at the cerebellopontine angles, climb the same hill",
        ge=1.0,
        le=40.0,
    )
    independent_mm3: float = heads(
        12_000.0,
        "mm3",
        "of the template that is one sample: 7 to 29 cm3 in four heads. Only weighs "
        "the image against the prior of size",
        ge=1_000.0,
        le=100_000.0,
    )
    head_level: float = judged(
        0.15, "of the 99th percentile", "brighter is head, not air", ge=0.02, le=0.6
    )
    upper_head_mm: float = judged(
        110.0,
        "mm",
        "below the vertex that is head, not neck or shoulders",
        ge=60.0,
        le=160.0,
    )
    scalp_mm: tuple[float, float] = judged(
        (6.0, 20.0),
        "mm",
        "from the brain, within which skull, marrow and scalp lie",
        ge=1.0,
        le=40.0,
    )
    scalp_front_mm: float = judged(
        20.0,
        "MNI mm",
        "no scalp is looked for before that: faces are removed from shared images",
        ge=-60.0,
        le=100.0,
    )
    scalp_seen_min: float = judged(
        0.2, "of the shell", "must be seen to judge it", ge=0.0, le=1.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PonsSettings:
    """Settings of the pons as a T1 shows it: its corner, its level, its cistern."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    rim_mm: float = judged(
        4.0,
        "mm",
        "of darkness beyond the brain that is compared too: the cistern is wider",
        ge=0.0,
        le=10.0,
    )
    reach_mm: int = judged(
        8, "mm", "shifts of the corner tried to either side", ge=2, le=20
    )
    radius_mm: float = geometry(
        6.0, "mm", "about the middle of the pons there is brain alone", ge=2.0, le=12.0
    )
    brain_min: float = judged(
        0.75, "of the pons", "darker is no brainstem", ge=0.3, le=1.0
    )
    cistern_depth_mm: tuple[float, float] = judged(
        (2.0, 5.0), "mm", "from brain, medial of the pori, lies fluid", ge=0.0, le=12.0
    )
    cistern_aside_mm: float = geometry(
        20.0, "mm", "from the midline, medial of the pori", ge=8.0, le=30.0
    )
    cistern_height_mm: float = judged(
        14.0, "mm", "above and below the canals", ge=4.0, le=24.0
    )
    fluid_max: float = judged(
        0.7, "of the pons", "brighter is no fluid in a T1", ge=0.1, le=1.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class MirrorSettings:
    """Settings of the plane in which the surroundings of the pons mirror themselves."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    half_box_mm: tuple[float, float, float] = geometry(
        (60.0, 45.0, 45.0),
        "mm",
        "of what is mirrored: the posterior fossa and the temporal lobes",
        ge=10.0,
        le=100.0,
    )
    search_deg: float = judged(
        16.0,
        "degree",
        "yaw and roll tried to either side: tilts to 12 degrees and some margin",
        ge=2.0,
        le=45.0,
    )
    search_mm: float = judged(
        12.0, "mm", "offsets tried to either side", ge=1.0, le=40.0
    )
    seen_min: float = judged(
        0.3,
        "of the box",
        "on both sides: a plane off to one side must not win by a few voxels",
        ge=0.0,
        le=1.0,
    )
