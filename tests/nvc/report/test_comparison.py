"""The sides beside each other: signs, intervals, and what is left out."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from nvc.model.anatomy import Flag, Side, VesselKind
from nvc.model.findings import Comparison, SideMeasurement, SideReport, VesselAtContact
from nvc.report.comparison import compare
from tests.nvc.report.test_stage import NEAR, TOUCHING, found, report_of

RIGHT = SideReport(
    flag=Flag.NEAR,
    reasons=(),
    distance_mm=0.9,
    distance_ci_mm=(0.6, 1.3),
    indentation_mm=0.0,
    deviation_mm=0.8,
    vessel=VesselAtContact(kind=VesselKind.ARTERY, diameter_mm=1.4),
    contact_count=0,
)
LEFT = replace(
    RIGHT,
    distance_mm=0.2,
    distance_ci_mm=(0.0, 0.6),
    indentation_mm=0.4,
    deviation_mm=0.0,
    vessel=VesselAtContact(kind=VesselKind.VEIN, diameter_mm=0.9),
    contact_count=2,
)


def test_the_left_is_taken_from_the_right():
    differ = compare(RIGHT, LEFT)
    assert differ.gap_mm == pytest.approx(0.7)
    assert differ.gap_ci_mm == pytest.approx((0.2, 0.7 + (0.16 + 0.04) ** 0.5))
    assert differ.gaps_differ
    assert differ.vessel_diameter_mm == pytest.approx(0.5)
    assert differ.indentation_mm == pytest.approx(-0.4)
    assert differ.deviation_mm == pytest.approx(0.8)
    assert differ.contact_count == -2


def test_exchanged_sides_change_every_sign():
    one, other = compare(RIGHT, LEFT), compare(LEFT, RIGHT)
    assert other.gap_mm == pytest.approx(-one.gap_mm)
    assert other.gap_ci_mm == pytest.approx((-one.gap_ci_mm[1], -one.gap_ci_mm[0]))
    assert other.contact_count == -one.contact_count


def test_intervals_that_overlap_do_not_tell_the_sides_apart():
    wide = replace(RIGHT, distance_ci_mm=(0.0, 2.0))
    assert compare(wide, LEFT).gaps_differ is False


def test_what_one_side_lacks_is_not_compared():
    lost = SideReport(flag=Flag.NOT_EVALUABLE, reasons=("no nerve",))
    assert compare(RIGHT, lost) == Comparison()
    assert compare(lost, lost) == Comparison()


def test_no_field_names_a_side():
    names = {field.name for field in fields(Comparison)}
    assert not any("side" in name or "symptom" in name for name in names)


def test_the_report_carries_the_comparison_and_the_counts():
    measured = SideMeasurement(evaluable=True, contacts=(TOUCHING, NEAR))
    report = report_of(measured)
    assert report.sides[Side.LEFT].contact_count == 1
    assert report.comparison.gap_mm == 0.0
    assert report.comparison.gaps_differ is False


def test_a_side_whose_vessels_were_not_assessed_counts_nothing():
    assert found(NEAR, assessed=False).contact_count is None
