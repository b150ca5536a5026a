"""How a setting is declared: by what its value rests on.

``near_mm: float = geometry(1.0, "mm", "about two voxels", ge=0.2, le=3.0)`` declares a
setting with its default, its unit, what it is and why it is as large as that, and the
bounds of what a user may set. The function's name says how far the value is to be
trusted; where a value rests on several things, the weightiest counts.
"""

from __future__ import annotations

from dataclasses import field
from functools import partial
from typing import Any

FORBID_UNKNOWN = {"extra": "forbid"}
"""Read by pydantic from ``__pydantic_config__``: a misspelt name is an error."""


def _setting(
    by: str,
    default: Any,
    unit: str,
    source: str,
    *,
    ge: float | None = None,
    le: float | None = None,
) -> Any:
    # Pydantic reads ge and le, and would hold a whole tuple against them.
    bounds = {"each_ge": ge, "each_le": le}
    if not isinstance(default, tuple):
        bounds |= {"ge": ge, "le": le}
    return field(
        default=default, metadata={"unit": unit, "source": source, "by": by, **bounds}
    )


published = partial(_setting, "publication")
"""A size or a limit that somebody published; the source names it."""

template = partial(_setting, "template")
"""Read in the MNI152 head, an average of young adults."""

geometry = partial(_setting, "geometry")
"""Follows from sizes of voxels, nerves and vessels."""

statistics = partial(_setting, "statistics")
"""Follows from how often noise does as much."""

heads = partial(_setting, "a few heads")
"""Read in, or set on, one to ten real heads: it may not hold in the next."""

phantoms = partial(_setting, "phantoms")
"""Set on drawn heads: it knows nothing of what they do not show."""

judged = partial(_setting, "judgement")
"""Chosen, with no data behind it but what the source says."""

DECLARED_BY = (published, template, geometry, statistics, heads, phantoms, judged)
ORIGINS = tuple(declare.args[0] for declare in DECLARED_BY)
