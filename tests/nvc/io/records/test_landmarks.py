"""Landmarks go out and come back; what is not theirs is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nvc.errors import InputError
from nvc.io.records.landmarks import (
    landmarks_to_json,
    read_landmarks,
    write_landmarks,
)
from nvc.model.anatomy import Side
from nvc.model.grid import Grid
from nvc.model.stages import LANDMARK_NAMES, Origin, SideLandmarks

GRID = Grid(
    shape=(100, 100, 100),
    voxel_to_ras_mm=np.array(
        [[1.0, 0, 0, -50], [0, 1.0, 0, -50], [0, 0, 1.0, -50], [0, 0, 0, 1]]
    ),
)
LEFT = {"porus_mm": [-22.0, 3.5, 1.25], "root_exit_point_mm": [-9.0, 0.0, -2.0]}
RIGHT = {"porus_mm": [22.5, 3.0, 1.0], "fundus_mm": None}


def write(tmp_path, content) -> object:
    path = tmp_path / "landmarks.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


@pytest.mark.parametrize(
    "content",
    [
        {"sides": {"left": LEFT, "right": RIGHT}},
        {"left": LEFT, "right": RIGHT},
        {"schema": "nvc-report/1",
         "sides": {"left": {"flag": "clear", "landmarks": LEFT},
                   "right": {"flag": "clear", "landmarks": RIGHT}}},
    ],
    ids=["own", "short", "report"],
)  # fmt: skip
def test_all_forms_are_read_as_confirmed(tmp_path, content):
    found = read_landmarks(write(tmp_path, content), reference=GRID)
    np.testing.assert_array_equal(found[Side.LEFT].porus_mm, [-22.0, 3.5, 1.25])
    np.testing.assert_array_equal(found[Side.RIGHT].porus_mm, [22.5, 3.0, 1.0])
    assert found[Side.RIGHT].fundus_mm is None
    assert found[Side.LEFT].root_detachment_mm is None
    assert {side.source for side in found.values()} == {Origin.CONFIRMED}


def test_a_side_may_be_absent(tmp_path):
    content = {"sides": {"left": LEFT, "right": dict.fromkeys(LANDMARK_NAMES)}}
    assert set(read_landmarks(write(tmp_path, content))) == {Side.LEFT}


def test_what_is_written_is_read_back(tmp_path):
    landmarks = {
        Side.LEFT: SideLandmarks(porus_mm=np.array([-22.12345, 0.0, -0.00001])),
        Side.RIGHT: SideLandmarks(source=Origin.CONFIRMED),
    }
    path = tmp_path / "landmarks.json"
    write_landmarks(path, landmarks, "RAS mm of the t2 volume")
    assert [p.name for p in tmp_path.iterdir()] == ["landmarks.json"]
    found = read_landmarks(path)
    np.testing.assert_allclose(found[Side.LEFT].porus_mm, [-22.1234, 0, 0], atol=1e-4)
    assert "-0.0" not in landmarks_to_json(landmarks, "")
    assert json.loads(path.read_text())["sides"]["right"]["source"] == "confirmed"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "not valid JSON"),
        ("[]", "no JSON object"),
        ({}, "names no landmark"),
        ({"sides": []}, "no object"),
        ({"sides": {"left": 3}}, "no object"),
        ({"left": {"porus": [1, 2, 3]}}, 'did you mean "porus_mm"'),
        ({"left": {"porus_mm": [1, 2]}}, "not three numbers"),
        ({"left": {"porus_mm": [1, 2, "3"]}}, "not three numbers"),
        ({"left": {"porus_mm": [1, 2, True]}}, "not three numbers"),
        ('{"left": {"porus_mm": [1, 2, NaN]}}', "not three numbers"),
        ({"left": {"porus_mm": [-200, 0, 0]}}, "outside the reference"),
        ({"left": RIGHT, "right": LEFT}, "porus_mm of the left lies to the right"),
    ],
)
def test_mistakes_are_told_in_one_line(tmp_path, content, message):
    with pytest.raises(InputError) as caught:
        read_landmarks(write(tmp_path, content), reference=GRID)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["sides", "left", "right", "porus_mm", "source", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(content=JSON)
def test_any_json_is_refused_or_holds_finite_points(tmp_path_factory, content):
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(content))
    try:
        found = read_landmarks(path)
    except InputError:
        return
    points = [getattr(side, name) for side in found.values() for name in LANDMARK_NAMES]
    assert any(point is not None for point in points)
    assert all(
        np.isfinite(p).all() and p.shape == (3,) for p in points if p is not None
    )
