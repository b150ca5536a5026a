"""Inputs are found by what is in them, whatever they are called and wherever."""

from __future__ import annotations

import gzip
import hashlib
import shutil

import numpy as np
import pydicom
import pytest

from nvc.errors import InputError
from nvc.io.sample import find_sample_study
from nvc.io.study.by_content import load_inputs
from nvc.io.study.load import load_study
from nvc.model.study import SequenceRole
from tests.nvc.io.made_files import (
    nifti_bytes,
    noise,
    oblique,
    write_components,
    write_dicom,
)


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


@pytest.mark.parametrize("meant", ["MAGNITUDE", "PHASE"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_stack_of_a_file_of_two_is_found_again_and_not_the_other(
    tmp_path, meant, order
):
    """Both lie in the same bytes: what was read is what tells them apart."""
    parts = {"MAGNITUDE": noise(seed=1), "PHASE": noise(seed=2)}
    write_components(
        tmp_path / "both.dcm", dict(list(parts.items())[::order]), oblique()
    )
    number = list(parts)[::order].index(meant) + 1
    study = load_study(t2=f"{tmp_path / 'both.dcm'}#{number}")
    series = study.series[SequenceRole.T2]
    np.testing.assert_array_equal(
        np.sort(series.volume.voxels, axis=None), np.sort(parts[meant], axis=None)
    )
    for place in (tmp_path, tmp_path / "both.dcm"):
        again, _ = load_inputs({SequenceRole.T2: series.sha256}, [place])
        found = again.series[SequenceRole.T2]
        np.testing.assert_array_equal(found.volume.voxels, series.volume.voxels)


@pytest.mark.parametrize(
    ("beside", "is_found"), [("PHASE", True), ("MAGNITUDE", False)]
)
def test_a_review_from_before_stacks_had_digests_is_opened(tmp_path, beside, is_found):
    """It knows its stack by the whole file; which one, only the roles can tell."""
    path = tmp_path / "both.dcm"
    parts = {"PHASE": noise(seed=1), "MAGNITUDE": noise(seed=2)}
    write_components(path, parts, oblique())
    dataset = pydicom.dcmread(path)
    dataset.SeriesDescription = "T2 CISS"
    for number, frame in enumerate(dataset.PerFrameFunctionalGroupsSequence):
        kind = frame.MRImageFrameTypeSequence[0]
        kind.FrameType = ["ORIGINAL", "PRIMARY", "T2" if number < 14 else "M", "NONE"]
        if number < 14:
            kind.ComplexImageComponent = beside
    dataset.save_as(path)
    whole = hashlib.sha256(path.read_bytes()).hexdigest()
    older = hashlib.sha256(whole.encode()).hexdigest()
    if not is_found:
        with pytest.raises(InputError, match="is the T2 of this review"):
            load_inputs({SequenceRole.T2: older}, [tmp_path])
        return
    for place in (tmp_path, path):
        study, _ = load_inputs({SequenceRole.T2: older}, [place])
        series = study.series[SequenceRole.T2]
        assert series.sha256 == older
        np.testing.assert_array_equal(
            np.sort(series.volume.voxels, axis=None), np.sort(noise(seed=2), axis=None)
        )


@pytest.mark.parametrize("name", ["T2.NII.GZ", "scan", "image.0001", "t2.dat"])
def test_a_file_is_found_whatever_its_ending(tmp_path, name):
    shutil.copy(find_sample_study() / "t2.nii.gz", tmp_path / name)
    digest = load_study(t2=tmp_path / name).series[SequenceRole.T2].sha256
    for place in (tmp_path, tmp_path / name):
        _, paths = load_inputs({SequenceRole.T2: digest}, [place])
        assert paths == (tmp_path / name,)


def test_files_are_found_behind_links_to_folders(tmp_path):
    (tmp_path / "far" / "deep").mkdir(parents=True)
    path = tmp_path / "far" / "deep" / "a.nii.gz"
    shutil.copy(find_sample_study() / "t2.nii.gz", path)
    digest = load_study(t2=path).series[SequenceRole.T2].sha256
    near = tmp_path / "study" / "near"
    near.mkdir(parents=True)
    (near / "link").symlink_to(tmp_path / "far")
    (tmp_path / "far" / "back").symlink_to(near)
    _, (found,) = load_inputs({SequenceRole.T2: digest}, [near])
    assert found.samefile(path)


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "packed"])
def test_a_file_without_an_ending_is_listed_and_found_again(tmp_path, pack):
    (tmp_path / "t2").write_bytes(pack(nifti_bytes(noise())))
    (series,) = load_study(paths=[tmp_path]).series.values()
    _, paths = load_inputs({SequenceRole.T2: series.sha256}, [tmp_path])
    assert paths == (tmp_path / "t2",)
