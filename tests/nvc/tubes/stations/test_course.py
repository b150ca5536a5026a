import numpy as np
import pytest

from nvc.tubes.stations.course import Course
from nvc.tubes.stations.known import cut_doubles


def straight(start, end, radius, count=41):
    t = np.linspace(0, 1, count)[:, None]
    points = np.array(start, float) + t * (np.array(end, float) - np.array(start))
    return Course(
        points_mm=points, radius_mm=np.full(count, radius), contrast=np.ones(count)
    )


def test_branch_inside_its_parent_is_cut_at_the_wall():
    trunk = straight((0, 0, -10), (0, 0, 10), 2.0)
    branch = straight((0, 0, 0), (10, 0, 0), 0.5)
    kept = cut_doubles([branch, trunk])
    assert len(kept) == 2
    assert kept[0] is not branch
    assert kept[1].points_mm[0, 0] == pytest.approx(2.0, abs=0.3)


def test_what_comes_first_keeps_its_course_inside_a_larger_one():
    trunk = straight((0, 0, -10), (0, 0, 10), 2.0)
    inside = straight((0, 0, -4), (0, 0, 4), 0.5)
    kept = cut_doubles([trunk], first=[inside])
    assert kept[0] is inside
    # Beyond the ends of the one that was first the other goes on.
    assert len(kept) == 3
    assert min(np.abs(course.points_mm[:, 2]).min() for course in kept[1:]) > 3.9
