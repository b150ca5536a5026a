"""What a vessel does to CN VII: pressed in, pushed aside, or neither.

Indentation and deviation are kept apart, for they mean different grades in different
schemes. Both compare the nerve at the contact with the same nerve a few mm away; the
figures against the other side's nerve stand beside them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nvc.measure.other_side import against_other_side
from nvc.measure.profile import Sign, departure, profiles, stated

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from nvc.measure.gap import SideContext
    from nvc.model.findings import AgainstOtherSide
    from nvc.settings import MeasureSettings


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
    against_other_side : AgainstOtherSide
        The same against the mirrored nerve of the other side.
    """

    indentation_mm: float | None
    deviation_mm: float | None
    against_other_side: AgainstOtherSide


def measure_deformity(
    nerve_arc_mm: float, towards_vessel: NDArray[np.float64], context: SideContext
) -> Deformity:
    """Compare the nerve at a contact with itself a few mm away.

    Parameters
    ----------
    nerve_arc_mm : float
        Place of the contact along the nerve.
    towards_vessel : ndarray, shape (3,)
        From the nerve to the vessel.
    context : SideContext
        Image, nerve and neighbours.

    Returns
    -------
    Deformity
    """
    thickness, position = profiles(nerve_arc_mm, towards_vessel, context)
    section, course = _signs(context.settings)
    compared = against_other_side(
        (nerve_arc_mm, towards_vessel), (thickness, position), course, context
    )
    return Deformity(
        indentation_mm=stated(departure(thickness, section), section),
        deviation_mm=stated(departure(position, course), course),
        against_other_side=compared,
    )


def _signs(settings: MeasureSettings) -> tuple[Sign, Sign]:
    # A groove reaches about 2 mm either way.
    section = Sign(
        from_mm=2.0,
        to_mm=5.0,
        natural_sd_mm=settings.calibre_sd_mm,
        bend_sd_per_mm=0.0,
        widest_sd_mm=settings.widest_indentation_sd_mm,
        inwards=-1,
    )
    # A nerve pushed aside bends over some 4 mm.
    course = Sign(
        from_mm=3.9,
        to_mm=7.5,
        natural_sd_mm=settings.course_sd_mm,
        bend_sd_per_mm=settings.course_bend_sd_per_mm,
        widest_sd_mm=settings.widest_deviation_sd_mm,
        inwards=1,
    )
    return section, course
