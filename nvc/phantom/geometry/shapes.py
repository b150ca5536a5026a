"""Signed distances of the solids a phantom is made of, in mm.

Every solid answers one question: how far is a point from its wall, negative inside.
The distances need not be exact far away, but their zero set is the wall and their
slope there is one, so that a voxel's coverage follows from them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numba
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Distances = NDArray[np.float64]


@numba.njit(cache=True)
def _ellipsoid_distance(points, centre, scaling, semi_axes, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write distances; rows of `scaling` are the axes over their half lengths."""
    for i in range(points.shape[0]):
        norm = 0.0
        slope = 0.0
        for row in range(3):
            part = 0.0
            for c in range(3):
                part += scaling[row, c] * (points[i, c] - centre[c])
            norm += part * part
            slope += (part / semi_axes[row]) ** 2
        if slope < 1e-18:
            out[i] = -semi_axes.min()
        else:
            norm = np.sqrt(norm)
            out[i] = norm * (norm - 1.0) / np.sqrt(slope)


class Solid(Protocol):
    """Anything with a wall."""

    def distance(self, points: Points) -> Distances:
        """Return signed distances, shape (N,), at points of shape (N, 3), mm."""
        ...

    def bounds(self) -> Points:
        """Return the lowest and highest corner, shape (2, 3); may be infinite."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ellipsoid:
    """An ellipsoid, turned by a rotation.

    Parameters
    ----------
    centre : ndarray, shape (3,)
        Centre, mm.
    semi_axes : ndarray, shape (3,)
        Half lengths along the columns of `axes`, mm.
    axes : ndarray, shape (3, 3)
        Orthonormal columns.
    """

    centre: Points
    semi_axes: Points
    axes: Points = field(default_factory=lambda: np.eye(3))

    def distance(self, points: Points) -> Distances:
        """Return distances, exact to first order at the wall."""
        out = np.empty(len(points))
        _ellipsoid_distance(
            np.ascontiguousarray(points, dtype=float),
            self.centre,
            np.ascontiguousarray(self.axes.T / self.semi_axes[:, None]),
            self.semi_axes,
            out,
        )
        return out

    def bounds(self) -> Points:
        """Return the box that holds it."""
        reach = np.sqrt(((self.axes * self.semi_axes) ** 2).sum(axis=1))
        return np.stack([self.centre - reach, self.centre + reach])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class HalfSpace:
    """All points behind a plane: opposite to its outward normal.

    Parameters
    ----------
    point, normal : ndarray, shape (3,)
        A point on the plane and its outward unit normal.
    """

    point: Points
    normal: Points

    def distance(self, points: Points) -> Distances:
        """Return exact distances."""
        away: Distances = (points - self.point) @ self.normal
        return away

    def bounds(self) -> Points:
        """Return an infinite box."""
        return np.array([[-np.inf] * 3, [np.inf] * 3])


@dataclass(frozen=True, slots=True, eq=False)
class Union:
    """Several solids blended into one.

    Parameters
    ----------
    solids : tuple of Solid
        What is joined.
    blend_mm : float
        Width over which neighbouring walls flow into each other.
    """

    solids: tuple[Solid, ...]
    blend_mm: float = 0.0

    def distance(self, points: Points) -> Distances:
        """Return the blended minimum (polynomial smooth minimum)."""
        total = self.solids[0].distance(points)
        for solid in self.solids[1:]:
            total = _smooth_minimum(total, solid.distance(points), self.blend_mm)
        return total

    def bounds(self) -> Points:
        """Return the box that holds all, widened by the blend."""
        boxes = np.stack([solid.bounds() for solid in self.solids])
        low, high = boxes[:, 0].min(axis=0), boxes[:, 1].max(axis=0)
        return np.stack([low - self.blend_mm, high + self.blend_mm])


@dataclass(frozen=True, slots=True, eq=False)
class Intersection:
    """What several solids share; `blend_mm` rounds the edges."""

    solids: tuple[Solid, ...]
    blend_mm: float = 0.0

    def distance(self, points: Points) -> Distances:
        """Return the blended maximum."""
        total = self.solids[0].distance(points)
        for solid in self.solids[1:]:
            total = -_smooth_minimum(-total, -solid.distance(points), self.blend_mm)
        return total

    def bounds(self) -> Points:
        """Return the box common to all."""
        boxes = np.stack([solid.bounds() for solid in self.solids])
        return np.stack([boxes[:, 0].max(axis=0), boxes[:, 1].min(axis=0)])


@dataclass(frozen=True, slots=True, eq=False)
class Offset:
    """A solid grown by `by_mm`, or shrunk where negative."""

    solid: Solid
    by_mm: float

    def distance(self, points: Points) -> Distances:
        """Return distances to the moved wall."""
        return self.solid.distance(points) - self.by_mm

    def bounds(self) -> Points:
        """Return the moved box."""
        low, high = self.solid.bounds()
        return np.stack([low - self.by_mm, high + self.by_mm])


@dataclass(frozen=True, slots=True, eq=False)
class Outside:
    """Everything that a solid is not."""

    solid: Solid

    def distance(self, points: Points) -> Distances:
        """Return the negated distances."""
        return -self.solid.distance(points)

    def bounds(self) -> Points:
        """Return an infinite box."""
        return np.array([[-np.inf] * 3, [np.inf] * 3])


def _smooth_minimum(first: Distances, second: Distances, width: float) -> Distances:
    if width <= 0.0:
        return np.minimum(first, second)
    share = np.clip(0.5 + 0.5 * (second - first) / width, 0.0, 1.0)
    blended: Distances = (
        second + (first - second) * share - width * share * (1.0 - share)
    )
    return blended


def gradient(solid: Solid, points: Points, step_mm: float = 0.05) -> Points:
    """Return unit outward directions, shape (N, 3), by central differences."""
    shifts = np.concatenate([np.eye(3), -np.eye(3)]) * step_mm
    moved = (points[:, None, :] + shifts).reshape(-1, 3)
    distance = solid.distance(moved).reshape(-1, 6)
    slope: Points = distance[:, :3] - distance[:, 3:]
    length = np.linalg.norm(slope, axis=1, keepdims=True)
    return slope / np.maximum(length, 1e-12)
