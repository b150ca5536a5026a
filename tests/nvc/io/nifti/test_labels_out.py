import csv
import io

import nibabel as nib
import numpy as np
import pytest

from nvc.errors import GeometryError
from nvc.io.nifti.labels_out import COLOURS, segmentation_to_nifti, segmentation_to_tsv
from nvc.model.anatomy import Structure
from nvc.model.grid import Grid, Volume


def read(content: bytes, folder):
    path = folder / "labels.nii.gz"
    path.write_bytes(content)
    return nib.load(path)


def stored_grid(seed: int) -> Grid:
    """An oblique grid as a NIfTI sform holds it, some of them left-handed."""
    random = np.random.default_rng(seed)
    axes, _ = np.linalg.qr(random.normal(size=(3, 3)))
    affine = np.eye(4)
    affine[:3, :3] = axes @ np.diag([0.390625, 0.5, 0.6])
    affine[:3, 3] = random.normal(size=3) * 60
    return Grid(shape=(7, 8, 9), voxel_to_ras_mm=affine.astype(np.float32))


def labels_on(stored: Grid) -> Volume:
    count = np.prod(stored.shape)
    values = (np.arange(count) % 9).reshape(stored.shape).astype(np.uint8)
    return Volume(grid=stored, voxels=values)


@pytest.mark.parametrize("seed", range(8))
def test_affine_and_order_are_those_of_the_input(seed, tmp_path):
    stored = stored_grid(seed)
    labels = labels_on(stored)
    image = read(segmentation_to_nifti(labels.canonical(), stored, "sform"), tmp_path)
    assert np.array_equal(image.affine, stored.voxel_to_ras_mm)
    assert np.array_equal(image.get_sform(), stored.voxel_to_ras_mm)
    np.testing.assert_allclose(image.get_qform(), stored.voxel_to_ras_mm, atol=2e-5)
    assert np.array_equal(np.asarray(image.dataobj), labels.voxels)
    assert image.get_data_dtype() == np.uint8


@pytest.mark.parametrize("seed", range(8))
def test_affine_of_a_qform_input_comes_back_bit_by_bit(seed, tmp_path):
    source = nib.Nifti1Image(np.zeros((7, 8, 9), np.uint8), None)
    source.set_qform(stored_grid(seed).voxel_to_ras_mm, code=1)
    source = nib.Nifti1Image.from_bytes(source.to_bytes())
    stored = Grid(shape=(7, 8, 9), voxel_to_ras_mm=source.affine)
    content = segmentation_to_nifti(labels_on(stored).canonical(), stored, "qform")
    assert np.array_equal(read(content, tmp_path).affine, source.affine)


def test_header_names_units_kind_and_notice(tmp_path):
    stored = stored_grid(0)
    image = read(segmentation_to_nifti(labels_on(stored), stored), tmp_path)
    assert image.header.get_xyzt_units()[0] == "mm"
    assert image.header.get_intent()[0] == "label"
    assert b"Research use only" in bytes(image.header["descrip"])


def test_same_labels_give_the_same_bytes():
    stored = stored_grid(3)
    labels = labels_on(stored)
    assert segmentation_to_nifti(labels, stored) == segmentation_to_nifti(
        labels, stored
    )


def test_labels_on_another_lattice_are_refused():
    moved = stored_grid(1).voxel_to_ras_mm.copy()
    moved[:3, 3] += 0.3
    other = Grid(shape=(7, 8, 9), voxel_to_ras_mm=moved)
    with pytest.raises(GeometryError):
        segmentation_to_nifti(labels_on(other), stored_grid(1))


def test_table_names_every_label_once():
    table = list(csv.DictReader(io.StringIO(segmentation_to_tsv()), delimiter="\t"))
    assert list(table[0]) == ["index", "name", "abbreviation", "color"]
    assert [int(row["index"]) for row in table] == [
        s for s in Structure if s is not Structure.BACKGROUND
    ]
    assert len({row["abbreviation"] for row in table}) == len(table)
    assert all(len(row["color"]) == 7 and row["color"][0] == "#" for row in table)
    assert set(COLOURS) == set(Structure) - {Structure.BACKGROUND}


def test_left_is_left_in_names_and_abbreviations():
    table = list(csv.DictReader(io.StringIO(segmentation_to_tsv()), delimiter="\t"))
    for row in table:
        structure = Structure(int(row["index"]))
        for side in ("left", "right"):
            assert structure.name.lower().endswith(side) == row["name"].endswith(side)
