"""Small text files that a user gives: settings and landmarks."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from nvc.errors import InputError
from nvc.io.doors.gates import require_readable

_MAX_BYTES = 2**22
_AS_WRITTEN = "Give a file as a run or a program wrote it."


def read_text(path: Path, where: str) -> str:
    """Return the text of a small UTF-8 file.

    Raises
    ------
    InputError
        If it is not a readable text file of at most 4 MiB.
    """
    require_readable(path, where, max_bytes=_MAX_BYTES)
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError.of(
            "not-text", where, "is not a text file; expected UTF-8."
        ) from error
    except OSError as error:
        raise InputError.of(
            "not-readable", where, f"cannot be read ({error.strerror})."
        ) from error


def parse_json_object(text: str, where: str) -> dict[str, Any]:
    """Return the object that a JSON text holds.

    Raises
    ------
    InputError
        If it is not valid JSON, names a key twice, or is no object.
    """
    try:
        content = json.loads(text, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise InputError.of(
            "not-json", where, f"is not valid JSON ({error}).", _AS_WRITTEN
        ) from error
    if not isinstance(content, dict):
        raise InputError.of("not-json", where, "holds no JSON object.", _AS_WRITTEN)
    return content


def is_finite_number(value: Any) -> bool:
    """Tell whether a value out of a text is a number that arithmetic can take."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isfinite(value)
    except OverflowError:  # JSON has integers without end
        return False


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f'"{twice}" is there twice')
    return content
