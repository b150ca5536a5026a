"""The segmentation as it was measured, so that what is shown is what was measured.

Measuring lays CN VII through its own cross-sections and joins vessels that were lost at
the nerve. Labels, outlines, surfaces and plots are drawn from this, not from what the
segmentation began with.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.elsewhere import measure_elsewhere_sd_mm
from nvc.measurement.places.nerve_course import find_arc_mm
from nvc.tubes.curve import interpolate, resample_tube_at_most
from nvc.tubes.frames import tangents

if TYPE_CHECKING:
    from collections.abc import Mapping

    from nvc.measurement.places.side_context import SideContext
    from nvc.model.anatomy import Side
    from nvc.model.stages import Segmentation, Tube
    from nvc.numerics import Step

_SHOWN_STEP_MM: Step[float] = 0.25
"""Half a voxel: places along the nerve are read off its points."""


def put_refitted_nerves(
    segmentation: Segmentation, own: Mapping[Side, SideContext]
) -> Segmentation:
    """Put the nerves as they were measured into a segmentation.

    Parameters
    ----------
    segmentation : Segmentation
        With the vessels as they were measured, mm of the working frame.
    own : mapping of Side to SideContext
        The sides that have a nerve, after its refit.

    Returns
    -------
    Segmentation
        Landmarks, CN VIII, brainstem and given labels as they were.
    """
    sides = dict(segmentation.sides)
    for side, context in own.items():
        tube = context.course.tube
        # Neighbours that were drawn along another structure share that error.
        left = measure_elsewhere_sd_mm(context, tube.points_mm)
        doubted = replace(tube, position_sd_mm=np.hypot(tube.position_sd_mm, left))
        course = replace(context.course, tube=doubted)
        facial = _as_fitted(replace(context, course=course))
        sides[side] = replace(sides[side], facial=facial)
    return replace(segmentation, sides=sides)


def _as_fitted(context: SideContext) -> Tube:
    """Return the refitted course with its sections, round where none was seen."""
    course, sections = context.course, context.sections
    if not sections:
        return resample_tube_at_most(course.tube, _SHOWN_STEP_MM)
    points, arc, radius = course.tube.points_mm, course.arc_mm, course.tube.radius_mm
    seen = np.array([find_arc_mm(points, arc, s.centre_mm) for s in sections])
    order = np.argsort(seen)
    within = (arc >= seen.min()) & (arc <= seen.max())
    fitted = np.array([sections[k].radius_mm for k in order])
    radius = np.where(within, np.interp(arc, seen[order], fitted), radius)
    shapes = np.array([sections[k].half_axes_mm2.ravel() for k in order])
    along = tangents(points)
    along = along[:, :, None] * along[:, None, :]
    square = radius[:, None, None] ** 2
    across = np.where(
        within[:, None, None],
        interpolate(arc, seen[order], shapes).reshape(-1, 3, 3),
        square * (np.eye(3) - along),
    )
    # What lies along the course only keeps the matrix invertible.
    section = across + square * along
    shown = replace(course.tube, radius_mm=radius, section_mm2=section)
    return resample_tube_at_most(shown, _SHOWN_STEP_MM)
