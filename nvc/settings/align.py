"""Settings of bringing TOF and T1 to the reference."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    judged,
    phantoms,
    statistics,
    template,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignSettings:
    """Settings of bringing TOF and T1 to the reference."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    max_residual_mm: float = geometry(
        1.0, "mm", "about the calibre of AICA (1.0 mm)", ge=0.1, le=5.0
    )
    coarse_voxel_mm: float = geometry(
        2.4, "mm", "a few degrees and mm are seen in halved fine voxels", ge=1.0, le=5.0
    )
    fine_voxel_mm: float = geometry(
        1.2, "mm", "twice the usual slice; finer costs time, not bias", ge=0.5, le=3.0
    )
    samples: int = phantoms(
        25000,
        "voxels",
        "the motion of phantoms is found as well as with more; fewer are less even",
        ge=5000,
        le=500000,
    )
    coarse_samples: int = statistics(
        12000,
        "voxels",
        "seven a cell of the histogram; the fine step follows",
        ge=3000,
        le=500000,
    )
    histogram_bins: int = judged(
        40, "bins", "Mattes 2003, doi:10.1109/TMI.2003.809072, used 50", ge=16, le=128
    )
    start_step_mm: float = judged(
        6.0, "mm", "head motion between two sequences of one visit", ge=1.0, le=20.0
    )
    max_motion_mm: float = judged(
        25.0, "mm", "beyond this the headers do not belong together", ge=5.0, le=100.0
    )
    max_rotation_deg: float = judged(
        20.0, "degree", "a head turns less than this in the coil", ge=5.0, le=45.0
    )
    min_overlap_mm: float = geometry(
        15.0,
        "mm",
        "twice the canal opening (7.1 mm, CT) in the narrowest direction",
        ge=5.0,
        le=50.0,
    )
    mirror_rival_share: float = judged(
        0.9,
        "fraction",
        "a mirrored head whose information comes this near is compared by its edges",
        ge=0.0,
        le=1.0,
    )
    edge_percentile: float = judged(
        90.0,
        "percentile",
        "of the reference's gradients, from which on an edge counts",
        ge=50.0,
        le=99.9,
    )
    half_width_min_mm: float = judged(
        25.0,
        "mm",
        "a half of the reference narrower than this is not registered by itself",
        ge=5.0,
        le=60.0,
    )
    cerebellopontine_half_width_mm: float = template(
        26.0, "mm", "porus to mid-line, 25.5 mm in MNI space", ge=15.0, le=40.0
    )
