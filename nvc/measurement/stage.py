"""The stage: from nerves and vessels to gaps, places and deformity, both sides."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from nvc.measurement.describe import describe
from nvc.measurement.gap.from_centrelines import measure_gap_from_centrelines
from nvc.measurement.gap.gap import CENTRELINES, SURFACE
from nvc.measurement.gap.joined import join_vessels
from nvc.measurement.gap.open_end import reach_before_exit_mm, widen_at_open_end
from nvc.measurement.gap.stage import measure_gap
from nvc.measurement.nerve.as_measured import put_refitted_nerves
from nvc.measurement.nerve.refit import refit_course
from nvc.measurement.places.approaches import find_approaches
from nvc.measurement.places.elsewhere import measure_elsewhere_sd_mm
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.measurement.places.side_context import SideContext
from nvc.model.anatomy import NerveSegment, Side
from nvc.model.findings import Contact, Measurement, SideMeasurement

if TYPE_CHECKING:
    from nvc.measurement.gap.gap import Gap
    from nvc.model.stages import Aligned, Regions, Segmentation
    from nvc.settings import MeasureSettings

Progress = Callable[[float], None]

_UNSEEN = (
    "CN VII or a vessel is not seen all the way and may come nearer there: the "
    "interval says how near"
)

_ROUGHER = {
    SURFACE: "the surfaces of labels or voxels",
    CENTRELINES: "the segmentation's centrelines",
}


def measure(
    aligned: Aligned,
    regions: Regions,
    segmentation: Segmentation,
    settings: MeasureSettings,
    on_progress: Progress | None = None,
) -> Measurement:
    """Measure every place where a vessel comes near CN VII.

    Parameters
    ----------
    aligned : Aligned
        The volumes that gaps are measured in.
    regions : Regions
        Tissue levels and the head's directions.
    segmentation : Segmentation
        Nerves, vessels and landmarks.
    settings : MeasureSettings
        Distances and model errors.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Measurement
        Contacts of both sides, nearest first; a side without CN VII is not
        evaluable and says why. With it the segmentation as it was measured.
    """
    report = on_progress or _silent
    segmentation = join_vessels(segmentation, settings.ends)
    own: dict[Side, SideContext] = {}
    for done, side in enumerate(Side):
        course = _course(segmentation, side)
        if course is not None:
            context = SideContext(
                side=side,
                aligned=aligned,
                levels=regions.levels,
                segmentation=segmentation,
                course=course,
                settings=settings,
                head=regions.head,
            )
            landmarks = segmentation.sides[side].landmarks
            own[side] = refit_course(context, landmarks)
        report((done + 1) / (2 * len(Side)))
    sides: dict[Side, SideMeasurement] = {}
    for done, side in enumerate(Side):
        sides[side] = _measured(own.get(side), own.get(side.other))
        report(0.5 + (done + 1) / (2 * len(Side)))
    return Measurement(
        left=sides[Side.LEFT],
        right=sides[Side.RIGHT],
        as_measured=put_refitted_nerves(segmentation, own),
    )


def _measured(own: SideContext | None, other: SideContext | None) -> SideMeasurement:
    """Measure one side, beside the other nerve where that was found."""
    if own is None:
        return SideMeasurement(evaluable=False, reasons=("CN VII was not found",))
    if other is not None:
        own = replace(own, other_course=other.course, other_sections=other.sections)
    return _measure_side(own)


def _silent(_fraction: float) -> None:
    """Stand in for a caller that does not watch."""


def _course(segmentation: Segmentation, side: Side) -> NerveCourse | None:
    nerves = segmentation.sides.get(side)
    if nerves is None or nerves.facial is None or len(nerves.facial.points_mm) < 2:
        return None
    return NerveCourse.of(nerves.facial, nerves.landmarks)


def _measure_side(context: SideContext) -> SideMeasurement:
    settings, vessels = context.settings, context.segmentation.vessels
    contacts, is_unseen = [], False
    reach = settings.search_distance_mm + settings.search_margin_mm
    farther = reach + reach_before_exit_mm(context)
    for approach in find_approaches(context.course, vessels, settings, farther):
        near = approach.gap_mm <= reach
        measure_one = measure_gap if near else measure_gap_from_centrelines
        gap = _doubt(measure_one(approach, context), context)
        gap = widen_at_open_end(gap, approach, context)
        # Where one of the two is not seen they may come nearer: not left out for that.
        if gap.gap_mm - gap.nearer_mm <= settings.search_distance_mm:
            contacts.append(describe(approach, gap, context))
            is_unseen |= gap.nearer_mm > 0.0
    contacts.sort(key=lambda contact: contact.distance_mm)
    return SideMeasurement(
        evaluable=True,
        contacts=tuple(contacts),
        reasons=(*_limits(context.course, contacts), *[_UNSEEN] * is_unseen),
        nearest_beyond=_nearest_beyond(context, contacts),
    )


def _doubt(gap: Gap, context: SideContext) -> Gap:
    """Say how far off CN VII may be where the gap was measured.

    A method measures the gap to what shows at a place; on the brain that may be
    another structure than CN VII. Whether it touches is not told by that; how near the
    nerve is, is.
    """
    sd = measure_elsewhere_sd_mm(context, gap.nerve_wall_mm[None])[0]
    return replace(gap, doubt_sd_mm=float(sd))


def _nearest_beyond(context: SideContext, contacts: list[Contact]) -> Contact | None:
    """Return the nearest vessel outside the search distance, where none is within."""
    settings = context.settings
    search = settings.search_distance_mm
    if any(
        c.nerve_segment is not NerveSegment.CANAL and c.distance_mm <= search
        for c in contacts
    ):
        return None
    far = find_approaches(
        context.course.outside_canal(settings),
        context.segmentation.vessels,
        settings,
        reach_mm=settings.far_mm,
    )
    for approach in far[:1]:
        gap = _doubt(measure_gap_from_centrelines(approach, context), context)
        if gap.gap_mm > settings.search_distance_mm:
            return describe(approach, gap, context)
    return None


def _limits(course: NerveCourse, contacts: list[Contact]) -> tuple[str, ...]:
    """Say what the course and the methods leave open."""
    limits = []
    methods = {contact.method for contact in contacts}
    for method, words in _ROUGHER.items():
        if method in methods:
            limits.append(
                "not every gap could be fitted to the image: some rest on "
                f"{words} and have wide intervals"
            )
    if course.detachment_mm is None:
        limits.append(
            "the root detachment was not found: where along the nerve a contact lies "
            "is not known"
        )
    if course.porus_mm is None:
        limits.append("the porus was not found: places inside the canal also count")
    if course.root_exit_mm is None:
        limits.append("the root exit was not found: the nerve's start may be missed")
    return tuple(limits)
