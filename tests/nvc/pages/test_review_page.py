"""What a reader wrote is shown as it is, and never obeyed."""

from __future__ import annotations

import csv
import io

import pytest

from nvc.model.anatomy import Side
from nvc.model.review import Confidence, Rating, RuleOut, SymptomaticSide, Verdict
from nvc.pages.review_page import render_review_page, render_review_table
from nvc.report.wording import CHECKLIST
from nvc.reviews.session import ReviewSession
from nvc.settings import Settings

HOSTILE = "</td><script>alert('1')</script>{{ 7 * 191 }}\u202e\x1b[31m"
STARTS = ("=", "+", "-", "@", "\t", "\r")


def signed(outcome, path, reader: str, reason: str) -> ReviewSession:
    session = ReviewSession.begin(outcome.study, Settings(), path)
    for side in Side:
        session.rate(side, Rating.CONTACT, Confidence.LOW, reader=reader)
    session.reveal()
    session.measured(outcome.report)
    session.add_ruler((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), note=reason)
    session.tell_history(SymptomaticSide.LEFT, reason)
    for name, _ in CHECKLIST:
        session.rule_out(name, RuleOut.NOT_SEEN_HERE)
    for side in Side:
        session.sign(side, Verdict.DISAGREE, reason, reader)
    return session


def test_what_a_reader_wrote_is_escaped_and_plain(outcome, tmp_path):
    session = signed(outcome, tmp_path / "a.review", HOSTILE, HOSTILE)
    page = render_review_page(session.state, session.events, outcome.report, {})
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "{{ 7 * 191 }}" in page
    assert "1337" not in page
    assert "\u202e" not in page
    assert "\x1b" not in page
    assert "default-src 'none'" in page


@pytest.mark.parametrize("start", STARTS)
def test_no_cell_of_the_table_is_a_formula(outcome, tmp_path, start):
    text = f"{start}1+1|calc"
    session = signed(outcome, tmp_path / "a.review", f"x{text}", f"x{text}")
    table = render_review_table(session.state, outcome.report)
    for row in csv.DictReader(io.StringIO(table, newline="")):
        told = {name: cell for name, cell in row.items() if cell.startswith(STARTS)}
        assert told == {}
        assert row["reason"] == f"x{text}"
    bare = signed(outcome, tmp_path / "b.review", text, text)
    table = render_review_table(bare.state, outcome.report)
    for row in csv.DictReader(io.StringIO(table, newline="")):
        for name in ("first_reader", "reason", "signed_by"):
            assert not row[name].startswith(STARTS), name
