"""What is under review, without Qt: which files, which roles, where to look."""

from __future__ import annotations

import shutil
from dataclasses import replace

import numpy as np
import pytest
from napari_nvc.shown import study
from napari_nvc.shown.study import find_place

from nvc.errors import InputError
from nvc.io.sample import find_sample_study
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
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
