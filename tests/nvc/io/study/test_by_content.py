"""Inputs are found by what is in them, whatever they are called and wherever."""

from __future__ import annotations

import shutil

import pytest

from nvc.errors import InputError
from nvc.io.sample import find_sample_study
from nvc.io.study.by_content import load_inputs
from nvc.io.study.load import load_study
from nvc.model.study import SequenceRole
from tests.nvc.io.made_files import noise, oblique, write_dicom


@pytest.fixture(scope="module")
def wanted():
    folder = find_sample_study()
    study = load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")
    return {role: series.sha256 for role, series in study.series.items()}


def test_files_are_found_under_other_names_in_a_subfolder(wanted, tmp_path):
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    # Names that would mislead any guess.
    shutil.copy(find_sample_study() / "t2.nii.gz", deep / "tof_t1.nii.gz")
    shutil.copy(find_sample_study() / "tof.nii.gz", tmp_path / "t2.nii.gz")
    study, paths = load_inputs(wanted, [tmp_path])
    assert {role: s.sha256 for role, s in study.series.items()} == wanted
    assert set(paths) == {deep / "tof_t1.nii.gz", tmp_path / "t2.nii.gz"}
    elsewhere, _ = load_inputs(wanted, [find_sample_study()])
    assert elsewhere.warnings == study.warnings


def test_a_changed_file_is_not_the_one(wanted, tmp_path):
    for name in ("t2.nii.gz", "tof.nii.gz"):
        shutil.copy(find_sample_study() / name, tmp_path / name)
    content = bytearray((tmp_path / "tof.nii.gz").read_bytes())
    content[4] ^= 1  # the time in the gzip header: the same image, other bytes
    (tmp_path / "tof.nii.gz").write_bytes(bytes(content))
    with pytest.raises(InputError, match="is the TOF of this review"):
        load_inputs(wanted, [tmp_path])


def test_a_folder_of_dicom_series_gives_the_one_wanted(tmp_path):
    for number, name in enumerate(("one", "two")):
        write_dicom(tmp_path / "in" / name, noise(seed=number), oblique())
    digest = load_study(t2=tmp_path / "in" / "two").series[SequenceRole.T2].sha256
    study, _ = load_inputs({SequenceRole.T2: digest}, [tmp_path])
    assert study.series[SequenceRole.T2].sha256 == digest
