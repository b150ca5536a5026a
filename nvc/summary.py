"""The findings of a report as short text: one row a side, for tables on a screen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from nvc.model.anatomy import Flag, NerveSegment, Side, VesselKind
from nvc.model.findings import Contact, Remark, Report, SideReport, VesselAtContact
from nvc.report.wording import CAMPOS_MEANING, FLAG_TITLE, SINDOU_MEANING

if TYPE_CHECKING:
    from nvc.numerics import Tolerance

COLUMNS = (
    "Side",
    "Finding",
    "Flag",
    "Gap (95 % interval)",
    "Where on CN VII",
    "Vessel",
    "The nerve there",
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
DIRECTION_NAME = (
    "superior",
    "posterior-superior",
    "posterior-superior",
    "posterior",
    "posterior-inferior",
    "posterior-inferior",
    "inferior",
    "anterior-inferior",
    "anterior-inferior",
    "anterior",
    "anterior-superior",
    "anterior-superior",
)
"""Of every hour, from twelve on (`nvc.measurement.contact.clock`)."""
KIND_NAME = {
    VesselKind.ARTERY: "artery",
    VesselKind.VEIN: "vein",
    VesselKind.UNKNOWN: "vessel of unknown kind",
}

_PRINTED_MM: Tolerance[float] = 0.05
"""Less is printed as 0.0 mm."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One side in words.

    Parameters
    ----------
    side : Side
        The patient's own left or right.
    finding, flag, gap, where, vessel, nerve : str
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
    nerve: str
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
            self.nerve,
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
        nerve=nerve_text(found),
        limits=found.reasons,
    )


def gap_text(found: SideReport | Contact) -> str:
    """Say the gap with its interval, never a number without one.

    Where the gap is below what the voxels resolve, and its interval reaches zero, no
    number stands for it.
    """
    if found.distance_mm is None or found.distance_ci_mm is None:
        is_clear = isinstance(found, SideReport) and found.flag is Flag.CLEAR
        return "no vessel in reach" if is_clear else "not measured"
    return interval_text(found.distance_mm, found.distance_ci_mm, found.resolved_mm)


def interval_text(
    distance_mm: float, interval_mm: tuple[float, float], least_mm: float | None
) -> str:
    """Say a gap that was measured, as `gap_text` does.

    Parameters
    ----------
    distance_mm : float
        The gap.
    interval_mm : tuple of float
        Its 95 % interval.
    least_mm : float or None
        What the voxels resolve.
    """
    low, high = outward(interval_mm)
    if _is_below(distance_mm, interval_mm, least_mm):
        return f"contact not excluded (0 to {high:.1f} mm)"
    return f"{distance_mm:.1f} mm ({low:.1f} to {high:.1f})"


def is_unresolved(found: SideReport | Contact) -> bool:
    """Tell whether a gap is too small for a number: contact is not excluded.

    Below a third of a voxel, with an interval that reaches zero; a gap that would be
    printed as 0.0 in any case.
    """
    if found.distance_mm is None or found.distance_ci_mm is None:
        return False
    return _is_below(found.distance_mm, found.distance_ci_mm, found.resolved_mm)


def _is_below(
    distance_mm: float, interval_mm: tuple[float, float], least_mm: float | None
) -> bool:
    return interval_mm[0] <= 0 and distance_mm < max(least_mm or 0.0, _PRINTED_MM)


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
    around = clock_text(found.place.clock_hour)
    return ", ".join(
        [
            SEGMENT_NAME[found.nerve_segment],
            along_text(along_mm),
            *([] if around is None else [f"vessel {around}"]),
        ]
    )


def clock_text(hour: float | None) -> str | None:
    """Say where around the nerve, in anatomical words and as the nearest hour.

    Examples
    --------
    >>> clock_text(7.4)
    "anterior-inferior (7 o'clock)"
    >>> clock_text(11.8)
    "superior (12 o'clock)"
    """
    if hour is None:
        return None
    return f"{direction_name(hour)} ({round(hour) % 12 or 12} o'clock)"


def direction_name(hour: float) -> str:
    """Name the direction of the nearest hour: 12 superior, 9 anterior."""
    return DIRECTION_NAME[round(hour) % 12]


def along_text(along_mm: float) -> str:
    """Say a signed length along the nerve, from the root detachment, in words."""
    if abs(along_mm) < _PRINTED_MM:
        return "at the root detachment"
    where = "outwards from" if along_mm > 0 else "towards the brainstem from"
    return f"{abs(along_mm):.1f} mm {where} the root detachment"


def vessel_text(vessel: VesselAtContact | None) -> str:
    """Say what comes near, how wide it is and where that was measured."""
    if vessel is None:
        return "-"
    wide = (
        "calibre not measured"
        if vessel.diameter_mm is None
        else f"{vessel.diameter_mm:.1f} mm wide"
    )
    seen_in = vessel.seen_in.upper()
    return f"{kind_text(vessel)}, {wide}, measured in {seen_in}"


def kind_text(vessel: VesselAtContact) -> str:
    """Say the kind, with the name and how sure it is where there is one."""
    kind, name = KIND_NAME[vessel.kind], name_text(vessel)
    return f"{kind}, {name}" if name else kind


def name_text(vessel: VesselAtContact) -> str:
    """Say the name and how sure it is, rounded down.

    Examples
    --------
    >>> name_text(VesselAtContact(kind=VesselKind.ARTERY, diameter_mm=1.1,
    ...                           name="AICA-like", name_confidence=0.87))
    'AICA-like (name 0.8)'
    """
    if not vessel.name or vessel.name_confidence is None:
        return vessel.name or ""
    sure = math.floor(10.0 * vessel.name_confidence + 1e-9) / 10.0
    return f"{vessel.name} (name {sure:.1f})"


def nerve_text(found: SideReport) -> str:
    """Say what the vessel does to the nerve there, with the grades that follow."""
    if found.vessel is None:
        return "-"
    parts = [deformity_text(found)]
    grades = grades_text(found)
    if grades:
        parts.append(grades)
    return "; ".join(parts)


def deformity_text(found: SideReport | Contact) -> str:
    """Say both signs; a sign that is not told from none is not a number."""

    def sign(name: str, value: float | None) -> str:
        if value is None:
            return f"{name} not measured"
        return f"{name} {value:.1f} mm" if value >= _PRINTED_MM else f"no {name} shown"

    return (
        f"{sign('indentation', found.indentation_mm)}, "
        f"{sign('deviation', found.deviation_mm)}"
    )


def grades_text(found: SideReport) -> str:
    """Say the derived grades, or nothing where there is no contact to grade."""
    parts = []
    if found.grades.sindou:
        parts.append(
            f"Sindou {found.grades.sindou} ({SINDOU_MEANING[found.grades.sindou]})"
        )
    if found.grades.campos_benitez:
        meaning = CAMPOS_MEANING[found.grades.campos_benitez]
        parts.append(f"Campos-Benitez {found.grades.campos_benitez} ({meaning})")
    return ", ".join(parts)


def touch_text(found: SideReport | Contact) -> str:
    """Say over what length and area the vessel lies on the nerve, and its angle."""
    touch, parts = found.touch, []
    if touch.length_mm is not None and touch.area_mm2 is not None:
        least = "at least " if touch.length_is_least else ""
        parts.append(
            f"over {least}{touch.length_mm:.1f} mm of nerve ({touch.area_mm2:.1f} mm²)"
            if touch.length_mm > 0
            else "nowhere in contact"
        )
    if touch.crossing_angle_deg is not None:
        parts.append(f"crossing at {touch.crossing_angle_deg:.0f}°")
    return ", ".join(parts) or "-"
