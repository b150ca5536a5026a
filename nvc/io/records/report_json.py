"""`Report` to and from JSON; the only place that knows pydantic's adapters for it."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError
from pydantic.json_schema import GenerateJsonSchema

from nvc.errors import InputError
from nvc.io.doors.text_file import parse_json_object
from nvc.model.findings import SCHEMA, Report

if TYPE_CHECKING:
    from pathlib import Path

DECIMALS = 4
"""0.1 micrometre: far below what any scan resolves, and stable across machines."""

_LEADING_KEYS = (
    "schema",
    "notice",
    "software",
    "inputs",
    "reference",
    "sides",
    "remarks",
)
_SCHEMA_FILE = f"{SCHEMA.replace('/', '-')}.schema.json"
_ADAPTER = TypeAdapter(Report)


class _EveryKeyPresent(GenerateJsonSchema):
    """A reader may rely on every key: null is written, never left out."""

    def field_is_required(self, field: Any, total: bool) -> bool:
        return True


def report_to_json(report: Report) -> str:
    """Return the text of ``report.json``: same report, same bytes.

    Raises
    ------
    ValueError
        If a number in the report is not finite.
    """
    plain = _ADAPTER.dump_python(report, mode="json")
    settings = plain["software"].pop("settings")
    plain = _rounded(plain)
    plain["software"]["settings"] = settings  # as they were set, not rounded
    ordered = {key: plain.pop(key) for key in _LEADING_KEYS} | plain
    return json.dumps(ordered, indent=2, ensure_ascii=False, allow_nan=False) + "\n"


def report_from_json(text: str, where: str = "report.json") -> Report:
    """Read the text of a ``report.json``.

    Parameters
    ----------
    text : str
        JSON.
    where : str
        Named in errors.

    Raises
    ------
    InputError
        If the text is no report of this version of the format.
    """
    plain = parse_json_object(text, where)
    found = plain.get("schema")
    if found != SCHEMA:
        raise InputError.of(
            "not-a-report", where, f"schema is {found!r}; expected {SCHEMA!r}"
        )
    try:
        return _ADAPTER.validate_python(plain)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        raise InputError.of("not-a-report", where, f"{key}: {first['msg']}") from error


def read_report(path: Path) -> Report:
    """Read a ``report.json`` file.

    Raises
    ------
    InputError
        If the file cannot be read or is no report.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError.of(
            "unreadable", str(path), "cannot be read as text"
        ) from error
    return report_from_json(text, str(path))


def build_report_schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of ``report.json``, from the types."""
    schema = _ADAPTER.json_schema(
        mode="serialization", schema_generator=_EveryKeyPresent
    )
    schema["properties"]["schema"] = {"const": SCHEMA, "title": "Schema"}
    schema["properties"]["sides"]["required"] = ["left", "right"]
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "$id": f"urn:nvc-review:{SCHEMA}",
        **schema,
        "title": "NVC Review report",
    }


def schema_to_text() -> str:
    """Return the schema as it is shipped."""
    return json.dumps(build_report_schema(), indent=2, sort_keys=True) + "\n"


def read_shipped_schema() -> dict[str, Any]:
    """Return the JSON Schema file that comes with the package."""
    file = resources.files("nvc.io") / "schemas" / _SCHEMA_FILE
    schema: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return schema


def _rounded(value: Any) -> Any:
    """Round every float; adding zero turns -0.0 into 0.0."""
    if isinstance(value, float):
        return round(value, DECIMALS) + 0.0
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    return value
