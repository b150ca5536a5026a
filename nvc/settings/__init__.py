"""Every setting, once: default, unit, bounds and source.

Each stage has a frozen dataclass or two (`segment` reads `nerve` and `vessels`,
`regions` also `atlas`, `measurement` `measure` and `remarks`), some with `groups`;
`Settings` gathers them. What anatomy is like, and nobody would set, is in `anatomy`. A
new number is a field made by a function of `_field` whose name says what the number
rests on; its metadata holds ``unit``, ``source``, ``by`` and the bounds. The command,
the panel and the report read the fields, so nothing else need be told.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, is_dataclass
from typing import TYPE_CHECKING, Any

from nvc.settings.align import AlignSettings
from nvc.settings.atlas import AtlasSettings
from nvc.settings.input import InputSettings
from nvc.settings.measure import MeasureSettings
from nvc.settings.nerve import NerveSettings
from nvc.settings.regions import RegionsSettings
from nvc.settings.remarks import RemarksSettings
from nvc.settings.report import ReportSettings
from nvc.settings.vessels import VesselsSettings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from dataclasses import Field


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of a run; saved in its report."""

    input: InputSettings = field(default_factory=InputSettings)
    align: AlignSettings = field(default_factory=AlignSettings)
    atlas: AtlasSettings = field(default_factory=AtlasSettings)
    regions: RegionsSettings = field(default_factory=RegionsSettings)
    nerve: NerveSettings = field(default_factory=NerveSettings)
    vessels: VesselsSettings = field(default_factory=VesselsSettings)
    measure: MeasureSettings = field(default_factory=MeasureSettings)
    remarks: RemarksSettings = field(default_factory=RemarksSettings)
    report: ReportSettings = field(default_factory=ReportSettings)


def walk_settings(of: Any, within: str = "") -> Iterator[tuple[str, Field[Any], Any]]:
    """Yield every setting's dotted name, its field and its value.

    Parameters
    ----------
    of : Settings, or a class of settings inside it
        Whose settings.
    within : str
        Put before each name.
    """
    for own in fields(of):
        value = getattr(of, own.name)
        if is_dataclass(value):
            yield from walk_settings(value, f"{within}{own.name}.")
        else:
            yield f"{within}{own.name}", own, value


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
    "VesselsSettings",
    "walk_settings",
]
