"""From a review's state to its numbers: the one way, for the panel and the command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.io.records.settings import flatten_settings, replace_settings
from nvc.model.anatomy import Side
from nvc.model.review import LANDMARK_NAMES, PaintedOn
from nvc.model.stages import Origin, Segmentation, SideLandmarks
from nvc.pipeline import Progress, Result, Stage, rerun, run
from nvc.reviews.strokes import apply_strokes
from nvc.segment.labels.paint import paint_labels
from nvc.segment.labels.relabel import relabel

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.model.review import ReviewState
    from nvc.model.space import Point
    from nvc.model.study import Study
    from nvc.settings import Settings


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
    return run(
        study,
        read_settings_of(state),
        landmarks=find_search_landmarks(state),
        on_progress=on_progress,
        should_stop=should_stop,
    )


def find_search_landmarks(state: ReviewState) -> dict[Side, SideLandmarks] | None:
    """Return the landmarks that the nerves were searched with, if any were moved."""
    given = {
        side: _landmarks(SideLandmarks(), marks)
        for side, marks in state.search_landmarks.items()
    }
    return given or None


def search_again(
    result: Result,
    state: ReviewState,
    *,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Result:
    """Follow nerves and vessels anew from the landmarks of a review."""
    return rerun(
        result,
        Stage.REGIONS,
        landmarks=find_search_landmarks(state),
        on_progress=on_progress,
        should_stop=should_stop,
    )


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
        `found` itself where nothing was edited.
    """
    if not (state.landmarks or state.paintings):
        return found
    segmentation = found.segmentation
    if state.paintings:
        base = paint_found(found, state)
        segmentation = relabel(
            segmentation,
            base,
            apply_strokes(base, state.paintings),
            found.aligned.reference_role,
            ends_stand=state.painted_on is PaintedOn.MEASURED,
            settings=read_settings_of(state).nerve.drawn,
        )
    segmentation = _with_landmarks(segmentation, state.landmarks)
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
            own = _landmarks(sides[side].landmarks, marks)
            sides[side] = replace(sides[side], landmarks=own)
    return replace(segmentation, sides=sides)


def _landmarks(own: SideLandmarks, marks: Mapping[str, Point]) -> SideLandmarks:
    points = {name: getattr(own, name) for name in LANDMARK_NAMES}
    points |= {name: np.array(point, dtype=float) for name, point in marks.items()}
    return SideLandmarks(**points, source=Origin.CONFIRMED)
