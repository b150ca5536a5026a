"""Distances to a mask's surface, below the size of its voxels."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.places.brain_plane import (
    fit_brain_plane,
    measure_brain_distance_mm,
)
from nvc.model.grid import Grid, Volume
from tests.nvc.measurement.tubes import random_rotation

RADIUS_MM = 11.0


def ball(seed: int) -> Volume:
    """A ball around the world's origin on a turned grid of 0.6 x 0.4 x 0.5 mm."""
    rng = np.random.default_rng(seed)
    voxel = np.array([0.6, 0.4, 0.5])
    shape = tuple(int(n) for n in np.ceil(26 / voxel))
    affine = np.eye(4)
    affine[:3, :3] = random_rotation(rng) * voxel
    affine[:3, 3] = -affine[:3, :3] @ (np.array(shape) / 2 + rng.uniform(-0.5, 0.5, 3))
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.moveaxis(np.indices(shape, dtype=float), 0, -1))
    inside = np.linalg.norm(points, axis=-1) < RADIUS_MM
    return Volume(grid=grid, voxels=inside.astype(np.uint8))


def everywhere(points: np.ndarray) -> np.ndarray:
    return np.ones(len(points), dtype=bool)


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("height_mm", [0.5, 2.0, 7.0])
def test_the_distance_is_below_a_voxel_right(seed, height_mm):
    direction = random_rotation(np.random.default_rng(seed + 50))[0]
    point = (RADIUS_MM + height_mm) * direction
    found = measure_brain_distance_mm(ball(seed), point, everywhere)
    assert found == pytest.approx(height_mm, abs=0.12)


def test_inside_counts_as_none():
    assert measure_brain_distance_mm(ball(4), np.array([10.5, 0, 0]), everywhere) == 0.0


def test_what_is_no_brainstem_is_passed_over():
    point = np.array([RADIUS_MM + 1.0, 0.0, 0.0])
    found = measure_brain_distance_mm(ball(5), point, lambda points: points[:, 0] < 6.0)
    rim = np.array([6.0, np.sqrt(RADIUS_MM**2 - 36.0), 0.0])
    assert found == pytest.approx(float(np.linalg.norm(point - rim)), abs=0.4)


def test_too_far_or_no_mask_is_not_known():
    assert (
        measure_brain_distance_mm(ball(6), np.array([60.0, 0, 0]), everywhere) is None
    )
    assert measure_brain_distance_mm(None, np.zeros(3), everywhere) is None


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_normal_leads_away_from_the_brain(seed):
    direction = random_rotation(np.random.default_rng(seed + 70))[0]
    plane = fit_brain_plane(ball(seed), (RADIUS_MM + 0.7) * direction)
    assert plane is not None
    # Also beside the patch's middle, where the ball has turned away.
    beside = direction + 0.15 * random_rotation(np.random.default_rng(seed + 90))[1]
    beside /= np.linalg.norm(beside)
    for at in (direction, beside):
        assert plane.outward((RADIUS_MM + 0.7) * at) @ at > np.cos(np.deg2rad(6.0))
