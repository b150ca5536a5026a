"""The pictures of the report: the source images, without and with what was found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.findings import ReportedLandmarks
from nvc.model.study import SequenceRole
from nvc.pages.drawing import Found, View, draw_png
from nvc.pages.outlines import cut_outlines
from nvc.pages.planes import Plane, lay_across, lay_along, lay_axial
from nvc.sampling import Sampler, crop
from nvc.tubes.curve import interpolate, nearest_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.findings import Contact, SideReport
    from nvc.model.grid import Volume
    from nvc.model.stages import Aligned, Segmentation, Tube

PIXEL_MM = 0.15
AXIAL_MM, ALONG_MM, ACROSS_MM = 36.0, 22.0, 12.0
_COURSE_REACH_MM = 3.0
"""The course is taken over this much nerve on either side: a few voxels."""
_CROP_MARGIN_MM = 4.0
_ONE_SLICE_MM = 0.5
"""A gap that fits in one slice of a cisternography."""
_WINDOW_MM, _WINDOW_STEP_MM = 90.0, 0.6
"""The window is chosen over both cisterns, so that both sides look alike."""
_WINDOW_PERCENTILES = (0.5, 99.5)
_SMALLEST_WINDOW = 1e-6
_ALONG = "Along the nerve"
_POLARITY = {
    SequenceRole.T2: "Fluid bright, nerves and vessels dark",
    SequenceRole.T1: "Fluid dark, nerves grey, arteries not resolved",
    SequenceRole.TOF: "Flowing blood bright",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportPicture:
    """One view of one side.

    Parameters
    ----------
    title : str
        What the view is.
    png_plain, png_overlay : bytes
        PNG of the source image alone and of the same with outlines.
    caption : str
        Sequence, polarity and size, in plain words.
    """

    title: str
    png_plain: bytes
    png_overlay: bytes
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Source:
    """A volume ready to be sampled at RAS mm of the reference, and its window."""

    sample: Callable[[NDArray[np.float64]], NDArray[np.float32]]
    window: tuple[float, float]


def draw_side(
    aligned: Aligned, segmentation: Segmentation, side_report: SideReport, side: Side
) -> tuple[ReportPicture, ...]:
    """Draw one side: axial, along the nerve, across it, and the TOF where there is one.

    Parameters
    ----------
    aligned : Aligned
        Reference and companions.
    segmentation : Segmentation
        What is outlined.
    side_report : SideReport
        Says where to look: the closest points, else the middle of the free nerve,
        else the landmarks.
    side : Side
        The patient's side.

    Returns
    -------
    tuple of ReportPicture
        Empty where neither a nerve nor a landmark was found.
    """
    nerves = segmentation.sides.get(side)
    facial = nerves.facial if nerves is not None else None
    centre = _where_to_look(side_report)
    if centre is None:
        return ()
    axes = aligned.reference.grid.axes_ras
    axial = lay_axial(_axial_centre(side_report, centre), axes, AXIAL_MM)
    planes = [("Axial", axial)]
    if facial is not None:
        course = _course_at(facial, centre)
        beside = _beside(side_report, segmentation, centre, axes)
        planes.append((_ALONG, lay_along(centre, course, beside, axes, ALONG_MM)))
        planes.append(("Across the nerve", lay_across(centre, course, axes, ACROSS_MM)))
    pictures = []
    source = _source(aligned.reference, lambda points_mm: points_mm, axial)
    for title, plane in planes:
        view = _view(plane, source, segmentation, axes)
        pictures.append(_picture(title, aligned.reference_role, view, side_report))
    tof = aligned.companions.get(SequenceRole.TOF)
    if tof is not None:
        source = _source(tof.volume, tof.to_companion_mm, axial)
        view = _view(axial, source, segmentation, axes)
        pictures.append(_picture("Axial", SequenceRole.TOF, view, side_report))
    return tuple(pictures)


def choose_contact(side_report: SideReport) -> Contact | None:
    """Return the contact that the pictures are centred on, or None.

    That of the headline; where there is none, the nearest that was seen at all.
    """
    for contact in side_report.contacts:
        if contact.closest_point_nerve_mm == side_report.closest_point_nerve_mm:
            return contact
    return side_report.contacts[0] if side_report.contacts else None


def _where_to_look(side_report: SideReport) -> NDArray[np.float64] | None:
    contact = choose_contact(side_report)
    if contact is not None:
        ends = (contact.closest_point_nerve_mm, contact.closest_point_vessel_mm)
        return np.mean(np.array(ends, dtype=float), axis=0)
    landmarks = side_report.landmarks
    free = [landmarks.root_detachment_mm, landmarks.porus_mm]
    known = [np.array(point, dtype=float) for point in free if point is not None]
    course = np.array(side_report.facial_nerve_mm, dtype=float)
    if len(course):
        middle = np.mean(known, axis=0) if len(known) == 2 else course.mean(axis=0)
        return np.asarray(course[nearest_index(course, middle)], dtype=float)
    return np.asarray(np.mean(known, axis=0), dtype=float) if known else None


def _axial_centre(
    side_report: SideReport, centre: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return a point whose axial slice shows the nerve, and the vessel if it can.

    Where the two (nearly) touch, the slice between them cuts both. Otherwise one
    through the middle of the gap might cut neither: take it through the nerve.
    """
    contact = choose_contact(side_report)
    course = np.array(side_report.facial_nerve_mm, dtype=float)
    if contact is None or contact.distance_mm <= _ONE_SLICE_MM or not len(course):
        return centre
    wall = np.array(contact.closest_point_nerve_mm, dtype=float)
    axis = course[nearest_index(course, wall)]
    return np.asarray((wall + axis) / 2, dtype=float)


def _course_at(nerve: Tube, at_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the nerve's unit direction near a point."""
    along = nerve.arc_length_mm()
    here = along[nearest_index(nerve.points_mm, at_mm)]
    ends = np.clip([here - _COURSE_REACH_MM, here + _COURSE_REACH_MM], 0, along[-1])
    start, stop = interpolate(ends, along, nerve.points_mm)
    length = np.linalg.norm(stop - start)
    if length == 0.0:
        return np.array([1.0, 0.0, 0.0])
    return np.asarray((stop - start) / length, dtype=float)


def _beside(
    side_report: SideReport,
    segmentation: Segmentation,
    centre: NDArray[np.float64],
    axes: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return the direction that the plane along the nerve should hold as well.

    From the nerve's axis towards the vessel at the contact; without one, anterior.
    """
    contact = choose_contact(side_report)
    course = np.array(side_report.facial_nerve_mm, dtype=float)
    if contact is None or not len(course):
        return np.asarray(axes[:, 1], dtype=float)
    nerve_axis = course[nearest_index(course, centre)]
    on_vessel = np.array(contact.closest_point_vessel_mm, dtype=float)
    for vessel in segmentation.vessels:
        gaps = np.linalg.norm(vessel.tube.points_mm - on_vessel, axis=1)
        nearest = int(np.argmin(gaps))
        if gaps[nearest] <= vessel.tube.radius_mm[nearest] + PIXEL_MM:
            return np.asarray(vessel.tube.points_mm[nearest] - nerve_axis, dtype=float)
    return np.asarray(on_vessel - nerve_axis, dtype=float)


def _source(
    volume: Volume,
    to_own_mm: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    axial: Plane,
) -> _Source:
    """Prepare a volume for sampling near a plane, and choose its window."""
    near = to_own_mm(axial.points_mm(1.0)).reshape(-1, 3)
    sampler = Sampler.over(crop(volume, near, ALONG_MM / 2 + _CROP_MARGIN_MM))
    wide = replace(axial, width_mm=_WINDOW_MM)
    level = Sampler.over(volume, order=1)(to_own_mm(wide.points_mm(_WINDOW_STEP_MM)))
    level = level[np.isfinite(level)]
    black, white = np.percentile(level, _WINDOW_PERCENTILES) if level.size else (0, 1)
    return _Source(
        sample=lambda points_mm: sampler(to_own_mm(points_mm)),
        window=(float(black), float(max(white, black + _SMALLEST_WINDOW))),
    )


def _view(
    plane: Plane,
    source: _Source,
    segmentation: Segmentation,
    axes: NDArray[np.float64],
) -> View:
    points = plane.points_mm(PIXEL_MM)
    return View(
        plane=plane,
        grey=source.sample(points),
        outlines=cut_outlines(points, segmentation),
        axes=axes,
        window=source.window,
    )


def _picture(
    title: str, role: SequenceRole, view: View, side_report: SideReport
) -> ReportPicture:
    # The axial picture has no room for names; the one along the nerve holds them all.
    named = side_report.landmarks if title == _ALONG else ReportedLandmarks()
    found = Found(landmarks=named, contact=choose_contact(side_report))
    return ReportPicture(
        title=f"{title}, {role.upper()}",
        png_plain=draw_png(view, None),
        png_overlay=draw_png(view, found),
        caption=f"{_POLARITY[role]}; {view.plane.width_mm:.0f} mm wide",
    )
