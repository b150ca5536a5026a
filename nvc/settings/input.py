"""Settings of reading files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSettings:
    """Settings of reading files."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    max_slice_warn_mm: float = setting(
        0.8, "mm", "protocols for cisternography use 0.4-0.8 mm", ge=0.1, le=2.0
    )
    max_slice_mm: float = setting(
        1.0, "mm", "a 1 mm vessel is under one voxel beyond this", ge=0.1, le=3.0
    )
