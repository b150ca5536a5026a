"""Super-ellipsoids: boxes with round edges, which the painted brain is made of."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from nvc.phantom.geometry.shapes import Distances, Points, Solid


@numba.njit(cache=True)
def _distance(points, centre, semi_axes, power, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write (f - 1) / |grad f| with f the norm of order `power` of the scaled point."""
    for i in range(points.shape[0]):
        total = 0.0
        slope = 0.0
        for c in range(3):
            part = abs(points[i, c] - centre[c]) / semi_axes[c]
            if part > 0.0:
                raised = part ** (power - 1.0)
                total += raised * part
                slope += (raised / semi_axes[c]) ** 2
        if total < 1e-12:
            out[i] = -semi_axes.min()
        else:
            norm = total ** (1.0 / power)
            out[i] = (norm - 1.0) / (norm ** (1.0 - power) * np.sqrt(slope))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SuperEllipsoid:
    """The points with ``sum(|x / a| ** power) <= 1`` around a centre.

    Parameters
    ----------
    centre, semi_axes : ndarray, shape (3,)
        Middle and half lengths along right, anterior and superior, mm.
    power : float
        2 gives an ellipsoid; larger is squarer.
    """

    centre: Points
    semi_axes: Points
    power: float

    def distance(self, points: Points) -> Distances:
        """Return distances, exact to first order at the wall."""
        out = np.empty(len(points))
        _distance(
            np.ascontiguousarray(points, dtype=float),
            self.centre,
            self.semi_axes,
            self.power,
            out,
        )
        return out

    def bounds(self) -> Points:
        """Return the box that holds it."""
        return np.stack([self.centre - self.semi_axes, self.centre + self.semi_axes])


SCALED_ABOUT = np.array([0.0, -20.0, 2.0])
"""The point that stays where it is when the brain is made larger or smaller."""


@dataclass(frozen=True, slots=True, eq=False)
class Scaled:
    """A solid made larger or smaller about `SCALED_ABOUT`."""

    solid: Solid
    factor: float

    def distance(self, points: Points) -> Distances:
        """Return distances, as good as those of the solid itself."""
        own = SCALED_ABOUT + (points - SCALED_ABOUT) / self.factor
        distance: Distances = self.factor * self.solid.distance(own)
        return distance

    def bounds(self) -> Points:
        """Return the box that holds it."""
        box: Points = SCALED_ABOUT + self.factor * (self.solid.bounds() - SCALED_ABOUT)
        return box
