"""One way to declare a setting."""

from __future__ import annotations

from dataclasses import field
from typing import Any

FORBID_UNKNOWN = {"extra": "forbid"}
"""Read by pydantic from ``__pydantic_config__``: a misspelt name is an error."""


def setting(
    default: Any,
    unit: str,
    source: str,
    *,
    ge: float | None = None,
    le: float | None = None,
) -> Any:
    """Declare a setting with its unit, where its value comes from, and bounds."""
    return field(
        default=default,
        metadata={"unit": unit, "source": source, "ge": ge, "le": le},
    )
