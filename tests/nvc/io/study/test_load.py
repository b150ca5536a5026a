"""From paths to a study: roles, patients, copies, and what is written back."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.study.load import list_series, load_study, write_inspected
from nvc.model.study import SequenceRole
from tests.nvc.io.made_files import (
    nifti_bytes,
    noise,
    oblique,
    write_components,
    write_dicom,
)

T2, TOF, T1 = SequenceRole.T2, SequenceRole.TOF, SequenceRole.T1
LPS = oblique() @ np.diag([-1.0, -1.0, 1.0, 1.0])
SECRETS = ("jane", "doe", "patient-1", "1970")


def nifti(path, seed: int = 0, **fields):
    path.write_bytes(nifti_bytes(noise(seed=seed), **fields))
    return path


def dicom(folder, seed: int = 0, **attributes):
    write_dicom(folder, noise(seed=seed), LPS, **attributes)
    return folder


def codes_of(caught) -> list[str]:
    assert "\n" not in str(caught.value)
    return [problem.code for problem in caught.value.problems]


def refused(**arguments) -> list[str]:
    with pytest.raises(InputError) as caught:
        load_study(**arguments)
    return codes_of(caught)


def test_given_roles_are_taken(tmp_path):
    study = load_study(
        t2=nifti(tmp_path / "a.nii", 1),
        tof=str(dicom(tmp_path / "tof", 2)),
        t1=nifti(tmp_path / "c.nii", 3),
    )
    assert set(study.series) == {T2, TOF, T1}
    assert study.reference_role is T2
    assert study.series[TOF].orientation_source == "dicom"
    assert study.series[TOF].name == "TOF (DICOM)"
    assert not any(series.role_is_guessed for series in study.series.values())
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=1))


def test_t1_alone_is_a_reference(tmp_path):
    assert load_study(t1=nifti(tmp_path / "a.nii")).reference_role is T1


def test_roles_in_a_folder_are_guessed_and_said(tmp_path):
    dicom(tmp_path / "1", 1, SeriesDescription="t2_ciss3d_tra Doe Jane")
    dicom(tmp_path / "2", 2, SeriesDescription="TOF_3D_multi-slab")
    nifti(tmp_path / "sub-01_T1w.nii.gz", 3)
    study = load_study(paths=[tmp_path])
    assert set(study.series) == {T2, TOF, T1}
    assert all(series.role_is_guessed for series in study.series.values())


def test_a_given_role_wins_over_a_guess(tmp_path):
    first = nifti(tmp_path / "first_t2.nii", 1)
    second = nifti(tmp_path / "second_t2.nii", 2)
    study = load_study(t2=second, paths=[first])
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=2))
    inspection = list_series(t2=second, paths=[first])
    assert [found.role for found in inspection.series] == [T2, SequenceRole.OTHER]
    assert "another T2 was given" in inspection.series[1].role_reason


def test_the_finer_of_two_t2_is_chosen(tmp_path):
    nifti(tmp_path / "t2_tse.nii", 1, affine=np.diag([0.5, 0.5, 3.0, 1.0]))
    nifti(tmp_path / "t2_ciss.nii", 2)
    study = load_study(paths=[tmp_path])
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=2))


def test_two_series_that_could_be_the_t2_are_refused(tmp_path):
    nifti(tmp_path / "t2_a.nii", 1)
    nifti(tmp_path / "t2_b.nii", 2)
    assert refused(paths=[tmp_path]) == ["role-taken-twice"]


def test_a_role_for_a_folder_of_several_series(tmp_path):
    dicom(tmp_path / "study" / "1", 1, SeriesDescription="t2_ciss3d")
    dicom(tmp_path / "study" / "2", 2, SeriesDescription="tof")
    study = load_study(t2=tmp_path / "study")
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=1))
    assert set(study.series) == {T2}
    assert any("another series" in warning for warning in study.warnings)
    assert refused(t1=tmp_path / "study") == ["several-series"]


def test_two_patients_are_refused_with_one_reason(tmp_path):
    dicom(tmp_path / "s" / "1", 1, PatientID="a", SeriesDescription="t2")
    dicom(tmp_path / "s" / "2", 2, PatientID="b", SeriesDescription="tof")
    assert refused(paths=[tmp_path / "s"]) == ["several-patients"]
    assert refused(t2=tmp_path / "s") == ["several-patients"]
    assert refused(t2=tmp_path / "s" / "1", tof=tmp_path / "s" / "2") == [
        "several-patients"
    ]


def test_names_count_only_where_an_identifier_is_missing(tmp_path):
    dicom(tmp_path / "1", 1)
    dicom(tmp_path / "2", 2, PatientName="DOE Jane M.")
    load_study(t2=tmp_path / "1", tof=tmp_path / "2")
    dicom(tmp_path / "3", 2, PatientName="Roe^Jane", PatientID="")
    assert refused(t2=tmp_path / "1", tof=tmp_path / "3") == ["several-patients"]


@pytest.mark.parametrize("packed", [False, True])
def test_one_image_in_two_roles_is_refused(tmp_path, packed):
    first = nifti(tmp_path / "a.nii")
    second = tmp_path / "b.nii"
    if packed:
        second = tmp_path / "b.nii.gz"
        nib.load(first).to_filename(second)
    else:
        shutil.copy(first, second)
    assert refused(t2=first, tof=second) == ["same-image-twice"]
    assert refused(t2=first, t1=first) == ["same-image-twice"]


def test_what_is_missing_is_said(tmp_path):
    assert refused() == ["no-input"]
    assert refused(t2=tmp_path / "absent.nii") == ["not-found"]
    assert refused(tof=nifti(tmp_path / "a.nii")) == ["no-reference"]
    (tmp_path / "empty").mkdir()
    assert refused(t2=tmp_path / "empty") == ["empty-folder"]


def test_all_problems_are_told_at_once(tmp_path):
    bad = nifti(tmp_path / "bad.nii", dim=(4, 10, 12, 7, 2, 1, 1, 1))
    assert refused(t2=bad, tof=tmp_path / "absent") == ["not-found", "not-3d"]


def test_a_broken_series_stops_only_if_it_would_be_used(tmp_path):
    nifti(tmp_path / "t1.nii", 1)
    nifti(tmp_path / "bold.nii", 2, dim=(4, 10, 12, 7, 2, 1, 1, 1))
    nifti(tmp_path / "strange.nii", 3, codes=(0, 0))
    study = load_study(paths=[tmp_path])
    assert set(study.series) == {T1}
    assert any("left out" in warning for warning in study.warnings)
    nifti(tmp_path / "t2.nii", 4, codes=(0, 0))
    assert refused(paths=[tmp_path]) == ["no-orientation"]


def test_a_localiser_beside_the_series_is_left_out(tmp_path):
    dicom(tmp_path / "1", 1, SeriesDescription="t2_space")
    write_dicom(tmp_path / "2", noise((8, 8, 3)), LPS, SeriesDescription="loc")
    study = load_study(t2=tmp_path)
    assert set(study.series) == {T2}
    assert any("left out" in warning for warning in study.warnings)


def test_another_sequence_than_given_is_warned_of(tmp_path):
    dicom(tmp_path / "1", 1, SeriesDescription="t1_mprage")
    warnings = load_study(t2=tmp_path / "1").series[T2].warnings
    assert any("suggests T1" in warning for warning in warnings)


def test_other_frames_and_places_are_warned_of(tmp_path):
    dicom(tmp_path / "1", 1)
    far = LPS.copy()
    far[:3, 3] += 500
    write_dicom(tmp_path / "2", noise(seed=2), far)
    warnings = load_study(t2=tmp_path / "1", tof=tmp_path / "2").warnings
    assert any("frames of reference" in warning for warning in warnings)
    assert any("do not overlap" in warning for warning in warnings)


def test_inspection_gathers_and_raises_nothing(tmp_path):
    dicom(tmp_path / "Doe_Jane" / "1", 1, SeriesDescription="t2_ciss Doe Jane")
    nifti(tmp_path / "Doe_Jane" / "jane_t1.nii", 2, codes=(0, 0))
    inspection = list_series(paths=[tmp_path / "Doe_Jane", tmp_path / "absent"])
    assert [found.role for found in inspection.series] == [T2, T1]
    assert [p.code for p in inspection.blocking_problems] == [
        "not-found",
        "no-orientation",
    ]
    assert not inspection.is_measurable
    text = json.dumps(inspection.to_json()).lower()
    assert not [secret for secret in SECRETS if secret in text]
    assert str(tmp_path) not in text
    first = json.loads(text)["series"][0]
    assert first["shape"] == [10, 12, 14]
    assert first["orientation"] == "lps"
    assert first["orientation_source"] == "dicom"
    assert first["source"] == "path 1, series 1 of 2"


def test_inspected_volumes_are_written_as_understood(tmp_path):
    dicom(tmp_path / "1", 1, SeriesDescription="t2_ciss Doe Jane")
    nifti(tmp_path / "c.nii", 3)
    out = tmp_path / "out"
    inspection = list_series(t1=tmp_path / "c.nii", paths=[tmp_path / "1"])
    written = write_inspected(inspection, out)
    assert sorted(path.name for path in out.iterdir()) == ["t1.nii.gz", "t2.nii.gz"]
    assert {path.name for path in written} == {"t1.nii.gz", "t2.nii.gz"}
    again = load_study(t2=out / "t2.nii.gz").series[T2]
    first = load_study(t2=tmp_path / "1").series[T2]
    np.testing.assert_array_equal(again.volume.voxels, first.volume.voxels)
    assert again.volume.grid.same_geometry(first.volume.grid)


def test_inputs_are_not_overwritten(tmp_path):
    path = tmp_path / "t2.nii.gz"
    nib.Nifti1Image(noise(), oblique()).to_filename(path)
    before = path.read_bytes()
    for inspection in (list_series(t2=path), list_series(paths=[tmp_path])):
        with pytest.raises(InputError) as caught:
            write_inspected(inspection, tmp_path)
        assert codes_of(caught) == ["output-is-input"]
    assert path.read_bytes() == before


def test_nothing_to_write_is_said(tmp_path):
    with pytest.raises(InputError) as caught:
        write_inspected(list_series(t2=tmp_path / "absent"), tmp_path / "out")
    assert codes_of(caught) == ["nothing-to-write"]
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
@pytest.mark.skipif(
    not Path("/proc/self/status").exists(),
    reason="peak memory of one process is read from /proc, which only Linux has",
)
def test_the_real_head_fits_into_a_gigabyte(real_head):
    # Not ru_maxrss: a child process starts with the peak of its parent.
    code = (
        "import re, sys; from nvc.io.study.load import load_study;"
        "study = load_study(paths=[sys.argv[1]]);"
        "peak = re.search(r'VmHWM:\\s+(\\d+)', open('/proc/self/status').read());"
        "print(*study.series, peak.group(1))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(real_head)],
        capture_output=True,
        text=True,
        check=True,
    )
    role, peak_kib = done.stdout.split()
    assert role == "t1"
    assert int(peak_kib) * 1024 < 2**30


def test_of_a_file_with_magnitude_and_phase_the_magnitude_is_taken(tmp_path):
    path = tmp_path / "both.dcm"
    parts = {"PHASE": noise(seed=2), "MAGNITUDE": noise(seed=1)}
    write_components(path, parts, oblique())
    study = load_study(t2=path)
    np.testing.assert_array_equal(
        np.sort(study.series[T2].volume.voxels, axis=None),
        np.sort(noise(seed=1), axis=None),
    )
    inspection = list_series(paths=[path])
    assert not inspection.problems, "they are not one and the same image"
    phase, _ = inspection.series
    assert phase.role is SequenceRole.OTHER
    assert "phase" in phase.role_reason
    assert len({one.sha256 for one in list_series(t2=f"{path}#1").series}) == 2


def test_a_series_is_chosen_by_its_number(tmp_path):
    for number in (1, 2, 3):
        dicom(tmp_path / "study" / str(number), number)
    assert refused(t2=tmp_path / "study") == ["several-series"]
    for number in (1, 2, 3):
        study = load_study(t2=f"{tmp_path / 'study'}#{number}")
        np.testing.assert_array_equal(
            study.series[T2].volume.voxels, noise(seed=number)
        )
    both = load_study(t2=f"{tmp_path / 'study'}#1", tof=f"{tmp_path / 'study'}#3")
    np.testing.assert_array_equal(
        both.series[SequenceRole.TOF].volume.voxels, noise(seed=3)
    )
    for number in (0, 4):
        assert refused(t2=f"{tmp_path / 'study'}#{number}") == ["no-such-series"]
    assert refused(t2=f"{tmp_path / 'none'}#1") == ["not-found"]


def test_a_number_alone_is_not_the_current_folder(tmp_path, monkeypatch):
    for number in (1, 2):
        dicom(tmp_path / "study" / str(number), number)
    monkeypatch.chdir(tmp_path / "study")
    for given, told in (
        ("#2", "#2: series 2 was meant, but of which file or folder is not said"),
        ("none#2", "none: there is no such file or folder; its series 2 was meant"),
    ):
        with pytest.raises(InputError, match=told) as caught:
            load_study(t2=given)
        assert codes_of(caught) == ["not-found"]
    study = load_study(t2=".#2")
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=2))


def test_a_file_that_has_a_number_sign_in_its_name_is_that_file(tmp_path):
    nifti(tmp_path / "t2#1", 1)
    study = load_study(t2=tmp_path / "t2#1")
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=1))


def hospital(folder):
    """What a picture archive gives: what is wanted, and everything beside it."""
    dicom(folder / "1", 1, SeriesDescription="t2_ciss3d")
    dicom(folder / "2", 2, SeriesDescription="tof_fl3d")
    dicom(folder / "9", 9, Modality="SR", SeriesDescription="t2 report")
    return folder


def test_diffusion_in_one_series_does_not_end_the_run(tmp_path):
    """All directions lie at the same places; its timing looks like a T2's."""
    folder = hospital(tmp_path)
    for direction in range(3):
        write_dicom(
            folder / "3" / str(direction),
            noise(seed=10 + direction),
            LPS,
            SeriesInstanceUID="1.2.3",
            FrameOfReferenceUID="1.2.4",
            SeriesDescription="brain",
            EchoTime=90.0,
            RepetitionTime=6000.0,
        )
    study = load_study(paths=[folder])
    assert set(study.series) == {T2, TOF}
    told = [w for w in study.warnings if "left out" in w]
    assert len(told) == 2
    assert any("several volumes" in warning for warning in told)
    assert any("modality is SR" in warning for warning in told)
    assert list_series(paths=[folder]).is_measurable


def test_diffusion_is_known_by_its_b_value(tmp_path):
    dicom(tmp_path, 1, SeriesDescription="t2", DiffusionBValue=1000.0)
    found = list_series(paths=[tmp_path]).series[0]
    assert (found.role, found.role_reason) == (SequenceRole.OTHER, "diffusion")


def test_a_b_value_of_zero_is_no_diffusion(tmp_path):
    """One vendor writes it into every series."""
    dicom(tmp_path / "1", 1, SeriesDescription="T2 DRIVE IAC", DiffusionBValue=0.0)
    dicom(tmp_path / "2", 2, SeriesDescription="TOF", DiffusionBValue=0.0)
    assert set(load_study(paths=[tmp_path]).series) == {T2, TOF}
    assert load_study(t2=tmp_path).series[T2].warnings == ()


def test_the_same_voxels_in_another_place_are_no_copy(tmp_path):
    """One of the two is mirrored; which one, the files do not tell."""
    mirrored = oblique()
    mirrored[0] *= -1
    nifti(tmp_path / "t2_a.nii", 1)
    nifti(tmp_path / "t2_b.nii", 1, affine=mirrored)
    assert refused(paths=[tmp_path]) == ["same-image-twice"]
    nifti(tmp_path / "t2_b.nii", 1, intent_code=1)
    study = load_study(paths=[tmp_path])
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise(seed=1))


def test_the_same_voxels_with_another_size_are_not_settled_by_it(tmp_path):
    nifti(tmp_path / "t2_a.nii", 1)
    nifti(tmp_path / "t2_b.nii", 1, affine=oblique((0.5, 0.6, 2.0)))
    assert refused(paths=[tmp_path]) == ["same-image-twice"]


def test_a_coarse_series_does_not_stand_in_for_a_damaged_one(tmp_path):
    paths = write_dicom(tmp_path / "1", noise(), LPS, SeriesDescription="t2_ciss3d")
    paths[4].unlink()
    coarse = LPS @ np.diag([1, 1, 4, 1])
    write_dicom(tmp_path / "2", noise(seed=2), coarse, SeriesDescription="t2_tse")
    assert refused(paths=[tmp_path]) == ["missing-slices"]
    # What is no volume at all was never meant.
    for path in paths:
        path.unlink(missing_ok=True)
    dicom(tmp_path / "3", 3, SeriesDescription="t2 report", Modality="SR")
    assert set(load_study(paths=[tmp_path]).series) == {T2}


def test_a_broken_series_that_nothing_replaces_still_ends_the_run(tmp_path):
    paths = write_dicom(tmp_path / "1", noise(), LPS, SeriesDescription="t2_ciss3d")
    paths[4].unlink()
    dicom(tmp_path / "2", 2, SeriesDescription="t1_mprage")
    assert refused(paths=[tmp_path]) == ["missing-slices"]
    dicom(tmp_path / "3", 3, SeriesDescription="t2_space")
    study = load_study(paths=[tmp_path])
    assert set(study.series) == {T2, T1}
    assert any("slices are missing" in warning for warning in study.warnings)


@pytest.mark.parametrize("shift", [(120, 0, 0), (0, 120, 0), (0, 0, 120), (0, 0, -90)])
def test_fields_of_view_that_lie_apart_are_told(tmp_path, shift):
    """They may still touch: 200 mm wide, and 120 mm apart."""
    for name, place, seed in (("t2.nii", (0, 0, 0), 1), ("tof.nii", shift, 2)):
        affine = np.diag([10.0, 10.0, 5.0, 1.0])
        affine[:3, 3] = place
        voxels = noise((20, 20, 20), seed)
        (tmp_path / name).write_bytes(nifti_bytes(voxels, affine=affine))
    warnings = list_series(paths=[tmp_path]).warnings
    assert sum("scanner's coordinates" in warning for warning in warnings) == 1


@pytest.mark.parametrize("shift", [(0, 0, 0), (5, -5, 0), (0, 0, 18)])
def test_slabs_over_arteries_and_ears_are_no_wonder(tmp_path, shift):
    for name, place, depth in (("t2.nii", (0, 0, 0), 40), ("tof.nii", shift, 60)):
        affine = np.diag([10.0, 10.0, 1.0, 1.0])
        affine[:3, 3] = place
        voxels = noise((20, 20, depth), depth)
        (tmp_path / name).write_bytes(nifti_bytes(voxels, affine=affine))
    assert not list_series(paths=[tmp_path]).warnings
