"""From a review's state to its numbers: the one way, for the panel and the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from nvc.io.records.settings import flatten_settings, replace_settings
from nvc.model.anatomy import Side
from nvc.model.landmark_checks import LandmarkError, leave_out
from nvc.model.review import PaintedOn
from nvc.model.stages import Segmentation, SideLandmarks
from nvc.pipeline import Progress, Result, Stage, rerun, run
from nvc.reviews.possible import (
    drop_crossed_labels,
    keep_possible_landmarks,
    move_landmarks,
)
from nvc.reviews.strokes import apply_strokes, drop_unknown_labels
from nvc.segment.labels.paint import paint_labels
from nvc.segment.labels.relabel import relabel

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.model.review import ReviewState
    from nvc.model.space import Point
    from nvc.model.study import Study
    from nvc.settings import Settings

GivenLandmarks = Mapping[Side, SideLandmarks] | None


def read_settings_of(state: ReviewState) -> Settings:
    """Return the settings that a review was opened with."""
    return replace_settings(flatten_settings(state.settings))


def measure_found(
    study: Study,
    state: ReviewState,
    *,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Run the pipeline as a review asks for it, before what was moved or painted.

    Parameters
    ----------
    study : Study
        The inputs.
    state : ReviewState
        Its settings and the landmarks that the search was given.
    on_progress, should_stop
        As `nvc.pipeline.run` takes them.
    """
    settings = read_settings_of(state)

    def found(told: Study, landmarks: GivenLandmarks) -> Result:
        return run(
            told,
            settings,
            landmarks=landmarks,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    return _with_what_can_be(found, study, find_search_landmarks(state))


def find_search_landmarks(state: ReviewState) -> dict[Side, SideLandmarks] | None:
    """Return the landmarks that the nerves were searched with, if any were moved."""
    given = {
        side: move_landmarks(SideLandmarks(), marks)
        for side, marks in state.search_landmarks.items()
    }
    return given or None


def _with_what_can_be(
    found: Callable[[Study, GivenLandmarks], Result],
    study: Study,
    landmarks: GivenLandmarks,
) -> Result:
    """Search with a review's landmarks, without those that cannot be right.

    What was recorded before such landmarks were refused stays readable: the report
    says what was left out.
    """
    while True:
        try:
            return found(study, landmarks or None)
        except LandmarkError as error:
            wrong = error.misplaced[0]
            study = replace(study, warnings=(*study.warnings, wrong.left_out))
            landmarks = leave_out(landmarks or {}, wrong.mark)


def search_again(
    result: Result,
    state: ReviewState,
    *,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Follow nerves and vessels anew from the landmarks of a review."""

    def found(told: Study, landmarks: GivenLandmarks) -> Result:
        return rerun(
            replace(result, study=told, landmarks=None),
            Stage.REGIONS,
            landmarks=landmarks,
            on_progress=on_progress,
            should_stop=should_stop,
        )

    return _with_what_can_be(found, result.study, find_search_landmarks(state))


def measure_edited(found: Result, state: ReviewState) -> Result:
    """Measure again with what a reader moved and painted; below a second.

    Parameters
    ----------
    found : Result
        From `measure_found`; never one that holds edits already.
    state : ReviewState
        Landmarks and paintings.

    Returns
    -------
    Result
        `found` itself where nothing was edited. What cannot be measured (a landmark on
        the other side, a label without meaning) is left out, and the report says so.
    """
    if not (state.landmarks or state.paintings):
        return found
    segmentation = found.segmentation
    notes: tuple[str, ...] = ()
    if state.paintings:
        base = paint_found(found, state)
        painted = apply_strokes(base, state.paintings)
        known, strange = drop_unknown_labels(painted, base)
        known, crossed = drop_crossed_labels(found, known, base)
        notes = (*strange, *crossed)
        segmentation = relabel(
            segmentation,
            base,
            known,
            found.aligned.reference_role,
            ends_stand=state.painted_on is PaintedOn.MEASURED,
            settings=read_settings_of(state).nerve.drawn,
        )
    marks, left_out = keep_possible_landmarks(found, state)
    segmentation = _with_landmarks(segmentation, marks)
    reasons = (*segmentation.reasons, *notes, *left_out)
    segmentation = replace(segmentation, reasons=reasons)
    return rerun(replace(found, segmentation=segmentation), Stage.MEASURE)


def paint_found(found: Result, state: ReviewState) -> Volume:
    """Return the labels that a reader paints on, before any stroke."""
    as_measured = state.painted_on is PaintedOn.MEASURED
    shown = found.shown if as_measured else found.segmentation
    return paint_labels(found.aligned.reference.grid, shown)


def _with_landmarks(
    segmentation: Segmentation, moved: Mapping[Side, Mapping[str, Point]]
) -> Segmentation:
    sides = dict(segmentation.sides)
    for side, marks in moved.items():
        if side in sides:
            own = move_landmarks(sides[side].landmarks, marks)
            sides[side] = replace(sides[side], landmarks=own)
    return replace(segmentation, sides=sides)
