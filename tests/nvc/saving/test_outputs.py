import json
import os
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.doors import folder
from nvc.io.doors.folder import check_out_dir
from nvc.io.records.landmarks import read_landmarks
from nvc.io.records.report_json import read_report
from nvc.model.anatomy import Side, Structure
from nvc.model.study import SequenceRole
from nvc.saving import outputs
from nvc.saving.outputs import write_outputs

FILES = {
    "report.json",
    "report.html",
    "measurements.csv",
    "segmentation.nii.gz",
    "segmentation.tsv",
    "landmarks.json",
}


@pytest.fixture(scope="module")
def written(outcome, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "deep" / "out"
    return out, write_outputs(outcome, out)


def test_every_file_is_there_and_nothing_else(written):
    out, files = written
    assert set(files) == FILES == {path.name for path in out.iterdir()}
    assert all(path.stat().st_size > 0 for path in files.values())
    assert list(out.parent.iterdir()) == [out]


def test_report_and_landmarks_can_be_read_back(written, outcome):
    out, _ = written
    assert read_report(out / "report.json").reference == "t2"
    found = read_landmarks(out / "landmarks.json")
    own = outcome.segmentation.sides[Side.LEFT].landmarks
    np.testing.assert_allclose(found[Side.LEFT].porus_mm, own.porus_mm, atol=1e-4)


def test_segmentation_has_the_geometry_of_the_reference(written, outcome):
    out, _ = written
    image = nib.load(out / "segmentation.nii.gz")
    stored = outcome.study.series[SequenceRole.T2].volume
    assert np.array_equal(image.affine, stored.grid.voxel_to_ras_mm)
    assert image.shape == stored.grid.shape
    labels = np.asarray(image.dataobj)
    nerve = outcome.segmentation.sides[Side.RIGHT].facial.points_mm[20]
    voxel = np.rint(stored.grid.to_voxel(nerve)).astype(int)
    assert labels[tuple(voxel)] == Structure.CN7_RIGHT
    assert np.asarray(stored.voxels)[tuple(voxel)] < 700  # dark in the image as well


def test_same_run_gives_the_same_bytes(written, outcome, tmp_path):
    out, _ = written
    again = write_outputs(outcome, tmp_path / "again")
    for name, path in again.items():
        assert path.read_bytes() == (out / name).read_bytes(), name


@pytest.fixture
def quick(monkeypatch):
    """Skip the drawing where only the moving of files matters."""
    content = {name: f'{{"new": "{name}"}}'.encode() for name in sorted(FILES)}
    monkeypatch.setattr(outputs, "render_files", lambda _outcome: content)


@pytest.mark.usefixtures("quick")
def test_earlier_run_is_replaced_and_other_files_stay(outcome, tmp_path):
    (tmp_path / "report.json").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    write_outputs(outcome, tmp_path)
    assert json.loads((tmp_path / "report.json").read_text())["new"]
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert {p.name for p in tmp_path.iterdir()} == FILES | {"notes.txt"}


@pytest.mark.usefixtures("quick")
def test_failure_while_writing_leaves_the_folder_as_it_was(
    outcome, tmp_path, monkeypatch
):
    out = tmp_path / "out"
    out.mkdir()
    (out / "report.json").write_text("old")

    def full_disk(path: Path, content: bytes) -> None:
        if path.name == "report.json":
            raise OSError(28, "No space left on device")
        path.write_bytes(content)

    monkeypatch.setattr(folder, "_write_through", full_disk)
    with pytest.raises(InputError, match="No space left on device"):
        write_outputs(outcome, out)
    assert [p.name for p in out.iterdir()] == ["report.json"]
    assert (out / "report.json").read_text() == "old"
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.usefixtures("quick")
def test_interruption_leaves_nothing_behind(outcome, tmp_path, monkeypatch):
    def interrupted(path: Path, content: bytes) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "_write_through", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_outputs(outcome, tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_file_in_place_of_the_folder_is_refused(tmp_path):
    file = tmp_path / "out"
    file.write_text("mine")
    with pytest.raises(InputError, match="is a file"):
        check_out_dir(file)
    with pytest.raises(InputError, match="cannot be written to"):
        check_out_dir(file / "deeper")


@pytest.mark.parametrize("name", ["t2.nii.gz", "dicom/1.dcm", "."])
def test_folder_that_holds_an_input_is_refused(tmp_path, name):
    source = tmp_path / "study" / name
    source.parent.mkdir(parents=True, exist_ok=True)
    if name != ".":
        source.write_text("image")
    with pytest.raises(InputError, match="holds the input"):
        check_out_dir(tmp_path / "study", [source])


def test_folder_inside_the_study_is_fine(tmp_path):
    source = tmp_path / "study" / "t2.nii.gz"
    check_out_dir(tmp_path / "study" / "out", [source])


def test_link_to_the_inputs_is_seen_through(tmp_path):
    study = tmp_path / "study"
    study.mkdir()
    (tmp_path / "link").symlink_to(study)
    with pytest.raises(InputError, match="holds the input"):
        check_out_dir(tmp_path / "link", [study / "t2.nii.gz"])


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="the superuser may write anywhere",
)
def test_folder_without_permission_is_refused(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(InputError, match="cannot be written to"):
            check_out_dir(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)
