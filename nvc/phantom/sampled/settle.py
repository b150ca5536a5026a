"""Splines that settle: a vessel's course pushed off what it may not enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BSpline, CubicSpline

from nvc.phantom.geometry.courses import resample
from nvc.phantom.geometry.shapes import Distances, Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.sampled.lattice import LevelSet

KNOT_MM = 2.2
"""Distance of the spline's knots: no bend is sharper than they allow."""
FINE_MM = 0.35
_HELD = 400.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class KeepOff:
    """What a course keeps away from.

    Parameters
    ----------
    distance, slope : callable
        Of points, shape (N, 3): distances to the wall, and unit directions away.
    clearance_mm : float
        Least distance of the course's middle.
    """

    distance: Callable[[Points], Distances]
    slope: Callable[[Points], Points]
    clearance_mm: float


def off_solid(solid: LevelSet, clearance_mm: float) -> KeepOff:
    """Keep outside a solid."""
    return KeepOff(
        distance=solid.distance, slope=solid.slope, clearance_mm=clearance_mm
    )


def within(room: LevelSet, clearance_mm: float) -> KeepOff:
    """Keep inside a room."""
    return KeepOff(
        distance=lambda points: -room.distance(points),
        slope=lambda points: -room.slope(points),
        clearance_mm=clearance_mm,
    )


def off_tube(tube: CurvedTube, clearance_mm: float) -> KeepOff:
    """Keep outside a tube."""

    def slope(points: Points) -> Points:
        apart = points[:, None, :] - tube.nodes[None, :, :]
        nearest = np.argmin((apart**2).sum(axis=2), axis=1)
        away = apart[np.arange(len(points)), nearest]
        length = np.linalg.norm(away, axis=1, keepdims=True)
        unit: Points = away / np.maximum(length, 1e-6)
        return unit

    return KeepOff(distance=tube.distance, slope=slope, clearance_mm=clearance_mm)


def lift(points: Points, solid: LevelSet, height_mm: float) -> Points:
    """Return points, shape (N, 3), moved out of a solid to at least a height."""
    lifted = np.array(points, dtype=float)
    for _ in range(60):
        lacking = height_mm - solid.distance(lifted)
        if (lacking <= 0.0).all():
            break
        step = np.clip(lacking, 0.0, 0.6)[:, None]
        lifted += step * solid.slope(lifted)
    return lifted


def settle(
    ways: Points, keep_off: Sequence[KeepOff], held: Sequence[int] = (), turns: int = 50
) -> Points:
    """Lay a cubic spline along points and let it settle.

    Every turn moves the spline's control points, by least squares, so that its points
    leave what they are in; ends and held points stay, and bending is dear.

    Parameters
    ----------
    ways : ndarray, shape (M, 3)
        What the course starts from.
    keep_off : sequence of KeepOff
        What it leaves.
    held : sequence of int
        Points of `ways` that the course keeps to, besides both ends.

    Returns
    -------
    ndarray, shape (N, 3)
        Points at even steps.
    """
    chord = np.concatenate(
        [[0.0], np.cumsum(np.linalg.norm(np.diff(ways, axis=0), axis=1) ** 0.7)]
    )
    drawn = CubicSpline(chord, ways, bc_type="natural")
    fine = np.linspace(0.0, chord[-1], 30 * len(ways))
    length = np.linalg.norm(np.diff(drawn(fine), axis=0), axis=1).sum()
    count = max(int(length / FINE_MM), 12)
    at = np.linspace(0.0, chord[-1], count)
    inner = max(int(length / KNOT_MM), 4)
    knots = np.concatenate(
        [[0.0] * 3, np.linspace(0.0, chord[-1], inner), [chord[-1]] * 3]
    )
    basis = BSpline.design_matrix(at, knots, 3).toarray()
    weight = np.ones(count)
    for place in [0, len(ways) - 1, *held]:
        close = np.abs(at - chord[place]) <= 1.01 * (at[1] - at[0])
        weight[close] = _HELD
    bend = np.diff(np.eye(basis.shape[1]), 3, axis=0)
    normal = basis.T @ (weight[:, None] * basis) + 0.3 * bend.T @ bend
    solve = (
        np.linalg.inv(normal + 1e-6 * np.eye(len(normal))) @ (basis * weight[:, None]).T
    )
    control = solve @ drawn(at)
    for _ in range(turns):
        course = basis @ control
        push = np.zeros_like(course)
        for own in keep_off:
            lacking = own.clearance_mm - own.distance(course)
            bad = np.flatnonzero(lacking > 0.0)
            if len(bad):
                away = own.slope(course[bad])
                push[bad] += away * np.minimum(lacking[bad], 0.8)[:, None]
        push[weight > 1.0] = 0.0
        if not push.any():
            break
        control = control + 1.6 * (solve @ push)
    settled: Points = basis @ control
    return resample(settled, FINE_MM)
