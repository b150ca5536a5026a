"""The gap from the segmentation's own centrelines and radii, without a refit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measure.candidates import Approach
    from nvc.measure.location import NerveCourse
    from nvc.model.stages import Aligned, Vessel
    from nvc.settings import MeasureSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """A gap as measured by one method.

    Parameters
    ----------
    gap_mm : float
        Wall to wall; negative where the walls as measured overlap.
    sd_mm : float
        All known sources together, one sigma.
    nerve_wall_mm, vessel_wall_mm : ndarray, shape (3,)
        The nearest points of the two walls, RAS mm of the reference.
    vessel_diameter_mm : float
        Of the circle of equal area.
    voxel_mm : float
        Largest voxel edge of the volume it was measured in.
    method : str
        ``"tube-fit"``, ``"centrelines"`` or ``"surface"``.
    """

    gap_mm: float
    sd_mm: float
    nerve_wall_mm: NDArray[np.float64]
    vessel_wall_mm: NDArray[np.float64]
    vessel_diameter_mm: float
    voxel_mm: float
    method: str


def gap_from_centrelines(
    approach: Approach,
    course: NerveCourse,
    vessel: Vessel,
    aligned: Aligned,
    settings: MeasureSettings,
) -> Gap:
    """Measure a gap as centre distance less both radii.

    Parameters
    ----------
    approach : Approach
        The place.
    course : NerveCourse
        CN VII.
    vessel : Vessel
        The vessel of that place.
    aligned : Aligned
        For the registration residual of a vessel seen in another sequence.
    settings : MeasureSettings
        `radius_sd_mm`.

    Returns
    -------
    Gap
        With ``method="centrelines"``.
    """
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
    variance = nerve_sd**2 + vessel_sd**2 + 2 * settings.radius_sd_mm**2
    companion = aligned.companions.get(vessel.seen_in)
    volume = aligned.reference
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
        method="centrelines",
    )


def wall_points(
    approach: Approach,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Nearest points of the two walls; one shared point where the tubes overlap."""
    apart = approach.vessel_mm - approach.nerve_mm
    direction = apart / max(float(np.linalg.norm(apart)), 1e-9)
    nerve_wall = approach.nerve_mm + approach.nerve_radius_mm * direction
    vessel_wall = approach.vessel_mm - approach.vessel_radius_mm * direction
    if approach.gap_mm < 0:
        middle = (nerve_wall + vessel_wall) / 2
        return middle, middle
    return nerve_wall, vessel_wall
