"""A review's rules: blind first, corrected then, signed last, and nothing lost."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.errors import ReviewError
from nvc.io.records.review_log import read_log
from nvc.model.anatomy import NerveSegment, Side
from nvc.model.review import (
    Confidence,
    EventKind,
    PaintedOn,
    Rating,
    RuleOut,
    SymptomaticSide,
    Verdict,
)
from nvc.reviews.replay import CHECKLIST_NAMES, replay
from nvc.reviews.session import ReviewSession, read_review
from nvc.reviews.strokes import pack_stroke
from nvc.reviews.undo import find_last_change, undo
from nvc.settings import Settings

REPORT = "a" * 64
STROKE = pack_stroke(np.zeros(3, dtype=np.uint8), np.array([0, 5, 0], dtype=np.uint8))


def measured(session: ReviewSession, digest: str = REPORT) -> None:
    side = {"flag": "near", "distance_mm": 0.4, "distance_ci_mm": [0.1, 0.7]}
    session.record(
        EventKind.MEASURED,
        {
            "report_sha256": digest,
            "software": "0",
            "sides": {"left": side, "right": side},
        },
    )


def read_both(session: ReviewSession) -> None:
    for side in Side:
        session.rate(side, Rating.CONTACT, Confidence.HIGH, reader="A. Reader")


def rule_all_out(session: ReviewSession) -> None:
    for name in CHECKLIST_NAMES:
        session.rule_out(name, RuleOut.NOT_SEEN_HERE)


def ready_to_sign(session: ReviewSession) -> ReviewSession:
    read_both(session)
    session.reveal()
    measured(session)
    rule_all_out(session)
    return session


def test_nothing_is_shown_before_both_sides_are_rated(session):
    with pytest.raises(ReviewError, match="rate both sides"):
        session.reveal()
    session.rate(Side.LEFT, Rating.CANNOT_SAY, Confidence.LOW, reader="A")
    with pytest.raises(ReviewError, match="rate both sides"):
        session.reveal()
    session.rate(Side.RIGHT, Rating.NO_CONTACT, Confidence.LOW, reader="A")
    session.reveal()
    assert session.state.is_revealed


def test_a_first_read_stands_once_the_findings_were_shown(session):
    read_both(session)
    session.rate(Side.LEFT, Rating.NO_CONTACT, Confidence.LOW, reader="A")
    session.reveal()
    with pytest.raises(ReviewError, match="cannot change"):
        session.rate(Side.LEFT, Rating.CONTACT, Confidence.LOW, reader="A")
    assert session.state.first_reads[Side.LEFT].rating is Rating.NO_CONTACT


def test_symptoms_are_told_after_reading_only(session):
    with pytest.raises(ReviewError, match="after both sides"):
        session.tell_history(SymptomaticSide.LEFT, "")
    read_both(session)
    session.tell_history(SymptomaticSide.LEFT, " two years ")
    assert session.state.symptomatic_side is SymptomaticSide.LEFT
    assert session.state.history == "two years"


def test_a_name_is_needed(session):
    with pytest.raises(ReviewError, match="name is missing"):
        session.rate(Side.LEFT, Rating.CONTACT, Confidence.LOW, reader="  ")


def test_what_is_refused_is_not_written(session):
    before = session.path.read_bytes()
    with pytest.raises(ReviewError):
        session.move_landmark(Side.LEFT, "porus_mm", (0.0, 0.0, 0.0))
    with pytest.raises(ReviewError):
        session.sign(Side.LEFT, Verdict.AGREE, "", "A")
    assert session.path.read_bytes() == before


def test_signing_needs_measuring_the_checklist_and_a_reason(session):
    read_both(session)
    session.reveal()
    with pytest.raises(ReviewError, match="measure again"):
        session.sign(Side.LEFT, Verdict.AGREE, "", "A")
    measured(session)
    with pytest.raises(ReviewError, match="other causes"):
        session.sign(Side.LEFT, Verdict.AGREE, "", "A")
    rule_all_out(session)
    with pytest.raises(ReviewError, match="reason"):
        session.sign(Side.LEFT, Verdict.DISAGREE, "", "A")
    session.sign(Side.LEFT, Verdict.DISAGREE, "a vein", "A")
    assert not session.state.is_signed
    session.sign(Side.RIGHT, Verdict.AGREE, "", "A")
    assert session.state.is_signed
    signed = session.state.signatures[Side.LEFT]
    assert (signed.reader, signed.reason, signed.version) == ("A", "a vein", 1)
    assert signed.time


@pytest.mark.parametrize(
    "change",
    [
        lambda s: s.move_landmark(Side.LEFT, "porus_mm", (1.0, 2.0, 3.0)),
        lambda s: s.paint(STROKE),
    ],
    ids=["landmark", "paint"],
)
def test_a_change_makes_numbers_stale_and_takes_signatures_back(session, change):
    ready_to_sign(session)
    for side in Side:
        session.sign(side, Verdict.AGREE, "", "A")
    change(session)
    assert session.state.is_stale
    assert not session.state.signatures
    with pytest.raises(ReviewError, match="measure again"):
        session.sign(Side.LEFT, Verdict.AGREE, "", "A")
    measured(session, "b" * 64)
    assert not session.state.is_stale
    assert session.state.original.report_sha256 == REPORT


def test_reopening_is_a_new_version_and_keeps_everything(session):
    ready_to_sign(session)
    session.sign(Side.LEFT, Verdict.AGREE, "", "A")
    number = session.add_ruler((0.0, 0.0, 0.0), (3.0, 4.0, 0.0), "VA")
    before = session.path.read_bytes()
    again = ReviewSession.reopen(session.path)
    assert again.state.version == 2
    assert again.state.signatures == session.state.signatures
    assert again.state.rulers[0].length_mm == pytest.approx(5.0)
    again.remove_ruler(number)
    assert again.path.read_bytes().startswith(before)
    assert read_review(again.path) == again.state
    assert again.add_ruler((0.0, 0.0, 0.0), (1.0, 0.0, 0.0)) == number + 1


def test_an_existing_review_is_never_begun_over(session, sample):
    with pytest.raises(ReviewError, match="exists already"):
        ReviewSession.begin(sample, Settings(), session.path)


def test_a_log_in_a_forbidden_order_is_refused(session):
    read_both(session)
    session.reveal()
    events = session.events
    with pytest.raises(ReviewError, match=r"event 4 \(revealed\)"):
        replay((*events[:2], events[3]))


def test_undo_answers_and_never_takes_away(session):
    read_both(session)
    session.reveal()
    session.move_landmark(Side.LEFT, "porus_mm", (1.0, 0.0, 0.0))
    session.move_landmark(Side.LEFT, "porus_mm", (2.0, 0.0, 0.0))
    session.add_ruler((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    count = len(session.events)
    undo(session)
    assert not session.state.rulers
    undo(session)
    assert session.state.landmarks[Side.LEFT]["porus_mm"] == (1.0, 0.0, 0.0)
    undo(session)
    assert not session.state.landmarks
    assert undo(session) is None
    assert find_last_change(session) is None
    assert len(session.events) == count + 3


def test_the_log_names_no_file_and_no_folder(session):
    text = session.path.read_text()
    assert str(session.path.parent) not in text
    assert ".nii" not in text
    assert len(read_log(session.path).events) == 1


def test_where_and_what_was_seen_is_kept(session):
    session.rate(
        Side.RIGHT,
        Rating.CONTACT,
        Confidence.MODERATE,
        reader="B",
        segment=NerveSegment.ATTACHED,
        point_mm=(1.5, 2.5, 3.5),
    )
    read = read_review(session.path).first_reads[Side.RIGHT]
    assert read.segment is NerveSegment.ATTACHED
    assert read.point_mm == (1.5, 2.5, 3.5)


def test_a_painting_says_what_it_lies_on(session):
    read_both(session)
    session.reveal()
    session.paint(STROKE)
    assert session.events[-1].data["on"] == "measured"
    with pytest.raises(ReviewError, match="expected one kind"):
        session.record(EventKind.LABELS_PAINTED, STROKE)


def test_a_painting_that_says_nothing_lies_on_labels_as_segmented(session):
    read_both(session)
    session.reveal()
    session.record(EventKind.LABELS_PAINTED, STROKE)
    assert session.state.painted_on is PaintedOn.SEGMENTED
    session.paint(STROKE)
    assert session.events[-1].data["on"] == "segmented"
