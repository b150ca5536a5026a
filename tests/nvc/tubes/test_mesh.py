"""Surfaces lie where they were drawn, and are as far apart."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.grid import Grid
from nvc.model.stages import Tube
from nvc.tubes.mesh import find_mesh_gap, mesh_surface, mesh_tube
from tests.nvc.measurement.tubes import random_rotation


def ball_field(grid: Grid, centre: np.ndarray, radius: float) -> np.ndarray:
    index = np.stack(np.indices(grid.shape), axis=-1).astype(float)
    distance = np.linalg.norm(grid.to_ras_mm(index) - centre, axis=-1)
    return np.clip(0.5 + (radius - distance) / 0.5, 0, 1)


@pytest.mark.parametrize("gap", [0.2, 0.7])
def test_two_balls_are_as_far_apart_as_they_were_drawn(gap):
    affine = np.eye(4)
    affine[:3, :3] = random_rotation(np.random.default_rng(4)) * [0.5, 0.4, 0.6]
    grid = Grid(shape=(24, 24, 20), voxel_to_ras_mm=affine)
    middle = grid.centre_mm
    away = np.array([0.6, 0.64, -0.48])
    away /= np.linalg.norm(away)
    one = ball_field(grid, middle - away * (1.5 + gap / 2), 1.5)
    two = ball_field(grid, middle + away * (1.0 + gap / 2), 1.0)
    found, first, second = find_mesh_gap(
        mesh_surface(one, grid), mesh_surface(two, grid)
    )
    # Flat triangles lie inside round balls: some 0.05 mm a wall at these voxels.
    assert gap - 0.02 <= found <= gap + 0.13
    assert np.linalg.norm(second - first) == pytest.approx(found)
    assert np.linalg.norm(first - (middle - away * gap / 2)) < 0.35


def test_a_field_without_a_surface_gives_no_mesh():
    grid = Grid(shape=(5, 5, 5), voxel_to_ras_mm=np.eye(4))
    assert mesh_surface(np.zeros((5, 5, 5)), grid) is None


@pytest.mark.parametrize("around", [12, 5])
def test_a_tubes_wall_lies_at_its_radius_and_faces_outwards(around):
    course = Tube(
        points_mm=np.linspace((0.0, 0, 0), (10, 5, 3), 20),
        radius_mm=np.full(20, 0.8),
        position_sd_mm=np.full(20, 0.1),
    )
    vertices, faces = mesh_tube(course, around)
    centres = np.repeat(course.points_mm, around, axis=0)
    np.testing.assert_allclose(np.linalg.norm(vertices - centres, axis=1), 0.8)
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    outward = corners.mean(axis=1) - centres[faces].mean(axis=1)
    assert (np.einsum("ij,ij->i", normal, outward) > 0).all()


def test_a_flat_tubes_mesh_lies_on_its_wall():
    points = np.stack([np.linspace(0, 4, 5), np.zeros(5), np.zeros(5)], axis=1)
    flat = Tube(
        points_mm=points,
        radius_mm=np.full(5, 0.8),
        position_sd_mm=np.zeros(5),
        section_mm2=np.stack([np.diag([1.0, 0.25, 1.0])] * 5),
    )
    vertices, _ = mesh_tube(flat)
    level = (vertices[:, 1] / 0.5) ** 2 + vertices[:, 2] ** 2
    np.testing.assert_allclose(level, 1.0)
