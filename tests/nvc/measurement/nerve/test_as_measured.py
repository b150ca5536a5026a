"""What is shown of CN VII: its course and its sections as they were measured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement.gap.profile import measure_wall_gaps_mm
from nvc.measurement.nerve.as_measured import put_refitted_nerves
from nvc.measurement.nerve.refit import refit_course
from nvc.measurement.places.nerve_course import find_arc_mm
from nvc.model.anatomy import Side
from nvc.model.stages import Tube
from nvc.tubes.curve import interpolate
from tests.nvc.measurement.deformity.test_stage import pressed_by_a_vessel
from tests.nvc.measurement.studies import side_context
from tests.nvc.measurement.tubes import draw

ARC = np.linspace(-7.5, 7.5, 61)
GROOVE, PUSH = 0.6, 0.5


@pytest.fixture(scope="module")
def shown():
    """A pressed and pushed nerve, as it is shown after a straight course was given."""
    rng = np.random.default_rng(11)
    nerve, vessel = pressed_by_a_vessel(rng, groove=GROOVE, push=PUSH)
    picture = draw(
        (nerve, vessel),
        rng=rng,
        voxel_mm=(0.5, 0.5, 0.6),
        half_mm=9.0,
        noise=0.03,
        fine=2,
    )
    straight = Tube(
        points_mm=ARC[:, None] * nerve.along,
        radius_mm=np.full(len(ARC), 0.9),
        position_sd_mm=np.full(len(ARC), 0.15),
    )
    context = side_context(picture, straight, [vessel.as_tube(half_length=7.0)])
    before = context.segmentation
    context = refit_course(context, before.sides[Side.LEFT].landmarks)
    return nerve, before, put_refitted_nerves(before, {Side.LEFT: context}), context


def middle(tube: Tube) -> np.ndarray:
    return np.array([np.argmin(np.linalg.norm(tube.points_mm, axis=1))])


def test_the_course_shown_is_the_one_that_was_measured(shown):
    nerve, _, after, context = shown
    tube = after.sides[Side.LEFT].facial
    measured = context.course.tube
    at = [
        find_arc_mm(tube.points_mm, tube.arc_length_mm(), p) for p in measured.points_mm
    ]
    there = interpolate(np.array(at), tube.arc_length_mm(), tube.points_mm)
    np.testing.assert_allclose(there, measured.points_mm, atol=0.02)
    assert np.diff(tube.arc_length_mm()).max() <= 0.25 + 1e-9
    # The groove takes half of its depth from the middle.
    moved = -(tube.points_mm[middle(tube)[0]] @ nerve.side)
    assert moved == pytest.approx(PUSH + GROOVE / 2, abs=0.15)


def test_a_groove_shows_as_a_flat_section(shown):
    nerve, _, after, _ = shown
    tube = after.sides[Side.LEFT].facial
    thick = tube.wall_mm(middle(tube), nerve.side[None])[0]
    wide = tube.wall_mm(middle(tube), nerve.third[None])[0]
    half = 0.9 - GROOVE / 2
    assert thick == pytest.approx(half, abs=0.12)
    assert wide == pytest.approx(0.81 / half, abs=0.2)
    far = np.array([np.argmin(tube.points_mm @ nerve.along)])
    assert tube.wall_mm(far, nerve.side[None])[0] == pytest.approx(0.9, abs=0.1)


def test_the_rest_stays_as_it_was(shown):
    _, before, after, _ = shown
    assert after.vessels is before.vessels
    assert after.sides[Side.LEFT].landmarks is before.sides[Side.LEFT].landmarks
    assert before.sides[Side.LEFT].facial.section_mm2 is None


def test_gaps_along_it_count_from_the_flat_wall(shown):
    nerve, _, after, _ = shown
    tube = after.sides[Side.LEFT].facial
    at = middle(tube)[0]
    distant = tube.points_mm[at] + 5.0 * nerve.side
    other = Tube(
        points_mm=distant[None], radius_mm=np.ones(1), position_sd_mm=np.zeros(1)
    )
    gap = measure_wall_gaps_mm(tube, [other])[at]
    thick = tube.wall_mm(np.array([at]), nerve.side[None])[0]
    assert gap == pytest.approx(4.0 - thick, abs=1e-6)


def test_an_attached_nerve_stays_as_open_as_the_ways_that_it_may_take(shown):
    _, before, _, context = shown
    nerves = before.sides[Side.LEFT]
    # A spread that holds other structures, over the attached millimetre and beyond.
    wide = replace(nerves.facial, position_sd_mm=np.full(len(ARC), 2.5))
    open_ = replace(before, sides={Side.LEFT: replace(nerves, facial=wide)})
    own = {Side.LEFT: replace(context, segmentation=open_)}
    tube = put_refitted_nerves(open_, own).sides[Side.LEFT].facial
    attached = tube.arc_length_mm() < 0.7
    assert tube.position_sd_mm[attached].min() > 2.0
    free = (tube.arc_length_mm() > 1.5) & (tube.arc_length_mm() < 14.0)
    assert tube.position_sd_mm[free].max() < 0.2
