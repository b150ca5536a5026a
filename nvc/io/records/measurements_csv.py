"""``measurements.csv``: a row a side."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from nvc.model.anatomy import Side
from nvc.summary import direction_name

if TYPE_CHECKING:
    from nvc.model.findings import Report, SideReport
    from nvc.model.space import Point

_POINTS = (
    "closest_point_nerve",
    "closest_point_vessel",
    "root_exit_point",
    "root_detachment",
    "porus",
)

COLUMNS = (
    "side",
    "flag",
    "distance_mm",
    "distance_ci_low_mm",
    "distance_ci_high_mm",
    "contact_probability",
    "nerve_segment",
    "distance_from_root_detachment_mm",
    "distance_from_root_exit_mm",
    "distance_from_brainstem_mm",
    "clock_hour",
    "direction",
    "vessel_kind",
    "vessel_confidence",
    "vessel_name",
    "vessel_name_confidence",
    "vessel_diameter_mm",
    "vessel_seen_in",
    "indentation_mm",
    "deviation_mm",
    "deformity_likelihood_ratio",
    "indentation_against_other_side_mm",
    "deviation_against_other_side_mm",
    "grade_sindou",
    "grade_campos_benitez",
    "contact_length_mm",
    "contact_length_is_least",
    "contact_area_mm2",
    "crossing_angle_deg",
    "vessel_to_brainstem_mm",
    "vessel_to_brainstem_ci_low_mm",
    "vessel_to_brainstem_ci_high_mm",
    "places_in_contact",
    "places_within_reach",
    *(f"{point}_{axis}_mm" for point in _POINTS for axis in "xyz"),
    "landmark_source",
    "reasons",
    "reference",
    "software_version",
    "notice",
)

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def measurements_to_csv(report: Report) -> str:
    """Return the table as text: RFC 4180, a header and a row a side.

    Points are RAS mm of the reference; an empty cell means not measured.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for side in Side:
        cells = _cells(report, side)
        writer.writerow([cells[column] for column in COLUMNS])
    return buffer.getvalue()


def quote_formula(text: str) -> str:
    """Quote text that a spreadsheet would run as a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _cells(report: Report, side: Side) -> dict[str, str]:
    found = report.sides[side]
    low, high = found.distance_ci_mm or (None, None)
    landmarks = found.landmarks
    return {
        **_vessel_cells(found),
        **_place_cells(found),
        **_touch_cells(found),
        **_point_cells("closest_point_nerve", found.closest_point_nerve_mm),
        **_point_cells("closest_point_vessel", found.closest_point_vessel_mm),
        **_point_cells("root_exit_point", landmarks.root_exit_point_mm),
        **_point_cells("root_detachment", landmarks.root_detachment_mm),
        **_point_cells("porus", landmarks.porus_mm),
        "side": quote_formula(side),
        "flag": quote_formula(found.flag),
        "distance_mm": _number(found.distance_mm),
        "distance_ci_low_mm": _number(low),
        "distance_ci_high_mm": _number(high),
        "contact_probability": _number(found.contact_probability),
        "nerve_segment": quote_formula(found.nerve_segment or ""),
        "distance_from_root_detachment_mm": _number(
            found.distance_from_root_detachment_mm
        ),
        "indentation_mm": _number(found.indentation_mm),
        "deviation_mm": _number(found.deviation_mm),
        "deformity_likelihood_ratio": _number(found.deformity_likelihood_ratio),
        "indentation_against_other_side_mm": _number(
            found.against_other_side.indentation_mm
        ),
        "deviation_against_other_side_mm": _number(
            found.against_other_side.deviation_mm
        ),
        "grade_sindou": quote_formula(found.grades.sindou or ""),
        "grade_campos_benitez": quote_formula(found.grades.campos_benitez or ""),
        "places_in_contact": _number(found.contact_count),
        "places_within_reach": str(len(found.contacts)),
        "landmark_source": quote_formula(landmarks.source),
        "reasons": quote_formula("; ".join([*found.reasons, *report.reasons])),
        "reference": quote_formula(report.reference),
        "software_version": quote_formula(report.software.version),
        "notice": quote_formula(report.notice),
    }


def _vessel_cells(found: SideReport) -> dict[str, str]:
    vessel = found.vessel
    return {
        "vessel_kind": quote_formula(vessel.kind) if vessel else "",
        "vessel_confidence": _number(vessel.confidence) if vessel else "",
        "vessel_name": quote_formula(vessel.name or "") if vessel else "",
        "vessel_name_confidence": _number(vessel.name_confidence) if vessel else "",
        "vessel_diameter_mm": _number(vessel.diameter_mm) if vessel else "",
        "vessel_seen_in": quote_formula(vessel.seen_in) if vessel else "",
    }


def _place_cells(found: SideReport) -> dict[str, str]:
    hour = found.place.clock_hour
    return {
        "distance_from_root_exit_mm": _number(found.place.from_root_exit_mm),
        "distance_from_brainstem_mm": _number(found.place.from_brainstem_mm),
        "clock_hour": _number(hour),
        "direction": "" if hour is None else quote_formula(direction_name(hour)),
    }


def _touch_cells(found: SideReport) -> dict[str, str]:
    touch = found.touch
    low, high = touch.vessel_to_brainstem_ci_mm or (None, None)
    least = "" if touch.length_mm is None else str(touch.length_is_least).lower()
    return {
        "contact_length_mm": _number(touch.length_mm),
        "contact_length_is_least": least,
        "contact_area_mm2": _number(touch.area_mm2),
        "crossing_angle_deg": _number(touch.crossing_angle_deg),
        "vessel_to_brainstem_mm": _number(touch.vessel_to_brainstem_mm),
        "vessel_to_brainstem_ci_low_mm": _number(low),
        "vessel_to_brainstem_ci_high_mm": _number(high),
    }


def _number(value: float | None) -> str:
    return "" if value is None else f"{round(value, 4) + 0.0:g}"


def _point_cells(name: str, point: Point | None) -> dict[str, str]:
    values = point or (None, None, None)
    return {
        f"{name}_{axis}_mm": _number(value)
        for axis, value in zip("xyz", values, strict=True)
    }
