"""One interpolation, exact on smooth images whatever the lattice."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from nvc.model.grid import Grid, Volume
from nvc.sampling import Sampler, crop, resample_array, sample_array

TURN = Rotation.from_euler("xyz", [10, -20, 15], degrees=True).as_matrix()


def wave(points):
    return np.sin(points[..., 0] / 3) + np.cos(points[..., 1] / 4) + points[..., 2] / 9


def volume() -> Volume:
    affine = np.eye(4)
    affine[:3, :3] = TURN * [0.5, 0.6, 0.7]
    affine[:3, 3] = [3.0, -8.0, 2.0]
    grid = Grid(shape=(30, 28, 26), voxel_to_ras_mm=affine)
    index = np.stack(
        np.meshgrid(*[np.arange(n) for n in grid.shape], indexing="ij"), -1
    )
    return Volume(grid=grid, voxels=wave(grid.to_ras_mm(index.astype(float))))


@pytest.mark.parametrize(("order", "tolerance"), [(1, 0.02), (3, 0.002)])
def test_sampling_returns_the_image_between_voxels(order, tolerance):
    source = volume()
    inside = np.random.default_rng(0).uniform(5, 20, size=(500, 3))
    points = source.grid.to_ras_mm(inside)
    values = Sampler.over(source, order=order)(points)
    assert np.abs(values - wave(points)).max() < tolerance


def test_beyond_the_volume_is_the_value_asked_for():
    source = volume()
    far = source.grid.to_ras_mm(np.array([[-3.0, 5, 5], [5, 5, 40.0]]))
    assert np.isnan(Sampler.over(source)(far)).all()
    assert (Sampler.over(source, outside=-1.0)(far) == -1.0).all()


@pytest.mark.parametrize("order", [0, 1, 3])
@pytest.mark.parametrize("shape", [(9, 8, 7), (5, 3, 2), (4, 6, 1)])
def test_sampling_is_that_of_scipy_up_to_the_edge_of_the_last_voxel(shape, order):
    rng = np.random.default_rng(0)
    voxels = rng.normal(size=shape).astype(np.float32)
    sampler = Sampler.over(
        Volume(grid=Grid(shape=shape, voxel_to_ras_mm=np.eye(4)), voxels=voxels),
        order=order,
    )
    at = rng.uniform(-0.5, np.array(shape) - 0.5, size=(500, 3))
    at[:100] = rng.integers(0, shape, size=(100, 3))
    at[0] = np.nan
    expected = ndimage.map_coordinates(
        sampler.coefficients, at[1:].T, order=order, mode="nearest", prefilter=False
    )
    found = sampler(at)
    assert np.isnan(found[0])
    np.testing.assert_allclose(found[1:], expected, rtol=1e-5, atol=1e-5)


def test_a_crop_holds_the_same_voxels_in_the_same_place():
    source = volume()
    points = source.grid.to_ras_mm(np.array([[10.0, 9, 8], [14, 12, 11]]))
    box = crop(source, points, 1.0)
    assert box.grid.contains(points, margin_mm=0.5).all()
    corner = box.grid.to_ras_mm(np.zeros(3))
    at = np.rint(source.grid.to_voxel(corner)).astype(int)
    shape = box.grid.shape
    same = source.voxels[tuple(slice(a, a + n) for a, n in zip(at, shape, strict=True))]
    np.testing.assert_array_equal(box.voxels, same)
    outside = crop(source, source.grid.to_ras_mm(np.array([[0.0, 0, 0]])), 2.0)
    assert min(outside.grid.shape) >= 1


@pytest.mark.parametrize("order", [0, 3])
@pytest.mark.parametrize("moved", [False, True], ids=["own world", "another world"])
def test_a_whole_grid_is_sampled_as_its_points_are(order, moved):
    source = volume()
    lattice = Grid(shape=(33, 31, 29), voxel_to_ras_mm=np.diag([0.55, 0.5, 0.65, 1.0]))
    to_volume = np.eye(4)
    to_volume[:3, 3] = [0.0, -9.0, 1.0] if moved else [0.0, 0.0, 0.0]
    index = np.moveaxis(np.indices(lattice.shape, dtype=float), 0, -1)
    points = lattice.to_ras_mm(index) + to_volume[:3, 3]
    sampler = Sampler.over(source, order=order, outside=-7.0)
    onto = sampler.onto(lattice, to_volume if moved else None)
    assert (onto == -7.0).any()
    assert (onto != -7.0).any()
    np.testing.assert_allclose(onto, sampler(points), atol=1e-4)


@pytest.mark.parametrize(
    ("mode", "expected"), [("constant", [1.5, 7.0]), ("nearest", [1.5, 3.0])]
)
def test_a_bare_array_is_sampled_between_its_entries_and_beyond(mode, expected):
    table = np.array([[0.0, 1.0], [2.0, 3.0]], dtype=np.float32)
    at = np.array([[0.5, 5.0], [0.5, 5.0]])
    found = sample_array(table, at, mode=mode, outside=7.0)
    assert found.dtype == np.float32
    assert found.tolist() == expected


def test_an_array_is_sampled_between_its_places():
    ramp = np.add.outer(np.arange(5.0), 10 * np.arange(4.0))
    indices = np.array([[[0.5, 4.0, -3.0]], [[1.5, 3.0, 1.0]]])
    np.testing.assert_allclose(sample_array(ramp, indices), [[15.5, 34.0, 0.0]])
    edge = sample_array(ramp, indices, mode="nearest")
    np.testing.assert_allclose(edge, [[15.5, 34.0, 10.0]])
    assert np.isnan(sample_array(ramp, indices, outside=np.nan)[0, 2])


def test_an_array_is_resampled_along_its_own_axes():
    ramp = np.add.outer(np.arange(9.0), 10 * np.arange(5.0))
    step, first = np.array([2.0, 1.5]), np.array([0.5, 1.0])
    coarse = resample_array(ramp, step, first, (3, 2))
    expected = np.add.outer(0.5 + 2 * np.arange(3), 10 * (1 + 1.5 * np.arange(2)))
    np.testing.assert_allclose(coarse, expected)
