import csv
import io
from dataclasses import replace

import pytest

from nvc.io.records.measurements_csv import COLUMNS, measurements_to_csv, quote_formula
from nvc.model.anatomy import Side
from nvc.notice import NOTICE


def rows(report):
    return list(csv.DictReader(io.StringIO(measurements_to_csv(report))))


def test_a_row_a_side_with_every_column(outcome):
    left, right = rows(outcome.report)
    assert list(left) == list(COLUMNS)
    assert (left["side"], right["side"]) == ("left", "right")
    assert right["flag"] == outcome.report.sides[Side.RIGHT].flag
    assert left["notice"] == NOTICE


def test_numbers_are_plain_numbers(outcome):
    left = rows(outcome.report)[0]
    found = outcome.report.sides[Side.LEFT]
    assert float(left["distance_mm"]) == pytest.approx(found.distance_mm, abs=1e-4)
    x = found.closest_point_nerve_mm[0]
    assert float(left["closest_point_nerve_x_mm"]) == pytest.approx(x, abs=1e-4)
    assert x < 0
    assert float(left["distance_ci_high_mm"]) > float(left["distance_ci_low_mm"])


def test_certainty_of_vessel_and_name_stand_apart(outcome):
    left, right = rows(outcome.report)
    assert (right["vessel_name"], right["vessel_name_confidence"]) == (
        "AICA-like",
        "0.85",
    )
    assert right["vessel_confidence"] == "0.9"
    assert (left["vessel_name"], left["vessel_name_confidence"]) == ("", "")
    assert left["vessel_confidence"] == "0.9"


def test_what_was_not_measured_is_empty(outcome):
    sides = outcome.report.sides
    bare = replace(
        sides[Side.LEFT],
        distance_mm=None,
        distance_ci_mm=None,
        vessel=None,
        closest_point_nerve_mm=None,
    )
    left = rows(replace(outcome.report, sides={**sides, Side.LEFT: bare}))[0]
    for name in ("distance_mm", "distance_ci_low_mm", "vessel_kind", "indentation_mm",
                 "closest_point_nerve_z_mm"):  # fmt: skip
        assert left[name] == ""


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_text_is_never_a_formula(start):
    assert quote_formula(f"{start}1+1") == f"'{start}1+1"


def test_harmless_text_is_kept():
    assert quote_formula("a = b") == "a = b"


def test_formula_in_a_reason_is_quoted_and_commas_survive(outcome):
    sides = outcome.report.sides
    odd = replace(sides[Side.LEFT], reasons=('=HYPERLINK("x"), "quoted"', "second"))
    left = rows(replace(outcome.report, sides={**sides, Side.LEFT: odd}))[0]
    assert left["reasons"].startswith('\'=HYPERLINK("x"), "quoted"; second')
