"""Everything that is said of one place, from its gap on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.contact.clock import find_direction, read_clock_hour
from nvc.measurement.contact.touch import measure_touch
from nvc.measurement.deformity.stage import Deformity, measure_deformity
from nvc.measurement.gap.interval import believe, compute_resolved_mm
from nvc.measurement.places.brain_plane import measure_brain_distance_mm
from nvc.measurement.places.nerve_course import find_arc_mm
from nvc.model.anatomy import NerveSegment
from nvc.model.findings import Contact, ContactPlace, VesselAtContact
from nvc.model.space import to_point

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.gap.gap import Gap
    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext

_BESIDE_BRAIN = (
    NerveSegment.ROOT_EXIT,
    NerveSegment.ATTACHED,
    NerveSegment.ROOT_DETACHMENT,
)


def describe(approach: Approach, gap: Gap, context: SideContext) -> Contact:
    """Put together what is reported of one place.

    Parameters
    ----------
    approach : Approach
        The place as the segmentation has it, in the working frame.
    gap : Gap
        The gap as measured there.
    context : SideContext
        Image, nerves and landmarks.

    Returns
    -------
    Contact
        Its points too are in the working frame; the pipeline carries them to RAS mm.
    """
    settings, course = context.settings, context.course
    vessel = context.segmentation.vessels[approach.vessel]
    search = settings.search_distance_mm
    belief = believe(
        gap.gap_mm,
        gap.sd_mm,
        voxel_mm=gap.voxel_mm,
        search_mm=search,
        doubt_sd_mm=gap.doubt_sd_mm,
        nearer_mm=gap.nearer_mm,
    )
    arc = find_arc_mm(course.tube.points_mm, course.arc_mm, gap.nerve_wall_mm)
    segment = course.segment(arc, settings)
    deformity = Deformity()
    if belief.interval_mm[0] <= 0 and not course.in_canal(arc, settings):
        # A vessel that does not touch cannot press or push.
        deformity = measure_deformity(approach, context)
    return Contact(
        distance_mm=belief.distance_mm,
        distance_ci_mm=belief.interval_mm,
        contact_probability=belief.contact_probability,
        closest_point_nerve_mm=to_point(gap.nerve_wall_mm),
        closest_point_vessel_mm=to_point(gap.vessel_wall_mm),
        nerve_segment=segment,
        distance_from_root_detachment_mm=course.from_detachment_mm(arc),
        vessel=VesselAtContact(
            kind=vessel.kind,
            diameter_mm=gap.vessel_diameter_mm,
            name=vessel.name,
            seen_in=str(gap.seen_in),
            confidence=vessel.confidence,
            name_confidence=vessel.name_confidence,
        ),
        indentation_mm=deformity.indentation_mm,
        deviation_mm=deformity.deviation_mm,
        deformity_likelihood_ratio=deformity.likelihood_ratio,
        method=gap.method,
        resolved_mm=compute_resolved_mm(gap.voxel_mm),
        place=ContactPlace(
            from_root_exit_mm=course.from_root_exit_mm(arc),
            from_brainstem_mm=_from_brainstem(gap.nerve_wall_mm, context),
            clock_hour=read_clock_hour(
                approach.towards_vessel,
                find_direction(course, arc, context.settings.places.clock_half_mm),
                context.head,
                context.settings.places,
            ),
        ),
        touch=measure_touch(
            gap, beside_brain=segment in _BESIDE_BRAIN, settings=context.settings
        ),
        against_other_side=deformity.against_other_side,
    )


def _from_brainstem(
    point_mm: NDArray[np.float64], context: SideContext
) -> float | None:
    """Distance to the brainstem; None where it is not told from the cerebellum.

    The mask holds both. The flocculus lies beside the nerve, farther out than its
    root; so what lies farther from the mid-plane than the root is left out.
    """
    nerves, head = context.segmentation.sides[context.side], context.head
    root = nerves.landmarks.root_detachment_mm
    if head is None or root is None:
        return None
    limit = abs(float(head.to_head(root)[0])) + context.settings.brainstem_beyond_mm

    def is_brainstem(points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
        return np.asarray(np.abs(head.to_head(points_mm)[:, 0]) <= limit)

    return measure_brain_distance_mm(
        context.segmentation.brainstem,
        point_mm,
        is_brainstem,
        context.settings.surface,
    )
