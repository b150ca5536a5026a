"""Settings of finding the head pose and the canals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionsSettings:
    """Settings of finding the head pose and the canals."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    seed_disagreement_mm: float = setting(
        5.0, "mm", "two independent cues must agree", ge=1.0, le=15.0
    )
