"""Names of the nerve's parts by arc length."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.places.nerve_course import NerveCourse, find_arc_mm
from nvc.model.anatomy import NerveSegment
from nvc.model.stages import SideLandmarks, Tube
from nvc.settings import MeasureSettings

SETTINGS = MeasureSettings()


def course(**marks: float | None) -> NerveCourse:
    """A straight nerve along x from 0 to 20 mm; landmarks by their x."""
    x = np.linspace(0, 20, 41)
    tube = Tube(
        points_mm=np.stack([x, 0 * x, 0 * x], axis=-1),
        radius_mm=np.full(41, 0.9),
        position_sd_mm=np.full(41, 0.1),
    )
    points = {
        f"{name}_mm": None if at is None else np.array([at, 0.4, -0.3])
        for name, at in marks.items()
    }
    return NerveCourse.of(tube, SideLandmarks(**points))


FULL = {"root_exit_point": 0.0, "root_detachment": 8.0, "porus": 18.0}


@pytest.mark.parametrize(
    ("arc", "name"),
    [
        (0.0, NerveSegment.ROOT_EXIT),
        (1.4, NerveSegment.ROOT_EXIT),
        (4.0, NerveSegment.ATTACHED),
        (7.2, NerveSegment.ROOT_DETACHMENT),
        (8.9, NerveSegment.ROOT_DETACHMENT),
        (10.5, NerveSegment.TRANSITION),
        (14.0, NerveSegment.CISTERNAL),
        (18.0 + SETTINGS.porus_margin_mm - 0.1, NerveSegment.CISTERNAL),
        (18.0 + SETTINGS.porus_margin_mm + 0.1, NerveSegment.CANAL),
    ],
)
def test_parts_along_the_nerve(arc, name):
    nerve = course(**FULL)
    assert nerve.segment(arc, SETTINGS) is name
    assert nerve.from_detachment_mm(arc) == pytest.approx(arc - 8.0)


def test_a_short_attached_part_is_named_by_the_nearer_landmark():
    nerve = course(root_exit_point=0.0, root_detachment=2.0, porus=18.0)
    assert nerve.segment(0.8, SETTINGS) is NerveSegment.ROOT_EXIT
    assert nerve.segment(1.2, SETTINGS) is NerveSegment.ROOT_DETACHMENT


def test_without_a_root_detachment_only_the_canal_has_a_name():
    nerve = course(root_exit_point=0.0, root_detachment=None, porus=18.0)
    assert nerve.segment(10.0, SETTINGS) is None
    assert nerve.from_detachment_mm(10.0) is None
    assert nerve.segment(20.0, SETTINGS) is NerveSegment.CANAL


def test_landmarks_beyond_the_ends_lie_on_the_straight_continuation():
    nerve = course(root_exit_point=-3.0, root_detachment=5.0, porus=24.0)
    assert nerve.root_exit_mm == pytest.approx(-3.0)
    assert nerve.porus_mm == pytest.approx(24.0)


def test_arc_of_a_point_next_to_a_bend():
    points = np.array([[0.0, 0, 0], [2, 0, 0], [2, 3, 0]])
    arc = np.array([0.0, 2.0, 5.0])
    assert find_arc_mm(points, arc, np.array([2.4, 1.0, 0.5])) == pytest.approx(3.0)
    assert find_arc_mm(points, arc, np.array([2.3, -0.3, 0.0])) == pytest.approx(
        2.0, abs=0.4
    )
