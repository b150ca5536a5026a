"""Settings of following CN VII and CN VIII."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveSettings:
    """Settings of following CN VII and CN VIII."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    surface_gap_mm: float = setting(
        0.3, "mm", "definition of the root detachment point", ge=0.0, le=1.0
    )
