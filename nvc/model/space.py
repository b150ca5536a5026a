"""What a field of a value means in space, said in its type.

Values of the model hold places, directions, sections, and lengths that go along with
them. A change of frame (`nvc.model.frame`) must move the first, turn the next two and
leave the last alone; it reads here which is which. So a new field cannot be forgotten:
an array or a triple without one of these types fails a test.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Annotated

import numpy as np
from numpy.typing import NDArray


class InSpace(Enum):
    """What a rigid change of frame does to a field."""

    PLACE = "moved"
    DIRECTIONS = "turned"
    SECTIONS = "turned on both sides"
    INVARIANT = "kept"


Place = Annotated[NDArray[np.float64], InSpace.PLACE]
"""One place, shape (3,), mm of the frame that the value is in."""

Places = Annotated[NDArray[np.float64], InSpace.PLACE]
"""Places, shape (N, 3), mm of the frame that the value is in."""

Point = Annotated[tuple[float, float, float], InSpace.PLACE]
"""One place without an array, for what is reported."""

Directions = Annotated[NDArray[np.float64], InSpace.DIRECTIONS]
"""Unit vectors as columns, shape (3, K)."""

Sections = Annotated[NDArray[np.float64], InSpace.SECTIONS]
"""Symmetric matrices, shape (N, 3, 3), mm^2: half-axes as in `Tube.section_mm2`."""

Scalars = Annotated[NDArray[np.float64], InSpace.INVARIANT]
"""One number a place, shape (N,): a radius, a standard deviation."""


def to_point(place_mm: Iterable[float]) -> Point:
    """Turn a place, three numbers of any kind, into plain floats, mm."""
    x, y, z = (float(value) for value in place_mm)
    return (x, y, z)
