"""The gap at one place: by the best of three methods that holds there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nvc.measurement.gap.from_centrelines import measure_gap_from_centrelines
from nvc.measurement.gap.from_fit import measure_gap_from_fit
from nvc.measurement.gap.from_surfaces import measure_gap_from_surfaces

if TYPE_CHECKING:
    from nvc.measurement.gap.gap import Gap
    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext


def measure_gap(approach: Approach, context: SideContext) -> Gap:
    """Measure the gap between CN VII and a vessel at one place.

    Parameters
    ----------
    approach : Approach
        Where the vessel comes near, mm of the working frame.
    context : SideContext
        Image, nerve, vessels and brain of the side.

    Returns
    -------
    Gap
        From nerve and vessel fitted together to the voxels; where no fit holds, from
        the surfaces of labels or voxels; else from the segmentation's centrelines. Its
        `method` says which.
    """
    return (
        measure_gap_from_fit(approach, context)
        or measure_gap_from_surfaces(approach, context)
        or measure_gap_from_centrelines(approach, context)
    )
