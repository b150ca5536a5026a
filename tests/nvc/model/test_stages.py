from dataclasses import replace

import numpy as np
import pytest

from nvc.model.stages import Tube

TUBE = Tube(
    points_mm=np.array([[0.0, 0.0, 0.0], [3.0, 4.0, 0.0], [3.0, 4.0, 2.0]]),
    radius_mm=np.array([1.0, 0.9, 0.8]),
    position_sd_mm=np.array([0.1, 0.2, 0.3]),
)


def test_arc_length_counts_from_the_first_point():
    np.testing.assert_allclose(TUBE.arc_length_mm(), [0.0, 5.0, 7.0])


@pytest.mark.parametrize("keep", [slice(1, None), np.array([False, True, True])])
def test_a_part_keeps_what_belongs_to_each_point(keep):
    part = TUBE.part(keep)
    np.testing.assert_array_equal(part.points_mm, TUBE.points_mm[1:])
    np.testing.assert_array_equal(part.radius_mm, [0.9, 0.8])
    np.testing.assert_array_equal(part.position_sd_mm, [0.2, 0.3])


def flat_tube(half_mm=(0.5, 1.2)) -> Tube:
    """A straight tube along x, `half_mm` along y and z."""
    across, up = half_mm
    section = np.diag([1.0, across**2, up**2])
    return Tube(
        points_mm=np.stack([np.linspace(0, 4, 5), np.zeros(5), np.zeros(5)], axis=1),
        radius_mm=np.full(5, np.sqrt(across * up)),
        position_sd_mm=np.zeros(5),
        section_mm2=np.stack([section] * 5),
    )


def test_a_flat_tubes_wall_lies_where_its_section_says():
    tube = flat_tube()
    at = np.zeros(3, dtype=int)
    towards = np.array([[0.0, 3.0, 0.0], [0.0, 0.0, -0.1], [0.0, 1.0, 1.0]])
    # At 45 degrees an ellipse of half axes a and b is ab sqrt(2 / (a^2 + b^2)) away.
    slant = 0.6 * np.sqrt(2 / (0.25 + 1.44))
    np.testing.assert_allclose(tube.wall_mm(at, towards), [0.5, 1.2, slant])
    np.testing.assert_allclose(tube.reach_mm(), 1.2)


def test_a_round_tubes_wall_lies_at_its_radius():
    tube = replace(flat_tube(), section_mm2=None)
    away = np.array([[0.0, 1.0, 0.0]])
    np.testing.assert_allclose(tube.wall_mm(np.array([2]), away), np.sqrt(0.6))
    assert tube.reach_mm() is tube.radius_mm


def test_a_part_of_a_flat_tube_keeps_its_sections():
    assert flat_tube().part(slice(1, 3)).section_mm2.shape == (2, 3, 3)
    assert replace(flat_tube(), section_mm2=None).part(slice(1, 3)).section_mm2 is None
