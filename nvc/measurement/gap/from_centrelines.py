"""The gap from the segmentation's own centrelines and radii, without a refit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.gap.gap import CENTRELINES, Gap
from nvc.measurement.gap.walls import take_walls_of_tubes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext


def measure_gap_from_centrelines(approach: Approach, context: SideContext) -> Gap:
    """Measure a gap as centre distance less both radii.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.
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
    nerve_wall, vessel_wall = find_wall_points(approach)
    return Gap(
        gap_mm=approach.gap_mm,
        sd_mm=float(np.sqrt(variance)),
        nerve_wall_mm=nerve_wall,
        vessel_wall_mm=vessel_wall,
        vessel_diameter_mm=2 * approach.vessel_radius_mm,
        voxel_mm=max(volume.grid.voxel_size_mm),
        method=CENTRELINES,
        seen_in=vessel.seen_in,
        walls=take_walls_of_tubes(
            approach, course.tube, context.segmentation, context.settings
        ),
    )


def find_wall_points(
    approach: Approach,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the nearest points of the two walls.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.

    Returns
    -------
    nerve_wall, vessel_wall : ndarray, shape (3,) each
        mm of the working frame; one shared point where the tubes overlap.
    """
    nerve_wall, vessel_wall = approach.facing_walls_mm
    if approach.gap_mm < 0:
        middle = (nerve_wall + vessel_wall) / 2
        return middle, middle
    return nerve_wall, vessel_wall
