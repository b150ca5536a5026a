"""Every setting, once: default, unit, bounds and source.

Each stage has a frozen dataclass or more (`segment` reads `nerve`, `vessels` and
`strands`, `regions` also `atlas`, `measurement` `measure` and `remarks`); `Settings`
gathers them. A field's metadata holds ``unit``, ``source``, ``ge`` and ``le``: a new
number is a field made by `_field.setting`. The command, the panel and the report read
the fields, so nothing else need be told.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from nvc.settings.align import AlignSettings
from nvc.settings.atlas import AtlasSettings
from nvc.settings.input import InputSettings
from nvc.settings.measure import MeasureSettings
from nvc.settings.nerve import NerveSettings
from nvc.settings.regions import RegionsSettings
from nvc.settings.remarks import RemarksSettings
from nvc.settings.report import ReportSettings
from nvc.settings.strands import StrandsSettings
from nvc.settings.vessels import VesselsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run; saved in its report."""

    input: InputSettings = field(default_factory=InputSettings)
    align: AlignSettings = field(default_factory=AlignSettings)
    atlas: AtlasSettings = field(default_factory=AtlasSettings)
    regions: RegionsSettings = field(default_factory=RegionsSettings)
    nerve: NerveSettings = field(default_factory=NerveSettings)
    vessels: VesselsSettings = field(default_factory=VesselsSettings)
    strands: StrandsSettings = field(default_factory=StrandsSettings)
    measure: MeasureSettings = field(default_factory=MeasureSettings)
    remarks: RemarksSettings = field(default_factory=RemarksSettings)
    report: ReportSettings = field(default_factory=ReportSettings)


__all__ = [
    "AlignSettings",
    "AtlasSettings",
    "InputSettings",
    "MeasureSettings",
    "NerveSettings",
    "RegionsSettings",
    "RemarksSettings",
    "ReportSettings",
    "Settings",
    "StrandsSettings",
    "VesselsSettings",
]
