"""A companion with a known motion is found again, and unfit ones are refused."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from nvc.align import align
from nvc.align.register import measure_overlap_mm
from nvc.errors import InputError
from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.stages import Aligned, Companion
from nvc.model.study import SequenceRole, Series, Study
from nvc.sampling import Sampler
from nvc.settings.align import AlignSettings

SHAPE, SIZE_MM = (110, 100, 40), 1.1


def grid_of(turn_deg: tuple[float, ...], shift_mm: tuple[float, ...]) -> Grid:
    """A grid about the origin, turned and shifted."""
    affine = np.eye(4)
    affine[:3, :3] = Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix()
    affine[:3, :3] *= SIZE_MM
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(SHAPE) - 1) / 2) + shift_mm
    return Grid(shape=SHAPE, voxel_to_ras_mm=affine)


@cache
def tissue() -> Volume:
    """Labels of a lopsided object: 0 outside, then three tissues."""
    rng = np.random.default_rng(8)
    coarse = rng.standard_normal((22, 20, 10))
    texture = ndimage.zoom(coarse, (8, 8, 8), order=3)
    grid = Grid(
        shape=texture.shape,
        voxel_to_ras_mm=np.array(
            [[1, 0, 0, -88.0], [0, 1, 0, -80.0], [0, 0, 1, -40.0], [0, 0, 0, 1]]
        ),
    )
    place = grid.to_ras_mm(np.moveaxis(np.indices(texture.shape), 0, -1))
    inside = np.linalg.norm(place / [62, 55, 40], axis=-1) < 1
    labels = np.digitize(texture, [-0.6, 0.5]) + 1
    return Volume(grid=grid, voxels=np.where(inside, labels, 0).astype(np.float32))


def picture(grid: Grid, motion: np.ndarray, levels: tuple[float, ...]) -> Volume:
    """Take a picture; `motion` maps the picture's world to the object's."""
    ijk = np.moveaxis(np.indices(grid.shape), 0, -1).astype(float)
    points = transform_points(motion, grid.to_ras_mm(ijk))
    values = np.zeros(grid.shape)
    for label, level in enumerate(levels):
        own = Volume(
            grid=tissue().grid, voxels=(tissue().voxels == label).astype(np.float32)
        )
        values += level * Sampler.over(own, order=1, outside=float(label == 0))(points)
    noise = np.random.default_rng(1).normal(0, 12, grid.shape)
    return Volume(grid=grid, voxels=(values + noise).astype(np.float32))


def motion_of(turn_deg: tuple[float, ...], shift_mm: tuple[float, ...]) -> np.ndarray:
    motion = np.eye(4)
    motion[:3, :3] = Rotation.from_euler("xyz", turn_deg, degrees=True).as_matrix()
    motion[:3, 3] = shift_mm
    return motion


def series(role: SequenceRole, volume: Volume) -> Series:
    return Series(
        role=role, volume=volume, sha256="", orientation_source="sform", name="x"
    )


def aligned(reference: Volume, tof: Volume) -> Aligned:
    pair = {
        SequenceRole.T2: series(SequenceRole.T2, reference),
        SequenceRole.TOF: series(SequenceRole.TOF, tof),
    }
    return align(Study(series=pair), AlignSettings())


T2_LEVELS, TOF_LEVELS = (20, 300, 600, 1000), (30, 500, 250, 120)
MOTION = motion_of((3.0, -2.0, 4.0), (2.5, -3.0, 1.5))


@cache
def reference() -> Volume:
    return picture(grid_of((0, 0, 0), (0, 0, 0)), np.eye(4), T2_LEVELS)


@cache
def tof() -> Volume:
    return picture(grid_of((-6, 2, 1), (3, -2, 1)), MOTION, TOF_LEVELS)


@cache
def found() -> Companion:
    return aligned(reference(), tof()).companions[SequenceRole.TOF]


CORNERS = np.array([[26.0, 0, 0], [-26.0, 0, 0], [0, 20, 8], [0, -20, -8]])


@pytest.mark.slow
def test_the_motion_is_found_and_the_error_is_of_the_size_it_says() -> None:
    expected = transform_points(np.linalg.inv(MOTION), CORNERS)
    error = np.linalg.norm(found().to_companion_mm(CORNERS) - expected, axis=1)
    assert error.max() < 0.4
    assert 0.2 * error.mean() < found().residual_mm < 0.5


def test_the_companions_data_stay_on_their_own_grid() -> None:
    np.testing.assert_array_equal(found().volume.voxels, tof().canonical().voxels)
    assert found().volume.grid.same_geometry(tof().canonical().grid)


def test_the_transform_is_rigid() -> None:
    turn = found().reference_to_companion_mm[:3, :3]
    np.testing.assert_allclose(turn @ turn.T, np.eye(3), atol=1e-9)
    assert np.linalg.det(turn) == pytest.approx(1.0)


@pytest.mark.slow
def test_storage_order_and_a_turn_of_the_world_change_nothing() -> None:
    world = motion_of((20.0, -15.0, 10.0), (40.0, 5.0, -60.0))
    moved = [flipped_and_moved(volume, world) for volume in (reference(), tof())]
    again = aligned(*moved).companions[SequenceRole.TOF]
    expected = transform_points(world, found().to_companion_mm(CORNERS))
    points = again.to_companion_mm(transform_points(world, CORNERS))
    np.testing.assert_allclose(points, expected, atol=1e-3)
    assert again.residual_mm == pytest.approx(found().residual_mm, abs=1e-3)


def flipped_and_moved(volume: Volume, world: np.ndarray) -> Volume:
    """The same picture stored right to left and superior first, in a moved world."""
    swap = np.zeros((4, 4))
    swap[0, 2], swap[1, 1], swap[2, 0], swap[3, 3] = -1.0, 1.0, 1.0, 1.0
    swap[0, 3] = volume.grid.shape[0] - 1
    voxels = np.transpose(volume.voxels, (2, 1, 0))[:, :, ::-1]
    affine = world @ volume.grid.voxel_to_ras_mm @ swap
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=voxels)


def test_same_input_same_result() -> None:
    again = aligned(reference(), tof()).companions[SequenceRole.TOF]
    np.testing.assert_array_equal(
        again.reference_to_companion_mm, found().reference_to_companion_mm
    )


def test_a_mirrored_companion_is_refused() -> None:
    mirrored = Volume(grid=tof().grid, voxels=tof().voxels[::-1])
    result = aligned(reference(), mirrored)
    assert SequenceRole.TOF not in result.companions
    assert "left and right exchanged" in result.reasons[0]


def test_fields_of_view_that_miss_each_other_are_refused() -> None:
    away = tof().grid.voxel_to_ras_mm.copy()
    away[2, 3] += 60.0
    grid = Grid(shape=tof().grid.shape, voxel_to_ras_mm=away)
    result = aligned(reference(), Volume(grid=grid, voxels=tof().voxels))
    assert not result.companions
    assert "overlap" in result.reasons[0]


def test_another_object_is_refused() -> None:
    noise = np.random.default_rng(5).normal(500, 100, tof().grid.shape)
    blurred = ndimage.gaussian_filter(noise, 2.0).astype(np.float32)
    result = aligned(reference(), Volume(grid=tof().grid, voxels=blurred))
    assert not result.companions
    assert result.reasons[0].startswith("TOF not used")


def test_the_t1_is_the_reference_without_a_t2() -> None:
    study = Study(series={SequenceRole.T1: series(SequenceRole.T1, reference())})
    result = align(study, AlignSettings())
    assert result.reference_role is SequenceRole.T1
    assert not result.csf_is_bright
    assert not result.companions


def test_a_tof_alone_is_no_study() -> None:
    study = Study(series={SequenceRole.TOF: series(SequenceRole.TOF, tof())})
    with pytest.raises(InputError, match="neither a T2 nor a T1"):
        align(study, AlignSettings())


def test_overlap_is_measured_along_the_references_axes() -> None:
    grid = Grid(shape=(41, 41, 41), voxel_to_ras_mm=np.eye(4))
    shift = np.eye(4)
    shift[2, 3] = 30.0
    extent = measure_overlap_mm(grid, grid, shift)
    np.testing.assert_allclose(extent, [40.0, 40.0, 10.0], atol=1.7)
