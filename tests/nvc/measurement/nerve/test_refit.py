"""A course that missed a nerve's bend, laid onto the nerve again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement.nerve.refit import STATION_MM, refit_course
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.measurement.places.side_context import SideContext
from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.model.stages import Tube
from tests.nvc.measurement.deformity.test_stage import PressedNerve, pressed_by_a_vessel
from tests.nvc.measurement.studies import side_context
from tests.nvc.measurement.tubes import draw

ARC = np.linspace(-7.5, 7.5, 61)


def refitted(
    push: float, seed: int, *, blank: bool = False
) -> tuple[SideContext, PressedNerve]:
    """Refit a straight course to a nerve that a vessel pushes aside by so much."""
    rng = np.random.default_rng(seed)
    nerve, vessel = pressed_by_a_vessel(rng, push=push)
    picture: Volume = draw(
        (nerve, vessel),
        rng=rng,
        voxel_mm=(0.5, 0.5, 0.6),
        half_mm=9.0,
        noise=0.04,
        fine=2,
    )
    if blank:
        flat = np.ones_like(np.asarray(picture.voxels))
        picture = Volume(grid=picture.grid, voxels=flat)
    straight = Tube(
        points_mm=ARC[:, None] * nerve.along,
        radius_mm=np.full(len(ARC), 0.9),
        position_sd_mm=np.full(len(ARC), 0.15),
    )
    context = side_context(picture, straight, [vessel.as_tube(half_length=7.0)])
    landmarks = context.segmentation.sides[context.side].landmarks
    return refit_course(context, landmarks), nerve


def off_mm(context: SideContext, nerve: PressedNerve) -> np.ndarray:
    true = nerve.course(np.linspace(-8, 8, 641))
    points = context.course.tube.points_mm
    return np.linalg.norm(points[:, None] - true[None], axis=-1).min(axis=1)


@pytest.mark.parametrize(("push", "seed"), [(0.0, 1), (0.5, 2), (0.8, 3)])
def test_the_course_follows_the_nerve(push, seed):
    context, nerve = refitted(push, seed)
    off = off_mm(context, nerve)
    assert np.percentile(off, 90) < 0.12
    assert off.max() < 0.25


def test_sections_lie_along_it_in_order_and_say_how_sure_they_are():
    context, nerve = refitted(0.5, 4)
    arcs = [section.arc_mm for section in context.sections]
    assert arcs == sorted(arcs)
    assert len(arcs) > 18
    true = nerve.course(np.linspace(-8, 8, 641))
    scores = [
        np.linalg.norm(true - section.centre_mm, axis=1).min() / section.centre_sd_mm
        for section in context.sections
    ]
    # Distances across have two parts: a root mean square of 1.4 sd.
    assert np.median(scores) < 2.5


def test_landmarks_stay_where_they_were_along_the_nerve():
    context, _ = refitted(0.8, 5)
    marks = context.segmentation.sides[Side.LEFT].landmarks
    at = context.course.detachment_mm
    assert at is not None
    assert marks.root_detachment_mm is not None
    points, arc = context.course.tube.points_mm, context.course.arc_mm
    place = np.array([np.interp(at, arc, points[:, k]) for k in range(3)])
    assert np.linalg.norm(place - marks.root_detachment_mm) < 0.3


def test_where_nothing_shows_the_course_stays():
    context, nerve = refitted(0.8, 6, blank=True)
    assert context.sections == ()
    points = context.course.tube.points_mm
    off = points - (points @ nerve.along)[:, None] * nerve.along
    assert np.linalg.norm(off, axis=1).max() < 1e-6
    assert context.course.arc_mm[-1] == pytest.approx(15.0, abs=STATION_MM)


def test_sections_are_counted_from_the_detachment_and_the_start_is_kept():
    context, _ = refitted(0.0, 6)
    landmarks = context.segmentation.sides[Side.LEFT].landmarks
    # A course that begins a little later has its sections at the same places.
    late = Tube(
        points_mm=context.course.tube.points_mm[1:],
        radius_mm=context.course.tube.radius_mm[1:],
        position_sd_mm=context.course.tube.position_sd_mm[1:],
    )
    for tube in (context.course.tube, late):
        again = refit_course(
            replace(context, course=NerveCourse.of(tube, landmarks)), landmarks
        )
        course = NerveCourse.of(tube, landmarks)
        assert course.detachment_mm is not None
        beyond = [section.arc_mm - course.detachment_mm for section in again.sections]
        np.testing.assert_allclose(
            np.round(np.array(beyond) / STATION_MM),
            np.array(beyond) / STATION_MM,
            atol=1e-6,
        )
        begin = again.course.tube.points_mm[0]
        assert np.linalg.norm(begin - tube.points_mm[0]) < 0.15
