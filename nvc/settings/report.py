"""Settings of flags and wording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, geometry, judged, published, statistics


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportSettings:
    """Settings of flags and wording."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    near_mm: float = geometry(
        1.0, "mm", "about two voxels of a cisternography", ge=0.2, le=3.0
    )
    artery_within_mm: float = judged(
        10.0,
        "mm",
        "AICA passes every CN VII: ventrally (53 %), dorsally (44 %) or between "
        "the roots (3 %) (Neurol Res 2020;42:828)",
        ge=3.0,
        le=60.0,
    )
    vulnerable_beyond_detachment_mm: float = published(
        4.0, "mm", "Neurographics 2015: sulcus to about 4 mm past the RDP", ge=0, le=10
    )
    contact_probability_min: float = statistics(
        0.5, "1", "contact is the likelier of the two readings", ge=0.0, le=1.0
    )
    indentation_min_mm: float = statistics(
        0.0,
        "mm",
        "a sign is stated only beyond its uncertainty; no published length",
        ge=0.0,
        le=3.0,
    )
    deviation_min_mm: float = statistics(
        0.0,
        "mm",
        "a sign is stated only beyond its uncertainty; no published length",
        ge=0.0,
        le=5.0,
    )
    compression_likelihood_ratio: float = published(
        150.0,
        "times",
        "a deformed nerve against an untouched one; from here on evidence is very "
        "strong (Kass and Raftery 1995)",
        ge=1.0,
        le=1e6,
    )
