import re
from dataclasses import replace

import pytest

from nvc.model.anatomy import Side
from nvc.model.findings import ReportedLandmarks
from nvc.pages.nerve_strip import (
    draw_nerve_strips,
    find_vulnerable_limit_mm,
    place_along_nerve,
)


def x_of(name: str, svg: str) -> float:
    return float(re.search(rf'<text x="([\d.]+)"[^>]*>{re.escape(name)}<', svg)[1])


def test_positions_are_lengths_along_the_nerve(outcome):
    found = outcome.report.sides[Side.RIGHT]
    tube = outcome.segmentation.sides[Side.RIGHT].facial
    along = tube.arc_length_mm()
    positions = place_along_nerve(found)
    assert positions.root_exit_mm == pytest.approx(-along[9])
    assert positions.porus_mm == pytest.approx(along[32] - along[9])


def test_brainstem_is_towards_the_middle_of_the_page(outcome):
    strips = draw_nerve_strips(outcome.report)
    right, left = str(strips[Side.RIGHT]), str(strips[Side.LEFT])
    for name in ("detachment", "+4 mm"):
        assert x_of("porus", right) < x_of(name, right) < x_of("root exit", right)
        assert x_of("root exit", left) < x_of(name, left) < x_of("porus", left)


def test_both_sides_are_drawn_to_one_scale(outcome):
    widths = [
        abs(x_of("detachment", str(svg)) - x_of("+4 mm", str(svg)))
        for svg in draw_nerve_strips(outcome.report).values()
    ]
    assert widths[0] == pytest.approx(widths[1], abs=0.2)


def test_headline_carries_its_gap_with_the_interval(outcome):
    svg = str(draw_nerve_strips(outcome.report)[Side.RIGHT])
    assert "0\N{EN DASH}0.3 mm" in svg
    assert "0.0 mm" not in svg
    assert svg.count("<circle") == len(outcome.report.sides[Side.RIGHT].contacts)


def test_contact_lies_where_it_was_measured(outcome):
    svg = str(draw_nerve_strips(outcome.report)[Side.RIGHT])
    along = outcome.report.sides[Side.RIGHT].distance_from_root_detachment_mm
    start, limit = x_of("detachment", svg), x_of("+4 mm", svg)
    drawn = float(re.search(r'<circle cx="([\d.]+)"', svg)[1])
    assert drawn == pytest.approx(start + (limit - start) * along / 4.0, abs=0.2)


def test_side_without_course_or_detachment_has_no_drawing(outcome):
    sides = outcome.report.sides
    lost = replace(sides[Side.LEFT], facial_nerve_mm=())
    report = replace(outcome.report, sides={**sides, Side.LEFT: lost})
    assert set(draw_nerve_strips(report)) == {Side.RIGHT}
    unplaced = replace(sides[Side.LEFT], landmarks=ReportedLandmarks())
    assert place_along_nerve(unplaced) is None


def test_zone_follows_the_settings_of_the_run(outcome):
    software = replace(
        outcome.report.software,
        settings={"report": {"vulnerable_beyond_detachment_mm": 6.0}},
    )
    report = replace(outcome.report, software=software)
    assert find_vulnerable_limit_mm(report) == 6.0
    assert "+6 mm" in str(draw_nerve_strips(report)[Side.LEFT])
