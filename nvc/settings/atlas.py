"""Settings of laying a template head over the reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, geometry, heads, judged, statistics
from nvc.settings.groups.atlas import (
    CanalBundleSettings,
    MirrorSettings,
    PonsSettings,
    PoseSettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AtlasSettings:
    """Settings of laying a template head over the reference."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    bundle: CanalBundleSettings = field(default_factory=CanalBundleSettings)
    pose: PoseSettings = field(default_factory=PoseSettings)
    pons: PonsSettings = field(default_factory=PonsSettings)
    mirror: MirrorSettings = field(default_factory=MirrorSettings)

    coarse_step_mm: float = geometry(
        4.0, "mm", "a tenth of the brainstem's length finds the basin", ge=2.0, le=6.0
    )
    fine_step_mm: float = geometry(
        2.0, "mm", "half the expected error of a template seed", ge=1.0, le=4.0
    )
    start_pitch_deg: float = judged(
        30.0, "deg", "nodding of heads in a head coil, to either side", ge=0.0, le=40.0
    )
    start_turn_deg: float = judged(
        15.0, "deg", "turning and leaning of heads in a coil", ge=0.0, le=30.0
    )
    start_height_mm: float = judged(
        30.0,
        "mm",
        "spread of brain height below the scalp, and of what lies above it",
        ge=0.0,
        le=50.0,
    )
    usual_scale: float = judged(
        0.93,
        "of MNI152",
        "cube root of adult intracranial volume (1.5 l) by the template's (1.87 l)",
        ge=0.7,
        le=1.1,
    )
    size_sd: float = judged(
        0.07, "log", "adult heads' volumes vary by a fifth", ge=0.02, le=0.2
    )
    shape_sd: float = judged(
        0.05, "log", "adult heads' length by breadth varies by 5 %", ge=0.01, le=0.2
    )
    mask_margin_mm: float = judged(
        6.0, "mm", "width of the dark rim of CSF and inner table", ge=2.0, le=12.0
    )
    min_rival_log_odds: float = statistics(
        7.0, "log odds", "a pose a thousand times likelier than another", ge=0, le=100
    )
    min_similarity: float = heads(
        0.6,
        "correlation",
        "least of brain and fossa: T1 heads 0.71-0.8, stored wrongly up to 0.51",
        ge=0.0,
        le=1.0,
    )
    min_brain_coverage: float = judged(
        0.6, "fraction", "most of the brain must be seen to place it", ge=0.2, le=1.0
    )
    min_scale: float = judged(
        0.7, "of MNI152", "it is larger than most; adults vary by a tenth", ge=0.5, le=1
    )
    max_scale: float = judged(
        1.2, "of MNI152", "the largest adult heads", ge=1.0, le=1.5
    )
    max_tilt_deg: float = judged(
        40.0, "deg", "beyond it the axes are named wrongly", ge=15.0, le=45.0
    )
    cue_disagreement_mm: float = judged(
        5.0, "mm", "two independent cues must agree", ge=1.0, le=15.0
    )
    min_scalp_signal: float = judged(
        0.1, "of brain", "scalp and marrow give a tenth of brain or more", ge=0, le=0.5
    )
    position_sd_mm: float = heads(
        2.5, "mm", "spread of template seeds on heads read by eye", ge=0.5, le=5.0
    )
