"""Superellipsoids that melt into one another, as one function on the lattice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numba
import numpy as np
from scipy.spatial.transform import Rotation

from nvc.phantom.sampled.lattice import Values, find_axes

FAR = np.float32(1e3)
REACH_MM = 6.0
Place = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Blob:
    """A superellipsoid.

    Parameters
    ----------
    centre, semi : tuple of float
        Centre and half lengths, mm.
    power : float
        2 is an ellipsoid; more is boxier.
    turn_deg : tuple of float
        Turns about its own R, A and S axes.
    """

    centre: Place
    semi: Place
    power: float = 2.0
    turn_deg: Place = (0.0, 0.0, 0.0)

    def mirrored(self) -> Blob:
        """Return the other side's."""
        (x, y, z), (a, b, c) = self.centre, self.turn_deg
        return Blob((-x, y, z), self.semi, self.power, (a, -b, -c))


@numba.njit(cache=True)
def _value(offset, turn, semi, power):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the distance to one wall, to first order, at an offset of its centre."""
    total = 0.0
    slope = 0.0
    for row in range(3):
        part = 0.0
        for c in range(3):
            part += turn[c, row] * offset[c]
        part = abs(part) / semi[row]
        step = part if power == 2.0 else part ** (power - 1.0)
        total += part * step
        slope += (step / semi[row]) ** 2
    if total < 1e-12:
        return -semi.min()
    norm = np.sqrt(total) if power == 2.0 else total ** (1.0 / power)
    steep = np.sqrt(slope) * norm ** (1.0 - power)
    return (norm - 1.0) / steep


@numba.njit(cache=True)
def _melt(axes, shape, power, blend, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Melt one blob into what there is (quadratic smooth minimum), in place.

    `shape` holds its centre, its half lengths and, as three rows, its turn.
    """
    xs, ys, zs = axes
    offset = np.empty(3)
    for i in range(xs.shape[0]):
        for j in range(ys.shape[0]):
            for k in range(zs.shape[0]):
                offset[0] = xs[i] - shape[0, 0]
                offset[1] = ys[j] - shape[0, 1]
                offset[2] = zs[k] - shape[0, 2]
                value = _value(offset, shape[2:], shape[1], power)
                best = out[i, j, k]
                both = blend - abs(value - best)
                best = min(value, best)
                if both > 0.0:
                    best -= 0.25 * both * both / blend
                out[i, j, k] = best


def melt(blobs: Sequence[Blob], blend_mm: float) -> Values:
    """Return the function whose zero set is the wall of all blobs together.

    It is what it should be as far as `REACH_MM` from every blob, and large beyond.
    """
    axes = [axis.ravel() for axis in find_axes()]
    out = np.full([len(axis) for axis in axes], FAR, dtype=np.float32)
    for blob in blobs:
        turn = Rotation.from_euler("xyz", blob.turn_deg, degrees=True).as_matrix()
        centre, semi = np.array(blob.centre), np.array(blob.semi)
        reach = np.abs(turn) @ semi + REACH_MM
        box = tuple(
            slice(*np.searchsorted(axis, [middle - far, middle + far]))
            for axis, middle, far in zip(axes, centre, reach, strict=True)
        )
        x, y, z = (axis[part] for axis, part in zip(axes, box, strict=True))
        shape = np.concatenate([centre[None], semi[None], turn])
        _melt((x, y, z), shape, float(blob.power), float(blend_mm), out[box])
    return out


def smooth_max(first: Values, second: Values, blend_mm: float) -> Values:
    """Return the rounded intersection of two functions."""
    both = np.maximum(blend_mm - np.abs(first - second), 0.0)
    blended: Values = np.maximum(first, second) + 0.25 * both * both / blend_mm
    return blended
