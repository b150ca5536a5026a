"""Smooth courses through space, and keeping them clear of solids."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline, PchipInterpolator

from nvc.phantom.geometry.shapes import Points, Solid, gradient


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Obstacle:
    """A solid that a course keeps away from.

    Parameters
    ----------
    solid : Solid
        What to avoid.
    clearance_mm : float
        Least distance of the course's centre from its wall; a negative value lets
        the course enter that far.
    """

    solid: Solid
    clearance_mm: float


def smooth_course(points: Points, step_mm: float = 0.25) -> Points:
    """Return an evenly spaced spline through points, shape (M, 3).

    Centripetal knots keep the curve from looping between uneven points.
    """
    chord = np.linalg.norm(np.diff(points, axis=0), axis=1) ** 0.5
    knots = np.concatenate([[0.0], np.cumsum(chord)])
    spline = CubicSpline(knots, points, bc_type="natural")
    fine: Points = spline(np.linspace(0.0, knots[-1], 40 * len(points)))
    return resample(fine, step_mm)


def resample(points: Points, step_mm: float) -> Points:
    """Return the same course with even steps, shape (M, 3)."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    keep = np.concatenate([[True], steps > 1e-9])
    at = np.linspace(0.0, arc[-1], max(round(float(arc[-1]) / step_mm), 2) + 1)
    moved: Points = PchipInterpolator(arc[keep], points[keep])(at)
    return moved


def relax(
    course: Points,
    held: NDArray[np.bool_],
    obstacles: tuple[Obstacle, ...],
    rounds: int = 60,
) -> Points:
    """Let a course slide off obstacles while staying smooth.

    Parameters
    ----------
    course : ndarray, shape (N, 3)
        Evenly spaced points, mm.
    held : ndarray of bool, shape (N,)
        Points that do not move.
    obstacles : tuple of Obstacle
        What it avoids; the last word of every round is theirs.
    rounds : int
        Number of alternations.

    Returns
    -------
    ndarray, shape (N, 3)
    """
    course = course.copy()
    free = ~held
    for turn in range(rounds):
        bend = np.zeros_like(course)
        bend[1:-1] = 0.5 * (course[:-2] + course[2:]) - course[1:-1]
        course[free] += 0.5 * bend[free]
        pushed = False
        for obstacle in obstacles:
            lacking = obstacle.clearance_mm - obstacle.solid.distance(course)
            close = np.flatnonzero(free & (lacking > 0.0))
            if len(close):
                pushed = True
                away = gradient(obstacle.solid, course[close])
                course[close] += away * np.minimum(lacking[close], 0.5)[:, None]
        if not pushed and turn >= 5:
            break
    return course
