"""A gap as measured at one place, whatever the method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nvc.measurement.gap.walls import Walls
    from nvc.model.study import SequenceRole

TUBE_FIT = "tube-fit"
SURFACE = "surface"
CENTRELINES = "centrelines"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Gap:
    """A gap as measured by one method.

    Parameters
    ----------
    gap_mm : float
        Wall to wall; negative where the walls as measured overlap.
    sd_mm : float
        All known sources together, one sigma.
    doubt_sd_mm : float
        One sigma of where CN VII lies, where what is shown need not be CN VII.
    nearer_mm : float
        How much nearer the two may come where one of them is not seen (97.5 %).
    nerve_wall_mm, vessel_wall_mm : ndarray, shape (3,)
        The nearest points of the two walls, mm of the working frame.
    vessel_diameter_mm : float
        Of the circle of equal area.
    voxel_mm : float
        Largest voxel edge of the volume it was measured in.
    method : str
        `TUBE_FIT`, `SURFACE` or `CENTRELINES`.
    seen_in : SequenceRole
        The sequence that shows the vessel's wall.
    walls : Walls
        Both tubes around the place.
    """

    gap_mm: float
    sd_mm: float
    nerve_wall_mm: NDArray[np.float64]
    vessel_wall_mm: NDArray[np.float64]
    vessel_diameter_mm: float
    voxel_mm: float
    method: str
    seen_in: SequenceRole
    walls: Walls
    doubt_sd_mm: float = 0.0
    nearer_mm: float = 0.0
