"""Settings of finding vessels."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, ClassVar

from nvc.settings._field import FORBID_UNKNOWN, geometry, judged, phantoms, statistics
from nvc.settings.groups.strands import DarkSettings, StrandsSettings
from nvc.settings.groups.vessels import (
    AngiographySettings,
    EmptySettings,
    HandedOnSettings,
    InReferenceSettings,
    NamesSettings,
    SearchedSettings,
    TurnsSettings,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselsSettings:
    """Settings of finding vessels."""

    __pydantic_config__: ClassVar[dict[str, Any]] = FORBID_UNKNOWN

    searched: SearchedSettings = field(default_factory=SearchedSettings)
    angiography: AngiographySettings = field(default_factory=AngiographySettings)
    in_reference: InReferenceSettings = field(default_factory=InReferenceSettings)
    names: NamesSettings = field(default_factory=NamesSettings)
    dark: DarkSettings = field(default_factory=DarkSettings)
    strands: StrandsSettings = field(default_factory=StrandsSettings)
    turns: TurnsSettings = field(default_factory=TurnsSettings)
    empty: EmptySettings = field(default_factory=EmptySettings)
    handed_on: HandedOnSettings = field(default_factory=HandedOnSettings)

    smallest_radius_mm: float = judged(
        0.3, "mm", "AICA is 0.5-1.5 mm across", ge=0.1, le=1.0
    )
    fitted_radius_mm: tuple[float, float] = geometry(
        (0.15, 4.0),
        "mm",
        "blur hides half of AICA's 0.3; BA over 4.5 mm across is ectatic (Smoker 1986)",
        ge=0.0,
        le=8.0,
    )
    shortest_mm: float = phantoms(
        3.0, "mm", "shorter pieces cannot be told from texture", ge=1.0, le=10.0
    )
    station_mm: float = geometry(
        0.5, "mm", "about one voxel of a cisternography", ge=0.2, le=1.0
    )
    point_spread_voxels: float = geometry(
        1.15,
        "voxel",
        "full width at half maximum, between a Gaussian and a sinc (1.21) voxel",
        ge=0.5,
        le=2.5,
    )
    least_inflow: float = phantoms(
        0.2,
        "fraction",
        "of the way from brain to a well-filled artery; less is texture or shading",
        ge=0.05,
        le=0.8,
    )
    significance: float = statistics(
        5.0, "standard errors", "contrast that a fitted piece must show", ge=2.0, le=20
    )
    reach_mm: float = judged(
        8.0,
        "mm",
        "around CN VII, where vessels without flow signal are looked for",
        ge=3.0,
        le=15.0,
    )
    wall_mm: float = geometry(
        0.2, "mm", "a known tube's wall may be off: half a voxel", ge=0.0, le=2.0
    )
    fluid_max: float = phantoms(
        1.1,
        "of brain to CSF",
        "fluid is no brighter; a tube that is drawn a little too dark leaves more",
        ge=1.0,
        le=2.0,
    )
