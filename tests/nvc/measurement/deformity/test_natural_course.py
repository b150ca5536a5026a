"""How an untouched nerve bends: what is expected of it and how far it may differ."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.deformity.natural_course import (
    Corner,
    expect_bends,
    expect_corners,
    expect_course,
)
from nvc.measurement.nerve.refit import STATION_MM
from nvc.settings import MeasureSettings
from nvc.settings.groups.measure import DeformitySettings
from tests.nvc.measurement.deformity.test_resting_height import (
    ARC,
    ASIDE,
    EXIT,
    RDP,
    UP,
    context,
    half_space,
    nerve,
)

SETTINGS = MeasureSettings()


def test_a_nerve_turns_onto_the_brain_at_its_exit_and_off_it_at_its_detachment():
    leave, lift = expect_corners(context(nerve(0.5), half_space()))
    assert (leave.arc_mm, lift.arc_mm) == (EXIT, RDP)
    bend = SETTINGS.corner_bend_per_mm
    np.testing.assert_allclose(leave.bend_per_mm, -bend * UP, atol=0.02 * bend)
    np.testing.assert_allclose(lift.bend_per_mm, bend * UP, atol=0.02 * bend)


def test_without_a_surface_no_turn_is_expected():
    assert expect_corners(context(nerve(0.5), None)) == ()
    np.testing.assert_array_equal(expect_course(ARC, (), UP, DeformitySettings()), 0.0)


def test_an_expected_turn_is_straight_before_and_after():
    corner = Corner(arc_mm=RDP, bend_per_mm=0.2 * UP)
    up, aside = (
        expect_course(ARC, (corner,), along, DeformitySettings())
        for along in (UP, ASIDE)
    )
    np.testing.assert_allclose(aside, 0.0, atol=1e-12)
    slope = np.diff(up) / STATION_MM
    np.testing.assert_allclose(slope[:8], 0.0, atol=1e-3)
    # A Gaussian of 1 mm: its area times the bend in its middle.
    assert slope[-1] == pytest.approx(0.2 * np.sqrt(2 * np.pi), rel=0.02)
    np.testing.assert_allclose(np.diff(slope[-8:]), 0.0, atol=1e-3)


def test_along_the_brain_a_nerve_bends_no_more_than_a_free_one_but_at_its_lift():
    course = context(nerve(0.5), None).course
    out = np.sqrt(np.diag(expect_bends(ARC, course, SETTINGS)))
    along = np.sqrt(np.diag(expect_bends(ARC, course, SETTINGS, 0.0)))
    at_exit, at_lift, free = (int(np.argmin(np.abs(ARC - x))) for x in (EXIT, RDP, 17))
    assert along[at_exit] < 0.5 * out[at_exit]
    assert along[at_lift] == pytest.approx(out[at_lift], rel=0.1)
    assert along[free] == pytest.approx(out[free])
    assert out[free] == pytest.approx(SETTINGS.free_bend_sd_per_mm, rel=0.05)


def test_a_turn_at_a_corner_may_be_sharp_and_elsewhere_bends_are_alike():
    bends = expect_bends(ARC, context(nerve(0.5), None).course, SETTINGS)
    sd = np.sqrt(np.diag(bends))
    alike = bends / (sd[:, None] * sd)
    at_lift, free = (int(np.argmin(np.abs(ARC - x))) for x in (RDP, 17))
    assert alike[at_lift, at_lift + 1] < 0.5
    assert alike[free, free + 1] == pytest.approx(np.exp(-STATION_MM / 3.0), abs=0.01)
    assert np.linalg.eigvalsh(bends).min() > 0


def test_where_no_detachment_is_known_a_corner_may_be_anywhere():
    course = context(nerve(0.5), None).course
    unknown = type(course)(
        tube=course.tube,
        arc_mm=course.arc_mm,
        root_exit_mm=None,
        detachment_mm=None,
        porus_mm=None,
    )
    bends = expect_bends(ARC, unknown, SETTINGS)
    np.testing.assert_allclose(np.diag(bends), SETTINGS.corner_bend_sd_per_mm**2)
