"""How close two tubes come, measured on the nerve's own wall."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube, interpolate


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Closeness:
    """The closest place between a nerve and a vessel.

    Parameters
    ----------
    gap_mm : float
        Wall to wall; negative where they overlap.
    on_nerve, on_vessel : ndarray, shape (3,)
        Points on the two walls.
    nerve_arc, vessel_arc : float
        Where along the two courses, mm.
    """

    gap_mm: float
    on_nerve: Points
    on_vessel: Points
    nerve_arc: float
    vessel_arc: float


def measure_closeness(
    nerve: CurvedTube, span: tuple[float, float], vessel: CurvedTube
) -> Closeness:
    """Find the least wall-to-wall distance over a span of the nerve.

    The nerve's wall is sampled every 0.1 mm and 5 degrees, then ever finer around
    the best point; the vessel's distance there is exact.

    Parameters
    ----------
    nerve, vessel : CurvedTube
        The vessel's section is a circle.
    span : tuple of float
        First and last arc length on the nerve, mm.
    """
    count = max(int((span[1] - span[0]) / 0.1), 2)
    arc = np.linspace(span[0], span[1], count)
    angles = np.linspace(0.0, 2.0 * np.pi, 72, endpoint=False)
    arc_step, angle_step = arc[1] - arc[0], angles[1]
    best_arc, best_angle, gap, point = 0.0, 0.0, 0.0, np.zeros(3)
    for _ in range(5):
        wall = nerve.wall(arc, angles)
        distance = vessel.distance(wall.reshape(-1, 3)).reshape(wall.shape[:2])
        row, column = np.unravel_index(int(np.argmin(distance)), distance.shape)
        gap, point = float(distance[row, column]), wall[row, column]
        best_arc, best_angle = float(arc[row]), float(angles[column])
        arc = np.clip(best_arc + arc_step * np.linspace(-1.0, 1.0, 9), *span)
        angles = best_angle + angle_step * np.linspace(-1.0, 1.0, 9)
        arc_step, angle_step = arc_step / 4.0, angle_step / 4.0
    vessel_arc = _nearest_arc(vessel, point)
    centre = interpolate(vessel.arc, vessel.nodes, np.array([vessel_arc]))[0]
    radius = float(np.interp(vessel_arc, vessel.arc, vessel.radius))
    away = point - centre
    on_vessel = centre + away * radius / np.linalg.norm(away)
    return Closeness(
        gap_mm=gap,
        on_nerve=point,
        on_vessel=on_vessel,
        nerve_arc=best_arc,
        vessel_arc=vessel_arc,
    )


def _nearest_arc(tube: CurvedTube, point: Points) -> float:
    fine = np.linspace(0.0, tube.arc[-1], int(tube.arc[-1] / 0.01) + 2)
    centre = interpolate(tube.arc, tube.nodes, fine)
    radius = np.interp(fine, tube.arc, tube.radius)
    distance = np.linalg.norm(centre - point, axis=1) - radius
    return float(fine[int(np.argmin(distance))])
