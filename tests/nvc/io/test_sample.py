"""Sample studies as files."""

from __future__ import annotations

import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.sample import find_sample_study, write_sample
from nvc.phantom import PhantomOptions

TINY = PhantomOptions(
    seed=5,
    t2_voxel_mm=(1.0, 1.0, 1.0),
    t2_extent_mm=(80.0, 40.0, 16.0),
    with_tof=False,
    storage_order="LPS",
    world_deg=(0.0, 0.0, 20.0),
)


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return write_sample(TINY, tmp_path_factory.mktemp("sample") / "new" / "folder")


@pytest.mark.slow
def test_files_are_written_with_one_geometry(paths: dict[str, Path]) -> None:
    assert sorted(paths) == ["labels", "readme", "t2", "truth"]
    t2, labels = nib.load(paths["t2"]), nib.load(paths["labels"])
    assert t2.get_data_dtype() == np.int16
    assert labels.get_data_dtype() == np.uint8
    assert "".join(nib.aff2axcodes(t2.affine)) == "LPS"
    np.testing.assert_allclose(t2.get_sform(), t2.get_qform(), atol=1e-4)
    np.testing.assert_array_equal(t2.affine, labels.affine)
    assert (t2.header["sform_code"], t2.header["qform_code"]) == (1, 1)


def test_truth_points_lie_in_the_written_volume(paths: dict[str, Path]) -> None:
    t2 = nib.load(paths["t2"])
    truth = json.loads(paths["truth"].read_text())
    assert "Research use only" in truth["notice"]
    for side in truth["sides"].values():
        ijk = np.linalg.inv(t2.affine) @ np.array([*side["root_detachment_mm"], 1.0])
        assert np.all(ijk[:3] > 0)
        assert np.all(ijk[:3] < t2.shape)


def test_unknown_sample_writes_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        write_sample("unheard-of", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_unwritable_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="not-writable"):
        write_sample(TINY, tmp_path / "file" / "out")


def test_committed_study_is_small_and_whole() -> None:
    folder = find_sample_study()
    sizes = [path.stat().st_size for path in folder.iterdir()]
    assert sum(sizes) < 8_000_000
    truth = json.loads((folder / "truth.json").read_text())
    right, left = truth["sides"]["right"], truth["sides"]["left"]
    assert right["gap_mm"] == pytest.approx(0.0, abs=0.005)
    assert right["nerve_segment"] == "root_detachment"
    assert left["gap_mm"] == pytest.approx(0.8, abs=0.005)
    t2 = nib.load(folder / "t2.nii.gz")
    for side in (left, right):
        points = np.array([side["porus_mm"], side["root_exit_point_mm"]])
        ijk = nib.affines.apply_affine(np.linalg.inv(t2.affine), points)
        assert np.all(ijk > 2)
        assert np.all(ijk < np.array(t2.shape) - 3)
