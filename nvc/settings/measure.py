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
