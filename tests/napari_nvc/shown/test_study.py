"""What is under review, without Qt: which files, which roles, where to look."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from napari_nvc.shown import study
from napari_nvc.shown.study import find_place

from nvc.errors import InputError
from nvc.io.sample import find_sample_study
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from nvc.reviews.session import ReviewSession
from nvc.settings import Settings
from tests.napari_nvc.reports import RIGHT_CONTACT_MM, contact_and_unknown
from tests.nvc.io.made_files import noise, oblique, write_components, write_dicom


@pytest.fixture
def folder(tmp_path):
    """Two sequences whose names say the opposite of what they are."""
    shutil.copy(find_sample_study() / "t2.nii.gz", tmp_path / "tof.nii.gz")
    shutil.copy(find_sample_study() / "tof.nii.gz", tmp_path / "t2.nii.gz")
    return tmp_path


def test_roles_are_guessed_and_the_readers_choice_counts(folder):
    paths = [folder / "tof.nii.gz", folder / "t2.nii.gz"]
    rows, problems = study.list_rows(paths)
    assert [row.role for row in rows] == [SequenceRole.TOF, SequenceRole.T2]
    assert not problems
    assert all("name says" in row.reason for row in rows)
    chosen = [
        replace(rows[0], role=SequenceRole.T2),
        replace(rows[1], role=SequenceRole.OTHER),
    ]
    opened = study.open_rows(chosen)
    assert set(opened.study.series) == {SequenceRole.T2}
    assert opened.reference.grid.shape == (232, 176, 64)
    assert [options["name"] for _, options, _ in opened.shown] == ["T2"]


def test_what_cannot_be_read_is_said_in_words(tmp_path):
    (tmp_path / "broken.nii").write_bytes(b"no image")
    rows, problems = study.list_rows([tmp_path / "broken.nii", tmp_path / "missing"])
    told = problems + [row.problem for row in rows if row.problem]
    assert len(told) >= 2
    assert all("Traceback" not in line for line in told)


def test_of_a_file_with_phase_and_magnitude_the_magnitude_is_opened(tmp_path):
    path = tmp_path / "both.dcm"
    parts = {"PHASE": noise(seed=2), "MAGNITUDE": noise(seed=1)}
    write_components(path, parts, oblique())
    rows, problems = study.list_rows([path])
    assert not problems
    assert [row.role for row in rows] == [SequenceRole.OTHER, SequenceRole.OTHER]
    assert "phase" in rows[0].reason
    for number in (0, 1):
        chosen = [replace(row, role=SequenceRole.OTHER) for row in rows]
        chosen[number] = replace(rows[number], role=SequenceRole.T2)
        opened = study.open_rows(chosen)
        np.testing.assert_array_equal(
            np.sort(opened.study.series[SequenceRole.T2].volume.voxels, axis=None),
            np.sort(list(parts.values())[number], axis=None),
        )


@pytest.fixture
def two_series(tmp_path):
    """A folder with two T2s; which is meant, a number says."""
    voxels = [noise(seed=1), noise(seed=2)]
    for number, own in enumerate(voxels, start=1):
        told = {"SeriesDescription": "t2", "FrameOfReferenceUID": "1.2"}
        write_dicom(tmp_path / f"{number}", own, oblique(), **told)
    return tmp_path, voxels


@pytest.mark.parametrize("number", [1, 2])
def test_a_series_named_by_its_number_is_the_one_that_is_opened(two_series, number):
    folder, voxels = two_series
    rows, problems = study.list_rows([Path(f"{folder}#{number}")])
    assert not problems
    assert [(row.path, row.number) for row in rows] == [(folder, 1), (folder, 2)]
    roles = [SequenceRole.OTHER, SequenceRole.OTHER]
    roles[number - 1] = SequenceRole.T2
    assert [row.role for row in rows] == roles
    opened = study.open_rows(rows)
    assert opened.paths == (folder,)
    np.testing.assert_array_equal(
        np.sort(opened.study.series[SequenceRole.T2].volume.voxels, axis=None),
        np.sort(voxels[number - 1], axis=None),
    )


def test_two_numbers_of_one_folder_are_two_series(two_series):
    folder, _ = two_series
    rows, _ = study.list_rows([Path(f"{folder}#2"), Path(f"{folder}#1")])
    assert [(row.number, row.problem) for row in rows] == [(1, ""), (2, "")]


def test_a_number_that_there_is_not_is_said(two_series):
    folder, _ = two_series
    rows, problems = study.list_rows([Path(f"{folder}#7")])
    assert "there is no number 7" in problems[0]
    assert {row.role for row in rows} == {SequenceRole.OTHER}


def test_a_review_is_found_again_behind_a_number(two_series, tmp_path):
    folder, _ = two_series
    opened = study.open_rows(study.list_rows([Path(f"{folder}#2")])[0])
    session = ReviewSession.begin(opened.study, Settings(), tmp_path / "a.review")
    again = study.reopen_study(session.state, [Path(f"{folder}#2")])
    (mine,), (theirs,) = (one.study.series.values() for one in (opened, again))
    np.testing.assert_array_equal(mine.volume.voxels, theirs.volume.voxels)


def test_a_series_that_cannot_be_used_does_not_keep_the_others_from_opening(tmp_path):
    paths = write_dicom(tmp_path / "1", noise(), oblique(), SeriesDescription="t2 tse")
    paths[5].unlink()
    write_dicom(tmp_path / "2", noise(seed=2), oblique(), SeriesDescription="t2 ciss")
    rows, _ = study.list_rows([tmp_path])
    assert {row.role for row in rows if row.problem} == {SequenceRole.OTHER}
    opened = study.open_rows(rows)
    assert set(opened.study.series) == {SequenceRole.T2}


def test_without_a_reference_nothing_is_opened():
    rows = [replace(row, role=SequenceRole.OTHER) for row in study.list_demo_rows()]
    with pytest.raises(InputError, match="T2 or the T1"):
        study.open_rows(rows)


def test_the_place_of_a_side_is_its_contact_or_a_landmark_or_nothing():
    report = contact_and_unknown()
    assert find_place(report, Side.RIGHT) == RIGHT_CONTACT_MM
    assert find_place(report, Side.LEFT) is None
