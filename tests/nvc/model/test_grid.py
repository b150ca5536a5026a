"""Grids map voxels to patients, volumes change their order and nothing else."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)
from scipy.spatial.transform import Rotation

from nvc.errors import GeometryError
from nvc.model.grid import Grid, Volume

ORDERS = [
    "".join(codes)
    for axes in itertools.permutations(("RL", "AP", "SI"))
    for codes in itertools.product(*axes)
]


def volume(tilt_deg=(7.0, -4.0, 11.0)) -> Volume:
    affine = np.eye(4)
    turn = Rotation.from_euler("xyz", tilt_deg, degrees=True).as_matrix()
    affine[:3, :3] = turn * [0.5, 0.6, 0.8]
    affine[:3, 3] = [-12.0, 30.0, -41.0]
    voxels = np.random.default_rng(0).normal(size=(4, 5, 6)).astype(np.float32)
    return Volume(grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels)


def stored(source: Volume, codes: str) -> Volume:
    """The same volume in another storage order, by nibabel's own means."""
    change = ornt_transform(
        io_orientation(source.grid.voxel_to_ras_mm), axcodes2ornt(tuple(codes))
    )
    voxels = apply_orientation(source.voxels, change)
    affine = source.grid.voxel_to_ras_mm @ inv_ornt_aff(change, source.grid.shape)
    return Volume(grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels)


@pytest.mark.parametrize("codes", ORDERS)
def test_every_storage_order_leads_to_one_canonical_volume_and_back(codes):
    source = volume()
    other = stored(source, codes)
    assert other.grid.axis_codes == codes
    canonical = other.canonical()
    assert canonical.grid.axis_codes == "RAS"
    np.testing.assert_array_equal(canonical.voxels, source.voxels)
    assert canonical.grid.same_geometry(source.grid)
    back = canonical.stored_like(other.grid)
    np.testing.assert_array_equal(back.voxels, other.voxels)
    np.testing.assert_array_equal(back.grid.voxel_to_ras_mm, other.grid.voxel_to_ras_mm)


def test_another_lattice_is_refused():
    source = volume()
    moved = source.grid.voxel_to_ras_mm.copy()
    moved[0, 3] += 0.2
    with pytest.raises(GeometryError, match="not one lattice"):
        source.stored_like(Grid(shape=source.grid.shape, voxel_to_ras_mm=moved))


def test_points_go_to_voxels_and_back():
    grid = volume().grid
    points = np.random.default_rng(1).normal(size=(3, 7, 3)) * 10
    np.testing.assert_allclose(grid.to_ras_mm(grid.to_voxel(points)), points)
    np.testing.assert_allclose(grid.voxel_size_mm, (0.5, 0.6, 0.8))
    assert grid.contains(grid.centre_mm[None])[0]
    assert not grid.contains(grid.centre_mm[None], margin_mm=5.0)[0]


@pytest.mark.parametrize(
    ("change", "same"),
    [((0, 3, 0.0005), True), ((0, 3, 0.1), False), ((1, 1, 0.01), False)],
)
def test_geometry_compares_corners(change, same):
    grid = volume().grid
    affine = grid.voxel_to_ras_mm.copy()
    affine[change[0], change[1]] += change[2]
    other = Grid(shape=grid.shape, voxel_to_ras_mm=affine)
    assert grid.same_geometry(other) is same
    assert not grid.same_geometry(Grid(shape=(4, 5, 7), voxel_to_ras_mm=affine))


def test_what_is_held_cannot_be_changed():
    source = volume()
    voxels = np.zeros(source.grid.shape, np.float32)
    held = Volume(grid=source.grid, voxels=voxels)
    voxels[:] = 7
    assert held.voxels.max() == 0
    with pytest.raises(ValueError, match="read-only"):
        held.voxels[0, 0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        held.grid.voxel_to_ras_mm[0, 0] = 1
    with pytest.raises(ValueError, match="read-only"):
        held.grid.ras_mm_to_voxel[0, 0] = 1


def test_voxels_are_copied_only_where_they_could_change():
    source = volume()
    again = Volume(grid=source.grid, voxels=source.voxels[:])
    assert np.shares_memory(again.voxels, source.voxels)
    voxels = np.zeros(source.grid.shape, np.float32)
    view = voxels[:]
    view.flags.writeable = False
    assert not np.shares_memory(Volume(grid=source.grid, voxels=view).voxels, voxels)


@pytest.mark.parametrize(
    ("shape", "affine"),
    [
        ((2, 2, 2), np.zeros((4, 4))),
        ((2, 2, 2), np.eye(3)),
        ((2, 2, 2), np.full((4, 4), np.nan)),
        ((2, 0, 2), np.eye(4)),
    ],
    ids=["singular", "shape", "nan", "empty"],
)
def test_impossible_grids_are_refused(shape, affine):
    with pytest.raises(GeometryError):
        Grid(shape=shape, voxel_to_ras_mm=affine)
