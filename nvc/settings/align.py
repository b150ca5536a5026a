"""Settings of bringing TOF and T1 to the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignSettings:
    """Settings of bringing TOF and T1 to the reference."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    max_residual_mm: float = setting(
        1.0, "mm", "about the calibre of AICA (1.0 mm)", ge=0.1, le=5.0
    )
