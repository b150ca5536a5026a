"""Settings of finding vessels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselsSettings:
    """Settings of finding vessels."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    smallest_radius_mm: float = setting(
        0.3, "mm", "AICA is 0.5-1.5 mm across", ge=0.1, le=1.0
    )
