"""What every measurement on one side of the head is given."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nvc.measurement.places.nerve_course import NerveCourse
    from nvc.measurement.places.nerve_section import NerveSection
    from nvc.model.anatomy import Side
    from nvc.model.stages import Aligned, HeadFrame, Segmentation, TissueLevels
    from nvc.settings import MeasureSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideContext:
    """What every measurement on one side rests on, all in the working frame.

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
    sections, other_sections : tuple of NerveSection
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
    sections: tuple[NerveSection, ...] = ()
    other_sections: tuple[NerveSection, ...] = ()

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
