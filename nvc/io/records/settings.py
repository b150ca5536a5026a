"""Settings from a file and from ``name=value`` words, checked against their bounds."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import Field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from nvc.errors import InputError, SettingsError
from nvc.io.doors.text_file import is_finite_number, parse_json_object, read_text
from nvc.settings import Settings, walk_settings
from nvc.settings.retired import MOVED, UNREAD

_DEEPEST = 8
"""Tables in tables, well beyond those that there are."""
_ADAPTER = TypeAdapter(Settings)


def load_settings(path: Path | None = None, overrides: Iterable[str] = ()) -> Settings:
    """Return the settings of a run.

    Parameters
    ----------
    path : Path, optional
        A JSON or TOML file with a table a stage: ``{"measure": {...}}``. What it does
        not name keeps its default. A ``report.json`` will do: its settings are taken.
    overrides : iterable of str
        Such as ``"measure.search_distance_mm=3"``; they win over the file.

    Returns
    -------
    Settings
        Every value of the right type and within its bounds.

    Raises
    ------
    InputError
        If the file cannot be read.
    SettingsError
        If a name does not exist, or a value has the wrong type or is out of bounds.
    """
    values: dict[str, Any] = {}
    if path is not None:
        try:
            values = _from_file(path)
            replace_settings(values)
        except SettingsError as error:
            raise SettingsError(f"{path}: {error}") from error
    for override in overrides:
        name, value = _split(override)
        values[name] = value
    return replace_settings(values)


def replace_settings(values: Mapping[str, Any]) -> Settings:
    """Return the settings with some replaced, for example in a panel.

    Parameters
    ----------
    values : mapping
        Value of each dotted name, such as ``{"report.near_mm": 0.8}``.

    Raises
    ------
    SettingsError
        As `load_settings`.
    """
    known = _known()
    values = _without_retired(values)
    for name, value in values.items():
        if name not in known:
            raise SettingsError(_unknown(name, known))
        _require_within(name, value, known[name])
    nested: dict[str, Any] = {}
    for name, value in values.items():
        *groups, field = name.split(".")
        table = nested
        for part in groups:
            table = table.setdefault(part, {})
        table[field] = value
    try:
        # Strict: "3 mm" and true are no numbers. Only JSON mode builds dataclasses so.
        return _ADAPTER.validate_json(json.dumps(nested, default=str), strict=True)
    except ValidationError as error:
        first = error.errors()[0]
        # Of a list, the number that is wrong is counted behind its name.
        name = ".".join(part for part in first["loc"] if isinstance(part, str))
        raise SettingsError(
            f"setting {name}: {first['msg'].lower()}, not {first['input']!r}"
        ) from error


def _without_retired(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what an older version wrote and no longer says anything.

    Raises
    ------
    SettingsError
        If a setting that moved was given a value of its own.
    """
    for name, (new, default) in MOVED.items():
        if name in values and values[name] != values.get(new, default):
            raise SettingsError(
                f"setting {name} is {new} now, and they differ; set that one alone"
            )
    gone = UNREAD.union(MOVED)
    return {name: value for name, value in values.items() if name not in gone}


def _known() -> dict[str, Field[Any]]:
    """Return every setting by its dotted name."""
    return {name: field for name, field, _ in walk_settings(Settings())}


def _from_file(path: Path) -> dict[str, Any]:
    text = read_text(path, str(path))
    if path.suffix.lower() == ".toml":
        try:
            content: dict[str, Any] = tomllib.loads(text)
        except (ValueError, RecursionError) as error:  # more than TOMLDecodeError
            raise InputError.of(
                "not-toml",
                str(path),
                f"is not valid TOML ({error}).",
                "A setting is written as report.near_mm = 0.8.",
            ) from error
    else:
        content = parse_json_object(text, str(path))
    if "software" in content and "sides" in content:
        software = content["software"]
        within = software.get("settings") if isinstance(software, dict) else None
        if not isinstance(within, dict):
            raise InputError.of(
                "no-settings",
                str(path),
                "is a report without settings.",
                "Give a report.json as a run wrote it, or a settings file.",
            )
        content = within
    return flatten_settings(content)


def flatten_settings(content: Mapping[str, Any], within: str = "") -> dict[str, Any]:
    """Return what tables in tables hold by its dotted name.

    Parameters
    ----------
    content : mapping
        As a report or a review holds settings.
    within : str
        Put before each name.

    Raises
    ------
    SettingsError
        If tables lie in tables without end, or one setting is spelt in two ways
        (``{"a.b": 1, "a": {"b": 2}}``) with two values.
    """
    if within.count(".") > _DEEPEST:
        raise SettingsError(
            f"there is no setting {within!r}; tables lie too deep, "
            f"expected at most {_DEEPEST} in each other"
        )
    values: dict[str, Any] = {}
    for name, value in content.items():
        full = f"{within}{name}"
        is_table = isinstance(value, Mapping)
        found = flatten_settings(value, f"{full}.") if is_table else {full: value}
        for one, said in found.items():
            # As text: true is no 1, and 0.8 is 0.8 however often it is said.
            if one in values and repr(values[one]) != repr(said):
                raise SettingsError(
                    f"setting {one} is said twice in one file, as {values[one]!r} and "
                    f"as {said!r}; expected one of them alone"
                )
        values |= found
    return values


def _split(override: str) -> tuple[str, Any]:
    name, equals, text = override.partition("=")
    name, text = name.strip(), text.strip()
    if not (name and equals and text):
        raise SettingsError(
            f"{override!r} is no setting; expected name=value, "
            "such as measure.search_distance_mm=3"
        )
    try:
        return name, json.loads(text)
    except (ValueError, RecursionError):
        return name, text


def _unknown(name: str, known: Mapping[str, Field[Any]]) -> str:
    near = get_close_matches(name, known, n=3, cutoff=0.75)
    last = name.rpartition(".")[2]
    near = near or [full for full in known if full.rpartition(".")[2] == last]
    by_field = {full.rpartition(".")[2]: full for full in known}
    near = near or [by_field[hit] for hit in get_close_matches(last, by_field, n=3)]
    if near:
        return f"there is no setting {name!r}; did you mean {' or '.join(near)}?"
    stages = sorted({full.partition(".")[0] for full in known})
    return f"there is no setting {name!r}; they begin with {', '.join(stages)}"


def _require_within(name: str, value: Any, field: Field[Any]) -> None:
    """Check a number, or each number of a list, against the field's bounds."""
    numbers = value if isinstance(value, list | tuple) else [value]
    low, high = field.metadata.get("each_ge"), field.metadata.get("each_le")
    unit = field.metadata.get("unit", "")
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int | float):
            continue  # the type check comes next
        if (
            not is_finite_number(number)
            or (low is not None and number < low)
            or (high is not None and number > high)
        ):
            raise SettingsError(
                f"setting {name} is {_shown(number)}; expected "
                f"{_bounds(low, high)} {unit}".rstrip()
            )


def _shown(number: float) -> str:
    try:
        return f"{number:g}"
    except OverflowError:
        return "larger than any number"


def _bounds(low: float | None, high: float | None) -> str:
    if low is None and high is None:
        return "a finite number,"
    if low is None:
        return f"at most {high:g}"
    return f"at least {low:g}" if high is None else f"{low:g} to {high:g}"
