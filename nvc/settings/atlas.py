"""Settings of laying a template head over the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, setting


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasSettings:
    """Settings of laying a template head over the reference."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    coarse_step_mm: float = setting(
        4.0, "mm", "a tenth of the brainstem's length finds the basin", ge=2.0, le=6.0
    )
    fine_step_mm: float = setting(
        2.0, "mm", "half the expected error of a template seed", ge=1.0, le=4.0
    )
    start_pitch_deg: float = setting(
        20.0, "deg", "nodding of heads in a head coil, to either side", ge=0.0, le=40.0
    )
    start_height_mm: float = setting(
        20.0, "mm", "spread of brain height below the scalp", ge=0.0, le=50.0
    )
    mask_margin_mm: float = setting(
        6.0, "mm", "width of the dark rim of CSF and inner table", ge=2.0, le=12.0
    )
    min_agreeing_starts: int = setting(
        3, "starts", "of nine; chance does not bring three together", ge=1, le=9
    )
    min_similarity: float = setting(
        0.6,
        "correlation",
        "between a T1 head (0.74-0.8) and one stored wrongly (up to 0.47)",
        ge=0.0,
        le=1.0,
    )
    min_brain_coverage: float = setting(
        0.6, "fraction", "most of the brain must be seen to place it", ge=0.2, le=1.0
    )
    min_scale: float = setting(
        0.7, "of MNI152", "it is larger than most; adults vary by a tenth", ge=0.5, le=1
    )
    max_scale: float = setting(
        1.2, "of MNI152", "the largest adult heads", ge=1.0, le=1.5
    )
    max_tilt_deg: float = setting(
        40.0, "deg", "beyond it the axes are named wrongly", ge=15.0, le=45.0
    )
    cue_disagreement_mm: float = setting(
        5.0, "mm", "two independent cues must agree", ge=1.0, le=15.0
    )
    min_scalp_signal: float = setting(
        0.1, "of brain", "scalp and marrow give a tenth of brain or more", ge=0, le=0.5
    )
    position_sd_mm: float = setting(
        2.5, "mm", "spread of template seeds on heads read by eye", ge=0.5, le=5.0
    )
