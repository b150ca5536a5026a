"""The nerve at a contact against the other side's, mirrored at the head's mid-plane.

Both nerves are followed past the same distance from their root detachment points.
Where one lies in the head is left out, for no head is symmetric to a tenth of a
millimetre: compared are the calibres there, and how far each bends away from its own
course a few millimetres on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.deformity.deviation import FEWEST, measure_further_push
from nvc.measurement.deformity.evidence import is_told, state_sign
from nvc.model.findings import AgainstOtherSide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.deformity.deviation import NerveTrace
    from nvc.measurement.places.nerve_section import NerveSection
    from nvc.measurement.places.side_context import SideContext
    from nvc.model.stages import HeadFrame

    Place = tuple[float, NDArray[np.float64]]


def find_mirrored_place(
    contact: Place, context: SideContext
) -> tuple[float, NDArray[np.float64], SideContext] | None:
    """Find a contact's place on the other nerve.

    Parameters
    ----------
    contact : tuple
        Arc length along this nerve, mm, and the direction to the vessel, shape (3,),
        in the working frame.
    context : SideContext
        This side; holds the other nerve and the head's mid-plane.

    Returns
    -------
    tuple or None
        Arc length along the other nerve, the mirrored direction and the other side;
        None where a root detachment, the other nerve or the mid-plane is missing.
    """
    arc, towards = contact
    other, head = context.other, context.head
    past = context.course.from_detachment_mm(arc)
    if other is None or head is None or past is None:
        return None
    if other.course.detachment_mm is None or len(other.sections) < FEWEST:
        return None
    return other.course.detachment_mm + past, mirror_direction(towards, head), other


def compare_with_other_side(
    contact: Place, lines: tuple[NerveTrace, NerveTrace | None], context: SideContext
) -> AgainstOtherSide:
    """Compare the nerve at a contact with the other nerve at the same place.

    Parameters
    ----------
    contact : tuple
        Arc length along the nerve, mm, and the direction to the vessel, shape (3,), in
        the working frame.
    lines : tuple of NerveTrace
        How far this nerve and the other lie away from the vessel, along both.
    context : SideContext
        This side; holds the other nerve and the head's mid-plane.

    Returns
    -------
    AgainstOtherSide
        Empty where a root detachment, the other nerve or the mid-plane is missing.
    """
    place, settings = find_mirrored_place(contact, context), context.settings
    own, opposite = lines
    if place is None or opposite is None:
        return AgainstOtherSide()
    at, direction, other = place
    within = settings.deformity.other_side_within_mm
    here = _thickness(context.sections, *contact, within)
    there = _thickness(other.sections, at, direction, within)
    thinner = None
    if here is not None and there is not None:
        sd = float(np.hypot(np.hypot(here[1], there[1]), settings.side_calibre_sd_mm))
        thinner = (there[0] - here[0], sd)
    # Calibres of two nerves differ by more than one nerve's along its course.
    widest = settings.widest_indentation_sd_mm + settings.side_calibre_sd_mm
    further = measure_further_push(own, opposite, settings)
    farthest, signs = settings.widest_deviation_sd_mm, settings.deformity
    return AgainstOtherSide(
        indentation_mm=state_sign(
            thinner,
            widest,
            told=is_told(pressed=thinner, settings=signs),
            own_sds=signs.own_sds,
        ),
        deviation_mm=state_sign(
            further,
            farthest,
            told=is_told(pushed=further, settings=signs),
            own_sds=signs.own_sds,
        ),
    )


def mirror_direction(
    direction: NDArray[np.float64], head: HeadFrame
) -> NDArray[np.float64]:
    """Reflect a direction at the head's mid-plane.

    Parameters
    ----------
    direction : ndarray, shape (3,)
        In the working frame.
    head : HeadFrame
        Its first axis is the mid-plane's normal.

    Returns
    -------
    ndarray, shape (3,)
        In the working frame, as long as before.
    """
    right = head.axes[:, 0]
    return np.asarray(direction - 2 * (direction @ right) * right)


def _thickness(
    sections: tuple[NerveSection, ...],
    arc_mm: float,
    direction: NDArray[np.float64],
    within_mm: float,
) -> tuple[float, float] | None:
    """Thickness along a direction at a place and its sd; None where not seen."""
    near = [s for s in sections if abs(s.arc_mm - arc_mm) <= within_mm]
    if not near:
        return None
    value, sd = np.array([section.thickness_mm(direction) for section in near]).T
    # Neighbouring sections share voxels: no gain from averaging is claimed.
    return float(np.average(value, weights=sd**-2)), float(sd.min())
