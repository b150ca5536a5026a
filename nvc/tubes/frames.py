"""Directions along and across a course, at each of its points."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count


BEND_WINDOW: Count[int] = 5
"""Points in a row that tell tangent and bend."""


def tangents(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return unit vectors along a course, by differences, shape (N, 3).

    Examples
    --------
    >>> tangents(np.array([[0.0, 0, 0], [0, 2, 0], [0, 3, 0]]))[1].tolist()
    [0.0, 1.0, 0.0]
    """
    along = np.gradient(points_mm, axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.asarray(along)


def rings(points_mm: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return directions all round a course, at each of its points.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        N >= 2 points.
    count : int
        Directions, evenly round the course.

    Returns
    -------
    ndarray, shape (count, N, 3)
        Unit vectors across the course.
    """
    along = tangents(points_mm)
    # Any direction that is not along the course serves to begin with.
    least = np.eye(3)[np.abs(along).argmin(axis=1)]
    u = np.cross(along, least)
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    v = np.cross(along, u)
    angle = 2 * np.pi * np.arange(count)[:, None, None] / count
    return np.asarray(np.cos(angle) * u + np.sin(angle) * v)


def frames_and_bends(
    points_mm: NDArray[np.float64], spread_mm2: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Tangent, two directions across, and the bend towards them, at each point.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        At equal steps.
    spread_mm2 : ndarray, shape (3, 3)
        Covariance of the point spread; the directions across diagonalise it.

    Returns
    -------
    frame : ndarray, shape (N, 3, 3)
        Rows: tangent, first and second direction across.
    bend : ndarray, shape (N, 2)
        Curvature, 1/mm, towards the two directions.
    """
    if len(points_mm) >= BEND_WINDOW:
        step = float(np.linalg.norm(np.diff(points_mm, axis=0), axis=1).mean())
        first, second = _local_parabolas(points_mm, step)
    else:
        first = np.gradient(points_mm, axis=0)
        second = np.zeros_like(first)
    tangent = first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-9)
    across = np.eye(3) - tangent[:, :, None] * tangent[:, None, :]
    _, axes = np.linalg.eigh(across @ spread_mm2 @ across)
    # The smallest eigenvalue belongs to the tangent itself.
    u = axes[:, :, 1] - tangent * np.sum(axes[:, :, 1] * tangent, axis=1)[:, None]
    u /= np.linalg.norm(u, axis=1, keepdims=True)
    frame = np.stack([tangent, u, np.cross(tangent, u)], axis=1)
    bend = np.einsum("nij,nj->ni", frame[:, 1:], second)
    return np.ascontiguousarray(frame), np.ascontiguousarray(bend)


def _local_parabolas(
    points_mm: NDArray[np.float64], step_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """First and second derivative of parabolas through five points in a row.

    The same as Savitzky and Golay's filter (doi:10.1021/ac60214a047), written out:
    it runs thousands of times on short courses.
    """
    count, half = len(points_mm), BEND_WINDOW // 2
    centre = np.clip(np.arange(count), half, count - 1 - half)
    x = np.arange(-half, half + 1)
    window = points_mm[centre[:, None] + x]
    slope = np.einsum("k,nkc->nc", x / 10.0, window)
    bend = np.einsum("k,nkc->nc", (x**2 - 2.0) / 14.0, window)
    off = (np.arange(count) - centre)[:, None]
    return (slope + 2.0 * off * bend) / step_mm, 2.0 * bend / step_mm**2
