"""What measuring would refuse does not get into a review, and does not end one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.errors import ReviewError
from nvc.model.anatomy import Side, Structure
from nvc.model.grid import Volume
from nvc.model.landmark_checks import LandmarkError
from nvc.model.review import EventKind, Painting, ReviewState
from nvc.reviews import edits, strokes
from nvc.reviews.possible import require_possible_move, require_possible_stroke
from nvc.reviews.session import ReviewSession
from tests.nvc.reviews.test_session import read_both

pytestmark = pytest.mark.slow
STRANGE = 9
"""A value that no structure has."""


@pytest.fixture
def open_state(session):
    return replace(session.state, is_revealed=True)


def porus(found, side: Side) -> tuple[float, float, float]:
    return found.report.sides[side].landmarks.porus_mm


def test_a_landmark_is_not_moved_across_the_midline(found, open_state):
    other = porus(found, Side.RIGHT)
    with pytest.raises(LandmarkError, match="to the right of the head's midline"):
        require_possible_move(found, open_state, Side.LEFT, "porus_mm", other)
    own = tuple(np.add(porus(found, Side.LEFT), (0.5, 1.0, -0.5)))
    require_possible_move(found, open_state, Side.LEFT, "porus_mm", own)


def test_a_review_that_holds_one_is_measured_without_it_and_says_so(found, open_state):
    marks = {"porus_mm": porus(found, Side.RIGHT)}
    state = replace(open_state, landmarks={Side.LEFT: marks})
    result = edits.measure_edited(found, state)
    assert result.report.sides[Side.LEFT].landmarks.porus_mm == porus(found, Side.LEFT)
    told = [r for r in result.report.reasons if "was left out" in r]
    assert len(told) == 1
    assert "porus_mm" in told[0]
    left, kept = result.report.sides[Side.LEFT], found.report.sides[Side.LEFT]
    assert left.distance_mm == pytest.approx(kept.distance_mm)


def test_a_search_from_one_is_measured_without_it_and_says_so(
    sample, found, open_state
):
    marks = {"porus_mm": porus(found, Side.RIGHT)}
    state = replace(open_state, search_landmarks={Side.LEFT: marks})
    result = edits.measure_found(sample, state)
    assert any("porus_mm" in r and "left out" in r for r in result.report.reasons)
    left, kept = result.report.sides[Side.LEFT], found.report.sides[Side.LEFT]
    assert left.distance_mm == kept.distance_mm
    again = edits.search_again(found, state)
    assert again.report.reasons == result.report.reasons


def strange_stroke(found) -> dict:
    base = edits.paint_found(found, ReviewState())
    voxels = np.array(base.voxels)
    place = tuple(np.argwhere(voxels == Structure.ARTERY)[0])
    voxels[place] = STRANGE
    return strokes.pack_stroke(np.asarray(base.voxels), voxels)


def test_a_label_without_meaning_is_refused_before_it_is_written(session, found):
    read_both(session)
    session.reveal()
    before = session.path.read_bytes()
    with pytest.raises(ReviewError, match="label 9 means no structure"):
        session.paint(strange_stroke(found))
    assert session.path.read_bytes() == before
    assert not session.state.paintings


def test_a_review_that_holds_such_a_label_opens_and_is_measured_without_it(
    session, found
):
    """Written by an older version: the rules of order alone let it pass."""
    read_both(session)
    session.reveal()
    change = strange_stroke(found)
    session.record(EventKind.LABELS_PAINTED, {**change, "on": "measured"})
    again = ReviewSession.reopen(session.path)
    assert again.state.paintings[0].count == 1
    result = edits.measure_edited(found, again.state)
    assert any("9, which mean no structure" in r for r in result.report.reasons)
    for side in Side:
        own, kept = result.report.sides[side], found.report.sides[side]
        assert own.distance_mm == pytest.approx(kept.distance_mm)


def test_known_labels_are_kept_beside_a_strange_one(found, open_state):
    base = edits.paint_found(found, ReviewState())
    voxels = np.array(base.voxels)
    places = np.argwhere(voxels == Structure.CN8_LEFT)
    voxels[tuple(places[0])], voxels[tuple(places[1])] = STRANGE, 0
    change = strokes.pack_stroke(np.asarray(base.voxels), voxels)
    painted = strokes.apply_strokes(base, (Painting(**change),))
    known, notes = strokes.drop_unknown_labels(painted, base)
    assert known.voxels[tuple(places[0])] == Structure.CN8_LEFT
    assert known.voxels[tuple(places[1])] == Structure.BACKGROUND
    assert len(notes) == 1


def crossed(found, structure: Structure, side: Side):
    """Labels before and after a stroke of a nerve on one side."""
    base = edits.paint_found(found, ReviewState())
    voxels = np.array(base.voxels)
    at = base.grid.to_voxel(np.array(porus(found, side)))
    i, j, k = np.rint(at).astype(int)
    voxels[i - 1 : i + 2, j - 1 : j + 2, k] = structure
    return base, Volume(grid=base.grid, voxels=voxels)


@pytest.mark.parametrize(
    ("structure", "side"),
    [(Structure.CN7_LEFT, Side.LEFT), (Structure.CN8_RIGHT, Side.RIGHT)],
)
def test_a_nerve_is_not_painted_on_the_other_side(found, open_state, structure, side):
    require_possible_stroke(found, *crossed(found, structure, side))
    base, wrong = crossed(found, structure, side.other)
    with pytest.raises(ReviewError, match=f"{structure.name} lies on the other side"):
        require_possible_stroke(found, base, wrong)
    change = strokes.pack_stroke(
        np.asarray(base.voxels, dtype=np.uint8), np.asarray(wrong.voxels)
    )
    state = replace(open_state, paintings=(Painting(**change),))
    result = edits.measure_edited(found, state)
    assert any(f"{structure.name} painted across" in r for r in result.report.reasons)
    for own in Side:
        after, kept = result.report.sides[own], found.report.sides[own]
        assert after.distance_mm == pytest.approx(kept.distance_mm)
