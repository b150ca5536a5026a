"""What is already known of tubes near by."""

import numpy as np

from nvc.tubes.stations.course import Course
from nvc.tubes.stations.known import find_beyond


def along_x(y_mm):
    x = np.arange(0.0, 10.0, 0.25)
    points = np.stack([x, np.full_like(x, y_mm), np.zeros_like(x)], axis=1)
    return Course(
        points_mm=points, radius_mm=np.full(len(x), 1.0), contrast=np.ones(len(x))
    )


def test_a_place_is_beyond_where_it_is_outside_of_every_tube():
    at = np.array([[[5.0, 0.0, 0.9], [5.0, 0.0, 1.1]], [[5.0, 4.0, 0.9], [5.0, 4, 3]]])
    tubes = [along_x(0.0), along_x(4.0)]
    np.testing.assert_array_equal(
        find_beyond(at, tubes), [[False, True], [False, True]]
    )
    np.testing.assert_array_equal(
        find_beyond(at, tubes, 0.2), [[False, False], [False, True]]
    )
    assert find_beyond(at, []).all()
