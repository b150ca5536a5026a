"""Settings of the search in a T2, in groups: levels, canal, face, pons and pose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    heads,
    judged,
    phantoms,
    template,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelsSettings:
    """Settings of telling bone, brain and CSF apart beside a canal."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    csf_over_bone_min: float = judged(
        1.5, "ratio", "the brightest place nearby is else no fluid", ge=1.0, le=5.0
    )
    calm_slope_max: float = phantoms(
        0.08,
        "of the brightest, a voxel",
        "steeper is an edge between two tissues",
        ge=0.01,
        le=0.5,
    )
    fluid_min: float = phantoms(
        0.75, "of the brightest", "among calm voxels these are fluid", ge=0.4, le=1.0
    )
    fluid_anywhere_min: float = phantoms(
        0.8, "of the brightest", "where few calm voxels are fluid", ge=0.4, le=1.0
    )
    brain_between: tuple[float, float] = judged(
        (0.1, 0.75),
        "from bone to CSF",
        "brain is a tenth to three quarters of the way",
        ge=0.0,
        le=1.0,
    )
    brain_near: tuple[float, float] = judged(
        (0.5, 1.6),
        "of brain's share at the mid-line",
        "coils shade brain and fluid alike; what is left is pulsation and blur",
        ge=0.0,
        le=5.0,
    )
    middle_mm: tuple[tuple[float, float], tuple[float, float], tuple[float, float]] = (
        template(
            ((-12.0, 12.0), (-45.0, 0.0), (-12.0, 12.0)),
            "mm right, anterior, superior",
            "about the middle of the canals: from pons to vermis, with no bone",
        )
    )
    peak_half_width: float = judged(
        0.1,
        "of the range of brain",
        "about the peak of the histogram whose median is brain",
        ge=0.01,
        le=0.5,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class CanalSettings:
    """Settings of following a canal through the planes across it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    overlap_min: float = judged(
        0.4,
        "of the smaller section",
        "two neighbouring sections of one canal have in common",
        ge=0.0,
        le=1.0,
    )
    neck_max: float = phantoms(
        0.45,
        "of the usual area",
        "a section as small is the neck between fundus and labyrinth",
        ge=0.1,
        le=0.9,
    )
    jump_max: float = judged(
        2.0, "samples", "sideways from plane to plane, 1 mm", ge=0.5, le=10.0
    )
    opens_min: float = phantoms(
        0.4,
        "of the last section's fluid",
        "fluid or brain in each plane medially of a mouth",
        ge=0.0,
        le=1.0,
    )
    tilt_sd_deg: float = judged(
        25.0,
        "degree",
        "canals run within 20 degrees of the line of the ears, where that is right",
        ge=5.0,
        le=90.0,
    )
    labyrinth_mm: float = template(
        6.0,
        "mm",
        "radius of a ball beyond the fundus that holds vestibule and cochlea: these "
        "begin 2 mm from it and are 8 to 9 mm wide",
        ge=2.0,
        le=12.0,
    )
    plate_mm: float = judged(
        2.0, "mm", "beyond the fundus, blurred, lies the canal's own fluid", ge=0, le=5
    )
    labyrinth_fluid: float = phantoms(
        0.6,
        "of CSF",
        "the labyrinth's brightest place in coarse voxels",
        ge=0.1,
        le=1.0,
    )
    labyrinth_sigma_mm: float = geometry(
        0.7,
        "mm",
        "half the width of a semicircular canal",
        ge=0.0,
        le=2.0,
    )
    aside_max_mm: float = judged(
        2.5,
        "mm",
        "from the axis found before: under a canal's radius of 2.9 mm",
        ge=0.5,
        le=8.0,
    )
    core: float = judged(
        0.7, "of the radius", "the middle of a canal, free of its wall", ge=0.2, le=1.0
    )
    plate_max: float = phantoms(
        0.6,
        "of the canal's own level",
        "the plate of bone before the labyrinth is darker",
        ge=0.1,
        le=1.0,
    )
    labyrinth_rise: float = phantoms(
        0.15,
        "of the canal's own level",
        "brighter than the plate by this is the labyrinth",
        ge=0.01,
        le=0.9,
    )
    fades_max: float = phantoms(
        0.75,
        "of the canal's own level",
        "what does not grow darker than this does not end in bone",
        ge=0.1,
        le=1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FaceSettings:
    """Settings of the petrous bone's face and of the porus in it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    spread_min_mm2: float = judged(
        4.0,
        "mm2",
        "twice the area of three places that tell a plane",
        ge=0.1,
        le=50.0,
    )
    sd_of_scatter: float = heads(
        3.0,
        "scatters",
        "error of the place where the axis meets the plane: under one where the face "
        "is drawn as a plane, four on re-coloured heads",
        ge=0.1,
        le=20.0,
    )
    mouth_sd_mm: float = heads(
        1.0,
        "mm",
        "error of the place where bone encloses half of the axis: 0.4 in phantoms, "
        "2 on re-coloured heads, whose own truth is good to 1.5",
        ge=0.05,
        le=5.0,
    )
    beyond_wall_mm: float = geometry(
        2.5,
        "mm",
        "bone so far outside the usual wall encloses a canal: its lips are round",
        ge=0.0,
        le=6.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StemSettings:
    """Settings of the brainstem as a T2 shows it, and of the template's laid on it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    free_height_mm: float = judged(
        12.0,
        "mm",
        "above and below the canals the pons is free of the cerebellum in front",
        ge=4.0,
        le=24.0,
    )
    free_aside_mm: float = geometry(
        24.0, "mm", "from the middle, medial of the pori", ge=10.0, le=34.0
    )
    core_mm: tuple[float, float, float] = judged(
        (8.0, 14.0, 12.0),
        "mm right, anterior, superior",
        "about the middle of the canals, where the piece that is kept is largest",
        ge=2.0,
        le=26.0,
    )
    template_rim_mm: float = judged(
        3.0,
        "mm",
        "about the brain the template is known: fluid, then dura and bone",
        ge=0.0,
        le=10.0,
    )
    template_seen_min: float = judged(
        0.4, "of the template's strip", "must lie in the picture", ge=0.0, le=1.0
    )
    template_turns_deg: tuple[float, float, float] = template(
        (-6.0, 42.0, 6.0),
        "degree: first, last, step",
        "starts: the template leans by 19 degrees, and heads differ to both sides",
        ge=-60.0,
        le=60.0,
    )
    template_shifts_mm: tuple[float, float, float] = judged(
        (-12.0, 12.0, 4.0),
        "mm: first, last, step",
        "starts: forwards and upwards from the middle of the canals",
        ge=-30.0,
        le=30.0,
    )
    template_t1: tuple[float, float, float, float] = template(
        (0.25, 0.45, 0.65, 0.85),
        "of the template's scale",
        "fluid, its edge, grey and white matter",
        ge=0.0,
        le=2.0,
    )
    template_t2: tuple[float, float, float, float] = judged(
        (1.0, 0.75, 0.45, 0.3),
        "bone 0 to CSF 1",
        "how bright each of these is in a T2",
        ge=0.0,
        le=2.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictSettings:
    """Settings of what is said where ears or canals do not convince."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    better_canal_min: float = judged(
        1.25,
        "of the other's score",
        "of two canals that do not mirror each other the better one is kept",
        ge=1.0,
        le=10.0,
    )
    mismatch_mm: float = heads(
        10.0,
        "mm",
        "of two pori from mirroring each other: 1 to 7 on real heads, by the line of "
        "the ears as it was found",
        ge=3.0,
        le=20.0,
    )
    tissue_likeness_min: float = judged(
        0.3, "correlation", "of neighbours 3 mm apart; less is noise", ge=0.0, le=1.0
    )
    head_likeness_min: float = judged(
        0.3,
        "correlation",
        "of the picture with its mirror image; less may be no head",
        ge=0.0,
        le=1.0,
    )
    blank_max: float = judged(
        0.25,
        "of the picture",
        "more that is blank is a brain that was extracted",
        ge=0.0,
        le=1.0,
    )
