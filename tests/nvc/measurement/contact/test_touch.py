"""Length, area and angle of a contact between tubes that are known exactly."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.contact.touch import (
    measure_crossing_angle_deg,
    measure_touching_part,
    measure_vessel_to_brain_mm,
)
from nvc.measurement.contact.tube_wall import measure_wall_distance_mm, sample_wall
from nvc.measurement.gap.walls import Walls
from nvc.measurement.places.brain_plane import BrainPlane
from nvc.tubes.wall_gap import WalledTube

NERVE_MM, VESSEL_MM = 0.9, 0.6


def straight(centre, along, radius: float, *, flat: float = 1.0) -> WalledTube:
    """A straight tube; `flat` below 1 presses it along the world's z."""
    along = np.asarray(along, dtype=float) / np.linalg.norm(along)
    s = np.arange(-35, 36) * 0.1
    frame_v = np.array([0.0, 0.0, 1.0])
    frame_u = np.cross(frame_v, along)
    count = len(s)
    return WalledTube(
        course_mm=np.asarray(centre, dtype=float) + s[:, None] * along,
        frame_u=np.tile(frame_u, (count, 1)),
        frame_v=np.tile(frame_v, (count, 1)),
        section_mm2=np.tile([radius**2, 0.0, (flat * radius) ** 2], (count, 1)),
    )


def crossing(angle_deg: float, gap_mm: float) -> Walls:
    turn = np.radians(angle_deg)
    return Walls(
        nerve=straight([0, 0, 0], [1, 0, 0], NERVE_MM),
        vessel=straight(
            [0, 0, NERVE_MM + VESSEL_MM + gap_mm],
            [np.cos(turn), np.sin(turn), 0],
            VESSEL_MM,
        ),
        brain=None,
    )


@pytest.mark.parametrize("angle_deg", [15.0, 40.0, 90.0])
def test_the_crossing_angle_is_that_of_the_courses(angle_deg):
    assert measure_crossing_angle_deg(crossing(angle_deg, 0.1)) == pytest.approx(
        angle_deg
    )
    back = crossing(180.0 - angle_deg, 0.1)
    assert measure_crossing_angle_deg(back) == pytest.approx(angle_deg)


def test_a_square_crossing_touches_as_far_as_geometry_says():
    within = 0.2
    length, is_least, area = measure_touching_part(crossing(90.0, 0.0), within)
    # Over the nerve's ridge the vessel's wall rises as its own circle does.
    reach = np.sqrt((VESSEL_MM + within) ** 2 - VESSEL_MM**2)
    assert length == pytest.approx(2 * reach, abs=0.11)
    assert not is_least
    assert 0.3 * length**2 < area < length**2


def test_a_vessel_along_the_nerve_touches_at_least_all_that_was_looked_at():
    length, is_least, area = measure_touching_part(crossing(0.0, 0.0), 0.2)
    assert is_least
    assert length > 6.5
    # The strip where two parallel cylinders are within 0.2 mm of each other.
    half = np.arccos(
        ((VESSEL_MM + 0.2) ** 2 - NERVE_MM**2 - (NERVE_MM + VESSEL_MM) ** 2)
        / (-2 * NERVE_MM * (NERVE_MM + VESSEL_MM))
    )
    assert area == pytest.approx(2 * half * NERVE_MM * length, rel=0.02)


def test_a_vessel_apart_touches_nowhere():
    assert measure_touching_part(crossing(60.0, 0.5), 0.2) == (0.0, False, 0.0)


def test_a_wider_reach_never_touches_less():
    parts = [
        measure_touching_part(crossing(50.0, 0.05), within)
        for within in (0.1, 0.2, 0.4)
    ]
    assert sorted(parts) == parts


def test_the_distance_to_a_round_wall_is_exact():
    tube = straight([0, 0, 0], [1, 0, 0], 0.8)
    points = np.array([[0.0, 2.0, 0.0], [0.33, 0.0, 0.5], [1.0, 1.2, 1.6]])
    expected = np.hypot(points[:, 1], points[:, 2]) - 0.8
    np.testing.assert_allclose(
        measure_wall_distance_mm(points, tube), expected, atol=1e-9
    )


def test_wall_points_lie_on_a_flattened_wall():
    tube = straight([0, 0, 0], [1, 0, 0], 0.8, flat=0.5)
    points = sample_wall(tube, 24)
    level = (points[..., 1] / 0.8) ** 2 + (points[..., 2] / 0.4) ** 2
    np.testing.assert_allclose(level, 1.0, atol=1e-9)
    np.testing.assert_allclose(measure_wall_distance_mm(points, tube), 0.0, atol=1e-7)


@pytest.mark.parametrize("height_mm", [0.0, 0.4, 1.5])
def test_the_vessel_above_the_brain(height_mm):
    plane = BrainPlane(
        origin_mm=np.array([0.0, 0.0, -2.0]),
        axes=np.eye(3),
        heights=np.zeros(6),
        sd_mm=0.1,
    )
    vessel = straight([0, 0, -2.0 + VESSEL_MM + height_mm], [0, 1, 0], VESSEL_MM)
    walls = Walls(
        nerve=straight([0, 0, 0], [1, 0, 0], NERVE_MM), vessel=vessel, brain=plane
    )
    assert measure_vessel_to_brain_mm(walls) == pytest.approx(height_mm, abs=2e-3)
    assert measure_vessel_to_brain_mm(crossing(90.0, 0.0)) is None
