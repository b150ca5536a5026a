"""What is already known of tubes near by."""

import numpy as np

from nvc.tubes.stations.course import Course
from nvc.tubes.stations.known import find_beyond, join_neighbours, make_neighbours


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


def test_a_point_alone_is_no_neighbour():
    """It has no direction, and a voxel no distance across it."""
    whole, point = along_x(0.0), along_x(4.0).cut(3, 4)
    assert len(point) == 1
    alone = make_neighbours([point], 0.1, 0.1)
    assert len(alone.tube) == len(alone.contrast) == 0
    both = make_neighbours([point, whole], 0.1, 0.1)
    np.testing.assert_array_equal(both.points_mm, whole.points_mm)
    assert set(both.tube) == {0}
    assert len(both.contrast) == 1
    assert len(join_neighbours([alone, both]).tube) == len(whole)
