"""A push told from the bends that an untouched nerve has."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measure.deviation import Line, aligned, natural_bends, pushed, pushed_further
from nvc.measure.location import NerveCourse
from nvc.measure.recourse import bend_precision
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


def line(place: np.ndarray, sd: float = 0.05) -> Line:
    return Line(
        arc_mm=ARC,
        place_mm=place,
        weight=np.full(len(ARC), sd**-2),
        bend_sd_per_mm=natural_bends(ARC, course(), SETTINGS),
    )


def bump(height: float, width: float = 2.2) -> np.ndarray:
    return height * np.exp(-0.5 * (ARC / width) ** 2)


def natural(rng: np.random.Generator) -> np.ndarray:
    """A course drawn from what is believed of untouched ones."""
    bends = natural_bends(ARC, course(), SETTINGS)
    precision = bend_precision(bends) + 1e-4 * np.eye(len(ARC))
    return np.linalg.solve(np.linalg.cholesky(precision).T, rng.normal(size=len(ARC)))


@pytest.mark.parametrize("width", [1.5, 2.2, 3.0])
def test_a_push_is_measured_whatever_its_length(width):
    value, sd = pushed(line(bump(1.0, width)), None, SETTINGS)
    assert value == pytest.approx(1.0, abs=2 * sd)
    assert value > 1.96 * sd


def test_a_straight_slanting_nerve_is_not_pushed():
    value, sd = pushed(line(3.0 + 0.4 * ARC), None, SETTINGS)
    assert abs(value) < 0.1 * sd


def test_the_uncertainty_holds_what_untouched_nerves_do():
    rng = np.random.default_rng(5)
    found = [
        pushed(line(natural(rng) + rng.normal(0, 0.05, len(ARC))), None, SETTINGS)
        for _ in range(150)
    ]
    scores = np.array([value / sd for value, sd in found])
    assert np.mean(scores > 1.96) <= 0.06
    assert 0.75 < np.std(scores) < 1.25


def test_where_a_nerve_turns_by_nature_a_push_is_less_sure():
    straight = natural_bends(ARC, course(), SETTINGS)
    turning = replace(line(bump(1.0)), bend_sd_per_mm=np.full_like(straight, 0.2))
    assert (
        pushed(turning, None, SETTINGS)[1] > pushed(line(bump(1.0)), None, SETTINGS)[1]
    )


def test_the_other_nerve_makes_a_push_surer_and_a_shared_bend_less_of_one():
    own, straight = line(bump(1.0)), line(0 * ARC)
    alone = pushed(own, None, SETTINGS)
    beside = pushed(own, straight, SETTINGS)
    shared = pushed(own, own, SETTINGS)
    assert beside[1] < alone[1]
    assert shared[0] < 0.8 * beside[0]


def test_only_what_exceeds_the_other_nerve_counts_against_it():
    value, _ = pushed_further(line(bump(1.5)), line(bump(0.5)), SETTINGS)
    assert value == pytest.approx(1.0, abs=0.15)


def test_a_place_that_is_not_seen_is_not_judged():
    unseen = line(bump(1.0))
    hidden = replace(unseen, weight=np.where(np.abs(ARC) < 1.5, 0.0, unseen.weight))
    assert pushed(hidden, None, SETTINGS) is None
    few = replace(unseen, weight=np.where(np.abs(ARC) < 1.3, unseen.weight, 0.0))
    assert pushed(few, None, SETTINGS) is None


def test_the_other_nerve_is_read_where_this_one_was_and_nowhere_else():
    shifted = replace(line(2.0 * ARC), arc_mm=ARC + 3.25)
    shifted = replace(shifted, place_mm=2.0 * shifted.arc_mm)
    found = aligned(shifted, line(bump(1.0)))
    seen = found.weight > 0
    np.testing.assert_allclose(found.place_mm[seen], 2.0 * ARC[seen], atol=1e-9)
    assert not seen[ARC < -9.0 + 3.0].any()
    assert seen[ARC > -5.0].all()
