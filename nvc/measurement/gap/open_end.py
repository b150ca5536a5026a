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

from nvc.measurement.gap.interval import SDS_OF_INTERVAL
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
    """Widen a gap's uncertainty at the end of its vessel, or at the root exit.

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
        Its 95 % interval reaches the gap that there would be if the vessel ran straight
        on, or CN VII on over the brain; unchanged where the place is not at an end.
    """
    vessel = context.segmentation.vessels[approach.vessel].tube
    nerve, settings = context.course.tube, context.settings.ends
    nerves = context.segmentation.sides[context.side]
    _, last_mm = nerves.exit_range_mm or (0.0, 0.0)
    least = approach.gap_mm
    onward = _onward(vessel, approach.vessel_arc_mm, settings)
    if onward is not None:
        least = min(
            least,
            _gap(onward, approach.vessel_radius_mm, nerve.points_mm, nerve.radius_mm),
        )
    # The end in the canal is no open one: nothing is measured there.
    if approach.nerve_arc_mm <= max(settings.at_end_mm, last_mm):
        before = nerves.before_exit_mm
        if before is None:
            before = _onward(nerve, 0.0, settings)
        if before is not None and len(before):
            radius = float(nerve.radius_mm[0])
            least = min(least, _gap(before, radius, vessel.points_mm, vessel.radius_mm))
            if onward is not None:
                # Where both are lost at one place, both run on.
                both = _gap(before, radius, onward, approach.vessel_radius_mm)
                least = min(least, both)
    nearer = min(approach.gap_mm - least, max(gap.gap_mm, 0.0))
    if nearer <= 0.0:
        return gap
    return replace(gap, sd_mm=float(np.hypot(gap.sd_mm, nearer / SDS_OF_INTERVAL)))


def _gap(
    points_mm: NDArray[np.float64],
    radius_mm: float,
    others_mm: NDArray[np.float64],
    other_radius_mm: NDArray[np.float64] | float,
) -> float:
    """Least distance between the wall of a straight piece and another wall, mm."""
    apart = np.linalg.norm(points_mm[:, None] - others_mm[None], axis=-1)
    return float((apart - other_radius_mm).min()) - radius_mm


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
