"""The order of the stages; the command and the plugin both run this."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from nvc.align import align
from nvc.errors import Cancelled
from nvc.io.template import read_template
from nvc.measurement import find_remarks, measure
from nvc.model.anatomy import Side
from nvc.model.findings import Measurement, Report
from nvc.model.frame import Rigid, enter_working_frame
from nvc.model.grid import Volume
from nvc.model.landmark_checks import (
    LandmarkError,
    LandmarkLimits,
    choose_head,
    find_misplaced,
    list_marks,
)
from nvc.model.stages import Aligned, Regions, Segmentation, SideLandmarks
from nvc.model.study import Study
from nvc.regions import find_regions
from nvc.regions.given import apply_given
from nvc.report import make_report
from nvc.segment.labels.read import segment_from_labels
from nvc.segment.stage import segment
from nvc.settings import Settings

if TYPE_CHECKING:
    from nvc.numerics import Layout

Progress = Callable[[str, float], None]
"""Called with the name of the step and the fraction done of the whole run."""


class Stage(IntEnum):
    """The stages, in order; a rerun starts from one of them."""

    ALIGN = 0
    REGIONS = 1
    SEGMENT = 2
    MEASURE = 3
    REPORT = 4


_SHARE: Layout[dict[Stage, float]] = {
    Stage.ALIGN: 0.25,
    Stage.REGIONS: 0.2,
    Stage.SEGMENT: 0.4,
    Stage.MEASURE: 0.14,
    Stage.REPORT: 0.01,
}
"""Rough share of the running time, for the progress bar only."""

_NUMPY_USUAL: Mapping[str, Any] = {
    "divide": "warn",
    "over": "warn",
    "under": "ignore",
    "invalid": "warn",
}
_TITLE = {
    Stage.ALIGN: "Bringing the sequences together",
    Stage.REGIONS: "Finding landmarks",
    Stage.SEGMENT: "Following nerves and vessels",
    Stage.MEASURE: "Measuring",
    Stage.REPORT: "Writing findings",
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """Every value of one run, from the study to the report."""

    study: Study
    settings: Settings
    aligned: Aligned
    regions: Regions
    segmentation: Segmentation
    measurement: Measurement
    report: Report
    landmarks: Mapping[Side, SideLandmarks] | None = None
    labels: Volume | None = None

    @property
    def shown(self) -> Segmentation:
        """What is drawn, saved and shown: the segmentation as it was measured."""
        return self.measurement.as_measured or self.segmentation


def find_landmark_limits(settings: Settings) -> LandmarkLimits:
    """Return how far apart landmarks that a person gave may lie."""
    return LandmarkLimits(
        apart_mm=settings.input.max_landmarks_apart_mm,
        askew_mm=settings.input.max_landmarks_askew_mm,
        across_mm=settings.input.max_landmarks_across_mm,
    )


class _Watch:
    """Turns the stages' own progress into one fraction, and honours cancelling."""

    def __init__(
        self, on_progress: Progress | None, should_stop: Callable[[], bool] | None
    ) -> None:
        self._on_progress = on_progress
        self._should_stop = should_stop

    def stage(self, stage: Stage) -> Callable[[float], None]:
        """Announce a stage and return the callback for its own fraction."""
        begin = sum(_SHARE[earlier] for earlier in Stage if earlier < stage)

        def report(fraction: float) -> None:
            if self._should_stop is not None and self._should_stop():
                raise Cancelled("stopped on request; nothing was written")
            if self._on_progress is not None:
                self._on_progress(_TITLE[stage], begin + _SHARE[stage] * fraction)

        report(0.0)
        return report


def run(
    study: Study,
    settings: Settings | None = None,
    *,
    landmarks: Mapping[Side, SideLandmarks] | None = None,
    labels: Volume | None = None,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Measure both sides of a study.

    Parameters
    ----------
    study : Study
        With at least a T2 or a T1.
    settings : Settings, optional
        Defaults otherwise.
    landmarks : mapping of Side to SideLandmarks, optional
        Replace the proposed landmarks of those sides.
    labels : Volume, optional
        A segmentation made elsewhere (`nvc.model.anatomy.Structure` values) on the
        reference's lattice; measured in place of ours.
    on_progress : callable, optional
        ``on_progress(step, fraction)``.
    should_stop : callable, optional
        Asked between steps; returning True ends the run.

    Returns
    -------
    Result

    Raises
    ------
    Cancelled
        If `should_stop` said so.
    InputError
        If landmarks or labels cannot be right.
    """
    order = _Order(study, settings or Settings(), landmarks, labels)
    return _complete(order, _Watch(on_progress, should_stop))


def rerun(
    result: Result,
    start: Stage,
    *,
    landmarks: Mapping[Side, SideLandmarks] | None = None,
    labels: Volume | None = None,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Run again from a stage on, keeping everything before it.

    Parameters
    ----------
    result : Result
        An earlier run.
    start : Stage
        First stage to run again.
    landmarks, labels, on_progress, should_stop
        As in `run`; None keeps what `result` was made with.
    """
    order = _Order(
        result.study,
        result.settings,
        result.landmarks if landmarks is None else landmarks,
        result.labels if labels is None else labels,
    )
    return _complete(
        order,
        _Watch(on_progress, should_stop),
        aligned=result.aligned if start > Stage.ALIGN else None,
        regions=result.regions if start > Stage.REGIONS else None,
        segmentation=result.segmentation if start > Stage.SEGMENT else None,
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Order:
    """What a run was asked for."""

    study: Study
    settings: Settings
    landmarks: Mapping[Side, SideLandmarks] | None
    labels: Volume | None


def _complete(
    order: _Order,
    watch: _Watch,
    *,
    aligned: Aligned | None = None,
    regions: Regions | None = None,
    segmentation: Segmentation | None = None,
) -> Result:
    """Run every stage whose value is not given, its algebra on one thread.

    Thousands of fits solve systems of some thirty unknowns: sharing one out among
    threads takes longer than solving it, and its last digits would depend on them.
    Nor does it matter what a session told NumPy to raise: far tails may underflow.
    """
    with threadpool_limits(limits=1, user_api="blas"), np.errstate(**_NUMPY_USUAL):
        return _staged(order, watch, aligned, regions, segmentation)


def _staged(
    order: _Order,
    watch: _Watch,
    aligned: Aligned | None,
    regions: Regions | None,
    segmentation: Segmentation | None,
) -> Result:
    settings = order.settings
    if aligned is None:
        aligned = align(
            order.study, settings.align, on_progress=watch.stage(Stage.ALIGN)
        )
    local, change = enter_working_frame(aligned)
    back = change.inverse
    if regions is None:
        regions = back.move(_look(order, local, change, watch))
    if segmentation is None:
        segmentation = back.move(
            _segment(order, local, change, change.move(regions), watch)
        )
    where, what = change.move(regions), change.move(segmentation)
    measured = measure(
        local,
        where,
        what,
        settings.measure,
        on_progress=watch.stage(Stage.MEASURE),
    )
    noticed = find_remarks(local, where, what, settings)
    measurement = back.move(
        replace(
            measured,
            remarks=noticed.remarks,
            not_looked_at=noticed.not_looked_at,
        )
    )
    watch.stage(Stage.REPORT)
    report = make_report(order.study, aligned, segmentation, measurement, settings)
    return Result(
        study=order.study,
        settings=settings,
        aligned=aligned,
        regions=regions,
        segmentation=segmentation,
        measurement=measurement,
        report=report,
        landmarks=order.landmarks,
        labels=order.labels,
    )


def _look(order: _Order, local: Aligned, change: Rigid, watch: _Watch) -> Regions:
    """Find where to look, with the landmarks that were given in their place.

    Raises
    ------
    LandmarkError
        If one of them cannot be where it is said to be.
    """
    settings = order.settings
    found = find_regions(
        local,
        settings.regions,
        read_template(),
        atlas_settings=settings.atlas,
        on_progress=watch.stage(Stage.REGIONS),
    )
    given = {s: change.move(own) for s, own in (order.landmarks or {}).items()}
    if not given:
        return found
    merged = apply_given(local, found, given, settings.regions)
    # Without a head of its own, what was derived rests on the landmarks themselves.
    judged = {side: region.landmarks for side, region in merged.sides.items()}
    head, is_midline_known = choose_head(found.head, local.reference.grid, given)
    misplaced = find_misplaced(
        given if found.head is None else judged,
        list_marks(given),
        head,
        find_landmark_limits(settings),
        is_midline_known=is_midline_known,
    )
    if misplaced:
        raise LandmarkError("landmarks", misplaced)
    return merged


def _segment(
    order: _Order, local: Aligned, change: Rigid, regions: Regions, watch: _Watch
) -> Segmentation:
    """Segment in the reference's own axes, or take the labels that were given."""
    progress = watch.stage(Stage.SEGMENT)
    if order.labels is None:
        return segment(local, regions, order.settings, on_progress=progress)
    labels = change.move(order.labels.canonical())
    return segment_from_labels(labels, local, regions, order.settings.nerve)
