"""Walls lie where they are meant to, as distances and as voxels."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.grid import Grid
from nvc.phantom.geometry.courses import Obstacle, relax, smooth_course
from nvc.phantom.geometry.shapes import (
    Ellipsoid,
    HalfSpace,
    Intersection,
    Offset,
    Outside,
    Union,
    gradient,
)
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.render import add_rician_noise, draw_smooth_field, measure_coverage

BALL = Ellipsoid(centre=np.array([1.0, 2.0, 3.0]), semi_axes=np.full(3, 4.0))


def directions(count: int) -> np.ndarray:
    vectors = np.random.default_rng(5).standard_normal((count, 3))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def grid(edge: float, count: int) -> Grid:
    affine = np.diag([edge, edge, edge, 1.0])
    affine[:3, 3] = -0.5 * edge * (count - 1) + np.array([0.03, -0.11, 0.07])
    return Grid(shape=(count, count, count), voxel_to_ras_mm=affine)


def test_sphere_distance_is_exact() -> None:
    points = BALL.centre + np.linspace(0.5, 9.0, 50)[:, None] * directions(50)
    expected = np.linspace(0.5, 9.0, 50) - 4.0
    np.testing.assert_allclose(BALL.distance(points), expected, atol=1e-9)


def test_ellipsoid_wall_has_no_distance_and_unit_slope() -> None:
    solid = Ellipsoid(centre=np.zeros(3), semi_axes=np.array([3.0, 5.0, 8.0]))
    wall = directions(40) * solid.semi_axes
    np.testing.assert_allclose(solid.distance(wall), 0.0, atol=1e-12)
    outwards = gradient(solid, wall)
    rise = solid.distance(wall + 1e-3 * outwards) / 1e-3
    np.testing.assert_allclose(rise, 1.0, atol=5e-3)


def test_combinations_follow_their_parts() -> None:
    plane = HalfSpace(point=np.zeros(3), normal=np.array([0.0, 0.0, 1.0]))
    points = 6.0 * directions(100)
    ball, below = BALL.distance(points), plane.distance(points)
    both, either = Intersection((BALL, plane)), Union((BALL, plane))
    np.testing.assert_allclose(both.distance(points), np.maximum(ball, below))
    np.testing.assert_allclose(either.distance(points), np.minimum(ball, below))
    np.testing.assert_allclose(Outside(BALL).distance(points), -ball)
    np.testing.assert_allclose(Offset(BALL, 0.5).distance(points), ball - 0.5)


@pytest.mark.slow
def test_tube_distance_matches_a_straight_cylinder() -> None:
    nodes = np.linspace([-5.0, 0.0, 0.0], [5.0, 0.0, 0.0], 41)
    tube = CurvedTube.round(nodes, np.linspace(0.5, 1.5, 41))
    points = np.random.default_rng(1).uniform(-3.0, 3.0, (500, 3))
    distance = tube.distance(points)
    on_axis = np.hypot(points[:, 1], points[:, 2])
    # The nearest wall of a cone lies a little further on; never further than this.
    assert np.all(distance <= on_axis - (1.0 + 0.1 * points[:, 0]) + 1e-9)
    assert np.all(distance >= on_axis * 0.995 - (1.0 + 0.1 * points[:, 0]) - 1e-3)


def test_elliptical_wall_has_no_distance() -> None:
    bend = np.linspace(0.0, 1.0, 60)
    nodes = 10.0 * np.stack([np.cos(bend), np.sin(bend), 0.2 * bend], axis=1)
    tube = CurvedTube.round(nodes, 1.0)
    flat = CurvedTube(
        nodes=nodes, sections=np.tile([0.7, 1.3], (60, 1)), across=tube.across
    )
    wall = flat.wall(np.linspace(2.0, 8.0, 30), np.linspace(0.0, 6.0, 24))
    np.testing.assert_allclose(flat.distance(wall.reshape(-1, 3)), 0.0, atol=0.01)


@pytest.mark.parametrize("direction", directions(6))
def test_plane_is_drawn_where_it_lies(direction: np.ndarray) -> None:
    lattice = grid(0.5, 24)
    plane = HalfSpace(point=0.37 * direction, normal=direction)
    ball = Ellipsoid(centre=np.zeros(3), semi_axes=np.full(3, 4.0))
    half = Intersection((ball, plane))
    found = measure_coverage(half, lattice, np.eye(4))
    assert found is not None
    volume = float(found[1].sum()) * 0.5**3
    height = 4.0 + 0.37
    expected = np.pi * height**2 * (12.0 - height) / 3.0
    off_mm = (volume - expected) / (np.pi * (16.0 - 0.37**2))
    assert abs(off_mm) < 0.02


@pytest.mark.parametrize("radius", [0.25, 0.5, 0.9])
@pytest.mark.parametrize("direction", directions(3))
def test_tube_wall_is_drawn_to_a_fiftieth_of_a_millimetre(
    radius: float, direction: np.ndarray
) -> None:
    lattice = grid(0.5, 40)
    shift = np.array([0.21, -0.13, 0.08])
    nodes = np.linspace(-6.0, 6.0, 49)[:, None] * direction + shift
    found = measure_coverage(CurvedTube.round(nodes, radius), lattice, np.eye(4), 3)
    assert found is not None
    box, share = found
    volume = float(share.sum()) * 0.5**3
    ends = 4.0 / 3.0 * np.pi * radius**3
    drawn = np.sqrt((volume - ends) / (12.0 * np.pi))
    assert drawn == pytest.approx(radius, abs=0.02)
    ijk = np.argwhere(share > 0.0)
    weight = share[share > 0.0].astype(float)
    start = [part.start for part in box]
    centre = lattice.to_ras_mm(np.average(ijk, axis=0, weights=weight) + start)
    np.testing.assert_allclose(centre, shift, atol=0.02)


def test_solid_beyond_the_lattice_is_not_drawn() -> None:
    far = Ellipsoid(centre=np.full(3, 90.0), semi_axes=np.full(3, 2.0))
    assert measure_coverage(far, grid(0.5, 16), np.eye(4)) is None


def test_course_slides_off_an_obstacle_and_keeps_its_ends() -> None:
    course = smooth_course(
        np.array([[-6.0, 2.0, 3.0], [1.0, 2.4, 3.2], [8.0, 2.0, 3.0]])
    )
    held = np.zeros(len(course), dtype=bool)
    held[0] = held[-1] = True
    moved = relax(course, held, (Obstacle(solid=BALL, clearance_mm=1.0),), rounds=200)
    np.testing.assert_array_equal(moved[[0, -1]], course[[0, -1]])
    assert BALL.distance(moved).min() > 0.95
    assert BALL.distance(course).min() < 0.0


def test_fields_are_smooth_and_of_unit_size() -> None:
    field = draw_smooth_field(np.random.default_rng(3), grid(1.0, 40), 12.0)
    assert float(field.std()) == pytest.approx(1.0, abs=1e-5)
    assert np.abs(np.diff(field, axis=0)).max() < 0.5


def test_noise_is_rician() -> None:
    dark = add_rician_noise(
        np.random.default_rng(3), np.zeros((40, 40, 40), np.float32), 0.1
    )
    assert float(dark.mean()) == pytest.approx(0.1 * np.sqrt(np.pi / 2.0), rel=0.01)
