"""Everything that is said of one place, from its gap on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.contact.clock import clock_hour, direction_at
from nvc.measurement.contact.touch import measure_touch
from nvc.measurement.deformity.stage import Deformity, measure_deformity
from nvc.measurement.gap.uncertainty import believe, resolved_mm
from nvc.measurement.places.brain_plane import brain_distance_mm
from nvc.measurement.places.location import arc_of
from nvc.model.anatomy import NerveSegment
from nvc.model.findings import (
    Contact,
    ContactPlace,
    VesselAtContact,
)
from nvc.tubes.curve import unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.context import Gap, SideContext
    from nvc.model.findings import Point

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
        The place as the segmentation has it.
    gap : Gap
        The gap as measured there.
    context : SideContext
        Image, nerves and landmarks.

    Returns
    -------
    Contact
    """
    settings, course = context.settings, context.course
    vessel = context.segmentation.vessels[approach.vessel]
    search = settings.search_distance_mm
    belief = believe(gap.gap_mm, gap.sd_mm, voxel_mm=gap.voxel_mm, search_mm=search)
    arc = arc_of(course.tube.points_mm, course.arc_mm, gap.nerve_wall_mm)
    segment = course.segment(arc, settings)
    towards = approach.vessel_mm - approach.nerve_mm
    towards = unit(towards)
    deformity = Deformity()
    if belief.interval_mm[0] <= 0 and not course.in_canal(arc):
        # A vessel that does not touch cannot press or push.
        deformity = measure_deformity(approach, context)
    return Contact(
        distance_mm=belief.distance_mm,
        distance_ci_mm=belief.interval_mm,
        contact_probability=belief.contact_probability,
        closest_point_nerve_mm=_point(gap.nerve_wall_mm),
        closest_point_vessel_mm=_point(gap.vessel_wall_mm),
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
        resolved_mm=resolved_mm(gap.voxel_mm),
        place=ContactPlace(
            from_root_exit_mm=course.from_root_exit_mm(arc),
            from_brainstem_mm=_from_brainstem(gap.nerve_wall_mm, context),
            clock_hour=clock_hour(towards, direction_at(course, arc), context.head),
        ),
        touch=measure_touch(
            gap, beside_brain=segment in _BESIDE_BRAIN, search_mm=search
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

    return brain_distance_mm(context.segmentation.brainstem, point_mm, is_brainstem)


def _point(point_mm: NDArray[np.float64]) -> Point:
    x, y, z = (float(value) for value in point_mm)
    return (x, y, z)
