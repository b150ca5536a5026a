"""How far an attached CN VII may lie elsewhere, another structure taken for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

from nvc.measurement.places.nerve_course import NerveCourse, find_arc_mm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.side_context import SideContext


def measure_elsewhere_sd_mm(
    context: SideContext, points_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Doubt about the nerve's place that no fit there takes away.

    A fit finds what is nearest. Begun within a nerve's thickness of the nerve it
    overlaps with it and is drawn to it, and its own deviation tells the rest. Begun
    farther off it finds another structure, however sharply that shows, and the nerve
    lies where it was expected to: what is left is the part of the spread beyond that.
    So it is on the brain, where other structures lie. A free nerve that is not seen for
    a little is led by what is seen of it on either side.

    Parameters
    ----------
    context : SideContext
        With CN VII as segmented, which holds the spread of the ways that it may take.
    points_mm : ndarray, shape (N, 3)
        On CN VII, mm of the working frame.

    Returns
    -------
    ndarray, shape (N,)
        One sigma across the nerve, mm: hardly anything where the spread is less than
        half of the nerve's thickness, nearly all of it where it is twice that.

    Notes
    -----
    The second moment of a normal beyond a distance of t standard deviations is
    2 (1 - Phi(t) + t phi(t)) of its variance.
    """
    nerves = context.segmentation.sides[context.side]
    course = NerveCourse.of(nerves.facial or context.course.tube, nerves.landmarks)
    points, known = course.tube.points_mm, course.arc_mm
    arc = np.array([find_arc_mm(points, known, point) for point in points_mm])
    sd = np.maximum(np.interp(arc, known, course.tube.position_sd_mm), 1e-6)
    off = 2.0 * np.interp(arc, known, course.tube.radius_mm) / sd
    left = sd * np.sqrt(2.0 * (norm.sf(off) + off * norm.pdf(off)))
    return np.where(arc < (course.detachment_mm or 0.0), left, 0.0)
