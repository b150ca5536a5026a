"""Settings of finding vessels, in groups: what is searched, arteries, and their names.

Those of dark strands are in `nvc.settings.groups.strands`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    judged,
    phantoms,
    published,
    statistics,
)
from nvc.settings.anatomy import SCA_ABOVE_ROOTS, VERTEBRALS_JOIN_FROM_ROOTS


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchedSettings:
    """Settings of the part of the reference in which vessels are looked for."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    lateral_mm: float = judged(
        3.0, "mm", "beyond the landmarks of either side", ge=0.0, le=40.0
    )
    front_mm: float = judged(
        20.0,
        "mm",
        "in front of all landmarks: the basilar artery lies some 20 mm in front of the "
        "root exits (Rhoton)",
        ge=0.0,
        le=60.0,
    )
    back_mm: float = judged(12.0, "mm", "behind all landmarks", ge=0.0, le=60.0)
    height_mm: float = judged(
        18.0,
        "mm",
        "above and below all landmarks: the basilar artery ends above the root exits, "
        "the vertebral arteries join below (Rhoton)",
        ge=0.0,
        le=60.0,
    )
    near_level: float = judged(
        0.2,
        "of brain to CSF",
        "off a level, after noise is evened out, a voxel is of that tissue",
        ge=0.02,
        le=0.5,
    )
    deep_share: float = geometry(
        0.93,
        "fraction",
        "of a mask that is evened out by 1 mm: what lies 1.5 mm within it",
        ge=0.5,
        le=1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class AngiographySettings:
    """Settings of following bright tubes of an angiography."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    scales_mm: tuple[float, ...] = geometry(
        (0.35, 0.5, 0.7, 1.0, 1.4, 2.0),
        "mm",
        "smoothings from the thinnest vessel to an ectatic basilar artery",
        ge=0.1,
        le=6.0,
    )
    smoothing_voxels: float = phantoms(
        0.6,
        "voxels",
        "one voxel of a thin vessel may drown in noise; a small average does not",
        ge=0.0,
        le=2.0,
    )
    most_of_usual: float = phantoms(
        3.0,
        "of its upper quartile",
        "the strongest answer of noise: 1.8 to 2.9 times in noise alone",
        ge=1.0,
        le=10.0,
    )
    soft_of_noise: float = phantoms(
        1.2, "of noise's strongest", "a ridge that may go on a clear one", ge=0.5, le=5
    )
    lumen_smoothing_mm: float = phantoms(
        1.5, "mm", "over which a lumen is as bright", ge=0.0, le=10.0
    )
    open_gap_mm: float = geometry(
        1.0, "mm", "off its wall a tube's surroundings are looked at", ge=0.2, le=5.0
    )
    open_min: float = judged(
        0.12, "fraction", "of them are CSF in the cistern", ge=0.0, le=1.0
    )
    fat_radius_mm: float = geometry(
        0.9, "mm", "the middle of so wide a tube is free of blur", ge=0.2, le=3.0
    )
    fat_level: float = judged(
        0.25,
        "of brain to CSF",
        "towards what is bright a vessel's middle is no further: fat is brighter than "
        "brain in T2 and T1 alike",
        ge=0.0,
        le=1.0,
    )
    inside_nerve: float = judged(
        0.7,
        "of a nerve's radius",
        "what runs within that of its middle is the nerve itself",
        ge=0.1,
        le=1.5,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class InReferenceSettings:
    """Settings of looking for an artery again in the reference."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    within_mm: float = judged(
        12.0,
        "mm",
        "of a nerve: contact is sought within a few mm, and some of the trunk "
        "arteries' course fixes the common shift",
        ge=3.0,
        le=60.0,
    )
    void_min: float = phantoms(
        0.7, "of a nerve's contrast", "a void that convinces is as dark", ge=0.1, le=3
    )
    shift_radius_min_mm: float = judged(
        0.4, "mm", "of arteries that tell the common shift", ge=0.1, le=2.0
    )
    shift_sds: float = statistics(
        3.0, "sd", "of the registration, farther off it is another", ge=1.0, le=10.0
    )
    shift_more_mm: float = geometry(
        0.5, "mm", "and a voxel more, for the centreline's own error", ge=0.0, le=3.0
    )
    merge_sds: float = statistics(
        2.5, "sd", "off the angiography it is another vessel", ge=1.0, le=10.0
    )
    centre_sd_mm: float = judged(
        0.15, "mm", "of the angiography's own centreline", ge=0.0, le=1.0
    )
    calibre_between: tuple[float, float] = phantoms(
        (0.55, 1.7),
        "of the angiography's",
        "calibres in the reference of the same vessel",
        ge=0.1,
        le=10.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class NamesSettings:
    """Settings of naming arteries."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    trunk_radius_mm: float = judged(
        1.0,
        "mm",
        "from which on a course is BA or VA; AICA is 0.5-1.5 mm across",
        ge=0.4,
        le=3.0,
    )
    midline_mm: float = judged(
        7.0,
        "mm",
        "of the midline is BA: 98 % of 126 lie medial to the margins of clivus and "
        "dorsum sellae (Smoker 1986, PMC8334772)",
        ge=1.0,
        le=30.0,
    )
    junction_below_roots_mm: float = published(
        VERTEBRALS_JOIN_FROM_ROOTS.mean,
        "mm",
        "the vertebral arteries join " + VERTEBRALS_JOIN_FROM_ROOTS.source,
        ge=-10.0,
        le=20.0,
    )
    sca_above_roots_mm: float = published(
        SCA_ABOVE_ROOTS.mean,
        "mm",
        SCA_ABOVE_ROOTS.source,
        ge=5.0,
        le=40.0,
    )
    va_above_roots_max_mm: float = judged(
        8.0, "mm", "a winding VA climbs to the nerves, not beyond", ge=0.0, le=30.0
    )
    junction_length_mm: float = judged(
        5.0,
        "mm",
        "about the junction, within which AICA and PICA are told apart by nothing",
        ge=0.0,
        le=20.0,
    )
    connected_mm: float = judged(
        2.0, "mm", "from a trunk's wall, what ends there leaves it", ge=0.0, le=10.0
    )
    leaning_deg: float = judged(
        45.0,
        "degree",
        "BA climbs: what goes more aside than up is more likely a branch",
        ge=10.0,
        le=80.0,
    )
    both_ends: float = judged(
        0.5,
        "share",
        "a branch leaves a trunk once: what joins it at both ends may be the trunk",
        ge=0.0,
        le=1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnsSettings:
    """Settings of looking for nerves and vessels in turns."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    width_mm: float = geometry(
        2.0,
        "mm",
        "CN VII is 1.5-2 mm thick: farther off it is another structure, and a vessel "
        "within that may be taken for it",
        ge=0.5,
        le=5.0,
    )
    moved_mm: float = geometry(
        0.75,
        "mm",
        "half a nerve's thickness: one that moves by less hides the same vessels",
        ge=0.1,
        le=5.0,
    )
    dark_stations_min: int = geometry(
        8,
        "of the course",
        "some 2 mm: a vessel by the root is as wide, less is noise",
        ge=1,
        le=50,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EmptySettings:
    """Settings of telling how far around CN VII no vessel can be."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    farthest_mm: float = judged(
        3.0, "mm", "from CN VII's wall is looked at", ge=0.5, le=10.0
    )
    estimated_sd_mm: float = judged(
        0.9,
        "mm",
        "what the image shows of CN VII is better known; beside what is drawn from "
        "anatomy alone nothing can be looked for",
        ge=0.1,
        le=5.0,
    )
    sure_sds: float = statistics(
        4.0,
        "sd",
        "noise makes one of ten thousand places look like a vessel by that",
        ge=1.0,
        le=10.0,
    )
    bone_radius_mm: float = geometry(
        1.6,
        "mm",
        "bone holds this ball; vessels of the angle, but for the largest, do not",
        ge=0.5,
        le=5.0,
    )
    lips_mm: float = judged(
        1.6,
        "mm",
        "the edges of the porus reach beyond what holds that ball",
        ge=0.0,
        le=5.0,
    )
    bone_rim_mm: float = phantoms(
        0.3,
        "mm",
        "within bone that meets fluid half of its level is reached",
        ge=0.0,
        le=2.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HandedOnSettings:
    """Settings of what is handed on of a vessel."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    most_certain: float = judged(
        0.99, "probability", "nothing is surer to be a vessel", ge=0.5, le=1.0
    )
    certain_mm: float = judged(
        10.0,
        "mm",
        "of an artery of the angiography make it as sure as it gets",
        ge=0.5,
        le=60.0,
    )
    vein_radius_mm: float = judged(
        0.5,
        "mm",
        "an artery this thick shows in an angiography; a thinner one may not",
        ge=0.1,
        le=3.0,
    )
    stub_width: float = judged(
        0.8,
        "of the other's width",
        "what is as wide is a piece of another vessel, not a bulge of it",
        ge=0.1,
        le=1.5,
    )
    stub_depth: float = judged(
        0.5,
        "of the other's radius",
        "what ends nearer to another vessel's middle begins inside it",
        ge=0.0,
        le=1.0,
    )
