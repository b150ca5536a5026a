"""The gap as a function of the place along CN VII: for a plot, not for a finding."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.nerve_course import NerveCourse, find_arc_mm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.findings import Contact
    from nvc.model.stages import Segmentation, Tube


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredGap:
    """One contact's gap as measured: where along the nerve, mm, and its interval."""

    along_mm: float
    gap_mm: float
    ci_mm: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class GapProfile:
    """What comes near along one nerve, between tubes as they were measured.

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
    measured : tuple of MeasuredGap
        Every contact's gap and interval as in the report, at its place.
    """

    along_mm: NDArray[np.float64]
    gap_mm: NDArray[np.float64]
    points_mm: NDArray[np.float64]
    root_exit_mm: float | None
    porus_mm: float | None
    is_from_detachment: bool
    measured: tuple[MeasuredGap, ...] = ()


def trace_gap_profile(
    segmentation: Segmentation, side: Side, contacts: Sequence[Contact] = ()
) -> GapProfile | None:
    """Return the profile of one side; None where CN VII was not found.

    Parameters
    ----------
    segmentation : Segmentation
        As it was measured (`Measurement.as_measured`), so that line and numbers speak
        of the same nerve and vessels.
    side : Side
        The patient's side.
    contacts : sequence of Contact
        What was measured there.
    """
    nerves = segmentation.sides.get(side)
    tube = None if nerves is None else nerves.facial
    if nerves is None:
        return None
    if tube is None or len(tube.points_mm) < 2:
        return None
    course = NerveCourse.of(tube, nerves.landmarks)
    zero = course.detachment_mm or 0.0

    def placed(arc_mm: float | None) -> float | None:
        return None if arc_mm is None else arc_mm - zero

    return GapProfile(
        along_mm=course.arc_mm - zero,
        gap_mm=measure_wall_gaps_mm(
            tube, [vessel.tube for vessel in segmentation.vessels]
        ),
        points_mm=tube.points_mm,
        root_exit_mm=placed(course.root_exit_mm),
        porus_mm=placed(course.porus_mm),
        is_from_detachment=course.detachment_mm is not None,
        measured=tuple(
            MeasuredGap(
                along_mm=find_arc_mm(
                    tube.points_mm,
                    course.arc_mm,
                    np.array(contact.closest_point_nerve_mm),
                )
                - zero,
                gap_mm=contact.distance_mm,
                ci_mm=contact.distance_ci_mm,
            )
            for contact in contacts
        ),
    )


def measure_wall_gaps_mm(tube: Tube, others: list[Tube]) -> NDArray[np.float64]:
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
            away = other.points_mm[None] - tube.points_mm[:, None]
            at = np.indices(away.shape[:2])
            walls = np.linalg.norm(away, axis=-1)
            walls = walls - tube.wall_mm(at[0], away) - other.wall_mm(at[1], -away)
            gap = np.minimum(gap, walls.min(axis=1))
    return np.maximum(gap, 0.0)
