"""Grades follow from the signs, and never without them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nvc.model.anatomy import NerveSegment
from nvc.model.findings import Grades
from nvc.report.grades import grade_place
from nvc.settings.report import ReportSettings
from tests.nvc.report.test_stage import NEAR, TOUCHING

SETTINGS = ReportSettings()
NONE, GROOVE, PUSH = 0.0, 0.5, 1.0
SURE = replace(TOUCHING, deformity_likelihood_ratio=900.0)


@pytest.mark.parametrize(
    ("indentation", "deviation", "sindou", "campos"),
    [
        (NONE, NONE, "I", "mild"),
        (NONE, PUSH, "II", "severe"),
        (GROOVE, NONE, "III", "moderate"),
        (GROOVE, PUSH, "III", "severe"),
    ],
)
def test_the_two_schemes_order_the_signs_differently(
    indentation, deviation, sindou, campos
):
    contact = replace(SURE, indentation_mm=indentation, deviation_mm=deviation)
    assert grade_place(contact, SETTINGS) == Grades(
        sindou=sindou, campos_benitez=campos
    )


@pytest.mark.parametrize(
    ("indentation", "deviation", "sindou", "campos"),
    [
        (None, None, None, None),
        (None, NONE, None, None),
        (None, PUSH, None, "severe"),
        (GROOVE, None, "III", None),
        (NONE, None, None, None),
    ],
)
def test_a_sign_that_was_not_measured_leaves_open_what_it_could_raise(
    indentation, deviation, sindou, campos
):
    contact = replace(SURE, indentation_mm=indentation, deviation_mm=deviation)
    assert grade_place(contact, SETTINGS) == Grades(
        sindou=sindou, campos_benitez=campos
    )


def test_without_contact_outside_the_canal_there_is_nothing_to_grade():
    apart = replace(NEAR, indentation_mm=GROOVE, deviation_mm=PUSH)
    assert grade_place(apart, SETTINGS) == Grades()
    inside = replace(
        TOUCHING,
        indentation_mm=GROOVE,
        deviation_mm=PUSH,
        nerve_segment=NerveSegment.CANAL,
    )
    assert grade_place(inside, SETTINGS) == Grades()


def test_a_sign_that_is_not_beyond_doubt_is_not_graded():
    doubtful = replace(
        SURE, deviation_mm=PUSH, indentation_mm=NONE, deformity_likelihood_ratio=9.0
    )
    assert grade_place(doubtful, SETTINGS) == Grades()
