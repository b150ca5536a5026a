"""Strokes on the reading grid land on the voxels of the reference."""

from __future__ import annotations

import numpy as np
import pytest
from napari_nvc.shown import layers
from napari_nvc.shown.label_edits import carry_stroke

from nvc.model.grid import Volume
from tests.napari_nvc.spots import SPOT_MM, rotation, spot_volume


@pytest.mark.parametrize("degrees", [0.0, 20.0], ids=["straight", "oblique"])
def test_a_stroke_lands_on_the_voxels_under_it(degrees):
    axes = rotation(0, degrees)
    volume = spot_volume("RAS", axes)
    labels = Volume(
        grid=volume.grid, voxels=np.zeros(volume.grid.shape, dtype=np.uint8)
    )
    grid = layers.choose_reading_grid(volume.grid)
    before = np.zeros(grid.shape[::-1], dtype=np.uint8)
    after = before.copy()
    places = np.moveaxis(np.indices(grid.shape), 0, -1)
    near = np.linalg.norm(grid.to_ras_mm(places.astype(float)) - SPOT_MM, axis=-1) < 2.0
    after[near.transpose(2, 1, 0)] = 5
    painted = carry_stroke(before, after, grid, labels)
    assert set(np.unique(painted)) == {0, 5}
    points = volume.grid.to_ras_mm(np.argwhere(painted).astype(float))
    np.testing.assert_allclose(points.mean(axis=0), SPOT_MM, atol=0.2)
    size = float(np.prod(volume.grid.voxel_size_mm)) * len(points)
    assert size == pytest.approx(4 / 3 * np.pi * 2.0**3, rel=0.1)


def test_nothing_painted_changes_nothing():
    volume = spot_volume("RAS", rotation(0, 20.0))
    values = (np.asarray(volume.voxels) > 0.5).astype(np.uint8)
    labels = Volume(grid=volume.grid, voxels=values)
    grid = layers.choose_reading_grid(volume.grid)
    empty = np.zeros(grid.shape[::-1], dtype=np.uint8)
    np.testing.assert_array_equal(
        carry_stroke(empty, empty, grid, labels), labels.voxels
    )
