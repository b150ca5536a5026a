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
