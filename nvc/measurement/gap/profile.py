"""The gap as a function of the place along CN VII: for a plot, not for a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.nerve_course import NerveCourse

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Segmentation, SideNerves, Tube


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapProfile:
    """What comes near along one nerve, from centrelines and radii alone.

    Parameters
    ----------
    along_mm : ndarray, shape (N,)
        From the root detachment; negative towards the brainstem. From the tube's
        first point where the detachment is not known.
    gap_mm : ndarray, shape (N,)
        To the nearest vessel, wall to wall, not below 0; infinite without vessels.
    points_mm : ndarray, shape (N, 3)
        The nerve's centres, RAS mm.
    root_exit_mm, porus_mm : float or None
        On the same scale as `along_mm`.
    is_from_detachment : bool
        What 0 stands for.
    """

    along_mm: NDArray[np.float64]
    gap_mm: NDArray[np.float64]
    points_mm: NDArray[np.float64]
    root_exit_mm: float | None
    porus_mm: float | None
    is_from_detachment: bool


def gap_profile(segmentation: Segmentation, nerves: SideNerves) -> GapProfile | None:
    """Return the profile of one side; None where CN VII was not found."""
    tube = nerves.facial
    if tube is None or len(tube.points_mm) < 2:
        return None
    course = NerveCourse.of(tube, nerves.landmarks)
    zero = course.detachment_mm or 0.0

    def placed(arc_mm: float | None) -> float | None:
        return None if arc_mm is None else arc_mm - zero

    return GapProfile(
        along_mm=course.arc_mm - zero,
        gap_mm=wall_gaps_mm(tube, [vessel.tube for vessel in segmentation.vessels]),
        points_mm=tube.points_mm,
        root_exit_mm=placed(course.root_exit_mm),
        porus_mm=placed(course.porus_mm),
        is_from_detachment=course.detachment_mm is not None,
    )


def wall_gaps_mm(tube: Tube, others: list[Tube]) -> NDArray[np.float64]:
    """Distance of every point of a tube to the nearest other one, wall to wall, >= 0.

    Parameters
    ----------
    tube : Tube
        N points.
    others : list of Tube
        Any number; infinite distances without one.

    Returns
    -------
    ndarray, shape (N,)
    """
    gap = np.full(len(tube.points_mm), np.inf)
    for other in others:
        if len(other.points_mm):
            apart = np.linalg.norm(
                tube.points_mm[:, None] - other.points_mm[None], axis=-1
            )
            walls = apart - tube.radius_mm[:, None] - other.radius_mm[None]
            gap = np.minimum(gap, walls.min(axis=1))
    return np.maximum(gap, 0.0)
