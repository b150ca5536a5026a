"""How a tube comes to CN VII, and whether a cranial nerve would run like that.

The nerves of the angle run side by side: what crosses CN VII steeply, or goes on beyond
it on both sides where the roots begin, is none of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.tubes.curve import course_length, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.tubes.stations.course import Course

CROSSING_GAP_MM = 2.0
CROSSING_COSINE = 0.64
"""A tube this near to CN VII at 50 degrees or more crosses it."""

NINTH_ROOTS_MM = 3.0
"""The roots of CN IX leave 2-3 mm below that of CN VII (Rhoton) and may cross its
first part."""

ROOTS_APART_MM = 0.5
"""Fluid between the roots; what touches CN VII is not taken for CN IX."""

PASSING_MM, PASSING_WITHIN_MM = 3.0, 8.0
"""The nerves beside CN VII begin at the brainstem as it does: none reaches this far
beyond its wall on both sides, as a tube that passes it does."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Facial:
    """CN VII of one side from its root exit to the porus.

    Parameters
    ----------
    course : Course
        Centres and calibres, as far as the image shows them.
    from_exit_mm : float
        Length of the part before that, drawn from anatomy alone.
    hidden : Course or None
        That part; None where there is none.
    """

    course: Course
    from_exit_mm: float = 0.0
    hidden: Course | None = None


@dataclass(frozen=True, slots=True)
class NerveEncounter:
    """How a tube comes to the nearest CN VII.

    Parameters
    ----------
    facial : int
        Which one, an index; -1 where there is none.
    gap_mm : float
        Wall to wall.
    cosine : float
        Of the angle between both courses there, 0 to 1.
    beyond_exit_mm : float
        How far along CN VII from its root exit.
    passes : bool
        Whether it goes on well beyond CN VII on both sides.
    """

    facial: int = -1
    gap_mm: float = float("inf")
    cosine: float = 1.0
    beyond_exit_mm: float = 0.0
    passes: bool = False

    @property
    def is_beside_exit(self) -> bool:
        """Whether the roots of CN IX lie like that: apart, nearest to the root exit."""
        return self._is_where_they_begin and not self.crosses

    @property
    def is_past_roots(self) -> bool:
        """Whether the roots of CN IX cannot lie there: farther out, or against it."""
        return not self._is_where_they_begin

    @property
    def crosses(self) -> bool:
        """Whether no cranial nerve would run like that."""
        return self.is_steep and (self.passes or not self._is_where_they_begin)

    @property
    def is_steep(self) -> bool:
        """Whether both courses run at 50 degrees or more to each other."""
        return self.cosine < CROSSING_COSINE

    @property
    def _is_where_they_begin(self) -> bool:
        near = self.beyond_exit_mm <= NINTH_ROOTS_MM
        return near and self.gap_mm > ROOTS_APART_MM


def meet_nerve(course: Course, facials: list[Facial], whole: Course) -> NerveEncounter:
    """Return how a tube comes to the nearest CN VII.

    Parameters
    ----------
    course : Course
        The tube, or a stretch of it.
    facials : list of Facial
        CN VII of each side.
    whole : Course
        All of the tube.
    """
    best = NerveEncounter()
    for index, facial in enumerate(facials):
        nerve = facial.course
        gap, near = cKDTree(nerve.points_mm).query(course.points_mm)
        wall = gap - nerve.radius_mm[near] - course.radius_mm
        here = int(np.argmin(wall))
        if wall[here] < best.gap_mm:
            own = _direction(course.points_mm, here)
            other = _direction(nerve.points_mm, int(near[here]))
            before = nerve.points_mm[: int(near[here]) + 1]
            best = NerveEncounter(
                facial=index,
                gap_mm=float(wall[here]),
                cosine=abs(float(own @ other)),
                beyond_exit_mm=facial.from_exit_mm + course_length(before),
                passes=_passes(whole, course.points_mm[here], nerve, int(near[here])),
            )
    return best


def meet_hidden_nerve(course: Course, facials: list[Facial]) -> NerveEncounter:
    """Return how a tube comes to what no image shows of a CN VII.

    Parameters
    ----------
    course : Course
        The tube.
    facials : list of Facial
        CN VII of each side.
    """
    best = NerveEncounter()
    for index, facial in enumerate(facials):
        if facial.hidden is None:
            continue
        near = meet_nerve(course, [Facial(course=facial.hidden)], course)
        if near.gap_mm < best.gap_mm:
            best = replace(near, facial=index)
    return best


def _passes(
    whole: Course, here_mm: NDArray[np.float64], nerve: Course, near: int
) -> bool:
    """Tell whether a tube, nearest to CN VII at a place, goes on on both sides."""
    along = _direction(nerve.points_mm, near)
    offset = whole.points_mm - here_mm
    apart = np.linalg.norm(offset, axis=1)
    across = _direction(whole.points_mm, int(np.argmin(apart)))
    across = across - (across @ along) * along
    across = unit(across)
    offset = offset[apart < PASSING_WITHIN_MM] @ across
    beyond = PASSING_MM + float(nerve.radius_mm[near])
    return bool(offset.min() < -beyond and offset.max() > beyond)


def _direction(points: NDArray[np.float64], at: int) -> NDArray[np.float64]:
    return unit(points[min(at + 2, len(points) - 1)] - points[max(at - 2, 0)])
