"""The hour means one anatomical direction, on either side and in any pose."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from nvc.measurement.contact.clock import find_direction, read_clock_hour
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.model.stages import HeadFrame, SideLandmarks, Tube
from nvc.summary import direction_name

UPRIGHT = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
RIGHTWARDS, LEFTWARDS = np.array([1.0, 0, 0]), np.array([-1.0, 0, 0])
ANTERIOR, SUPERIOR = np.array([0, 1.0, 0]), np.array([0, 0, 1.0])


@pytest.mark.parametrize("along", [RIGHTWARDS, LEFTWARDS], ids=["right", "left"])
@pytest.mark.parametrize(
    ("towards", "hour", "name"),
    [
        (SUPERIOR, 12.0, "superior"),
        (SUPERIOR + ANTERIOR, 10.5, "anterior-superior"),
        (ANTERIOR, 9.0, "anterior"),
        (ANTERIOR - SUPERIOR, 7.5, "anterior-inferior"),
        (-SUPERIOR, 6.0, "inferior"),
        (-SUPERIOR - ANTERIOR, 4.5, "posterior-inferior"),
        (-ANTERIOR, 3.0, "posterior"),
        (SUPERIOR - ANTERIOR, 1.5, "posterior-superior"),
    ],
)
def test_hours_are_directions_of_the_head(along, towards, hour, name):
    assert read_clock_hour(towards, along, UPRIGHT) == pytest.approx(hour)
    assert direction_name(hour) == name


def test_what_lies_along_the_nerve_does_not_count():
    assert read_clock_hour(ANTERIOR + 3 * RIGHTWARDS, RIGHTWARDS, UPRIGHT) == 9.0


def test_a_tilted_head_takes_its_dial_along():
    turn = Rotation.from_euler("xyz", [20, -15, 40], degrees=True).as_matrix()
    head = HeadFrame(origin_mm=np.array([5.0, 6, 7]), axes=turn)
    hour = read_clock_hour(turn @ (ANTERIOR - SUPERIOR), turn @ LEFTWARDS, head)
    assert hour == pytest.approx(7.5)


def test_without_a_head_or_across_direction_there_is_no_hour():
    assert read_clock_hour(ANTERIOR, RIGHTWARDS, None) is None
    assert read_clock_hour(ANTERIOR, SUPERIOR + 0.1 * RIGHTWARDS, UPRIGHT) is None
    assert read_clock_hour(RIGHTWARDS, RIGHTWARDS, UPRIGHT) is None


def test_the_nerves_direction_follows_its_bend_and_goes_on_past_its_ends():
    points = np.array([[0.0, 0, 0], [4, 0, 0], [4, 4, 0]])
    tube = Tube(points_mm=points, radius_mm=np.ones(3), position_sd_mm=np.ones(3))
    course = NerveCourse.of(tube, SideLandmarks())
    np.testing.assert_allclose(find_direction(course, 2.0), [1, 0, 0])
    np.testing.assert_allclose(find_direction(course, 4.0), np.sqrt([0.5, 0.5, 0]))
    np.testing.assert_allclose(find_direction(course, 12.0), [0, 1, 0])
    np.testing.assert_allclose(find_direction(course, -3.0), [1, 0, 0])
