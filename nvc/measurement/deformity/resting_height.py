"""How an untouched CN VII lies on the brain between its exit and its detachment.

The attached nerve is held to the surface of the pons: somewhere between lying on it
and lying half in a groove of it. So the surface beside the nerve tells, without the
nerve itself, about where its centre would be; a centre below it was pushed there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.nerve.refit import STATION_MM
from nvc.measurement.places.brain_plane import fit_brain_plane
from nvc.settings.anatomy import ATTACHED_LENGTH

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.nerve_section import NerveSection
    from nvc.measurement.places.side_context import SideContext


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seat:
    """Where an untouched nerve would lie, in one coordinate.

    Parameters
    ----------
    place_mm : ndarray, shape (N,)
        The coordinate of its centre at each station, along an axis of the working
        frame.
    precision : ndarray, shape (N, N)
        Of these places, 1/mm^2; 0 where the nerve does not lie on the brain.
    """

    place_mm: NDArray[np.float64]
    precision: NDArray[np.float64]


def find_seat(
    context: SideContext, away: NDArray[np.float64], stations: int
) -> Seat | None:
    """Read off the brain's surface where the attached nerve would lie.

    Parameters
    ----------
    context : SideContext
        Nerve, its sections and the brain.
    away : ndarray, shape (3,)
        Unit vector of the coordinate, out of the surface or into it, in the working
        frame.
    stations : int
        How many places `STATION_MM` apart, from the first section on.

    Returns
    -------
    Seat or None
        None where exit and detachment are not known or no surface is seen.
    """
    brain, settings = context.segmentation.brainstem, context.settings.deformity
    place, sd = np.zeros(stations), np.zeros(stations)
    for section in _attached(context):
        plane = fit_brain_plane(brain, section.centre_mm, context.settings.surface)
        if plane is None:
            continue
        outward = plane.outward(section.centre_mm)
        height = float(plane.depth_mm(section.centre_mm[None])[0, 0])
        sunk = settings.seat_height * section.radius_mm - height
        k = round((section.arc_mm - context.sections[0].arc_mm) / STATION_MM)
        place[k] = (section.centre_mm + sunk * outward) @ away
        sd[k] = settings.seat_height_sd * section.radius_mm
    known = np.flatnonzero(sd)
    if brain is None or not known.size:
        return None
    apart = STATION_MM * np.abs(known[:, None] - known[None])
    # A nerve that lies deep does so along its attached part.
    alike = sd[known, None] * sd[None, known] * np.exp(-apart / ATTACHED_LENGTH.mean)
    alike += (settings.seat_surface_sd * max(brain.grid.voxel_size_mm)) ** 2
    precision = np.zeros((stations, stations))
    precision[np.ix_(known, known)] = np.linalg.inv(alike)
    return Seat(place_mm=place, precision=precision)


def _attached(context: SideContext) -> list[NerveSection]:
    """Sections that lie on the brain: past the dive at the exit, short of the lift."""
    course, settings = context.course, context.settings
    if course.root_exit_mm is None or course.detachment_mm is None:
        return []
    first = course.root_exit_mm + settings.root_exit_reach_mm
    last = course.detachment_mm - settings.detachment_reach_mm
    return [section for section in context.sections if first <= section.arc_mm <= last]
