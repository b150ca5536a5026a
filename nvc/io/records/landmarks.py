"""Landmarks as ``landmarks.json``: written by a run or a reviewer, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nvc.errors import InputError
from nvc.io.doors.atomic import replace_file
from nvc.io.doors.text_file import is_finite_number, read_text
from nvc.io.records.slicer_points import parse_landmarks
from nvc.model.anatomy import Side
from nvc.model.stages import LANDMARK_NAMES, Origin, SideLandmarks
from nvc.notice import NOTICE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid

LANDMARKS_SCHEMA = "nvc-landmarks/1"
_FURTHER_KEYS = ("source",)
_FILE_KEYS = ("schema", "notice", "space", "sides")
_SPACE = "RAS mm"
_EXAMPLE = (
    'A landmark is written as {"right": {"porus_mm": [12.5, -30.0, -40.5]}}, in RAS mm.'
)
_DECIMALS = 4
_FARTHEST_MM = 1e6
"""No scanner has a place there, and arithmetic with it would overflow."""


def read_landmarks(
    path: Path, *, reference: Grid | None = None
) -> dict[Side, SideLandmarks]:
    """Read landmarks that a person has placed or accepted.

    Parameters
    ----------
    path : Path
        JSON with ``sides.left`` and ``sides.right`` (or just ``left`` and
        ``right``), each naming points in RAS mm of the reference; null or absent means
        not known. A ``report.json`` will do, and points placed in 3D Slicer
        (``.mrk.json``, ``.fcsv``; `nvc.io.records.slicer_points`).
    reference : Grid, optional
        If given, every point must lie in it.

    Returns
    -------
    dict of Side to SideLandmarks
        The sides that name a point; all of them confirmed.

    Raises
    ------
    InputError
        If the file is not of this form, a point lies outside the reference, or left
        and right are swapped.
    """
    where = str(path)
    content = parse_landmarks(read_text(path, where), path, where)
    if not ("software" in content and "sides" in content):  # no report.json
        _require_understood(content, where)
    sides = content.get("sides", content)
    if not isinstance(sides, dict):
        raise _wrong(where, '"sides" is no object.')
    found: dict[Side, SideLandmarks] = {}
    for side in Side:
        points = _points(sides.get(side.value), side, where)
        if points:
            found[side] = SideLandmarks(**points, source=Origin.CONFIRMED)
    if not found:
        raise _wrong(where, "names no landmark of either side.")
    if reference is not None:
        _require_inside(found, reference, where)
    _require_sides(found, where)
    return found


def _require_understood(content: Mapping[str, Any], where: str) -> None:
    """Refuse a file that says more than is read: another space or unit, perhaps."""
    space = content.get("space", _SPACE)
    if not (isinstance(space, str) and space.startswith(_SPACE)):
        raise _wrong(where, f'its "space" is not "{_SPACE}".')
    known = {*_FILE_KEYS, *(() if "sides" in content else Side)}
    for name in content:
        if name not in known:
            near = get_close_matches(name.lower(), Side, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else "."
            raise _wrong(where, f'there is no "{name}" in a file of landmarks{hint}')


def landmarks_to_json(landmarks: Mapping[Side, SideLandmarks], space: str) -> str:
    """Return the text of a ``landmarks.json``.

    Parameters
    ----------
    landmarks : mapping of Side to SideLandmarks
        RAS mm of the reference.
    space : str
        What the points refer to, such as ``"RAS mm of the t2 volume"``.
    """
    empty = SideLandmarks()
    content = {
        "schema": LANDMARKS_SCHEMA,
        "notice": NOTICE,
        "space": space,
        "sides": {side.value: _plain(landmarks.get(side, empty)) for side in Side},
    }
    return json.dumps(content, indent=2, allow_nan=False) + "\n"


def write_landmarks(
    path: Path, landmarks: Mapping[Side, SideLandmarks], space: str
) -> None:
    """Write ``landmarks.json``; it appears under its name only when complete.

    Raises
    ------
    InputError
        If it cannot be written.
    """
    replace_file(path, landmarks_to_json(landmarks, space).encode())


def _plain(landmarks: SideLandmarks) -> dict[str, Any]:
    points: dict[str, Any] = {}
    for name in LANDMARK_NAMES:
        point: NDArray[np.float64] | None = getattr(landmarks, name)
        points[name] = (
            None
            if point is None
            else [round(float(value), _DECIMALS) + 0.0 for value in point]
        )
    return points | {"source": landmarks.source.value}


def _points(content: Any, side: Side, where: str) -> dict[str, Any]:
    if content is None:
        return {}
    if isinstance(content, dict) and isinstance(content.get("landmarks"), dict):
        content = content["landmarks"]  # as in report.json
    if not isinstance(content, dict):
        raise _wrong(where, f'"{side}" is no object.')
    points: dict[str, Any] = {}
    for name, value in content.items():
        if name in _FURTHER_KEYS:
            continue
        if name not in LANDMARK_NAMES:
            near = get_close_matches(name, LANDMARK_NAMES, n=1)
            hint = f'; did you mean "{near[0]}"?' if near else "."
            raise _wrong(where, f'{side}: there is no landmark "{name}"{hint}')
        if value is not None:
            points[name] = _point(value, f"{side}: {name}", where)
    return points


def _point(value: Any, name: str, where: str) -> NDArray[np.float64]:
    fits = (
        isinstance(value, list)
        and len(value) == 3
        and all(is_finite_number(number) for number in value)
    )
    if not fits:
        raise _wrong(where, f"{name} is not three numbers in mm.")
    return np.array(value, dtype=float)


def _require_inside(
    found: Mapping[Side, SideLandmarks], reference: Grid, where: str
) -> None:
    for side, landmarks in found.items():
        for name in LANDMARK_NAMES:
            point = getattr(landmarks, name)
            if point is None:
                continue
            is_far = np.abs(point).max() > _FARTHEST_MM
            if is_far or not reference.contains(point):
                raise InputError.of(
                    "landmark-outside",
                    where,
                    f"{side}: {name} lies outside the reference volume.",
                    "Is the file of this study?",
                )


def _require_sides(found: Mapping[Side, SideLandmarks], where: str) -> None:
    """Refuse a file whose left lies to the right of its right."""
    if len(found) < len(Side):
        return
    for name in LANDMARK_NAMES:
        left = getattr(found[Side.LEFT], name)
        right = getattr(found[Side.RIGHT], name)
        if left is not None and right is not None and left[0] >= right[0]:
            raise InputError.of(
                "sides-swapped",
                where,
                f"{name} of the left lies to the right of that of the right.",
                "Points are RAS mm: x grows to the patient's right.",
            )


def _wrong(where: str, reason: str) -> InputError:
    return InputError.of("landmarks", where, reason, _EXAMPLE)
