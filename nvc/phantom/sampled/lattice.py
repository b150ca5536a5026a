"""Scalar fields on a lattice in head coordinates, and smooth noise.

Head coordinates: right, anterior and superior in mm from the midline pontomedullary
sulcus.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import BSpline
from scipy.ndimage import distance_transform_edt, map_coordinates, uniform_filter

from nvc.phantom.geometry.shapes import Distances, Points

Values = NDArray[np.float32]
Generator = np.random.Generator

STEP_MM = 0.7
LOW_MM = np.array([-78.0, -74.0, -36.0])
HIGH_MM = np.array([78.0, 60.0, 42.0])
"""What a slab of 150 by 128 by 48 mm reaches at the usual tilts; beyond, it repeats."""
SHAPE = tuple(int(n) + 1 for n in np.ceil((HIGH_MM - LOW_MM) / STEP_MM))


def find_axes() -> tuple[Values, Values, Values]:
    """Return the lattice's coordinates, shaped to broadcast, mm."""
    x, y, z = (
        (low + STEP_MM * np.arange(count)).astype(np.float32)
        for low, count in zip(LOW_MM, SHAPE, strict=True)
    )
    return x[:, None, None], y[None, :, None], z[None, None, :]


def draw_noise(rng: Generator, scale_mm: float) -> Values:
    """Draw smooth noise of mean 0 and SD 1: a cubic spline over random knots.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the knots.
    scale_mm : float
        Distance of the knots; the noise's waves are some three times as long.
    """
    weights = []
    for count in SHAPE:
        at = np.arange(count) * STEP_MM / scale_mm
        inner = int(np.ceil(at[-1])) + 1
        knots = np.arange(-3.0, inner + 4.0)
        weights.append(BSpline.design_matrix(at, knots, 3).toarray())
    drawn = rng.normal(0.0, 1.0, [w.shape[1] for w in weights])
    for w in weights:
        # Each turn contracts the first axis and puts the long one last.
        drawn = np.tensordot(drawn, w.astype(np.float32), axes=([0], [1]))
        drawn = drawn.astype(np.float32)
    scaled: Values = (drawn - drawn.mean()) / drawn.std()
    return scaled


@dataclass(frozen=True, slots=True, eq=False)
class LevelSet:
    """A solid as signed distances on the lattice, mm, negative inside."""

    values: Values

    def distance(self, points: Points) -> Distances:
        """Return distances, shape (N,), interpolated linearly as they are painted."""
        at = ((np.asarray(points) - LOW_MM) / STEP_MM).T
        found: Distances = map_coordinates(
            self.values, at, order=1, mode="nearest", output=np.float64
        )
        return found

    def slope(self, points: Points) -> Points:
        """Return unit directions outwards, shape (N, 3)."""
        shifts = np.concatenate([np.eye(3), -np.eye(3)]) * STEP_MM
        moved = (np.asarray(points)[:, None, :] + shifts).reshape(-1, 3)
        both = self.distance(moved).reshape(-1, 6)
        found: Points = both[:, :3] - both[:, 3:]
        return found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)

    def bounds(self) -> Points:
        """Return the lattice's box."""
        return np.stack([LOW_MM, HIGH_MM])


def settle_distances(values: Values) -> Values:
    """Turn any function with the right zero set into distances.

    By its slope near the wall, by the distance transform of every other point farther
    off.
    """
    slope = np.zeros(values.shape, dtype=np.float32)
    for axis in range(3):
        slope += np.gradient(values, STEP_MM, axis=axis) ** 2
    near = values / np.maximum(np.sqrt(slope), np.float32(0.25))
    inside = values[::2, ::2, ::2] < 0.0
    coarse = distance_transform_edt(~inside) - distance_transform_edt(inside)
    coarse = (2.0 * STEP_MM * (coarse - 0.5 * np.sign(coarse))).astype(np.float32)
    for axis, count in enumerate(values.shape):
        coarse = np.take(np.repeat(coarse, 2, axis=axis), np.arange(count), axis=axis)
    far = uniform_filter(coarse, 3)
    share = np.clip((np.abs(far) - 2.5) / 1.5, 0.0, 1.0).astype(np.float32)
    blended: Values = (1.0 - share) * np.clip(near, -4.0, 4.0) + share * far
    return blended
