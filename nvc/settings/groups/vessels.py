"""Settings of arteries, in groups: in the angiography, in the T2, and their names."""

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
