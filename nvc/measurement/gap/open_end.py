"""A gap measured at an end, where vessel or nerve may come nearer unseen.

Few vessels end beside the nerve: most often they were followed no further. A gap from
the last point that was seen is then the most that it can be, not what it is. CN VII
does end, at its root exit, and how much farther on that may lie was weighed when it was
followed.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.gap.interval import TAIL
from nvc.tubes.curve import interpolate, unit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.gap.gap import Gap
    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext
    from nvc.model.stages import Tube
    from nvc.numerics import Step
    from nvc.settings.groups.measure import EndsSettings

_STEP_MM: Step[float] = 0.1


def widen_at_open_end(gap: Gap, approach: Approach, context: SideContext) -> Gap:
    """Say how much nearer vessel and nerve may come where they are not seen.

    Parameters
    ----------
    gap : Gap
        As measured.
    approach : Approach
        The place, in the working frame.
    context : SideContext
        Nerve and vessels.

    Returns
    -------
    Gap
        Its 95 % interval reaches down to the gap that there would be if the vessel ran
        straight on, or CN VII on over the brain.
    """
    vessel = context.segmentation.vessels[approach.vessel].tube
    nerve, settings = context.course.tube, context.settings.ends
    least = approach.gap_mm
    onward = _onward(vessel, approach.vessel_arc_mm, settings)
    if onward is not None:
        least = min(
            least,
            _gap(onward, approach.vessel_radius_mm, nerve.points_mm, nerve.radius_mm),
        )
    before = _lay_before_exit(approach, context)
    if approach.is_first and before is not None:
        least = min(least, _gap_before_exit(before, approach, vessel, onward))
    nearer = min(approach.gap_mm - least, max(gap.gap_mm, 0.0))
    return replace(gap, nearer_mm=max(nearer, 0.0))


def reach_before_exit_mm(context: SideContext) -> float:
    """How far from its first point an unseen CN VII may lie, mm."""
    before = context.segmentation.sides[context.side].before_exit_mm
    if before is None or not before.size:
        return 0.0
    off = np.linalg.norm(before - context.course.tube.points_mm[0], axis=-1)
    return float(np.nanmax(off, initial=0.0))


def _lay_before_exit(
    approach: Approach, context: SideContext
) -> NDArray[np.float64] | None:
    """Ways of CN VII before its first point, shape (N, K, 3); None where none is."""
    before = context.segmentation.sides[context.side].before_exit_mm
    if before is not None:
        return before
    # Of a given nerve nothing was weighed: it is drawn straight on from its end. Its
    # end in the canal is no open one, as nothing is measured there.
    settings = context.settings.ends
    if approach.nerve_arc_mm > settings.at_end_mm:
        return None
    straight = _onward(context.course.tube, 0.0, settings)
    return None if straight is None else straight[None]


def _gap_before_exit(
    ways_mm: NDArray[np.float64],
    approach: Approach,
    vessel: Tube,
    onward_mm: NDArray[np.float64] | None,
) -> float:
    """What the gap is no less than, by 97.5 %, if CN VII takes one of some ways, mm."""
    radius = approach.nerve_radius_mm
    others, other_radius = vessel.points_mm, vessel.radius_mm
    if onward_mm is not None:
        # Where both are lost at one place, both run on.
        others = np.concatenate([others, onward_mm])
        more = np.full(len(onward_mm), approach.vessel_radius_mm)
        other_radius = np.concatenate([other_radius, more])
    gaps = [
        _gap(way[np.isfinite(way[:, 0])], radius, others, other_radius)
        for way in ways_mm
    ]
    return float(np.quantile(np.minimum(gaps, approach.gap_mm), TAIL))


def _gap(
    points_mm: NDArray[np.float64],
    radius_mm: float,
    others_mm: NDArray[np.float64],
    other_radius_mm: NDArray[np.float64] | float,
) -> float:
    """Least distance between the wall of a straight piece and another wall, mm."""
    apart = np.linalg.norm(points_mm[:, None] - others_mm[None], axis=-1)
    return float((apart - other_radius_mm).min(initial=np.inf)) - radius_mm


def _onward(
    tube: Tube, arc_mm: float, settings: EndsSettings
) -> NDArray[np.float64] | None:
    """A straight continuation past the end at an arc length; None short of it."""
    arc = tube.arc_length_mm()
    length = float(arc[-1])
    at_end, ragged, tangent = (
        settings.at_end_mm,
        settings.ragged_mm,
        settings.heading_mm,
    )
    if at_end < arc_mm < length - at_end or length < tangent:
        return None
    is_last = arc_mm > length / 2
    tip, *back = (
        interpolate(at, arc, tube.points_mm)
        for at in (
            (length, length - ragged, length - tangent)
            if is_last
            else (0.0, ragged, tangent)
        )
    )
    heading = unit(back[0] - back[1])
    steps = np.arange(0.0, settings.onward_mm, _STEP_MM)[:, None]
    return np.asarray(tip + steps * heading)
