"""How a strand comes to CN VII."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.tubes.curve import arc_length, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.tubes.stations.course import Course


@dataclass(frozen=True, slots=True, kw_only=True)
class NerveEncounter:
    """How a strand comes to the nearest CN VII.

    Parameters
    ----------
    facial : int
        Which one, an index; -1 where there is none.
    gap_mm : float
        Wall to wall.
    angle_rad : float
        Between both courses there, 0 to pi / 2.
    from_exit_mm : float
        How far along CN VII from its root exit.
    beyond_mm : float
        How far the strand goes on beyond CN VII's wall on either side of it, the
        lesser of both.
    """

    facial: int = -1
    gap_mm: float = float("inf")
    angle_rad: float = 0.0
    from_exit_mm: float = 0.0
    beyond_mm: float = 0.0


def meet_nerve(course: Course, facials: list[Course], whole: Course) -> NerveEncounter:
    """Return how a strand comes to the nearest CN VII.

    Parameters
    ----------
    course : Course
        The strand.
    facials : list of Course
        CN VII of each side from its root exit to the porus.
    whole : Course
        All that was followed of what the strand is a part of.
    """
    best = NerveEncounter()
    for index, nerve in enumerate(facials):
        gap, near = cKDTree(nerve.points_mm).query(course.points_mm)
        wall = gap - nerve.radius_mm[near] - course.radius_mm
        here = int(np.argmin(wall))
        if wall[here] < best.gap_mm:
            at = int(near[here])
            along = _direction(nerve.points_mm, at)
            cosine = abs(float(_direction(course.points_mm, here) @ along))
            best = NerveEncounter(
                facial=index,
                gap_mm=float(wall[here]),
                angle_rad=float(np.arccos(min(cosine, 1.0))),
                from_exit_mm=float(arc_length(nerve.points_mm)[at]),
                beyond_mm=_reach_beyond(whole, course.points_mm[here], along)
                - float(nerve.radius_mm[at]),
            )
    return best


def _reach_beyond(
    whole: Course, here_mm: NDArray[np.float64], along: NDArray[np.float64]
) -> float:
    """How far a course reaches across a direction on both sides of a place."""
    offset = whole.points_mm - here_mm
    across = _direction(whole.points_mm, int(np.argmin(np.linalg.norm(offset, axis=1))))
    sideways = offset @ unit(across - (across @ along) * along)
    return float(min(-sideways.min(), sideways.max()))


def _direction(points: NDArray[np.float64], at: int) -> NDArray[np.float64]:
    return unit(points[min(at + 2, len(points) - 1)] - points[max(at - 2, 0)])
