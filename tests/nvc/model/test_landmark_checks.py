"""A landmark is held against the midline, its neighbours and the other side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.anatomy import Side
from nvc.model.grid import Grid
from nvc.model.landmark_checks import (
    LandmarkError,
    LandmarkLimits,
    assume_head,
    find_misplaced,
    knows_midline,
    leave_out,
    list_marks,
)
from nvc.model.stages import LANDMARK_NAMES, HeadFrame, SideLandmarks

LIMITS = LandmarkLimits(apart_mm=40.0, askew_mm=30.0, across_mm=8.0)
OUTWARD = {
    "root_exit_point_mm": (9.0, 4.0, -3.0),
    "root_detachment_mm": (11.0, 8.0, -1.0),
    "porus_mm": (22.0, 12.0, 1.0),
    "fundus_mm": (31.0, 11.0, 2.0),
}


def tilted(degrees: float = 12.0, off_mm: float = 9.0) -> HeadFrame:
    """A head that lies turned in the scanner, its midline off the scanner's."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    axes = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    return HeadFrame(origin_mm=np.array([off_mm, -20.0, 5.0]), axes=axes)


HEAD = tilted()


def true_sides(head: HeadFrame = HEAD) -> dict[Side, SideLandmarks]:
    return {
        side: SideLandmarks(
            **{
                name: head.to_ras_mm(np.array(place) * [side.sign, 1, 1])
                for name, place in OUTWARD.items()
            }
        )
        for side in Side
    }


def in_lps(own: SideLandmarks) -> SideLandmarks:
    return SideLandmarks(
        **{name: getattr(own, name) * [-1, -1, 1] for name in LANDMARK_NAMES}
    )


def found(sides, given=None, head=HEAD) -> list:
    return find_misplaced(sides, list_marks(given or sides), head, LIMITS)


def test_landmarks_where_they_belong_are_fine():
    assert found(true_sides()) == []


@pytest.mark.parametrize("side", list(Side))
def test_one_side_in_lps_is_told_by_the_midline(side):
    sides = true_sides() | {side: in_lps(true_sides()[side])}
    first = found(sides, {side: sides[side]})[0]
    assert first.mark[0] is side
    assert f"to the {side.other} of the head's midline" in first.reason


@pytest.mark.parametrize("name", LANDMARK_NAMES)
def test_one_landmark_of_the_other_side_is_told_alone(name):
    sides = true_sides()
    wrong = replace(sides[Side.RIGHT], **{name: getattr(sides[Side.LEFT], name)})
    told = found(sides | {Side.RIGHT: wrong})
    assert {one.mark for one in told[:1]} == {(Side.RIGHT, name)}


def test_sides_exchanged_are_told():
    sides = true_sides()
    swapped = {side: sides[side.other] for side in Side}
    assert len({one.mark for one in found(swapped)}) == 2 * len(LANDMARK_NAMES)


def test_what_was_not_given_is_not_blamed():
    """A proposal that is wrong is no fault of the landmarks that a person gave."""
    sides = true_sides()
    wrong = sides | {Side.LEFT: in_lps(sides[Side.LEFT])}
    told = found(wrong, {Side.RIGHT: SideLandmarks(fundus_mm=np.zeros(3))})
    assert all(one.mark == (Side.RIGHT, "fundus_mm") for one in told)


@pytest.mark.parametrize(
    ("name", "place", "words"),
    [
        ("fundus_mm", (31.0, 60.0, 2.0), "apart; expected at most 40 mm"),
        ("porus_mm", (7.0, 12.0, 1.0), "nearer to the midline than root_detachment"),
        ("porus_mm", (22.0, 12.0, 32.0), "from the mirror image"),
    ],
)
def test_neighbours_and_the_other_side_are_looked_at(name, place, words):
    sides = true_sides()
    moved = replace(sides[Side.RIGHT], **{name: HEAD.to_ras_mm(np.array(place))})
    told = found(sides | {Side.RIGHT: moved})
    assert any(words in one.reason for one in told), told
    assert (Side.RIGHT, name) in {one.mark for one in told}
    # Beside proposals alone, they may be what is wrong.
    given = {Side.RIGHT: SideLandmarks(**{name: getattr(moved, name)})}
    assert found(sides | {Side.RIGHT: moved}, given) == []


@pytest.mark.parametrize(("off_mm", "is_told"), [(5.0, False), (20.0, True)])
def test_a_midline_that_a_slab_puts_a_little_off_is_believed(off_mm, is_told):
    off = tilted(off_mm=9.0 - off_mm)
    shown = replace(HEAD, origin_mm=off.origin_mm)
    near = {
        side: SideLandmarks(
            root_exit_point_mm=HEAD.to_ras_mm(np.array([side.sign * 3.0, 4.0, -3.0]))
        )
        for side in Side
    }
    assert bool(found(near, head=shown)) is is_told
    assert found({Side.LEFT: in_lps(true_sides()[Side.LEFT])})


@pytest.mark.parametrize("side", list(Side))
def test_without_a_head_a_slab_of_one_side_tells_no_midline(side):
    """The middle of its field of view lies in the middle of that side."""
    grid = Grid(
        shape=(40, 60, 40),
        voxel_to_ras_mm=np.array(
            [
                [1.0, 0, 0, side.sign * 30 - 20],
                [0, 1, 0, -30],
                [0, 0, 1, -20],
                [0, 0, 0, 1],
            ]
        ),
    )
    straight = true_sides(HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3)))
    own = {side: straight[side]}
    partly = {**own, side.other: replace(straight[side.other], porus_mm=None)}
    for given in (own, partly):
        assert not knows_midline(given)
        head = assume_head(grid, given)
        assert told_without_midline(given, head) == []
    flipped = {side: in_lps(straight[side])}
    told = told_without_midline(flipped, assume_head(grid, flipped))
    assert all("nearer to the midline" in one.reason for one in told)
    assert told, "order and distances are still looked at"


def told_without_midline(given, head) -> list:
    marks = list_marks(given)
    return find_misplaced(given, marks, head, LIMITS, is_midline_known=False)


@pytest.mark.parametrize("sides", [[Side.LEFT], [Side.RIGHT], list(Side)])
def test_without_a_head_a_frame_is_made_to_judge_by(sides):
    grid = Grid(
        shape=(100, 80, 60),
        voxel_to_ras_mm=np.array(
            [[1.0, 0, 0, -50], [0, 1, 0, -40], [0, 0, 1, -30], [0, 0, 0, 1]]
        ),
    )
    straight = true_sides(HeadFrame(origin_mm=grid.centre_mm, axes=np.eye(3)))
    given = {side: straight[side] for side in sides}
    assert found(given, head=assume_head(grid, given)) == []
    flipped = {side: in_lps(own) for side, own in given.items()}
    told = found(flipped, head=assume_head(grid, flipped))
    assert {side for (side, _), _ in ((t.mark, t.reason) for t in told)} == set(sides)


def test_the_error_tells_one_and_counts_the_others():
    sides = true_sides()
    swapped = {side: sides[side.other] for side in Side}
    text = str(LandmarkError("landmarks", found(swapped)))
    assert "\n" not in text
    assert "are these LPS" in text
    assert "more cannot be right either" in text


def test_leaving_one_out_keeps_the_others():
    sides = true_sides()
    kept = leave_out(sides, (Side.LEFT, "porus_mm"))
    assert kept[Side.LEFT].porus_mm is None
    assert kept[Side.LEFT].fundus_mm is sides[Side.LEFT].fundus_mm
    only = {Side.LEFT: SideLandmarks(porus_mm=np.zeros(3))}
    assert leave_out(only, (Side.LEFT, "porus_mm")) == {}
