"""How CN VII bends where nothing touches it.

It lies on the pons and follows it. Where it leaves the brain it turns down onto the
surface, and where it detaches it turns away from it, never the other way round: by
anything up to 60 degrees or so, and 30 are expected. Along the surface it may turn to
either side, and no turn is expected.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.nerve.refit import STATION_MM
from nvc.measurement.places.brain_plane import fit_brain_plane
from nvc.tubes.curve import interpolate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.nerve_course import NerveCourse
    from nvc.measurement.places.side_context import SideContext
    from nvc.settings import MeasureSettings
    from nvc.settings.groups.measure import DeformitySettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Corner:
    """A place where an untouched nerve turns.

    Parameters
    ----------
    arc_mm : float
        Along the nerve, mm.
    bend_per_mm : ndarray, shape (3,)
        Expected change of direction per length in the middle of the turn, in the
        working frame.
    """

    arc_mm: float
    bend_per_mm: NDArray[np.float64]


def find_brain_normal(
    arc_mm: float, context: SideContext
) -> NDArray[np.float64] | None:
    """Find the normal of the brain's surface under the nerve.

    Parameters
    ----------
    arc_mm : float
        Place along the nerve.
    context : SideContext
        Nerve and brain.

    Returns
    -------
    ndarray, shape (3,), or None
        Unit vector away from the brain, in the working frame; None where no surface
        is seen.
    """
    course, at = context.course, np.array([arc_mm])
    centre = interpolate(at, course.arc_mm, course.tube.points_mm)[0]
    plane = fit_brain_plane(
        context.segmentation.brainstem, centre, context.settings.surface
    )
    return None if plane is None else plane.outward(centre)


def expect_corners(context: SideContext) -> tuple[Corner, ...]:
    """Expect how one side's nerve turns at its root exit and at its detachment.

    Parameters
    ----------
    context : SideContext
        Nerve and brain.

    Returns
    -------
    tuple of Corner
        Without those whose landmark or whose brain surface is not known.
    """
    course = context.course
    bend = context.settings.corner_bend_per_mm
    found = []
    for arc_mm, sign in ((course.root_exit_mm, -1.0), (course.detachment_mm, 1.0)):
        outward = None if arc_mm is None else find_brain_normal(arc_mm, context)
        if arc_mm is not None and outward is not None:
            found.append(Corner(arc_mm=arc_mm, bend_per_mm=sign * bend * outward))
    return tuple(found)


def expect_course(
    arc_mm: NDArray[np.float64],
    turns: tuple[Corner, ...],
    direction: NDArray[np.float64],
    settings: DeformitySettings,
) -> NDArray[np.float64]:
    """Follow the expected turns in one coordinate.

    Parameters
    ----------
    arc_mm : ndarray, shape (N,)
        Places along the nerve, `STATION_MM` apart.
    turns : tuple of Corner
        Of this nerve.
    direction : ndarray, shape (3,)
        Unit vector of the coordinate, in the working frame.
    settings : DeformitySettings
        How sharply it turns.

    Returns
    -------
    ndarray, shape (N,)
        mm, up to a straight line.
    """
    bend = np.zeros(len(arc_mm))
    for corner in turns:
        beyond = (arc_mm - corner.arc_mm) / settings.sharp_turn[0]
        bend += corner.bend_per_mm @ direction * np.exp(-0.5 * beyond**2)
    # Second differences of the course are the bends at the places between.
    slope = np.concatenate([[0.0], np.cumsum(bend[1:-1]) * STATION_MM])
    return np.concatenate([[0.0], np.cumsum(slope) * STATION_MM])[: len(arc_mm)]


def expect_bends(
    arc_mm: NDArray[np.float64],
    course: NerveCourse,
    settings: MeasureSettings,
    out_of_surface: float = 1.0,
) -> NDArray[np.float64]:
    """How far an untouched nerve may bend along its course beyond what is expected.

    Parameters
    ----------
    arc_mm : ndarray, shape (N,)
        Places along it, mm.
    course : NerveCourse
        Holds its root exit and detachment.
    settings : MeasureSettings
        Bends of its parts.
    out_of_surface : float
        Square of the cosine between the coordinate looked at and the brain's normal.

    Returns
    -------
    ndarray, shape (N, N)
        Covariance of its bends, 1/mm^2.

    Notes
    -----
    Attached, a nerve bends as the pons under it does and, at its exit, out of the
    brain: both square to the surface. Along the surface nothing bends it that would
    not bend a free nerve. At its detachment it turns towards the porus, which lies in
    no known direction from there. How sharply it turns, and where exactly, is open.
    """
    corner = settings.corner_bend_sd_per_mm**2
    apart = np.abs(arc_mm[:, None] - arc_mm[None])
    alike_mm = settings.scene.alike_mm
    if course.detachment_mm is None:
        return np.asarray(corner * np.exp(-apart / alike_mm))
    free = settings.free_bend_sd_per_mm**2
    attached = settings.attached_bend_sd_per_mm**2
    attached = free + out_of_surface * max(attached - free, 0.0)
    sd = np.sqrt(np.where(arc_mm < course.detachment_mm, attached, free))
    covariance = sd[:, None] * sd * np.exp(-apart / alike_mm)
    kinds = (settings.deformity.sharp_turn, settings.deformity.gentle_turn)
    turns = [(course.detachment_mm, corner)]
    if course.root_exit_mm is not None:
        turns.append((course.root_exit_mm, out_of_surface * corner))
    for at, variance in turns:
        for width, alike, part in kinds:
            near = part * np.exp(-0.5 * ((arc_mm - at) / width) ** 2)
            covariance += variance * near[:, None] * near * np.exp(-apart / alike)
    return np.asarray(covariance)
