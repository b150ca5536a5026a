"""The gap from the segmentation's own centrelines and radii, without a refit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.context import CENTRELINES, Gap
from nvc.measurement.places.walls import walls_of_tubes
from nvc.tubes.curve import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.context import SideContext


def gap_from_centrelines(approach: Approach, context: SideContext) -> Gap:
    """Measure a gap as centre distance less both radii.

    Parameters
    ----------
    approach : Approach
        The place.
    context : SideContext
        Nerve, vessels and the registration residual of their sequences.

    Returns
    -------
    Gap
        With ``method="centrelines"``.
    """
    aligned, course = context.aligned, context.course
    vessel = context.segmentation.vessels[approach.vessel]
    nerve_sd = float(
        np.interp(approach.nerve_arc_mm, course.arc_mm, course.tube.position_sd_mm)
    )
    vessel_sd = float(
        np.interp(
            approach.vessel_arc_mm,
            vessel.tube.arc_length_mm(),
            vessel.tube.position_sd_mm,
        )
    )
    variance = nerve_sd**2 + vessel_sd**2 + 2 * context.settings.radius_sd_mm**2
    # Walls cannot pass through each other: an overlap shows how far off they are.
    variance += min(approach.gap_mm, 0.0) ** 2
    volume = aligned.reference
    companion = aligned.companions.get(vessel.seen_in)
    if companion is not None and vessel.seen_in is not aligned.reference_role:
        variance += companion.residual_mm**2
        volume = companion.volume
    nerve_wall, vessel_wall = wall_points(approach)
    return Gap(
        gap_mm=approach.gap_mm,
        sd_mm=float(np.sqrt(variance)),
        nerve_wall_mm=nerve_wall,
        vessel_wall_mm=vessel_wall,
        vessel_diameter_mm=2 * approach.vessel_radius_mm,
        voxel_mm=max(volume.grid.voxel_size_mm),
        method=CENTRELINES,
        seen_in=vessel.seen_in,
        walls=walls_of_tubes(approach, course.tube, context.segmentation),
    )


def wall_points(
    approach: Approach,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nearest points of the two walls; one shared point where the tubes overlap."""
    apart = approach.vessel_mm - approach.nerve_mm
    direction = unit(apart)
    nerve_wall = approach.nerve_mm + approach.nerve_radius_mm * direction
    vessel_wall = approach.vessel_mm - approach.vessel_radius_mm * direction
    if approach.gap_mm < 0:
        middle = (nerve_wall + vessel_wall) / 2
        return middle, middle
    return nerve_wall, vessel_wall
