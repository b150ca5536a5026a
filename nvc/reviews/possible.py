"""Which corrections of a reader can be measured: told before they are written.

A review is append-only: what measuring would refuse must not get into it. What got into
one all the same, with an older version, is left out of the numbers, and the report says
so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import ReviewError
from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESTIBULOCOCHLEAR_LABEL,
    Side,
    Structure,
)
from nvc.model.grid import Volume
from nvc.model.landmark_checks import (
    LandmarkError,
    Misplaced,
    choose_head,
    find_misplaced,
)
from nvc.model.space import Point
from nvc.model.stages import LANDMARK_NAMES, HeadFrame, Origin, SideLandmarks
from nvc.pipeline import find_landmark_limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.review import ReviewState
    from nvc.pipeline import Result

Moved = Mapping[Side, Mapping[str, Point]]


def require_possible_move(
    found: Result, state: ReviewState, side: Side, name: str, point_mm: Point
) -> None:
    """Refuse to move a landmark to where it cannot be.

    Parameters
    ----------
    found : Result
        As the pipeline found it, before corrections.
    state : ReviewState
        What was moved before.
    side, name, point_mm
        What is moved, and where to; true RAS mm.

    Raises
    ------
    LandmarkError
        If it lies across the midline, out of order, or far from what belongs to it.
    """
    moved = {**state.landmarks, side: {**state.landmarks.get(side, {}), name: point_mm}}
    wrong = [one for one in _find_impossible(found, moved) if one.mark == (side, name)]
    if wrong:
        raise LandmarkError("Landmark", wrong)


def require_possible_stroke(found: Result, before: Volume, after: Volume) -> None:
    """Refuse to paint a nerve of one side on the other.

    Parameters
    ----------
    found : Result
        As the pipeline found it, before corrections.
    before, after : Volume
        Labels before and after the stroke; of one grid.

    Raises
    ------
    ReviewError
        Naming the nerve.
    """
    crossed = _across(found, before, after)
    if crossed.any():
        value = Structure(int(np.asarray(after.voxels)[crossed][0]))
        raise ReviewError(
            f"{value.name} lies on the other side of the head's midline; choose the "
            "nerve of the side that is painted on"
        )


def drop_crossed_labels(
    found: Result, painted: Volume, base: Volume
) -> tuple[Volume, tuple[str, ...]]:
    """Return labels without nerves on the other side, and in words which these were."""
    crossed = _across(found, base, painted)
    if not crossed.any():
        return painted, ()
    own = np.asarray(painted.voxels)
    names = sorted({Structure(int(value)).name for value in np.unique(own[crossed])})
    kept = np.where(crossed, base.voxels, own).astype(np.uint8)
    note = f"{', '.join(names)} painted across the head's midline was left out"
    return Volume(grid=painted.grid, voxels=kept), (note,)


def keep_possible_landmarks(
    found: Result, state: ReviewState
) -> tuple[dict[Side, dict[str, Point]], tuple[str, ...]]:
    """Return the moved landmarks that can be right, and in words the others."""
    kept = {side: dict(marks) for side, marks in state.landmarks.items()}
    notes: list[str] = []
    while wrong := _find_impossible(found, kept):
        side, name = wrong[0].mark
        del kept[side][name]
        notes.append(wrong[0].left_out)
    return kept, tuple(notes)


def move_landmarks(own: SideLandmarks, marks: Mapping[str, Point]) -> SideLandmarks:
    """Return the landmarks of a side with some in new places."""
    points = {name: getattr(own, name) for name in LANDMARK_NAMES}
    points |= {name: np.array(point, dtype=float) for name, point in marks.items()}
    return SideLandmarks(**points, source=Origin.CONFIRMED)


def _across(found: Result, before: Volume, after: Volume) -> NDArray[np.bool_]:
    """Mark voxels newly labelled as a nerve of the side on which they do not lie."""
    own = np.asarray(after.voxels)
    crossed = np.zeros(own.shape, dtype=bool)
    head, is_midline_known = _choose_head(found)
    if not is_midline_known:
        return crossed
    for side in Side:
        nerves = [FACIAL_LABEL[side], VESTIBULOCOCHLEAR_LABEL[side]]
        ijk = np.argwhere((own != before.voxels) & np.isin(own, nerves))
        points = after.grid.to_ras_mm(ijk.astype(float))
        wrong = ijk[side.sign * head.to_head(points)[..., 0] < 0]
        crossed[tuple(wrong.T)] = True
    return crossed


def _choose_head(found: Result) -> tuple[HeadFrame, bool]:
    grid = found.aligned.reference.grid
    return choose_head(found.regions.head, grid, _landmarks(found))


def _landmarks(found: Result) -> dict[Side, SideLandmarks]:
    return {side: one.landmarks for side, one in found.segmentation.sides.items()}


def _find_impossible(found: Result, moved: Moved) -> list[Misplaced]:
    merged = {
        side: move_landmarks(marks, moved.get(side, {}))
        for side, marks in _landmarks(found).items()
    }
    given = [(side, name) for side, marks in moved.items() for name in marks]
    head, is_midline_known = _choose_head(found)
    return find_misplaced(
        merged,
        given,
        head,
        find_landmark_limits(found.settings),
        is_midline_known=is_midline_known,
    )
