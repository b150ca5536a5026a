"""The review model, without Qt: what to read and where to look."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from napari_nvc import review
from napari_nvc.review import Reviewed, StudyPaths

import nvc.io.study
from nvc.model.anatomy import Side
from tests.napari_nvc.reports import RIGHT_CONTACT_MM, contact_and_unknown


@pytest.mark.parametrize(
    ("paths", "enough"),
    [
        (StudyPaths(t2=Path("a")), True),
        (StudyPaths(t1=Path("a")), True),
        (StudyPaths(folder=Path("a")), True),
        (StudyPaths(tof=Path("a")), False),
        (StudyPaths(), False),
    ],
)
def test_a_reference_is_needed(paths, enough):
    assert paths.may_hold_reference is enough


def test_each_file_is_read_in_its_role(monkeypatch):
    asked = {}
    monkeypatch.setattr(nvc.io.study, "load_study", lambda **given: asked.update(given))
    review.load(StudyPaths(t2=Path("a"), tof=Path("b"), folder=Path("c")))
    assert asked == {
        "t2": Path("a"),
        "tof": Path("b"),
        "t1": None,
        "paths": (Path("c"),),
    }


def test_the_place_of_a_side_is_its_contact_or_a_landmark_or_nothing():
    report = contact_and_unknown()
    reviewed = Reviewed(result=SimpleNamespace(report=report), layers=[])
    assert reviewed.place_of(Side.RIGHT) == RIGHT_CONTACT_MM
    assert reviewed.place_of(Side.LEFT) is None
