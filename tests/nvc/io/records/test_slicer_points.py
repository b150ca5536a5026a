"""Points of 3D Slicer are read in the coordinates that they say they are in."""

from __future__ import annotations

import json

import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.records.landmarks import read_landmarks
from nvc.model.anatomy import Side

RAS = {"right porus": (22.5, 3.0, 1.0), "RExP left": (-9.0, 0.5, -2.0)}


def lps(place):
    return [-place[0], -place[1], place[2]]


def markups(system: str, points=RAS, **changes) -> str:
    turn = lps if system == "LPS" else list
    controls = [
        {"id": str(n), "label": label, "position": turn(place)} | changes
        for n, (label, place) in enumerate(points.items())
    ]
    markup = {
        "type": "Fiducial",
        "coordinateSystem": system,
        "coordinateUnits": "mm",
        "controlPoints": controls,
    }
    schema = "https://raw.githubusercontent.com/slicer/markups-schema-v1.0.3.json#"
    return json.dumps({"@schema": schema, "markups": [markup]})


def fiducials(system: str, points=RAS, turn=list) -> str:
    lines = [
        "# Markups fiducial file version = 4.11",
        f"# CoordinateSystem = {system}",
        "# columns = id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID",
    ]
    for n, (label, place) in enumerate(points.items()):
        x, y, z = turn(place)
        lines.append(f"vtk_{n},{x},{y},{z},0,0,0,1,1,1,0,{label},,")
    return "\n".join(lines) + "\n"


FORMS = {
    "markups in LPS": ("points.mrk.json", markups("LPS")),
    "markups in RAS": ("points.mrk.json", markups("RAS")),
    "another name": ("points.json", markups("LPS")),
    "fcsv in LPS": ("points.fcsv", fiducials("LPS", turn=lps)),
    "fcsv in RAS": ("points.fcsv", fiducials("RAS")),
    "old fcsv in RAS": ("points.FCSV", fiducials("0")),
    "old fcsv in LPS": ("points.fcsv", fiducials("1", turn=lps)),
}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_points_whatever_the_file_is_in(tmp_path, form):
    name, text = FORMS[form]
    path = tmp_path / name
    path.write_text(text)
    found = read_landmarks(path)
    np.testing.assert_array_equal(found[Side.RIGHT].porus_mm, RAS["right porus"])
    np.testing.assert_array_equal(found[Side.LEFT].root_exit_point_mm, RAS["RExP left"])
    assert found[Side.RIGHT].fundus_mm is None


def test_a_point_that_was_not_placed_is_passed_over(tmp_path):
    content = json.loads(markups("LPS"))
    content["markups"][0]["controlPoints"][1]["positionStatus"] = "undefined"
    path = tmp_path / "points.mrk.json"
    path.write_text(json.dumps(content))
    assert set(read_landmarks(path)) == {Side.RIGHT}


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("a.mrk.json", markups("IJK"), "expected RAS or LPS"),
        ("a.mrk.json", markups(""), "names no coordinate system"),
        ("a.mrk.json", markups("LPS", {"F-1": (1, 2, 3)}), 'label "F-1" tells no'),
        ("a.mrk.json", markups("LPS", {"left right porus": (1, 2, 3)}), "tells no"),
        ("a.mrk.json", markups("LPS", position=[1, 2]), "not three numbers"),
        ("a.mrk.json", markups("LPS", position=None), "not three numbers"),
        ("a.mrk.json", '{"markups": [3]}', "no object"),
        ("a.mrk.json", '{"markups": []}', "names no landmark"),
        ("a.mrk.json", markups("LPS", label="left porus"), "twice"),
        ("a.fcsv", fiducials("2"), "expected RAS or LPS"),
        ("a.fcsv", "a,b,c", "names no coordinate system"),
        ("a.fcsv", fiducials("LPS") + "vtk,x,2,3", "no three numbers"),
        ("a.fcsv", fiducials("LPS") + "vtk,nan,2,3", "not three numbers"),
        ("a.fcsv", "# CoordinateSystem = LPS\n", "names no landmark"),
    ],
)
def test_what_tells_no_landmark_is_refused_in_one_line(tmp_path, name, text, message):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(InputError) as caught:
        read_landmarks(path)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
