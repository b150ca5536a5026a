"""Signed distances kept on a lattice: solids that come from an image."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nvc.phantom.geometry.shapes import Distances, Points
from nvc.phantom.render import Image

STEP_MM = 0.6
"""Edge of the lattice; a wall lies between its points, found from their values."""
LOW_MM = np.array([-77.0, -92.0, -34.0])
HIGH_MM = np.array([77.0, 58.0, 34.0])
"""Corners of the lattice, head coordinates: what a slab may see."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lattice:
    """Where the values of a `Field` lie: an upright box, head coordinates.

    Parameters
    ----------
    low_mm : ndarray, shape (3,)
        The first point.
    shape : tuple of int
        Points along right, anterior and superior.
    step_mm : float
        Distance between them.
    """

    low_mm: Points
    shape: tuple[int, int, int]
    step_mm: float

    @classmethod
    def between(cls, low_mm: Points, high_mm: Points, step_mm: float) -> Lattice:
        """Return the lattice from one corner to the other."""
        i, j, k = (np.floor((high_mm - low_mm) / step_mm).astype(int) + 1).tolist()
        return cls(low_mm=low_mm, shape=(i, j, k), step_mm=step_mm)

    def axes(self) -> tuple[Points, Points, Points]:
        """Return the coordinates along each axis."""
        first, second, third = (
            low + self.step_mm * np.arange(n)
            for low, n in zip(self.low_mm, self.shape, strict=True)
        )
        return first, second, third

    def points(self) -> Points:
        """Return all points, shape ``(*shape, 3)``."""
        return np.stack(np.meshgrid(*self.axes(), indexing="ij"), axis=-1)

    def index(self, points: Points) -> Points:
        """Return fractional indices of points, shape (..., 3)."""
        at: Points = (points - self.low_mm) / self.step_mm
        return at


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Field:
    """Values on a lattice; as signed distances they make a solid.

    Parameters
    ----------
    lattice : Lattice
        Head coordinates.
    values : ndarray of float32, shape ``lattice.shape``
        Distances in mm, negative inside, or any other quantity.
    """

    lattice: Lattice
    values: Image

    def distance(self, points: Points) -> Distances:
        """Return the values at points, shape (N, 3), linearly interpolated."""
        index = self.lattice.index(points).T
        found: Distances = ndimage.map_coordinates(
            self.values, index, output=np.float64, order=1, mode="nearest"
        )
        return found

    def bounds(self) -> Points:
        """Return an infinite box: beyond the lattice the nearest value holds."""
        return np.array([[-np.inf] * 3, [np.inf] * 3])


def signed_distance(level: Image, step_mm: float, within: NDArray[np.bool_]) -> Image:
    """Return distances to the surface where a level is zero.

    Near the surface they follow from the level and its slope, which is finer than the
    lattice; farther away from the lattice.

    Parameters
    ----------
    level : ndarray of float32
        Negative inside.
    step_mm : float
        Edge of the lattice.
    within : ndarray of bool
        Where the inside counts; elsewhere it is taken for outside.
    """
    inside = (level < 0.0) & within
    outer = ndimage.distance_transform_edt(~inside).astype(np.float32)
    inner = ndimage.distance_transform_edt(inside).astype(np.float32)
    far = step_mm * (np.maximum(outer - 0.5, 0.0) - np.maximum(inner - 0.5, 0.0))
    slope = np.sqrt(sum(np.square(part) for part in np.gradient(level, step_mm)))
    near = level / np.maximum(slope, 1e-3)
    close = np.where(inside, inner, outer) <= 1.5
    agrees = np.abs(near - far) < step_mm
    return np.where(close & agrees, near, far).astype(np.float32)
