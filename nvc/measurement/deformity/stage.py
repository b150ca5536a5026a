"""What a vessel does to CN VII: pressed in, pushed aside, or neither.

Indentation and deviation are kept apart, for they mean different grades in different
schemes. They are stated only where both together are beyond their uncertainty; the
figures against the other side's nerve alone stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.deformity.deviation import (
    FEWEST,
    SeenPush,
    align_trace,
    measure_push,
    read_trace,
)
from nvc.measurement.deformity.evidence import (
    compute_likelihood_ratio,
    state_sign,
)
from nvc.measurement.deformity.indentation import measure_indentation
from nvc.measurement.deformity.natural_course import expect_corners
from nvc.measurement.deformity.other_side import (
    compare_with_other_side,
    find_mirrored_place,
)
from nvc.measurement.deformity.push_axes import PushAxis, find_push_axes
from nvc.measurement.deformity.resting_height import find_seat
from nvc.model.findings import AgainstOtherSide
from nvc.tubes.curve import interpolate, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.deformity.deviation import NerveTrace
    from nvc.measurement.deformity.natural_course import Corner
    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.nerve_section import NerveSection
    from nvc.measurement.places.side_context import SideContext


@dataclass(frozen=True, slots=True, kw_only=True)
class Deformity:
    """Deformity of the nerve at one contact.

    Parameters
    ----------
    indentation_mm : float or None
        Flattening of the section towards the vessel; 0 where it is not told from
        none, None where this image cannot tell.
    deviation_mm : float or None
        Displacement of the centre away from the vessel, likewise.
    likelihood_ratio : float or None
        How much likelier both signs are of a deformed nerve than of an untouched one,
        where one is stated.
    against_other_side : AgainstOtherSide
        The same against the mirrored nerve of the other side.
    """

    indentation_mm: float | None = None
    deviation_mm: float | None = None
    likelihood_ratio: float | None = None
    against_other_side: AgainstOtherSide = field(default_factory=AgainstOtherSide)


def measure_deformity(approach: Approach, context: SideContext) -> Deformity:
    """Compare the nerve at a contact with itself and with the other nerve.

    Parameters
    ----------
    approach : Approach
        The contact, on the refitted course, in the working frame.
    context : SideContext
        Both nerves and their sections.

    Returns
    -------
    Deformity
        Empty where the image shows no section of this nerve.
    """
    if not context.sections:
        return Deformity()
    settings, arc = context.settings, approach.nerve_arc_mm
    along, towards = _directions(approach, context)
    pressed = measure_indentation(
        context.sections, arc, towards, approach.vessel_radius_mm, settings
    )
    axes = find_push_axes(arc, towards, along, context)
    turns = expect_corners(context)
    aside = measure_push([_seen(arc, axis, context, turns) for axis in axes], settings)
    whole = _seen(arc, PushAxis(direction=-towards), context, turns)
    ratio = compute_likelihood_ratio(pressed, aside, settings.deformity)
    told, own = ratio > settings.deformity.told_ratio, settings.deformity.own_sds
    return Deformity(
        indentation_mm=state_sign(
            pressed, settings.widest_indentation_sd_mm, told=told, own_sds=own
        ),
        deviation_mm=state_sign(
            aside, settings.widest_deviation_sd_mm, told=told, own_sds=own
        ),
        likelihood_ratio=ratio if told else None,
        against_other_side=compare_with_other_side(
            (arc, towards), (whole.own, whole.other), context
        ),
    )


def _directions(
    approach: Approach, context: SideContext
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Unit vectors along the nerve, and to the vessel square to it."""
    course, arc = context.course, approach.nerve_arc_mm
    before, behind = (
        interpolate(at, course.arc_mm, course.tube.points_mm)
        for at in (arc - 0.5, arc + 0.5)
    )
    along = unit(behind - before)
    towards = approach.vessel_mm - approach.nerve_mm
    towards = towards - (towards @ along) * along
    return along, unit(towards)


def _seen(
    arc_mm: float,
    axis: PushAxis,
    context: SideContext,
    turns: tuple[Corner, ...],
) -> SeenPush:
    """Both nerves' coordinate along one direction at a place."""
    own = read_trace(context, arc_mm, axis, turns)
    if axis.is_up:
        seat = find_seat(context, axis.direction, len(own.arc_mm))
        own = replace(own, seat=seat)
    other = _other_line(arc_mm, axis, own, context)
    return SeenPush(own=own, other=other, share=axis.share)


def _other_line(
    arc_mm: float, axis: PushAxis, own: NerveTrace, context: SideContext
) -> NerveTrace | None:
    """The other nerve's coordinate in the mirrored direction, where `own` has one."""
    place = find_mirrored_place((arc_mm, axis.direction), context)
    if place is None:
        return None
    at, direction, other = place
    untouched = _untouched(other)
    if len(untouched) < FEWEST:
        return None
    mirrored = PushAxis(direction=direction)
    line = read_trace(replace(other, sections=tuple(untouched)), at, mirrored)
    return align_trace(line, own)


def _untouched(context: SideContext) -> list[NerveSection]:
    """Sections that no vessel may have pushed: the others are no model of a nerve.

    Radii as segmented are enough for it: too many places left out do no harm.
    """
    limit = context.settings.radius_sd_mm
    reach = context.settings.deformity.push_reach_mm
    pushed_at = []
    for section in context.sections:
        for vessel in context.segmentation.vessels:
            apart = np.linalg.norm(vessel.tube.points_mm - section.centre_mm, axis=1)
            gap = apart - vessel.tube.radius_mm - section.radius_mm
            if gap.min() < limit:
                pushed_at.append(section.arc_mm)
                break
    return [
        section
        for section in context.sections
        if all(abs(section.arc_mm - at) > reach for at in pushed_at)
    ]
