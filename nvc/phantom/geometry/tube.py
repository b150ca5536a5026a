"""Tubes along smooth courses: nerves, vessels, canals and cochlear turns."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np

from nvc.phantom.geometry.shapes import Distances, Points

_GROUP = 64


@numba.njit(cache=True)
def _to_segment(point, k, nodes, sections, across):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Return the signed distance to the wall around one segment of the course."""
    along = 0.0
    length = 0.0
    for c in range(3):
        step = nodes[k + 1, c] - nodes[k, c]
        along += (point[c] - nodes[k, c]) * step
        length += step * step
    part = min(max(along / length, 0.0), 1.0)
    first = sections[k, 0] + part * (sections[k + 1, 0] - sections[k, 0])
    second = sections[k, 1] + part * (sections[k + 1, 1] - sections[k, 1])
    total = 0.0
    lateral = 0.0
    for c in range(3):
        away = point[c] - nodes[k, c] - part * (nodes[k + 1, c] - nodes[k, c])
        total += away * away
        lateral += away * (across[k, c] + part * (across[k + 1, c] - across[k, c]))
    if abs(first - second) < 1e-9:
        return np.sqrt(total) - first
    rest = max(total - lateral * lateral, 0.0)
    norm = np.sqrt((lateral / first) ** 2 + rest / second**2)
    slope = np.sqrt((lateral / first**2) ** 2 + rest / second**4)
    return norm * (norm - 1.0) / slope if slope > 1e-9 else -min(first, second)


@numba.njit(cache=True)
def _candidates(points, nodes, half, widest, near):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write which segments may be nearest to any of a few points; return how many."""
    count = points.shape[0]
    centre = points.sum(axis=0) / count
    spread = 0.0
    for i in range(count):
        spread = max(spread, ((points[i] - centre) ** 2).sum())
    spread = np.sqrt(spread)
    reach = np.empty(half.shape[0])
    closest = np.inf
    for k in range(half.shape[0]):
        gap = 0.0
        for c in range(3):
            gap += (centre[c] - 0.5 * (nodes[k, c] + nodes[k + 1, c])) ** 2
        reach[k] = np.sqrt(gap)
        closest = min(closest, reach[k] + half[k])
    kept = 0
    for k in range(half.shape[0]):
        if reach[k] - half[k] <= closest + 2.0 * spread + widest:
            near[kept] = k
            kept += 1
    return kept


@numba.njit(cache=True)
def _polyline_distance(points, nodes, sections, across, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write signed distances to an elliptical tube; groups of points share a search.

    sections[:, 0] lies along `across`, sections[:, 1] perpendicular to it.
    """
    half = 0.5 * np.sqrt(((nodes[1:] - nodes[:-1]) ** 2).sum(axis=1))
    near = np.empty(half.shape[0], dtype=np.int64)
    widest = sections.max()
    for start in range(0, points.shape[0], _GROUP):
        stop = min(start + _GROUP, points.shape[0])
        kept = _candidates(points[start:stop], nodes, half, widest, near)
        for i in range(start, stop):
            best = np.inf
            for j in range(kept):
                value = _to_segment(points[i], near[j], nodes, sections, across)
                best = min(best, value)
            out[i] = best


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CurvedTube:
    """A tube with rounded ends; its section is an ellipse that may vary.

    Parameters
    ----------
    nodes : ndarray, shape (N, 3)
        Course of the centre, mm.
    sections : ndarray, shape (N, 2)
        Half widths along `across` and perpendicular to it, mm.
    across : ndarray, shape (N, 3)
        Unit vectors perpendicular to the course.
    """

    nodes: Points
    sections: Points
    across: Points

    @classmethod
    def round(cls, nodes: Points, radius_mm: Points | float) -> CurvedTube:
        """Return a tube of circular section; the radius may vary, shape (N,)."""
        radius = np.broadcast_to(np.asarray(radius_mm, dtype=float), (len(nodes),))
        return cls(
            nodes=np.ascontiguousarray(nodes, dtype=float),
            sections=np.stack([radius, radius], axis=1),
            across=perpendiculars(nodes),
        )

    @property
    def radius(self) -> Distances:
        """Radius of the circle of equal area, shape (N,), mm."""
        radius: Distances = np.sqrt(self.sections.prod(axis=1))
        return radius

    @property
    def arc(self) -> Distances:
        """Length along the course, shape (N,), mm."""
        steps = np.linalg.norm(np.diff(self.nodes, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    def from_arc(self, arc_mm: float) -> CurvedTube:
        """Return the part of the tube beyond an arc length, to the nearest node."""
        first = min(int(np.searchsorted(self.arc, arc_mm)), len(self.nodes) - 2)
        return CurvedTube(
            nodes=self.nodes[first:],
            sections=self.sections[first:],
            across=self.across[first:],
        )

    def distance(self, points: Points) -> Distances:
        """Return distances: exact for circles, first order for ellipses."""
        out = np.empty(len(points))
        _polyline_distance(
            np.ascontiguousarray(points, dtype=float),
            self.nodes,
            np.ascontiguousarray(self.sections),
            np.ascontiguousarray(self.across),
            out,
        )
        return out

    def bounds(self) -> Points:
        """Return the box that holds it."""
        reach = self.sections.max()
        return np.stack(
            [self.nodes.min(axis=0) - reach, self.nodes.max(axis=0) + reach]
        )

    def wall(self, arc_mm: Distances, angles: Distances) -> Points:
        """Return points on the wall, shape (len(arc), len(angles), 3), mm."""
        arc = self.arc
        centre = interpolate(arc, self.nodes, arc_mm)
        section = interpolate(arc, self.sections, arc_mm)
        tangent = interpolate(arc, tangents(self.nodes), arc_mm)
        first = interpolate(arc, self.across, arc_mm)
        first -= (first * tangent).sum(axis=1, keepdims=True) * tangent
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        second = np.cross(tangent, first)
        second /= np.linalg.norm(second, axis=1, keepdims=True)
        wall: Points = (
            centre[:, None, :]
            + np.cos(angles)[:, None] * (section[:, :1] * first)[:, None, :]
            + np.sin(angles)[:, None] * (section[:, 1:] * second)[:, None, :]
        )
        return wall


def interpolate(arc: Distances, values: Points, at: Distances) -> Points:
    """Return values of shape (N, C) linearly interpolated along the course."""
    columns = [np.interp(at, arc, values[:, c]) for c in range(values.shape[1])]
    return np.stack(columns, axis=1)


def tangents(nodes: Points) -> Points:
    """Return unit directions of a course, shape (N, 3)."""
    slope = np.gradient(nodes, axis=0)
    return slope / np.maximum(np.linalg.norm(slope, axis=1, keepdims=True), 1e-12)


def perpendiculars(nodes: Points, start: int = 0, seed: Points | None = None) -> Points:
    """Return unit vectors across a course that turn as little as possible.

    Parameters
    ----------
    nodes : ndarray, shape (N, 3)
        The course.
    start : int
        Node at which the direction is chosen.
    seed : ndarray, shape (3,), optional
        Wanted direction there; by default along the axis most across the course.
    """
    along = tangents(nodes)
    across = np.empty_like(along)
    if seed is None:
        seed = np.eye(3)[int(np.argmin(np.abs(along[start])))]
    for order in (range(start, len(nodes)), range(start, -1, -1)):
        current = np.asarray(seed, dtype=float)
        for k in order:
            current = current - (current @ along[k]) * along[k]
            current = current / np.linalg.norm(current)
            across[k] = current
    return across
