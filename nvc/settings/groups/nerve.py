"""Settings of finding the nerves, in groups: what is seen, planes and drawn labels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, geometry, judged, phantoms


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenSettings:
    """Settings of where CN VII is seen, and what is said where it is not."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    worse: float = phantoms(
        1.5,
        "times a clear place's sd",
        "noise makes every place less certain; one that is lost is worse than others",
        ge=1.0,
        le=10.0,
    )
    unseen_min_mm: float = judged(
        1.0,
        "mm",
        "a shorter gap is bridged by the nerve's own stiffness, and not spoken of",
        ge=0.0,
        le=10.0,
    )
    middle: tuple[float, float] = judged(
        (0.2, 0.7),
        "of the course",
        "away from the canal's end and the brain, where it should stand out",
        ge=0.0,
        le=1.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaneSettings:
    """Settings of planes across both nerves, and of ways through them."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    calm_mm: float = geometry(
        0.25,
        "mm",
        "smoothing against noise before bone is outlined: about half a voxel",
        ge=0.0,
        le=2.0,
    )
    rim_mm: float = phantoms(
        0.3,
        "mm",
        "outside its half level bone ends where fluid meets it, at a usual blur",
        ge=0.0,
        le=2.0,
    )
    hidden_max: float = judged(
        0.9, "of bone", "beyond that nothing else is left to see", ge=0.1, le=1.0
    )
    not_arrived_cost: float = judged(
        20.0,
        "of an ideal nerve",
        "of ending outside the brain: more than all the way through fluid costs",
        ge=0.0,
        le=1000.0,
    )
    far_off_sds: float = judged(
        3.0, "sd", "beyond, a prior says nothing further", ge=0.5, le=20.0
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnSettings:
    """Settings of what a person drew."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    looked_within_mm: float = judged(
        10.0,
        "mm",
        "of a nerve someone who drew a vessel has looked there",
        ge=0.0,
        le=60.0,
    )
    same_vessel_mm: float = geometry(
        1.0,
        "mm",
        "from an old course a redrawn one is the same vessel: about two voxels",
        ge=0.1,
        le=10.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSettings:
    """Settings of the brain's surface under the root, and of what stands out of it."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    window_half_mm: tuple[float, float, float] = geometry(
        (3.6, 3.2, 2.4),
        "mm along the nerve, across it, off the surface",
        "some two nerves' thickness each way, where the pons is nearly flat",
        ge=0.8,
        le=10.0,
    )
    loss: float = phantoms(
        0.15,
        "of brain to CSF",
        "farther off the sheet's image it is another structure",
        ge=0.02,
        le=1.0,
    )
    slope_min: float = geometry(
        0.1,
        "of its direction",
        "a nerve that heads straight into the brain has no direction along it",
        ge=0.0,
        le=1.0,
    )
    start_places_min: int = judged(
        60,
        "places",
        "of the thresholded surface, to lay a sheet through",
        ge=6,
        le=1000,
    )
    hiding: float = judged(
        -0.2,
        "of brain to CSF",
        "where a vessel took more, what was given back does not show a nerve",
        ge=-2.0,
        le=0.0,
    )
    fluid_begins: float = geometry(
        0.25,
        "of CSF to brain",
        "less lost is fluid: blur leaves a quarter half a voxel beyond a wall",
        ge=0.05,
        le=0.9,
    )
    clear_share: float = judged(
        0.8, "fraction", "of a nerve's height that no other tube takes", ge=0.0, le=1.0
    )
