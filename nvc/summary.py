"""The findings of a report as short text: one row a side, for tables on a screen."""

from __future__ import annotations

import math
from dataclasses import dataclass

from nvc.model.anatomy import Flag, NerveSegment, Side, VesselKind
from nvc.model.findings import Remark, Report, SideReport, VesselAtContact
from nvc.report.wording import FLAG_TITLE

COLUMNS = (
    "Side",
    "Finding",
    "Flag",
    "Gap (95 % interval)",
    "Where on CN VII",
    "Vessel",
    "What limits it",
)

SEGMENT_NAME = {
    NerveSegment.ROOT_EXIT: "root exit",
    NerveSegment.ATTACHED: "attached segment",
    NerveSegment.ROOT_DETACHMENT: "root detachment",
    NerveSegment.TRANSITION: "transition zone",
    NerveSegment.CISTERNAL: "cisternal portion",
    NerveSegment.CANAL: "inside the canal",
}
KIND_NAME = {
    VesselKind.ARTERY: "artery",
    VesselKind.VEIN: "vein",
    VesselKind.UNKNOWN: "vessel of unknown kind",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One side in words.

    Parameters
    ----------
    side : Side
        The patient's own left or right.
    finding, flag, gap, where, vessel : str
        The cells under the further `COLUMNS`.
    limits : tuple of str
        Why the side is not evaluable, or what limits its result.
    """

    side: Side
    finding: str
    flag: str
    gap: str
    where: str
    vessel: str
    limits: tuple[str, ...]

    @property
    def cells(self) -> tuple[str, ...]:
        """The cells in the order of `COLUMNS`."""
        return (
            f"patient's {self.side}",
            self.finding,
            self.flag,
            self.gap,
            self.where,
            self.vessel,
            "\n".join(f"- {limit}" for limit in self.limits) or "nothing named",
        )


def finding_rows(report: Report) -> tuple[FindingRow, FindingRow]:
    """Return the rows of both sides, the patient's right first as on an axial slice.

    Parameters
    ----------
    report : Report
        The findings; the rows repeat its numbers, rounded to 0.1 mm.
    """
    right, left = (_row(side, report.sides[side]) for side in (Side.RIGHT, Side.LEFT))
    return (right, left)


def remark_text(remark: Remark) -> str:
    """Say what was measured and what is usual.

    Parameters
    ----------
    remark : Remark
        One of the report's.
    """
    return f"{remark.sentence[:1].upper()}{remark.sentence[1:]}. Usual: {remark.usual}."


def _row(side: Side, found: SideReport) -> FindingRow:
    return FindingRow(
        side=side,
        finding=FLAG_TITLE[found.flag],
        flag=found.flag.value,
        gap=gap_text(found),
        where=where_text(found),
        vessel=vessel_text(found.vessel),
        limits=found.reasons,
    )


def gap_text(found: SideReport) -> str:
    """Say the gap with its interval, never a number without one."""
    if found.distance_mm is None or found.distance_ci_mm is None:
        return "no vessel in reach" if found.flag is Flag.CLEAR else "not measured"
    low, high = outward(found.distance_ci_mm)
    return f"{found.distance_mm:.1f} mm ({low:.1f} to {high:.1f})"


def outward(interval_mm: tuple[float, float]) -> tuple[float, float]:
    """Round an interval to tenths of a millimetre without narrowing it.

    Examples
    --------
    >>> outward((0.0, 0.04)), outward((0.68, 0.81))
    ((0.0, 0.1), (0.6, 0.9))
    """
    low, high = interval_mm
    return math.floor(low * 10 + 1e-9) / 10, math.ceil(high * 10 - 1e-9) / 10


def where_text(found: SideReport) -> str:
    """Say where along the nerve the closest place lies."""
    along_mm = found.distance_from_root_detachment_mm
    if found.nerve_segment is None or along_mm is None:
        return "-"
    return f"{SEGMENT_NAME[found.nerve_segment]}, {along_text(along_mm)}"


def along_text(along_mm: float) -> str:
    """Say a signed length along the nerve, from the root detachment, in words."""
    if abs(along_mm) < 0.05:
        return "at the root detachment"
    where = "outwards from" if along_mm > 0 else "towards the brainstem from"
    return f"{abs(along_mm):.1f} mm {where} the root detachment"


def vessel_text(vessel: VesselAtContact | None) -> str:
    """Say what comes near, how wide it is and where that was measured."""
    if vessel is None:
        return "-"
    named = f" ({vessel.name})" if vessel.name else ""
    wide = (
        "calibre not measured"
        if vessel.diameter_mm is None
        else f"{vessel.diameter_mm:.1f} mm wide"
    )
    seen_in = vessel.seen_in.upper()
    return f"{KIND_NAME[vessel.kind]}{named}, {wide}, measured in {seen_in}"
