"""Files dropped on napari: reports become points, other files are left alone."""

from __future__ import annotations

import numpy as np

from nvc.io.records.report_json import report_to_json
from tests.napari_nvc.reports import RIGHT_CONTACT_MM, contact_and_unknown


def test_a_report_is_read_as_points_and_other_files_are_left_alone(tmp_path):
    from napari_nvc.reader import get_reader

    path = tmp_path / "report.json"
    path.write_text(report_to_json(contact_and_unknown()), encoding="utf-8")
    read = get_reader(str(path))
    landmarks, closest = read(str(path))
    assert landmarks[1]["features"]["landmark"] == ["porus_mm"]
    assert [kind for *_, kind in (landmarks, closest)] == ["points", "points"]
    np.testing.assert_array_equal(closest[0][0], RIGHT_CONTACT_MM[::-1])
    assert get_reader(str(tmp_path / "t2.nii.gz")) is None
    assert get_reader([str(path)]) is None
    empty = tmp_path / "empty.review"
    empty.touch()
    assert get_reader(str(empty)) is None
