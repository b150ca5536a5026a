"""A gap as measured, whatever the method, and what every method is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nvc.measurement.places.location import NerveCourse
    from nvc.measurement.places.section import Section
    from nvc.measurement.places.walls import Walls
    from nvc.model.anatomy import Side
    from nvc.model.stages import Aligned, HeadFrame, Segmentation, TissueLevels
    from nvc.model.study import SequenceRole
    from nvc.settings import MeasureSettings

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
    nerve_wall_mm, vessel_wall_mm : ndarray, shape (3,)
        The nearest points of the two walls, RAS mm of the reference.
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideContext:
    """What every measurement on one side rests on.

    Parameters
    ----------
    side : Side
        The patient's own side.
    aligned : Aligned
        The volumes.
    levels : TissueLevels or None
        Intensities of CSF and brain in the reference.
    segmentation : Segmentation
        Nerves and vessels of both sides.
    course : NerveCourse
        CN VII of this side.
    settings : MeasureSettings
        Distances and model errors.
    head : HeadFrame or None
        The head's own directions.
    other_course : NerveCourse or None
        CN VII of the other side.
    sections, other_sections : tuple of Section
        Cross-sections of both nerves, in order along their courses.
    """

    side: Side
    aligned: Aligned
    levels: TissueLevels | None
    segmentation: Segmentation
    course: NerveCourse
    settings: MeasureSettings
    head: HeadFrame | None = None
    other_course: NerveCourse | None = None
    sections: tuple[Section, ...] = ()
    other_sections: tuple[Section, ...] = ()

    @property
    def other(self) -> SideContext | None:
        """The same for the other side; None where its nerve was not found."""
        if self.other_course is None:
            return None
        return replace(
            self,
            side=self.side.other,
            course=self.other_course,
            other_course=self.course,
            sections=self.other_sections,
            other_sections=self.sections,
        )
