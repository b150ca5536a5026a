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
    PUSH_REACH_MM,
    Seen,
    aligned,
    line_of,
    pushed,
)
from nvc.measurement.deformity.evidence import is_told, likelihood_ratio, stated
from nvc.measurement.deformity.indentation import indentation
from nvc.measurement.deformity.natural_course import corners
from nvc.measurement.deformity.other_side import against_other_side, mirrored_place
from nvc.measurement.deformity.push_axes import PushAxis, push_axes
from nvc.measurement.deformity.resting_height import seat_of
from nvc.model.findings import AgainstOtherSide
from nvc.tubes.curve import interpolate, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.deformity.deviation import Line
    from nvc.measurement.deformity.natural_course import Corner
    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.context import SideContext
    from nvc.measurement.places.section import Section


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
        The contact, on the refitted course.
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
    pressed = indentation(
        context.sections, arc, towards, approach.vessel_radius_mm, settings
    )
    axes = push_axes(arc, towards, along, context)
    turns = corners(context)
    aside = pushed([_seen(arc, axis, context, turns) for axis in axes], settings)
    whole = _seen(arc, PushAxis(direction=-towards), context, turns)
    told = is_told(pressed, aside)
    return Deformity(
        indentation_mm=stated(pressed, settings.widest_indentation_sd_mm, told=told),
        deviation_mm=stated(aside, settings.widest_deviation_sd_mm, told=told),
        likelihood_ratio=likelihood_ratio(pressed, aside) if told else None,
        against_other_side=against_other_side(
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
) -> Seen:
    """Both nerves' coordinate along one direction at a place."""
    own = line_of(context, arc_mm, axis, turns)
    if axis.is_up:
        seat = seat_of(context, axis.direction, len(own.arc_mm))
        own = replace(own, seat=seat)
    other = _other_line(arc_mm, axis, own, context)
    return Seen(own=own, other=other, share=axis.share)


def _other_line(
    arc_mm: float, axis: PushAxis, own: Line, context: SideContext
) -> Line | None:
    """The other nerve's coordinate in the mirrored direction, where `own` has one."""
    place = mirrored_place((arc_mm, axis.direction), context)
    if place is None:
        return None
    at, direction, other = place
    untouched = _untouched(other)
    if len(untouched) < FEWEST:
        return None
    mirrored = PushAxis(direction=direction)
    line = line_of(replace(other, sections=tuple(untouched)), at, mirrored)
    return aligned(line, own)


def _untouched(context: SideContext) -> list[Section]:
    """Sections that no vessel may have pushed: the others are no model of a nerve.

    Radii as segmented are enough for it: too many places left out do no harm.
    """
    limit = context.settings.radius_sd_mm
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
        if all(abs(section.arc_mm - at) > PUSH_REACH_MM for at in pushed_at)
    ]
