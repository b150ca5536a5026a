"""From a review's state to its numbers: the one way, for the panel and the command."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from nvc.errors import ReviewError
from nvc.io.settings_file import settings_of
from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.model.review import LANDMARK_NAMES, Painting
from nvc.model.stages import Origin, Segmentation, SideLandmarks
from nvc.pipeline import Progress, Result, Stage, rerun, run
from nvc.segment.paint import paint_labels
from nvc.segment.relabel import relabel

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.findings import Point
    from nvc.model.review import ReviewState
    from nvc.model.study import Study
    from nvc.settings import Settings


def settings_of_review(state: ReviewState) -> Settings:
    """Return the settings that a review was opened with."""
    flat = {
        f"{stage}.{name}": value
        for stage, table in state.settings.items()
        for name, value in table.items()
    }
    return settings_of(flat)


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
        settings_of_review(state),
        landmarks=search_landmarks(state),
        on_progress=on_progress,
        should_stop=should_stop,
    )


def search_landmarks(state: ReviewState) -> dict[Side, SideLandmarks] | None:
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
        landmarks=search_landmarks(state),
        on_progress=on_progress,
        should_stop=should_stop,
    )


def with_edits(found: Result, state: ReviewState) -> Result:
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
        base = found_labels(found)
        segmentation = relabel(
            segmentation,
            base,
            painted(base, state.paintings),
            found.aligned.reference_role,
        )
    segmentation = _with_landmarks(segmentation, state.landmarks)
    return rerun(replace(found, segmentation=segmentation), Stage.MEASURE)


def found_labels(found: Result) -> Volume:
    """Return the labels that a reader paints on, before any stroke."""
    return paint_labels(found.aligned.reference.grid, found.segmentation)


def painted(base: Volume, paintings: tuple[Painting, ...]) -> Volume:
    """Return labels with every stroke on them.

    Raises
    ------
    ReviewError
        If a stroke does not fit what it was painted on: another version of the
        software, or another study.
    """
    voxels = np.array(base.voxels, dtype=np.uint8)
    flat = voxels.reshape(-1)
    for number, stroke in enumerate(paintings, start=1):
        index, before, after = unpacked(stroke)
        fits = index.size == 0 or (index.min() >= 0 and index.max() < flat.size)
        if not fits or not np.array_equal(flat[index], before):
            raise ReviewError(
                f"painting {number} does not fit the labels found now: the review was "
                "made with another version of the software or another study"
            )
        flat[index] = after
    return Volume(grid=base.grid, voxels=voxels)


def packed(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> dict[str, Any]:
    """Return what changed between two label arrays, as an event holds it."""
    index = np.flatnonzero(before.reshape(-1) != after.reshape(-1))
    return {
        "voxels": _encoded(index.astype("<i4")),
        "before": _encoded(before.reshape(-1)[index]),
        "after": _encoded(after.reshape(-1)[index]),
        "count": int(index.size),
    }


def unpacked(
    painting: Painting,
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint8]]:
    """Return flat indices, labels before and labels after.

    Raises
    ------
    ReviewError
        If it cannot be decoded.
    """
    try:
        index = np.frombuffer(_decoded(painting.voxels), dtype="<i4")
        before = np.frombuffer(_decoded(painting.before), dtype=np.uint8)
        after = np.frombuffer(_decoded(painting.after), dtype=np.uint8)
    except (ValueError, zlib.error) as error:
        raise ReviewError(f"a painting cannot be read ({error})") from error
    if not index.size == before.size == after.size == painting.count:
        raise ReviewError("a painting has lost some of its voxels")
    return index, before, after


def _encoded(array: NDArray[np.generic]) -> str:
    return base64.b64encode(zlib.compress(array.tobytes(), 6)).decode("ascii")


def _decoded(text: str) -> bytes:
    return zlib.decompress(base64.b64decode(text, validate=True))


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
