"""Settings of measuring, in groups: places, walls, scenes, and what deforms a nerve."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import (
    FORBID_UNKNOWN,
    geometry,
    judged,
    phantoms,
    published,
    statistics,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacesSettings:
    """Settings of what is one place, and of how a vessel runs there."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    same_on_nerve_mm: float = geometry(
        1.5, "mm", "minima nearer along the nerve than its calibre", ge=0.1, le=6.0
    )
    same_on_vessel_mm: float = geometry(
        3.0, "mm", "and along the vessel, about twice that", ge=0.1, le=12.0
    )
    clock_across_min: float = judged(
        0.3,
        "sine",
        "nearer to the vertical than some 17 degrees superior does not point anywhere "
        "across a nerve",
        ge=0.0,
        le=1.0,
    )
    clock_half_mm: float = geometry(
        1.0, "mm", "either way, over which a nerve heads: its calibre", ge=0.1, le=4.0
    )
    crossing_half_mm: float = geometry(
        0.8,
        "mm",
        "either way, over which both head where they cross: less follows the wobble",
        ge=0.1,
        le=4.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceSettings:
    """Settings of surfaces: of the brain about a place, and of drawn labels."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    patch_mm: float = geometry(
        4.0, "mm", "about a point, over which the brain is a bent plane", ge=1.0, le=10
    )
    reaches_mm: tuple[float, ...] = judged(
        (5.0, 12.0, 25.0), "mm", "within which brain is looked for in turn", ge=1, le=60
    )
    one_sided_min: float = judged(
        0.3,
        "of its faces",
        "that look the same way: else a patch has no outside",
        ge=0.0,
        le=1.0,
    )
    roughest: float = geometry(
        1.2,
        "voxels",
        "a mask's faces scatter by a third of a voxel about a smooth surface; far more "
        "is no bent plane",
        ge=0.3,
        le=4.0,
    )
    box_mm: float = judged(
        4.0, "mm", "about a place, in which walls are drawn", ge=1.0, le=10.0
    )
    belongs_mm: float = judged(
        1.0, "mm", "from a wall a voxel belongs to its tube", ge=0.2, le=4.0
    )
    label_sd: float = judged(
        0.5,
        "voxels",
        "of the gap between drawn labels, which are uncertain by about as much; drawn "
        "tubes as masks of 0.47 mm voxels: 0.11 mm mean error",
        ge=0.05,
        le=2.0,
    )
    field_sd: float = phantoms(
        0.35,
        "voxels",
        "of the gap between partial volumes: 0.05 to 0.10 mm mean error on drawn tubes",
        ge=0.05,
        le=2.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class EndsSettings:
    """Settings of vessels that end beside CN VII, where none does."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    ragged_mm: float = judged(
        0.5, "mm", "a stump's last piece is drawn towards the nerve", ge=0.0, le=3.0
    )
    heading_mm: float = judged(
        2.5, "mm", "from its tip, up to which a stump's heading is read", ge=0.5, le=8.0
    )
    join_within_mm: float = geometry(
        5.0,
        "mm",
        "between two stumps: a nerve of 2 mm, and a voxel or two on either side",
        ge=1.0,
        le=15.0,
    )
    join_heading_min: float = judged(
        0.5, "cosine", "both head for each other within 60 degrees", ge=-1.0, le=1.0
    )
    join_calibre_max: float = judged(
        2.0, "ratio", "of the calibres of one vessel's stumps", ge=1.0, le=5.0
    )
    bend_heading_min: float = judged(
        0.0,
        "cosine",
        "of stumps whose walls overlap, lost at a bend: they head for each other at "
        "all",
        ge=-1.0,
        le=1.0,
    )
    bend_calibre_max: float = judged(
        1.5, "ratio", "of the calibres of such stumps", ge=1.0, le=5.0
    )
    passes_within_mm: float = geometry(
        1.2, "mm", "of CN VII's wall what is missing passes: two voxels", ge=0.0, le=5.0
    )
    at_end_mm: float = geometry(
        1.0, "mm", "within a voxel and the calibre's smoothing", ge=0.1, le=4.0
    )
    onward_mm: float = geometry(
        2.0, "mm", "of unseen course past an end: across a nerve", ge=0.0, le=8.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SceneSettings:
    """Settings of fitting tubes to the voxels about a place."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    alike_mm: float = geometry(
        3.0,
        "mm",
        "bends this near are alike: a nerve is about 2 mm thick and does not kink",
        ge=0.5,
        le=12.0,
    )
    station_half_mm: float = geometry(
        0.8,
        "mm",
        "of a piece of nerve: a groove is about as long as the vessel is wide, longer "
        "pieces average it away",
        ge=0.3,
        le=3.0,
    )
    widest_radius_mm: float = judged(
        1.5, "mm", "of a nerve whose section is looked for", ge=0.5, le=4.0
    )
    station_stretch_sd: float = judged(
        0.4,
        "log",
        "how round it is is asked of all pieces together, not of each",
        ge=0.0,
        le=1.0,
    )
    blur_shape: float = phantoms(
        0.7, "power", "of the voxel's edges by which blur grows", ge=0.0, le=1.5
    )
    blur_shape_sd: float = phantoms(0.4, "power", "the same", ge=0.0, le=1.5)
    measured_half_mm: float = judged(
        2.5, "mm", "either way, within which walls are nearest", ge=0.5, le=6.0
    )
    wall_half_mm: float = judged(
        3.5, "mm", "either way, of the walls that are described", ge=0.5, le=6.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DeformitySettings:
    """Settings of grooves and pushes, and of when they are told from none."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    pressed_mm: float = geometry(
        0.3, "mm", "least groove that matters: half a voxel of 0.6 mm", ge=0.05, le=2.0
    )
    pushed_mm: float = geometry(
        0.6, "mm", "least shift that matters: a voxel of 0.6 mm", ge=0.05, le=4.0
    )
    told_ratio: float = published(
        3.0,
        "times",
        "likelier than no sign: from here on evidence is positive (Kass and Raftery "
        "1995)",
        ge=1.0,
        le=1000.0,
    )
    own_sds: float = statistics(
        1.0,
        "sd",
        "a sign within its own is not stated along with another",
        ge=0.0,
        le=5.0,
    )
    push_widths_mm: tuple[float, ...] = geometry(
        (1.5, 2.25, 3.0),
        "mm, one sigma",
        "a nerve held at both ends and pushed between bends over 4 to 8 mm; which is "
        "left to the image",
        ge=0.5,
        le=8.0,
    )
    push_reach_mm: float = geometry(
        5.0,
        "mm",
        "either way, over which a push bends the nerve by a sixth of its height and "
        "more",
        ge=1.0,
        le=15.0,
    )
    push_seen_within_mm: float = judged(
        1.2, "mm", "of the place a centre must be seen", ge=0.3, le=5.0
    )
    push_across_min: float = judged(
        0.5,
        "sine",
        "steeper to the surface than 60 degrees a nerve has no direction along it",
        ge=0.0,
        le=1.0,
    )
    push_share_min: float = judged(
        0.02,
        "of a push",
        "a coordinate that shows less of it is not looked at",
        ge=0.0,
        le=0.5,
    )
    groove_reach_mm: float = judged(
        6.5, "mm", "either way, of sections to compare with", ge=2.0, le=15.0
    )
    groove_vessel_mm: tuple[float, float] = judged(
        (0.4, 1.2), "mm", "radii that tell the length of a groove", ge=0.1, le=4.0
    )
    groove_lengths: tuple[float, ...] = published(
        (1.0, 2.0),
        "of the vessel's radius",
        "beside what presses it a soft body gives way too (Johnson 1985, Contact "
        "Mechanics, chapter 4); which is left to the image",
        ge=0.3,
        le=5.0,
    )
    groove_smear_mm: float = geometry(
        0.46, "mm", "one sigma of a piece 1.6 mm long", ge=0.0, le=2.0
    )
    groove_seen_min: float = judged(
        0.7,
        "of a groove's depth",
        "without a section this deep in its shape it is not seen",
        ge=0.1,
        le=1.0,
    )
    flatness_sd: float = judged(
        0.3, "log", "of a nerve, before looking at its neighbours", ge=0.01, le=2.0
    )
    flatness_alike_mm: float = judged(
        3.0, "mm", "over which an untouched nerve's flatness stays", ge=0.5, le=12.0
    )
    sharp_turn: tuple[float, float, float] = judged(
        (1.0, 0.6, 1.0),
        "mm, mm, share",
        "a corner turned as the wall lets go of the pons: where (one sigma from the "
        "landmark), over what length bends are alike, and its part",
        ge=0.01,
        le=10.0,
    )
    gentle_turn: tuple[float, float, float] = judged(
        (2.0, 3.0, 0.2),
        "mm, mm, share",
        "a corner turned before and after it",
        ge=0.01,
        le=10.0,
    )
    other_side_within_mm: float = judged(
        1.0, "mm", "of the mirrored place sections count as it", ge=0.2, le=4.0
    )
    seat_height: float = geometry(
        0.5,
        "radii",
        "of an attached nerve's centre over the surface: half in a groove (0) to on it "
        "(1), evenly",
        ge=-1.0,
        le=1.0,
    )
    seat_height_sd: float = geometry(
        12**-0.5, "radii", "of an even spread from 0 to 1", ge=0.01, le=2.0
    )
    seat_surface_sd: float = judged(
        0.25,
        "voxels",
        "by which a threshold puts the whole surface too high or too low",
        ge=0.0,
        le=2.0,
    )
