"""The tables of numbers on the page: a side's figures, every place, both sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nvc.model.anatomy import Side
from nvc.summary import (
    KIND_NAME,
    SEGMENT_NAME,
    clock_text,
    is_unresolved,
    kind_text,
    name_text,
    outward,
)

if TYPE_CHECKING:
    from nvc.model.findings import Contact, Report, SideReport, VesselAtContact
    from nvc.model.space import Point

_METHOD = {
    "tube-fit": "tubes fitted to the image",
    "centrelines": "distance of the centrelines less both radii",
    "surface": "distance of the label surfaces",
}

# Beyond, how much surer still tells a reader nothing.
_MANY = 1000


def tabulate_numbers(found: SideReport) -> list[tuple[str, str]]:
    """Return every figure of a side with its name."""
    landmarks, vessel = found.landmarks, found.vessel
    return [
        ("Gap", _gap(found)),
        ("95 % interval", _interval(found.distance_ci_mm)),
        ("Probability of contact", _share(found.contact_probability)),
        ("Part of the nerve", _segment(found)),
        ("From root exit, mm", _signed(found.place.from_root_exit_mm)),
        ("From root detachment, mm", _signed(found.distance_from_root_detachment_mm)),
        ("From the brainstem", format_mm(found.place.from_brainstem_mm)),
        ("Around the nerve", clock_text(found.place.clock_hour) or "-"),
        *_vessel_rows(vessel),
        ("Vessel calibre", _calibre(found)),
        *_touch_rows(found),
        ("Indentation", format_mm(found.indentation_mm)),
        ("Deviation", format_mm(found.deviation_mm)),
        ("Likelihood of deformity against none",
         _times(found.deformity_likelihood_ratio)),
        ("Against the other side, mirrored: indentation",
         format_mm(found.against_other_side.indentation_mm)),
        ("Against the other side, mirrored: deviation",
         format_mm(found.against_other_side.deviation_mm)),
        ("Places in contact", _count(found.contact_count)),
        ("Closest point, nerve", format_ras(found.closest_point_nerve_mm)),
        ("Closest point, vessel", format_ras(found.closest_point_vessel_mm)),
        (f"Root exit ({landmarks.source})", format_ras(landmarks.root_exit_point_mm)),
        (f"Detachment ({landmarks.source})", format_ras(landmarks.root_detachment_mm)),
        (f"Porus ({landmarks.source})", format_ras(landmarks.porus_mm)),
    ]  # fmt: skip


def _times(ratio: float | None) -> str:
    if ratio is None:
        return "-"
    return f"{ratio:.0f} times" if ratio < _MANY else f"over {_MANY} times"


def _vessel_rows(vessel: VesselAtContact | None) -> list[tuple[str, str]]:
    return [
        ("Vessel", KIND_NAME[vessel.kind] if vessel else "-"),
        ("That it is a vessel, 0 to 1", _share(vessel.confidence if vessel else None)),
        ("Vessel's name", (name_text(vessel) if vessel else "") or "-"),
    ]


def _touch_rows(found: SideReport) -> list[tuple[str, str]]:
    touch = found.touch
    least = "at least " if touch.length_is_least else ""
    length, area = touch.length_mm, touch.area_mm2
    to_stem = format_mm(touch.vessel_to_brainstem_mm)
    if touch.vessel_to_brainstem_ci_mm is not None:
        to_stem += f" ({_interval(touch.vessel_to_brainstem_ci_mm)})"
    return [
        ("Contact length", "-" if length is None else least + format_mm(length)),
        ("Contact area", "-" if area is None else f"{least}{area:.2f} mm²"),
        ("Crossing angle", _degrees(touch.crossing_angle_deg)),
        ("Vessel to brainstem", to_stem),
    ]


def tabulate_contact(contact: Contact) -> list[str]:
    """Return the cells of one place."""
    low, high = outward(contact.distance_ci_mm)
    dash = "\N{EN DASH}"
    gap = "not excluded" if is_unresolved(contact) else f"{contact.distance_mm:.1f}"
    length = contact.touch.length_mm
    return [
        f"{gap} ({low:.1f}{dash}{high:.1f})",
        _segment(contact),
        _signed(contact.place.from_root_exit_mm),
        _signed(contact.distance_from_root_detachment_mm),
        clock_text(contact.place.clock_hour) or "-",
        kind_text(contact.vessel),
        _tenth(contact.vessel.diameter_mm),
        _tenth(length),
        _degrees(contact.touch.crossing_angle_deg),
        f"{contact.contact_probability:.2f}",
        _METHOD.get(contact.method, contact.method),
    ]


def tabulate_comparison(report: Report) -> list[tuple[str, str, str, str]]:
    """Return what differs between the sides: name, right, left, right less left."""
    right, left = report.sides[Side.RIGHT], report.sides[Side.LEFT]
    differ = report.comparison
    between = _signed_mm(differ.gap_mm)
    if differ.gap_ci_mm is not None:
        low, high = differ.gap_ci_mm
        between += f" ({low:+.2f} to {high:+.2f})"
        if not differ.gaps_differ:
            between += ", not told from none"
    return [
        ("Gap", _gap(right), _gap(left), between),
        (
            "Vessel calibre",
            _calibre(right),
            _calibre(left),
            _signed_mm(differ.vessel_diameter_mm),
        ),
        (
            "Indentation",
            format_mm(right.indentation_mm),
            format_mm(left.indentation_mm),
            _signed_mm(differ.indentation_mm),
        ),
        (
            "Deviation",
            format_mm(right.deviation_mm),
            format_mm(left.deviation_mm),
            _signed_mm(differ.deviation_mm),
        ),
        (
            "Places in contact",
            _count(right.contact_count),
            _count(left.contact_count),
            "-" if differ.contact_count is None else f"{differ.contact_count:+d}",
        ),
    ]


def format_mm(value: float | None) -> str:
    """Return a length with its unit, or a dash where not measured."""
    return "-" if value is None else f"{value:.2f} mm"


def _calibre(found: SideReport) -> str:
    return format_mm(found.vessel.diameter_mm if found.vessel else None)


def _gap(found: SideReport) -> str:
    if is_unresolved(found) and found.resolved_mm is not None:
        return f"below {found.resolved_mm:.2f} mm: contact not excluded"
    return (
        "contact not excluded" if is_unresolved(found) else format_mm(found.distance_mm)
    )


def _interval(interval_mm: tuple[float, float] | None) -> str:
    if interval_mm is None:
        return "-"
    low, high = interval_mm
    return f"{low:.2f} to {high:.2f} mm"


def _segment(found: SideReport | Contact) -> str:
    return "-" if found.nerve_segment is None else SEGMENT_NAME[found.nerve_segment]


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1f}"


def _signed_mm(value: float | None) -> str:
    return "-" if value is None else f"{value + 0.0:+.2f} mm"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _tenth(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f}"


def _degrees(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}°"


def _count(value: int | None) -> str:
    return "-" if value is None else str(value)


def format_ras(point: Point | None) -> str:
    """Say where a point lies, RAS mm to a tenth; a dash without one."""
    return "-" if point is None else ", ".join(f"{value:.1f}" for value in point)
