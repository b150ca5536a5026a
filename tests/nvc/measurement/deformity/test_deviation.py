"""A push told from the bends that an untouched nerve has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nvc.measurement.deformity.deviation import (
    NerveTrace,
    SeenPush,
    align_trace,
    measure_further_push,
    measure_push,
    read_trace,
)
from nvc.measurement.deformity.natural_course import expect_bends
from nvc.measurement.deformity.push_axes import PushAxis
from nvc.measurement.nerve.refit import compute_bend_precision
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.measurement.places.nerve_section import NerveSection
from nvc.measurement.places.side_context import SideContext
from nvc.model.stages import Tube
from nvc.settings import MeasureSettings

SETTINGS = MeasureSettings()
ARC = np.arange(-9.0, 9.1, 0.6)
ROOT, RDP, PORUS = -9.0, -4.0, 9.0


def course() -> NerveCourse:
    points = np.stack([ARC, 0 * ARC, 0 * ARC], axis=1)
    tube = Tube(
        points_mm=points,
        radius_mm=np.full(len(ARC), 0.9),
        position_sd_mm=np.full(len(ARC), 0.1),
    )
    return NerveCourse(
        tube=tube, arc_mm=ARC, root_exit_mm=ROOT, detachment_mm=RDP, porus_mm=PORUS
    )


def section(arc: float) -> NerveSection:
    return NerveSection(
        arc_mm=float(arc),
        centre_mm=np.array([arc, 0.0, 0.0]),
        frame=np.array([[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
        shape=np.array([np.log(0.9), 0.0, 0.0]),
        place_covariance_mm2=0.05**2 * np.eye(2),
        shape_covariance=0.05**2 * np.eye(3),
    )


def line(place: np.ndarray, sd: float = 0.05) -> NerveTrace:
    return NerveTrace(
        arc_mm=ARC,
        place_mm=place,
        weight=np.full(len(ARC), sd**-2),
        bends=expect_bends(ARC, course(), SETTINGS),
    )


def bump(height: float, width: float = 2.2) -> np.ndarray:
    return height * np.exp(-0.5 * (ARC / width) ** 2)


def natural(rng: np.random.Generator) -> np.ndarray:
    """A course drawn from what is believed of untouched ones."""
    bends = expect_bends(ARC, course(), SETTINGS)
    precision = compute_bend_precision(bends) + 1e-4 * np.eye(len(ARC))
    return np.linalg.solve(np.linalg.cholesky(precision).T, rng.normal(size=len(ARC)))


@pytest.mark.parametrize("width", [1.5, 2.2, 3.0])
def test_a_push_is_measured_whatever_its_length(width):
    value, sd = measure_push([SeenPush(own=line(bump(1.0, width)))], SETTINGS)
    assert value == pytest.approx(1.0, abs=2 * sd)
    assert value > 1.96 * sd


def test_a_straight_slanting_nerve_is_not_pushed():
    value, sd = measure_push([SeenPush(own=line(3.0 + 0.4 * ARC))], SETTINGS)
    assert abs(value) < 0.1 * sd


def test_the_uncertainty_holds_what_untouched_nerves_do():
    rng = np.random.default_rng(5)
    found = [
        measure_push(
            [SeenPush(own=line(natural(rng) + rng.normal(0, 0.05, len(ARC))))], SETTINGS
        )
        for _ in range(150)
    ]
    scores = np.array([value / sd for value, sd in found])
    assert np.mean(scores > 1.96) <= 0.06
    assert 0.75 < np.std(scores) < 1.25


def test_where_a_nerve_turns_by_nature_a_push_is_less_sure():
    turning = replace(line(bump(1.0)), bends=0.2**2 * np.eye(len(ARC)))
    surest = measure_push([SeenPush(own=line(bump(1.0)))], SETTINGS)
    assert measure_push([SeenPush(own=turning)], SETTINGS)[1] > surest[1]


def test_a_turn_that_is_expected_is_no_push():
    hump = bump(0.6)
    untold = line(hump)
    told = replace(untold, natural_mm=hump)
    assert measure_push([SeenPush(own=untold)], SETTINGS)[0] > 0.5
    assert abs(measure_push([SeenPush(own=told)], SETTINGS)[0]) < 0.01
    # What is expected of one nerve is expected of the other, mirrored.
    assert abs(measure_push([SeenPush(own=told, other=untold)], SETTINGS)[0]) < 0.01


def test_a_sharp_turn_where_a_nerve_lifts_off_is_no_push():
    turn = np.clip(0.5 * (ARC - RDP), 0.0, None)
    value, sd = measure_push(
        [SeenPush(own=replace(line(turn), arc_mm=ARC - RDP))], SETTINGS
    )
    assert abs(value) < 0.5 * sd


def test_two_coordinates_tell_one_push_better_than_either():
    both = [
        SeenPush(own=line(bump(0.8)), share=0.8),
        SeenPush(own=line(bump(0.6)), share=0.6),
    ]
    found = measure_push(both, SETTINGS)
    alone = [measure_push([replace(seen, share=1.0)], SETTINGS) for seen in both]
    assert found[0] == pytest.approx(1.0, abs=0.1)
    # Equal sds in both: that of the push is about theirs.
    assert found[1] == pytest.approx(alone[0][1], rel=0.15)
    assert found[0] / found[1] > max(value / sd for value, sd in alone)


def test_the_other_nerve_makes_a_push_surer_and_a_shared_bend_less_of_one():
    own, straight = line(bump(1.0)), line(0 * ARC)
    alone = measure_push([SeenPush(own=own)], SETTINGS)
    beside = measure_push([SeenPush(own=own, other=straight)], SETTINGS)
    shared = measure_push([SeenPush(own=own, other=own)], SETTINGS)
    assert beside[1] < alone[1]
    assert shared[0] < 0.8 * beside[0]


def test_only_what_exceeds_the_other_nerve_counts_against_it():
    value, _ = measure_further_push(line(bump(1.5)), line(bump(0.5)), SETTINGS)
    assert value == pytest.approx(1.0, abs=0.15)


def test_a_place_that_is_not_seen_is_not_judged():
    unseen = line(bump(1.0))
    hidden = replace(unseen, weight=np.where(np.abs(ARC) < 1.5, 0.0, unseen.weight))
    assert measure_push([SeenPush(own=hidden)], SETTINGS) is None
    few = replace(unseen, weight=np.where(np.abs(ARC) < 1.3, unseen.weight, 0.0))
    assert measure_push([SeenPush(own=few)], SETTINGS) is None


def read(direction: np.ndarray, out_of_surface: float) -> NerveTrace:
    unused: Any = None
    context = SideContext(
        side=unused,
        aligned=unused,
        levels=unused,
        segmentation=unused,
        course=course(),
        settings=SETTINGS,
        sections=tuple(section(arc) for arc in ARC),
    )
    axis = PushAxis(direction=direction, out_of_surface=out_of_surface)
    return read_trace(context, 0.0, axis)


def test_where_the_nerve_dives_into_the_brain_its_height_is_less_sure():
    up = read(np.array([0.0, 0.0, 1.0]), 1.0)
    aside = read(np.array([0.0, 1.0, 0.0]), 0.0)
    dive = ROOT + SETTINGS.root_exit_reach_mm > ARC
    assert up.weight[0] < 0.1 * up.weight[~dive].min()
    assert (np.diff(up.weight[dive]) > 0).all()
    assert (up.weight[dive] < aside.weight[dive]).all()
    assert aside.weight[0] < 0.5 * aside.weight[~dive].min()
    np.testing.assert_allclose(up.weight[~dive], aside.weight[~dive])


def test_the_other_nerve_is_read_where_this_one_was_and_nowhere_else():
    shifted = replace(line(2.0 * ARC), arc_mm=ARC + 3.25)
    shifted = replace(shifted, place_mm=2.0 * shifted.arc_mm)
    found = align_trace(shifted, line(bump(1.0)))
    seen = found.weight > 0
    np.testing.assert_allclose(found.place_mm[seen], 2.0 * ARC[seen], atol=1e-9)
    assert not seen[ARC < -9.0 + 3.0].any()
    assert seen[ARC > -5.0].all()
