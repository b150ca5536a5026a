"""Settings of measuring gaps."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasureSettings:
    """Settings of measuring gaps."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    search_distance_mm: float = setting(
        2.0, "mm", "bands: contact, near <= 1 mm, neighbouring 1-2 mm", ge=0.5, le=5.0
    )
    search_margin_mm: float = setting(
        0.7, "mm", "centrelines may be off by this before the fit", ge=0.0, le=2.0
    )
    max_contacts: int = setting(
        20, "places a side", "bounds the work; nearest are kept", ge=1, le=200
    )
    root_exit_reach_mm: float = setting(
        1.5, "mm", "REZ is loosely 2-3 mm long (Campos-Benitez 2008)", ge=0.0, le=4.0
    )
    detachment_reach_mm: float = setting(
        1.0, "mm", "REZ of 2-3 mm at the detachment, half each way", ge=0.0, le=3.0
    )
    transition_end_mm: float = setting(
        4.0,
        "mm past the RDP",
        "central myelin on the free nerve 3.7 +- 1.6 mm (Gupta 2023)",
        ge=1.0,
        le=8.0,
    )
    radius_sd_mm: float = setting(
        0.12, "mm", "a quarter of a 0.5 mm voxel", ge=0.02, le=0.5
    )
    model_sd_mm: float = setting(
        0.04,
        "mm",
        "what ellipses and a Gaussian blur leave undescribed, from drawn tubes",
        ge=0.0,
        le=0.3,
    )
