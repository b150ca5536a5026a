"""The nerve at a contact against the other side's, mirrored at the head's mid-plane.

Both nerves are followed past the same distance from their root detachment points.
Where one lies in the head is left out, for no head is symmetric to a tenth of a
millimetre: compared are the calibres there, and how far each bends away from its own
course a few millimetres on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measure.profile import (
    AT_CONTACT_MM,
    Profile,
    Sign,
    departure,
    profiles,
    stated,
)
from nvc.model.findings import AgainstOtherSide

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measure.gap import SideContext
    from nvc.model.stages import HeadFrame


def against_other_side(
    contact: tuple[float, NDArray[np.float64]],
    own: tuple[Profile, Profile],
    course: Sign,
    context: SideContext,
) -> AgainstOtherSide:
    """Compare the nerve at a contact with the other nerve at the same place.

    Parameters
    ----------
    contact : tuple
        Arc length along the nerve and the direction to the vessel.
    own : tuple of Profile
        Thickness and position of this nerve past the contact.
    course : Sign
        How a deviation is told from the nerve's own variation.
    context : SideContext
        This side; holds the other nerve and the head's mid-plane.

    Returns
    -------
    AgainstOtherSide
        Empty where a root detachment, the other nerve or the mid-plane is missing.
    """
    other, head = context.other, context.head
    arc, towards = contact
    past = context.course.from_detachment_mm(arc)
    if other is None or head is None or past is None:
        return AgainstOtherSide()
    if other.course.detachment_mm is None:
        return AgainstOtherSide()
    settings = context.settings
    thickness, position = profiles(
        other.course.detachment_mm + past, mirrored(towards, head), other
    )
    bend = replace(
        course,
        natural_sd_mm=settings.side_course_sd_mm,
        bend_sd_per_mm=course.bend_sd_per_mm * np.sqrt(2),
    )
    calibre = Sign(
        from_mm=0.0,
        to_mm=AT_CONTACT_MM,
        natural_sd_mm=settings.side_calibre_sd_mm,
        bend_sd_per_mm=0.0,
        # Calibres of two nerves differ by more than one nerve's along its course.
        widest_sd_mm=settings.widest_indentation_sd_mm + settings.side_calibre_sd_mm,
        inwards=-1,
    )
    return AgainstOtherSide(
        indentation_mm=stated(_thinner(own[0], thickness, calibre), calibre),
        deviation_mm=stated(departure(difference(own[1], position), bend), bend),
    )


def mirrored(direction: NDArray[np.float64], head: HeadFrame) -> NDArray[np.float64]:
    """Reflect a direction at the head's mid-plane."""
    right = head.axes[:, 0]
    return np.asarray(direction - 2 * (direction @ right) * right)


def difference(one: Profile, other: Profile) -> Profile:
    """One profile less another, at the stations that both have."""
    _, i, j = np.intersect1d(one.arc_mm, other.arc_mm, return_indices=True)
    return Profile(
        arc_mm=one.arc_mm[i],
        value_mm=one.value_mm[i] - other.value_mm[j],
        sd_mm=np.hypot(one.sd_mm[i], other.sd_mm[j]),
    )


def _thinner(own: Profile, other: Profile, sign: Sign) -> tuple[float, float] | None:
    """How much thinner one nerve is at the place than the other, and its sd."""
    apart = difference(own, other)
    here = np.abs(apart.arc_mm) <= sign.to_mm
    if not here.any():
        return None
    weight = 1 / apart.sd_mm[here] ** 2
    value = float(weight @ apart.value_mm[here] / weight.sum())
    spread = float(apart.sd_mm[here].min() ** 2) + sign.natural_sd_mm**2
    return sign.inwards * value, float(np.sqrt(spread))
