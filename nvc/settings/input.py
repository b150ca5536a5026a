"""Settings of reading files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, geometry, judged


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSettings:
    """Settings of reading files."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    max_slice_warn_mm: float = judged(
        0.8, "mm", "protocols for cisternography use 0.4-0.8 mm", ge=0.1, le=2.0
    )
    max_slice_mm: float = geometry(
        1.0, "mm", "a 1 mm vessel is under one voxel beyond this", ge=0.1, le=3.0
    )
    min_voxel_mm: float = judged(
        0.05, "mm", "finer than any clinical MRI of a head", ge=0.001, le=0.5
    )
    max_voxel_mm: float = judged(
        12.0, "mm", "coarser than any slice of a head MRI", ge=1.0, le=50.0
    )
    max_bytes: int = geometry(
        2**31, "bytes", "sixteen times a 512 x 512 x 256 volume", ge=2**20, le=2**34
    )
    max_shear_deg: float = geometry(
        0.1, "degree", "moves a point 0.1 mm over the 60 mm of a slab", ge=0.0, le=1.0
    )
    max_form_angle_deg: float = geometry(
        0.1, "degree", "rounding of the quaternion stays below this", ge=0.0, le=1.0
    )
    max_form_shift_mm: float = geometry(
        0.01, "mm", "both offsets are stored as plain numbers", ge=0.0, le=1.0
    )
    voxel_size_tolerance: float = geometry(
        0.01, "fraction", "a gap of 2 mm then changes by 0.02 mm", ge=0.0, le=0.1
    )
    position_rounding_mm: float = geometry(
        0.02, "mm", "slice positions written with two decimals", ge=0.0, le=0.1
    )
    same_timing: float = judged(
        0.05,
        "fraction",
        "echo time, repetition time, flip angle and thickness as stated slice by slice "
        "vary by rounding; echoes and other acquisitions differ by more",
        ge=0.0,
        le=0.2,
    )
    same_place_mm: float = geometry(
        1e-3, "mm", "what is left of rounding in a header's affine", ge=0.0, le=0.1
    )
    max_nonfinite: float = judged(
        0.001, "fraction", "stray voxels of a reconstruction, not a part", ge=0, le=0.05
    )
    max_negative: float = judged(
        0.05,
        "fraction",
        "interpolation leaves a few below zero, not a part",
        ge=0,
        le=1,
    )
    stray_share: float = judged(
        0.001,
        "fraction",
        "voxels at either end of the intensities that may be ringing or a fault",
        ge=0.0,
        le=0.02,
    )
    stray_apart: float = judged(
        0.05,
        "fraction",
        "of the range of intensities: noise alone takes the ends as far as this",
        ge=0.0,
        le=0.5,
    )
    notable_padding: float = judged(
        0.01,
        "fraction",
        "of the range of intensities: padding this near to dark is not worth a word",
        ge=0.0,
        le=0.1,
    )
    shared_padding: float = judged(
        0.01,
        "fraction",
        "of all voxels: noise never puts so many on one negative number",
        ge=0.0,
        le=0.5,
    )
    min_shared_field: float = judged(
        0.5,
        "fraction",
        "a slab over the arteries shares more of its width with one over the ears",
        ge=0.0,
        le=1.0,
    )
    min_slices: int = judged(
        8, "slices", "fewer is a localiser or a fragment", ge=2, le=100
    )
    max_landmarks_apart_mm: float = judged(
        40.0,
        "mm",
        "neighbouring landmarks of one nerve: root exit to porus is 20 mm, a canal 10",
        ge=15.0,
        le=100.0,
    )
    max_landmarks_across_mm: float = judged(
        8.0,
        "mm",
        "a slab that holds part of a head may put its midline 5 mm off; in LPS even "
        "the root exit lands 10 mm across",
        ge=0.0,
        le=30.0,
    )
    max_landmarks_askew_mm: float = judged(
        30.0,
        "mm",
        "a landmark and the mirror image of the other side's: both sides of a head "
        "differ by some 5 mm, and a proposal that is corrected may be off by 20",
        ge=10.0,
        le=100.0,
    )
