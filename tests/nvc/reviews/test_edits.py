"""Corrections: only what was touched changes, and it changes as it should."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.errors import ReviewError
from nvc.model.anatomy import Side, Structure
from nvc.model.review import PaintedOn, Painting, ReviewState
from nvc.model.stages import Origin
from nvc.reviews import edits, strokes
from nvc.reviews.session import ReviewSession
from nvc.segment.labels.paint import paint_labels

pytestmark = pytest.mark.slow


@pytest.fixture
def open_state(session):
    """The state of a review that only lacks the rules that order its steps."""
    return replace(session.state, is_revealed=True)


def test_without_corrections_nothing_is_measured_again(found, open_state):
    assert edits.measure_edited(found, open_state) is found


def test_a_moved_detachment_moves_the_place_and_not_the_gap(found, open_state):
    side = Side.LEFT
    before = found.report.sides[side]
    nerves = found.segmentation.sides[side]
    arc = nerves.facial.arc_length_mm()
    old = np.array(before.landmarks.root_detachment_mm)
    nearest = np.argmin(np.linalg.norm(nerves.facial.points_mm - old, axis=1))
    further = int(np.searchsorted(arc, arc[nearest] + 2.0))
    moved = tuple(nerves.facial.points_mm[further].tolist())
    state = replace(open_state, landmarks={side: {"root_detachment_mm": moved}})
    after = edits.measure_edited(found, state).report.sides
    step = arc[further] - arc[nearest]
    assert after[side].landmarks.source is Origin.CONFIRMED
    assert after[side].landmarks.root_detachment_mm == pytest.approx(moved)
    assert after[side].distance_from_root_detachment_mm == pytest.approx(
        before.distance_from_root_detachment_mm - step, abs=0.3
    )
    # Sections are counted from the detachment: the course moves by its noise.
    assert after[side].distance_mm == pytest.approx(before.distance_mm, abs=0.01)
    # The other side is its own, but for what is compared with this one.
    right, kept = after[Side.RIGHT], found.report.sides[Side.RIGHT]
    for name in ("distance_mm", "distance_ci_mm", "landmarks", "facial_nerve_mm"):
        assert getattr(right, name) == getattr(kept, name)


def painting(found, change) -> Painting:
    base = edits.paint_found(found, ReviewState())
    voxels = np.array(base.voxels)
    change(voxels, base.grid)
    return Painting(**strokes.pack_stroke(np.asarray(base.voxels), voxels))


def erase_vessels_near_left_nerve(voxels, grid, found):
    course = found.segmentation.sides[Side.LEFT].facial.points_mm
    values = (Structure.ARTERY, Structure.VEIN, Structure.VESSEL_UNKNOWN)
    places = np.argwhere(np.isin(voxels, values))
    points = grid.to_ras_mm(places.astype(float))
    apart = np.linalg.norm(points[:, None] - course[None], axis=-1).min(axis=1)
    voxels[tuple(places[apart < 6.0].T)] = 0


def test_an_erased_vessel_no_longer_counts_and_the_other_side_stays(found, open_state):
    stroke = painting(found, lambda v, g: erase_vessels_near_left_nerve(v, g, found))
    state = replace(open_state, paintings=(stroke,))
    after = edits.measure_edited(found, state).report
    left, before = after.sides[Side.LEFT], found.report.sides[Side.LEFT]
    assert before.distance_mm < 1.0
    assert left.distance_mm is None or left.distance_mm > 1.5
    right = found.report.sides[Side.RIGHT]
    assert after.sides[Side.RIGHT].distance_mm == pytest.approx(
        right.distance_mm, abs=0.3
    )
    assert any("the reader painted" in reason for reason in after.reasons)


def test_a_stroke_on_the_eighth_nerve_leaves_vessels_untouched(found, open_state):
    def thicken(voxels, _):
        places = np.argwhere(voxels == Structure.CN8_LEFT)
        middle = places[len(places) // 2]
        voxels[tuple(middle + np.array([0, 0, 1]))] = Structure.CN8_LEFT

    state = replace(open_state, paintings=(painting(found, thicken),))
    after = edits.measure_edited(found, state).segmentation
    assert after.vessels == found.segmentation.vessels
    for side in Side:
        assert after.sides[side].facial is found.segmentation.sides[side].facial


def test_a_stroke_and_its_opposite_are_nothing(found, open_state):
    stroke = painting(found, lambda v, g: erase_vessels_near_left_nerve(v, g, found))
    back = Painting(
        voxels=stroke.voxels,
        before=stroke.after,
        after=stroke.before,
        count=stroke.count,
    )
    state = replace(open_state, paintings=(stroke, back))
    assert edits.measure_edited(found, state).report == found.report


def test_a_reader_paints_on_what_was_measured(found):
    shown = edits.paint_found(found, ReviewState())
    np.testing.assert_array_equal(
        shown.voxels, paint_labels(shown.grid, found.measurement.as_measured).voxels
    )
    assert not np.array_equal(
        shown.voxels, paint_labels(shown.grid, found.segmentation).voxels
    )


def test_strokes_on_labels_as_segmented_stay_on_these(found, open_state):
    base = paint_labels(found.aligned.reference.grid, found.segmentation)
    voxels = np.array(base.voxels)
    erase_vessels_near_left_nerve(voxels, base.grid, found)
    change = strokes.pack_stroke(np.asarray(base.voxels), voxels)
    old = Painting(**change, on=PaintedOn.SEGMENTED)
    state = replace(open_state, paintings=(old,))
    np.testing.assert_array_equal(edits.paint_found(found, state).voxels, base.voxels)
    after = edits.measure_edited(found, state).report
    assert any("the reader painted" in reason for reason in after.reasons)
    right, kept = after.sides[Side.RIGHT], found.report.sides[Side.RIGHT]
    assert right.distance_mm == pytest.approx(kept.distance_mm, abs=0.3)


def test_a_stroke_of_another_study_is_refused(found, open_state):
    stroke = painting(found, lambda v, g: erase_vessels_near_left_nerve(v, g, found))
    state = replace(open_state, paintings=(stroke, stroke))
    with pytest.raises(ReviewError, match="painting 2 does not fit"):
        edits.measure_edited(found, state)
    broken = replace(stroke, after=stroke.after[:-8])
    with pytest.raises(ReviewError, match="painting"):
        edits.measure_edited(found, replace(open_state, paintings=(broken,)))


def test_the_settings_of_a_review_come_back(session):
    from nvc.settings import Settings

    assert edits.read_settings_of(session.state) == Settings()
    again = ReviewSession.reopen(session.path)
    assert edits.read_settings_of(again.state) == Settings()


def test_the_settings_of_a_group_come_back_too(open_state):
    from dataclasses import asdict

    from nvc.io.records.settings import load_settings

    given = load_settings(None, ["measure.deformity.told_ratio=5"])
    state = replace(open_state, settings=asdict(given))
    assert edits.read_settings_of(state) == given


def test_every_table_of_the_profile_fits_the_findings(found):
    from nvc.measurement.gap.profile import trace_gap_profile

    for side in Side:
        findings = found.report.sides[side]
        profile = trace_gap_profile(found.shown, side, findings.contacts)
        contact = np.array(findings.closest_point_nerve_mm)
        nearest = np.argmin(np.linalg.norm(profile.points_mm - contact, axis=1))
        assert profile.is_from_detachment
        assert profile.along_mm[nearest] == pytest.approx(
            findings.distance_from_root_detachment_mm, abs=0.7
        )
        assert profile.gap_mm[nearest] == pytest.approx(findings.distance_mm, abs=0.5)
        spoken_for = min(profile.measured, key=lambda gap: gap.gap_mm)
        assert spoken_for.gap_mm == findings.distance_mm
        assert spoken_for.ci_mm == findings.distance_ci_mm
        assert spoken_for.along_mm == pytest.approx(
            findings.distance_from_root_detachment_mm, abs=0.1
        )
        assert profile.root_exit_mm < 0 < profile.porus_mm
