"""Points that were placed in 3D Slicer: ``.mrk.json`` and ``.fcsv``.

Slicer writes LPS, and older files RAS: each file says which, and is believed. What a
point is stands in its label, such as ``right porus`` or ``RExP L``.

References
----------
https://slicer.readthedocs.io, "Markups": control points, and fiducial CSV files.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from nvc.errors import InputError
from nvc.io.doors.text_file import is_finite_number, parse_json_object
from nvc.model.anatomy import Side

FCSV_SUFFIX = ".fcsv"
_TO_RAS = {"RAS": (1, 1, 1), "LPS": (-1, -1, 1), "0": (1, 1, 1), "1": (-1, -1, 1)}
"""Signs of the three coordinates; old fiducial files name the system by a number."""
_MM = ("mm", "millimeter", "millimetre")
_SIDE_WORDS = {"left": "left", "l": "left", "right": "right", "r": "right"}
_POINT_WORDS = {
    "porus": "porus_mm",
    "fundus": "fundus_mm",
    "detachment": "root_detachment_mm",
    "rdp": "root_detachment_mm",
    "exit": "root_exit_point_mm",
    "rexp": "root_exit_point_mm",
}
_DEFAULT_COLUMNS = "id,x,y,z,ow,ox,oy,oz,vis,sel,lock,label,desc,associatedNodeID"
_SAVE = "Save the points again in 3D Slicer."
_EXAMPLES = (
    'Name points by side and place, such as "right porus", "left fundus", "right root '
    'detachment" or "left root exit".'
)


class LabelledPoint(NamedTuple):
    """A point as it was placed: its label, and three coordinates in RAS mm."""

    label: str
    ras_mm: list[float]


def holds_markups(content: dict[str, Any]) -> bool:
    """Tell whether a JSON object is a markups file of Slicer."""
    return isinstance(content.get("markups"), list)


def read_markups(content: dict[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """Return what a ``.mrk.json`` says, as ``landmarks.json`` says it.

    Raises
    ------
    InputError
        If it is not of this form, or a label does not tell side and landmark.
    """
    points: list[LabelledPoint] = []
    for markup in content["markups"]:
        if not isinstance(markup, dict):
            raise _wrong(where, '"markups" holds what is no object.')
        if markup.get("coordinateUnits", "mm") not in _MM:
            raise _wrong(where, "its points are not in mm.")
        signs = _signs(str(markup.get("coordinateSystem", "")), where)
        placed = markup.get("controlPoints") or []
        if not isinstance(placed, list):
            raise _wrong(where, '"controlPoints" is no list.')
        for point in placed:
            if not isinstance(point, dict):
                raise _wrong(where, "a control point is no object.")
            if point.get("positionStatus", "defined") != "defined":
                continue
            points.append(
                LabelledPoint(
                    str(point.get("label", "")),
                    _place(point.get("position"), signs, where),
                )
            )
    return _sides(points, where)


def read_fiducials(text: str, where: str) -> dict[str, dict[str, Any]]:
    """Return what a ``.fcsv`` says, as ``landmarks.json`` says it.

    Raises
    ------
    InputError
        As `read_markups`.
    """
    system, columns, rows = "", _DEFAULT_COLUMNS, []
    for line in text.splitlines():
        name, _, value = line.lstrip("# ").partition("=")
        if not line.startswith("#"):
            rows.append(line)
        elif name.strip() == "CoordinateSystem":
            if system not in ("", value.strip()):
                raise _wrong(where, "names two coordinate systems.")
            system = value.strip()
        elif name.strip() == "columns":
            columns = value.strip()
    signs = _signs(system, where)
    points = []
    try:
        found = list(csv.DictReader(rows, fieldnames=columns.split(",")))
    except csv.Error as error:
        raise _wrong(where, "its rows are no rows of a table.") from error
    for row in found:
        try:
            place = [float(row[axis] or "") for axis in "xyz"]
        except (KeyError, TypeError, ValueError) as error:
            raise _wrong(where, "a row holds no three numbers.") from error
        label = str(row.get("label") or "")
        points.append(LabelledPoint(label, _place(place, signs, where)))
    return _sides(points, where)


def parse_landmarks(text: str, path: Path, where: str) -> dict[str, Any]:
    """Return the object that a file of landmarks holds, whoever wrote it.

    Raises
    ------
    InputError
        If it is neither JSON nor a file of Slicer.
    """
    if path.name.lower().endswith(FCSV_SUFFIX):
        return dict(read_fiducials(text, where))
    content = parse_json_object(text, where)
    return dict(read_markups(content, where)) if holds_markups(content) else content


def _signs(system: str, where: str) -> tuple[int, int, int]:
    if system not in _TO_RAS:
        named = (
            f'the coordinate system "{system}"' if system else "no coordinate system"
        )
        raise _wrong(where, f"names {named}; expected RAS or LPS.")
    return _TO_RAS[system]


def _place(value: Any, signs: tuple[int, int, int], where: str) -> list[float]:
    fits = (
        isinstance(value, list)
        and len(value) == len(signs)
        and all(is_finite_number(one) for one in value)
    )
    if not fits:
        raise _wrong(where, "a point is not three numbers in mm.")
    return [sign * float(one) for sign, one in zip(signs, value, strict=True)]


def _sides(points: Iterable[LabelledPoint], where: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {side.value: {} for side in Side}
    for label, ras_mm in points:
        words = set(re.findall(r"[a-z]+", label.lower()))
        sides = {_SIDE_WORDS[word] for word in words & set(_SIDE_WORDS)}
        names = {_POINT_WORDS[word] for word in words & set(_POINT_WORDS)}
        if len(sides) != 1 or len(names) != 1:
            raise _wrong(where, f'the label "{label}" tells no landmark.', _EXAMPLES)
        side, name = sides.pop(), names.pop()
        if name in found[side]:
            raise _wrong(where, f"names {name} of the {side} twice.")
        found[side][name] = ras_mm
    return found


def _wrong(where: str, reason: str, remedy: str = _SAVE) -> InputError:
    return InputError.of("landmarks", where, reason, remedy)
