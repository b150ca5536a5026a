"""The plane of symmetry of an object made symmetric about a known plane."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.regions.head.mirror import find_mirror_of_image


def symmetric(normal: np.ndarray, offset: float) -> Volume:
    """Texture folded about a plane through the middle, `offset` mm along its normal."""
    shape = (50, 46, 20)
    affine = np.diag([3.0, 3.0, 3.0, 1.0])
    affine[:3, 3] = -1.5 * (np.array(shape) - 1)
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.moveaxis(np.indices(shape), 0, -1).astype(float))
    height = points @ normal - offset
    folded = points + np.where(height < 0, -2 * height, 0)[..., None] * normal
    rng = np.random.default_rng(6)
    texture = ndimage.gaussian_filter(rng.random((60, 60, 40)), 2.0)
    values = ndimage.map_coordinates(
        texture, np.moveaxis(folded / 4 + [5, 30, 20], -1, 0), order=1, mode="nearest"
    )
    values -= values.min()
    return Volume(grid=grid, voxels=values.astype(np.float32))


@pytest.mark.parametrize(
    ("tilt", "offset"), [((0.0, 0.0), 0.0), ((0.12, -0.1), 5.0), ((-0.15, 0.08), -7.0)]
)
def test_the_plane_is_found(tilt: tuple[float, float], offset: float) -> None:
    normal = np.array([1.0, *tilt])
    normal /= np.linalg.norm(normal)
    plane = find_mirror_of_image(symmetric(normal, offset))
    assert plane.likeness > 0.9
    assert np.degrees(np.arccos(plane.rightward @ normal)) < 1.5
    assert abs(plane.height_of(offset * normal)) < 1.0


def test_a_point_to_the_right_has_a_positive_height() -> None:
    plane = find_mirror_of_image(symmetric(np.array([1.0, 0.0, 0.0]), 0.0))
    assert plane.height_of(np.array([30.0, 0.0, 0.0])) == pytest.approx(30.0, abs=1.5)


def test_texture_without_symmetry_has_little_likeness() -> None:
    rng = np.random.default_rng(7)
    voxels = ndimage.gaussian_filter(rng.random((50, 46, 20)), 1.5)
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=np.diag([3.0, 3.0, 3.0, 1.0]))
    volume = Volume(grid=grid, voxels=(voxels - voxels.min()).astype(np.float32))
    assert find_mirror_of_image(volume).likeness < 0.5


def test_an_empty_image_has_no_plane() -> None:
    grid = Grid(shape=(20, 20, 10), voxel_to_ras_mm=np.diag([3.0, 3.0, 3.0, 1.0]))
    volume = Volume(grid=grid, voxels=np.zeros((20, 20, 10), dtype=np.float32))
    assert find_mirror_of_image(volume).likeness == -1.0
