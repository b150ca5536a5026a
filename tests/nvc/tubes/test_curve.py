"""Courses are measured and sampled anew without losing their ends."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.grid import Grid
from nvc.model.stages import Tube
from nvc.tubes.curve import (
    arc_length,
    box_around,
    course_length,
    find_boxed,
    interpolate,
    nearest_index,
    resample,
    resample_stretch,
    resample_tube_about,
    resample_tube_at_most,
    resample_with,
    runs,
    sample_tube,
    unit,
)

COURSE = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [18.0, 6.0, 0.0]])


def tube():
    return Tube(
        points_mm=np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]]),
        radius_mm=np.array([1.0, 2.0, 4.0]),
        position_sd_mm=np.array([0.1, 0.2, 0.3]),
    )


def test_resampling_keeps_ends_and_length():
    fine = resample(COURSE, 0.25)
    np.testing.assert_allclose(fine[[0, -1]], COURSE[[0, -1]])
    steps = np.linalg.norm(np.diff(fine, axis=0), axis=1)
    assert steps.sum() > 19.9


def test_lengths_agree():
    assert arc_length(COURSE).tolist() == [0.0, 10.0, 20.0]
    assert course_length(COURSE) == 20.0
    assert course_length(COURSE[:1]) == 0.0
    assert arc_length(COURSE) == pytest.approx(tube_of(COURSE).arc_length_mm())


def tube_of(points):
    return Tube(
        points_mm=points, radius_mm=np.ones(len(points)), position_sd_mm=points[:, 0]
    )


def test_beyond_an_end_the_end_holds():
    found = interpolate(np.array([-5.0, 15.0, 99.0]), arc_length(COURSE), COURSE)
    np.testing.assert_allclose(found, [COURSE[0], [14.0, 3.0, 0.0], COURSE[-1]])
    np.testing.assert_array_equal(
        interpolate(15.0, arc_length(COURSE), COURSE), found[1]
    )


def test_a_stretch_begins_and_ends_where_it_should():
    found = resample_stretch(COURSE, 5.0, 15.0, 2.4)
    np.testing.assert_allclose(found[[0, -1]], [[5.0, 0, 0], [14.0, 3.0, 0]])
    assert len(found) == 5


def test_a_point_is_a_stretch_of_two():
    assert len(resample(COURSE[:2] * 0.0, 0.5)) == 2


def test_resampling_keeps_ends_and_steps():
    points = np.array([[0.0, 0, 0], [0, 0, 0], [3.0, 0, 0], [3.0, 4.0, 0]])
    new, values = resample_with(points, np.arange(4.0)[:, None], 0.5)
    np.testing.assert_allclose(new[[0, -1]], points[[0, -1]])
    assert np.linalg.norm(np.diff(new, axis=0), axis=1).max() < 0.51
    assert values[0, 0] in (0.0, 1.0)
    assert values[-1, 0] == 3.0


@pytest.mark.parametrize(
    ("flags", "bridge", "expected"),
    [
        ([0, 1, 1, 0, 1], 0, [(1, 3), (4, 5)]),
        ([0, 1, 1, 0, 1], 1, [(1, 5)]),
        ([0, 0], 3, []),
    ],
)
def test_runs(flags, bridge, expected):
    assert runs(np.array(flags, dtype=bool), bridge) == expected


def test_resampled_tube_keeps_ends_and_radii():
    course = Tube(
        points_mm=np.array([[0.0, 0, 0], [3, 0, 0], [3, 4, 0]]),
        radius_mm=np.array([1.0, 2.0, 4.0]),
        position_sd_mm=np.zeros(3),
    )
    dense = resample_tube_at_most(course, 0.5)
    assert len(dense.points_mm) == 15
    np.testing.assert_allclose(dense.points_mm[[0, -1]], course.points_mm[[0, -1]])
    assert dense.radius_mm[6] == pytest.approx(2.0)
    assert np.diff(dense.arc_length_mm()).max() <= 0.5 + 1e-9


def test_steps_about_a_length_may_be_longer_and_at_most_are_not():
    about, most = resample_tube_about(tube(), 3.0), resample_tube_at_most(tube(), 3.0)
    assert len(about.points_mm) == 3
    assert len(most.points_mm) == 4
    assert about.radius_mm[[0, -1]].tolist() == most.radius_mm[[0, -1]].tolist()
    np.testing.assert_allclose(
        about.points_mm, resample(tube().points_mm, 3.0), rtol=0, atol=0
    )


def test_a_tube_without_length_comes_back_or_becomes_two_points():
    still = tube_of(np.ones((1, 3)))
    assert resample_tube_at_most(still, 0.5) is still
    assert len(resample_tube_about(still, 0.5).points_mm) == 2


def test_a_tube_carries_all_it_has():
    found = sample_tube(tube(), np.array([1.5, 5.0]))
    np.testing.assert_allclose(found.points_mm, [[1.5, 0, 0], [3, 2, 0]])
    np.testing.assert_allclose(found.radius_mm, [1.5, 3.0])
    np.testing.assert_allclose(found.position_sd_mm, [0.15, 0.25])
    assert found.section_mm2 is None
    count = len(tube().points_mm)
    sections = np.arange(1.0, count + 1)[:, None, None] * np.eye(3)
    flat = sample_tube(replace(tube(), section_mm2=sections), np.array([1.5]))
    np.testing.assert_allclose(flat.section_mm2, [1.5 * np.eye(3)])


def test_unit_vectors():
    assert np.linalg.norm(unit(np.array([1.0, -2.0, 5.0]))) == pytest.approx(1.0)
    assert unit(np.zeros(3)).tolist() == [0.0, 0.0, 0.0]


def test_nearest_point():
    assert nearest_index(COURSE, np.array([11.0, 1.0, 0.0])) == 1


def test_a_box_is_cut_at_the_grid_and_is_none_beyond_it():
    affine = np.diag([0.5, 0.5, 2.0, 1.0])
    grid = Grid(shape=(20, 20, 20), voxel_to_ras_mm=affine)
    box = box_around(grid, np.array([[1.0, 5.0, 10.0]]), 2.0)
    assert box == (slice(0, 7), slice(6, 15), slice(4, 7))
    assert box_around(grid, np.array([[-9.0, 0.0, 0.0]]), 2.0) is None


def test_places_in_a_box_around_points():
    points = np.array([[0.0, 0.0, 0.0], [4.0, 1.0, 0.0]])
    places = np.array(
        [[[-0.9, 1.9, 0.9], [5.1, 0.0, 0.0]], [[2, 0, 1.1], [2, -0.5, 0]]]
    )
    assert find_boxed(places, points, 1.0).tolist() == [[True, False], [False, True]]
