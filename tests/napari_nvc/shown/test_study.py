"""What is under review, without Qt: which files, which roles, where to look."""

from __future__ import annotations

import shutil

import pytest
from napari_nvc.shown import study
from napari_nvc.shown.study import find_place

from nvc.errors import InputError
from nvc.io.sample import find_sample_study
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from tests.napari_nvc.reports import RIGHT_CONTACT_MM, contact_and_unknown


@pytest.fixture
def folder(tmp_path):
    """Two sequences whose names say the opposite of what they are."""
    shutil.copy(find_sample_study() / "t2.nii.gz", tmp_path / "tof.nii.gz")
    shutil.copy(find_sample_study() / "tof.nii.gz", tmp_path / "t2.nii.gz")
    return tmp_path


def test_roles_are_guessed_and_the_readers_choice_counts(folder):
    from dataclasses import replace

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


def test_without_a_reference_nothing_is_opened():
    from dataclasses import replace

    rows = [replace(row, role=SequenceRole.OTHER) for row in study.list_demo_rows()]
    with pytest.raises(InputError, match="T2 or the T1"):
        study.open_rows(rows)


def test_the_place_of_a_side_is_its_contact_or_a_landmark_or_nothing():
    report = contact_and_unknown()
    assert find_place(report, Side.RIGHT) == RIGHT_CONTACT_MM
    assert find_place(report, Side.LEFT) is None
