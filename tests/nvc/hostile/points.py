"""Files of landmarks, ours and those of 3D Slicer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from nvc.io.records.landmarks import read_landmarks
from nvc.model.anatomy import Side
from nvc.model.grid import Grid
from tests.nvc.hostile.recipe import Holds, Recipe, Refused, Table
from tests.nvc.hostile.world import AFFINE, SHAPE, place, written

GRID = Grid(shape=SHAPE, voxel_to_ras_mm=AFFINE)
RIGHT = list(place(AFFINE, (8, 6, 7)))
LEFT = list(place(AFFINE, (1, 6, 7)))
POINTS = {"right": {"porus_mm": RIGHT}, "left": {"porus_mm": LEFT}}


def lps(point) -> list[float]:
    return [-point[0], -point[1], point[2]]


def read(path: Path):
    return read_landmarks(path, reference=GRID)


def lie_where_they_were_put(found) -> bool:
    return np.allclose(found[Side.RIGHT].porus_mm, RIGHT, atol=1e-3) and np.allclose(
        found[Side.LEFT].porus_mm, LEFT, atol=1e-3
    )


FINE = Holds(lie_where_they_were_put)


def text(content, name: str = "points.json"):
    """A maker of a file; what is no text is written as JSON."""
    told = content if isinstance(content, str) else json.dumps(content)
    return written(told.encode("utf-8", "surrogatepass"), name)


def right(value) -> dict:
    return {"right": {"porus_mm": value}}


def slicer(points, system: str = "LPS", **further):
    markup = {"coordinateSystem": system, "controlPoints": points} | further
    return text({"markups": [markup]}, "points.mrk.json")


def placed(label: str, position) -> dict:
    return {"label": label, "position": position}


BOTH = [placed("right porus", lps(RIGHT)), placed("L porus", lps(LEFT))]
ROWS = "".join(
    f"{n},{x},{y},{z},0,0,0,1,1,1,0,{side} porus,,\n"
    for n, (side, (x, y, z)) in enumerate([("right", RIGHT), ("left", LEFT)])
)


def fiducials(rows: str, system: str = "# CoordinateSystem = 0\n"):
    return text(f"# Markups fiducial file version = 4.11\n{system}{rows}", "f.fcsv")


OWN: Table = {
    "ours": Recipe("as a run writes it", text({"sides": POINTS}), FINE),
    "sides alone": Recipe("by hand", text(POINTS), FINE),
    "with a mark before it": Recipe(
        "Windows", text("\ufeff" + json.dumps(POINTS)), FINE
    ),
    "in another space": Recipe(
        "points are read as RAS",
        text({"space": "LPS mm of the t2 volume", "sides": POINTS}),
        Refused("landmarks", "RAS mm"),
    ),
    "with a coordinate system": Recipe(
        "a word of another program",
        text({"coordinateSystem": "LPS", "sides": POINTS}),
        Refused("landmarks", 'no "coordinateSystem"'),
    ),
    "with a unit": Recipe(
        "points are read as mm", text(POINTS | {"units": "cm"}), Refused("landmarks")
    ),
    "a side in two places": Recipe(
        "which is meant?",
        text({"sides": POINTS, "left": POINTS["left"]}),
        Refused("landmarks", 'no "left"'),
    ),
    "sides in capitals": Recipe(
        "written by hand",
        text({side.upper(): points for side, points in POINTS.items()}),
        Refused("landmarks", "did you mean"),
    ),
    "one side": Recipe(
        "the other is not known", text(right(RIGHT)), Holds(lambda f: len(f) == 1)
    ),
    "null": Recipe(
        "not known", text(POINTS | {"left": None}), Holds(lambda f: len(f) == 1)
    ),
    "cut": Recipe("a broken copy", text('{"right": {"porus'), Refused("not-json")),
    "a list": Recipe("no object", text("[1, 2]"), Refused("not-json")),
    "nested without end": Recipe("a trap", text("[" * 99999), Refused("not-json")),
    "a side twice": Recipe(
        "which is meant?",
        text('{"left": {}, "left": {}}'),
        Refused("not-json", "twice"),
    ),
    "UTF-16": Recipe(
        "another encoding",
        written(json.dumps(POINTS).encode("utf-16"), "points.json"),
        Refused("not-text"),
    ),
    "binary": Recipe(
        "no text", written(bytes(range(256)), "p.json"), Refused("not-text")
    ),
    "empty": Recipe("0 bytes", written(b"", "p.json"), Refused("empty-file")),
    "huge": Recipe(
        "5 MB", text('{"a": "' + "b" * 5_000_000 + '"}'), Refused("too-large")
    ),
    "no landmark": Recipe("names none", text({"sides": {}}), Refused("landmarks")),
    "misspelt": Recipe(
        "a typing error",
        text({"right": {"porus": RIGHT}}),
        Refused("landmarks", "did you mean"),
    ),
    "an endless name": Recipe(
        "a line would be a megabyte",
        text({"right": {"p" * 1_000_000: RIGHT}}),
        Refused("landmarks"),
    ),
    "a name of a terminal's words": Recipe(
        "it would paint the terminal",
        text({"right": {"\x1b[31m\ud800": RIGHT}}),
        Refused("landmarks"),
    ),
    "two numbers": Recipe("no place", text(right([1, 2])), Refused("landmarks")),
    "words": Recipe("no numbers", text(right(["1", "2", "3"])), Refused("landmarks")),
    "truth values": Recipe("no numbers", text(right([True] * 3)), Refused("landmarks")),
    "NaN": Recipe(
        "no number", text('{"right": {"porus_mm": [NaN, 0, 0]}}'), Refused("landmarks")
    ),
    "an endless integer": Recipe(
        "JSON allows it", text(right([10**400, 0, 0])), Refused("landmarks")
    ),
    "far": Recipe("1e308 mm", text(right([1e308] * 3)), Refused("landmark-outside")),
    "outside": Recipe(
        "of another study", text(right([90, 0, 0])), Refused("landmark-outside")
    ),
    "in voxels": Recipe(
        "not in mm", text(right([8, 6, 7])), Refused("landmark-outside")
    ),
    "in metres": Recipe(
        "of another program",
        text(right([v / 1000 for v in RIGHT])),
        Refused("landmark-outside"),
    ),
    "LPS": Recipe(
        "mirrored twice", text(right(lps(RIGHT))), Refused("landmark-outside")
    ),
    "swapped": Recipe(
        "left and right",
        text({"right": POINTS["left"], "left": POINTS["right"]}),
        Refused("sides-swapped"),
    ),
    "a folder": Recipe("no file", lambda folder: folder, Refused("not-a-file")),
}

SLICER: Table = {
    "LPS": Recipe("as Slicer writes", slicer(BOTH), FINE),
    "RAS": Recipe(
        "as it is told",
        slicer([placed("R porus", RIGHT), placed("left porus", LEFT)], "RAS"),
        FINE,
    ),
    "fcsv": Recipe("an older Slicer", fiducials(ROWS), FINE),
    "LPS called RAS": Recipe(
        "a system that is not the points'",
        slicer(BOTH, "RAS"),
        Refused("landmark-outside"),
    ),
    "no system": Recipe("RAS or LPS?", slicer(BOTH, ""), Refused("landmarks")),
    "voxels": Recipe("IJK", slicer(BOTH, "IJK"), Refused("landmarks", "IJK")),
    "metres": Recipe(
        "another unit",
        slicer(BOTH, coordinateUnits="m"),
        Refused("landmarks", "not in mm"),
    ),
    "no list": Recipe("points of none", slicer(5), Refused("landmarks", "no list")),
    "a null": Recipe("a point of none", slicer([None]), Refused("landmarks")),
    "F-1": Recipe(
        "the name that Slicer gives",
        slicer([placed("F-1", lps(RIGHT))]),
        Refused("landmarks", "right porus"),
    ),
    "a point twice": Recipe(
        "which is meant?", slicer([BOTH[0], BOTH[0]]), Refused("landmarks", "twice")
    ),
    "truth values": Recipe(
        "no numbers",
        slicer([placed("right porus", [True, True, True])]),
        Refused("landmarks", "three numbers"),
    ),
    "an endless integer": Recipe(
        "JSON allows it",
        slicer([placed("right porus", [10**400, 0, 0])]),
        Refused("landmarks"),
    ),
    "Slicer, fcsv of two systems": Recipe(
        "put together by hand",
        text(f"# CoordinateSystem = LPS\n# CoordinateSystem = RAS\n{ROWS}", "p.fcsv"),
        Refused("landmarks", "two coordinate systems"),
    ),
    "fcsv without system": Recipe(
        "RAS or LPS?", fiducials(ROWS, ""), Refused("landmarks", "no coordinate system")
    ),
    "fcsv of words": Recipe("no numbers", fiducials("a,b,c\n"), Refused("landmarks")),
    "fcsv of one endless field": Recipe(
        "more than a table's reader takes",
        fiducials(f"1,{'9' * 200_000},2,3\n"),
        Refused("landmarks", "rows"),
    ),
    "fcsv with a quote": Recipe(
        "a row that never ends", fiducials('1,"2,3\n4,5\n'), Refused("landmarks")
    ),
}

TABLE: Table = {**OWN, **{f"Slicer, {name}": r for name, r in SLICER.items()}}
