"""``nvc inspect`` tells what is there, and judges files, not anatomy."""

from __future__ import annotations

import json

import nibabel as nib
import numpy as np
import pytest

from nvc.cli import main
from nvc.notice import NOTICE
from tests.nvc.io.made_files import noise, oblique, write_dicom

AFFINE = np.array(
    [
        [-0.5, 0.0, 0.0, 20.0],
        [0.0, 0.6, 0.0, -15.0],
        [0.0, 0.0, 0.7, 5.0],
        [0.0, 0.0, 0.0, 1.0],
    ]
)


def write_scan(path, shape=(40, 50, 30), affine=AFFINE):
    """Write noise: a slab without a nerve, or any head, in it."""
    rng = np.random.default_rng(1)
    image = nib.Nifti1Image(rng.gamma(4.0, 100.0, shape).astype(np.float32), affine)
    image.header.set_xyzt_units("mm")
    image.set_sform(affine, code=1)
    image.set_qform(affine, code=1)
    nib.save(image, path)
    return path


@pytest.fixture
def scan(tmp_path):
    return write_scan(tmp_path / "scan of somebody.nii.gz")


def test_geometry_is_told_as_it_is_stored(scan, capsys):
    assert main(["inspect", "--t2", str(scan)]) == 0
    text = capsys.readouterr().out
    for fact in ("T2", "40 x 50 x 30", "0.5 x 0.6 x 0.7", "LAS, from sform"):
        assert fact in " ".join(text.replace("│", " ").split()), text
    assert text.endswith(f"\n{NOTICE}\n")


def test_json_is_all_that_programs_read(scan, capsys):
    assert main(["inspect", "--t1", str(scan), "--json"]) == 0
    out, err = capsys.readouterr()
    content = json.loads(out)
    (series,) = content["series"]
    assert content["notice"] == NOTICE
    assert series["role"] == "t1"
    assert series["shape"] == [40, 50, 30]
    np.testing.assert_allclose(series["voxel_to_ras_mm"], AFFINE, atol=1e-6)
    assert NOTICE in err
    assert "somebody" not in out


def test_a_volume_is_written_as_it_was_understood(scan, tmp_path, capsys):
    out = tmp_path / "clean"
    assert main(["inspect", "--t2", str(scan), "--out", str(out)]) == 0
    assert [path.name for path in out.iterdir()] == ["t2.nii.gz"]
    before, after = nib.load(scan), nib.load(out / "t2.nii.gz")
    np.testing.assert_array_equal(after.affine, before.affine)
    np.testing.assert_array_equal(after.get_fdata(), before.get_fdata())


def text_file(folder):
    path = folder / "notes.nii"
    path.write_text("not a scan")
    return path


def empty_folder(folder):
    path = folder / "empty"
    path.mkdir()
    return path


def many_volumes(folder):
    return write_scan(folder / "many.nii.gz", shape=(20, 20, 20, 5))


def nothing_there(folder):
    return folder / "missing.nii.gz"


@pytest.mark.parametrize("command", ["inspect", "measure"])
@pytest.mark.parametrize("make", [text_file, empty_folder, many_volumes, nothing_there])
def test_what_cannot_be_used_is_one_clear_line(command, make, tmp_path, capsys):
    path = make(tmp_path)
    out = tmp_path / "out"
    assert main([command, "--t2", str(path), "--out", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert path.name in lines[0]
    assert not out.exists()


def told(argv: list[str], capsys) -> str:
    """What a user reads, on a wide terminal: one text without line breaks."""
    assert main(["inspect", *argv]) == 0
    return " ".join(capsys.readouterr().out.replace("│", " ").split())


@pytest.fixture
def archive(tmp_path):
    """A folder as an archive gives it, with what cannot be used in it."""
    affine = oblique() @ np.diag([-1.0, -1.0, 1.0, 1.0])
    write_dicom(tmp_path / "1", noise(seed=1), affine, SeriesDescription="t2 ciss")
    for number in range(3):
        write_dicom(
            tmp_path / "2" / str(number),
            noise(seed=number + 2),
            affine,
            SeriesInstanceUID="1.2.3",
            FrameOfReferenceUID="1.2.4",
            SeriesDescription="ep2d",
        )
    write_dicom(tmp_path / "3", noise(seed=9), affine, Modality="OT")
    (tmp_path / "4").symlink_to(tmp_path / "1")
    (tmp_path / "notes.txt").write_text("hello")
    return tmp_path


def test_a_folder_of_an_archive_is_measurable_and_what_is_left_out_is_named(
    archive, capsys, monkeypatch
):
    monkeypatch.setenv("COLUMNS", "300")
    text = told([str(archive)], capsys)
    assert "problem: 28 slices lie at the place of another" in text
    assert "problem: its modality is OT" in text
    assert "1 x link leads to a folder that is here already" in text
    assert "1 x file is no image" in text
    assert main(["inspect", "--json", str(archive)]) == 0
    assert json.loads(capsys.readouterr().out)["is_measurable"]


def test_a_series_is_chosen_by_the_number_that_is_told(archive, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    assert "PATH 1, series 1 of 3" in told([str(archive)], capsys)
    assert "--t1, series 1 of 3" in told(["--t1", f"{archive}#1"], capsys)
    assert main(["inspect", "--t1", f"{archive}#7"]) == 2
    assert "there is no number 7" in capsys.readouterr().err
