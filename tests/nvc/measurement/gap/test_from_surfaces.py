"""Gaps between surfaces: meshes, given labels, and pictures that no fit describes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement.gap.from_surfaces import build_surface_mesh, measure_mesh_gap
from nvc.model.anatomy import Structure
from nvc.model.grid import Grid, Volume
from tests.nvc.measurement.studies import measured, segmentation
from tests.nvc.measurement.tubes import TrueTube, draw, random_pair, random_rotation


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
    found, first, second = measure_mesh_gap(
        build_surface_mesh(one, grid), build_surface_mesh(two, grid)
    )
    # Flat triangles lie inside round balls: some 0.05 mm a wall at these voxels.
    assert gap - 0.02 <= found <= gap + 0.13
    assert np.linalg.norm(second - first) == pytest.approx(found)
    assert np.linalg.norm(first - (middle - away * gap / 2)) < 0.35


def test_a_field_without_a_surface_gives_no_mesh():
    grid = Grid(shape=(5, 5, 5), voxel_to_ras_mm=np.eye(4))
    assert build_surface_mesh(np.zeros((5, 5, 5)), grid) is None


def labelled(volume: Volume, nerve: TrueTube, vessel: TrueTube) -> Volume:
    index = np.stack(np.indices(volume.grid.shape), axis=-1).astype(float)
    points = volume.grid.to_ras_mm(index)
    voxels = np.zeros(volume.grid.shape, dtype=np.uint8)
    voxels[vessel.depth(points) < 0] = Structure.ARTERY
    voxels[nerve.depth(points) < 0] = Structure.CN7_LEFT
    return Volume(grid=volume.grid, voxels=voxels)


@pytest.mark.parametrize("gap", [0.0, 0.4, 1.0])
def test_labels_on_a_picture_that_shows_nothing_are_measured_by_their_surfaces(gap):
    rng = np.random.default_rng(31)
    nerve, vessel = random_pair(rng, gap)
    blank = draw((), rng=rng, noise=0.05, fine=1)
    found = segmentation(nerve.as_tube(), [vessel.as_tube()])
    found = replace(found, labels=labelled(blank, nerve, vessel))
    (contact,) = measured(blank, found).contacts
    assert contact.method == "surface"
    assert contact.distance_mm == pytest.approx(gap, abs=0.3)
    low, high = contact.distance_ci_mm
    assert low <= gap <= high


def test_labels_on_a_picture_that_shows_the_tubes_are_refined_by_it():
    rng = np.random.default_rng(32)
    nerve, vessel = random_pair(rng, 0.4)
    picture = draw((nerve, vessel), rng=rng, noise=0.03, fine=3)
    found = segmentation(nerve.as_tube(), [vessel.as_tube()])
    found = replace(found, labels=labelled(picture, nerve, vessel))
    (contact,) = measured(picture, found).contacts
    assert contact.method == "tube-fit"
    assert contact.distance_mm == pytest.approx(0.4, abs=0.08)
