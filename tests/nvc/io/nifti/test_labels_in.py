"""Label volumes: reordered where the lattice is the same, resampled where it is not."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.nifti.labels_in import read_labels
from nvc.model.anatomy import Structure
from nvc.model.grid import Grid, Volume
from tests.nvc.io.made_files import oblique

SHAPE = (40, 30, 20)
AFFINE = oblique(degrees=12)
REFERENCE = Grid(shape=SHAPE, voxel_to_ras_mm=AFFINE)


def labels() -> np.ndarray:
    """CN VII of the left at low i, of the right at high i, an artery between."""
    voxels = np.zeros(SHAPE, dtype=np.uint8)
    voxels[5:9, 10:14, 8:12] = Structure.CN7_LEFT
    voxels[30:34, 10:14, 8:12] = Structure.CN7_RIGHT
    voxels[15:25, 5:7, 4:6] = Structure.ARTERY
    return voxels


def save(path, voxels, affine, **header):
    image = nib.Nifti1Image(voxels, affine)
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    for name, value in header.items():
        image.header[name] = value
    image.to_filename(path)
    return path


def refuse(path, code: str, reference: Grid = REFERENCE) -> None:
    with pytest.raises(InputError) as caught:
        read_labels(path, reference)
    assert [problem.code for problem in caught.value.problems] == [code]
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "PIR", "SLA"])
@pytest.mark.parametrize("stored", ["RAS", "IPL"])
def test_the_same_lattice_in_any_order_is_taken_voxel_by_voxel(tmp_path, codes, stored):
    def reorder(order: str) -> Volume:
        turn = nib.orientations.ornt_transform(
            nib.orientations.axcodes2ornt("RAS"), nib.orientations.axcodes2ornt(order)
        )
        affine = AFFINE @ nib.orientations.inv_ornt_aff(turn, SHAPE)
        voxels = nib.orientations.apply_orientation(labels(), turn)
        grid = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
        return Volume(grid=grid, voxels=voxels)

    given = reorder(codes)
    path = save(tmp_path / "l.nii.gz", given.voxels, given.grid.voxel_to_ras_mm)
    found, warnings = read_labels(path, reorder(stored).grid)
    np.testing.assert_array_equal(found.voxels, labels())
    assert found.voxels.dtype == np.uint8
    assert found.grid.same_geometry(REFERENCE)
    assert warnings == ()


def test_another_grid_takes_the_nearest_label_and_says_so(tmp_path):
    fine = np.repeat(np.repeat(np.repeat(labels(), 2, 0), 2, 1), 2, 2)
    affine = AFFINE @ np.diag([0.5, 0.5, 0.5, 1.0])
    affine[:3, 3] = (AFFINE @ [-0.25, -0.25, -0.25, 1.0])[:3]
    path = save(tmp_path / "l.nii", fine, affine)
    found, warnings = read_labels(path, REFERENCE)
    # Centres of the coarse voxels lie on corners of the fine ones of equal label.
    np.testing.assert_array_equal(found.voxels, labels())
    assert len(warnings) == 1
    assert "another grid" in warnings[0]


def test_labels_beyond_the_reference_are_said(tmp_path):
    part = Grid(shape=(20, 30, 20), voxel_to_ras_mm=AFFINE)
    path = save(tmp_path / "l.nii", labels(), AFFINE)
    _, warnings = read_labels(path, part)
    assert any("outside the reference" in warning for warning in warnings)
    assert any("CN7_RIGHT" in warning for warning in warnings)


def test_labels_elsewhere_are_refused(tmp_path):
    far = AFFINE.copy()
    far[:3, 3] += 300
    refuse(save(tmp_path / "l.nii", labels(), far), "no-overlap")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda v: v * 0, "labels"),
        (lambda v: v * 9, "labels"),
        (lambda v: v + 0.5, "labels"),
        (lambda v: v - np.float32(3), "labels"),
        (lambda v: np.where(v == 5, np.nan, v), "labels"),
        (lambda v: v[::-1], "sides-swapped"),
        (lambda v: np.stack([v, v], -1), "not-3d"),
    ],
    ids=["empty", "unknown", "fractions", "negative", "nan", "swapped", "4d"],
)
def test_what_is_no_label_volume_is_refused(tmp_path, change, code):
    changed = change(labels())
    dtype = np.uint8 if changed.dtype.kind in "ui" else np.float32
    refuse(save(tmp_path / "l.nii", changed.astype(dtype), AFFINE), code)


def test_labels_stored_as_floats_are_read(tmp_path):
    path = save(tmp_path / "l.nii", labels().astype(np.float32), AFFINE)
    found, _ = read_labels(path, REFERENCE)
    np.testing.assert_array_equal(found.voxels, labels())
