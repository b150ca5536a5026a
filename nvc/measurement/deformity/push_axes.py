"""Along which directions a push of CN VII is looked for.

A nerve on the brain turns by nature out of the brain's surface and into it, hardly
along it: where it leaves the brainstem, where it follows the pons, where it lifts off.
The two are told apart, so that a push along the surface is not judged by bends that
only the other direction has.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.deformity.natural_course import find_brain_normal

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.side_context import SideContext


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PushAxis:
    """One direction in which a push may show.

    Parameters
    ----------
    direction : ndarray, shape (3,)
        Unit vector, away from the vessel, in the working frame.
    share : float
        Part of the push that shows along it, 0 to 1.
    out_of_surface : float
        Square of its cosine with the brain's normal; 1 where no surface is known.
    is_up : bool
        Whether it leads straight out of the surface or into it, along the nerve's
        section.
    """

    direction: NDArray[np.float64]
    share: float = 1.0
    out_of_surface: float = 1.0
    is_up: bool = False


def find_push_axes(
    arc_mm: float,
    towards: NDArray[np.float64],
    along: NDArray[np.float64],
    context: SideContext,
) -> list[PushAxis]:
    """Split the direction away from a vessel by the brain's surface.

    Parameters
    ----------
    arc_mm : float
        Place along the nerve, mm.
    towards : ndarray, shape (3,)
        Unit vector from the nerve to the vessel, square to the nerve, in the working
        frame.
    along : ndarray, shape (3,)
        Unit vector along the nerve, in the working frame.
    context : SideContext
        Nerve and brain.

    Returns
    -------
    list of PushAxis
        Square to each other and to the nerve; only the direction itself where the
        nerve does not lie along a surface.
    """
    settings, outward = context.settings.deformity, _outward(arc_mm, context)
    if outward is None:
        return [PushAxis(direction=-towards)]
    up = outward - (outward @ along) * along
    lean = float(np.linalg.norm(up))
    if lean < settings.push_across_min:
        return [PushAxis(direction=-towards)]
    up = up / lean
    aside = np.cross(along, up)
    axes = []
    for direction, out in ((aside, 0.0), (up, lean**2)):
        share = float(-towards @ direction)
        if abs(share) > settings.push_share_min:
            away = np.asarray(np.copysign(1.0, share) * direction)
            axes.append(
                PushAxis(
                    direction=away,
                    share=abs(share),
                    out_of_surface=out,
                    is_up=out > 0.0,
                )
            )
    return axes


def _outward(arc_mm: float, context: SideContext) -> NDArray[np.float64] | None:
    """The brain's normal under the nerve; of a free place, where the nerve detaches."""
    course = context.course
    if course.detachment_mm is None:
        return None
    return find_brain_normal(min(arc_mm, course.detachment_mm), context)
