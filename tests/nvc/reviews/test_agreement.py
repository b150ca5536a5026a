"""Two readers: kappa and limits of agreement against worked examples."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nvc.errors import ReviewError
from nvc.model.anatomy import Side
from nvc.model.review import Confidence, FirstRead, Proposal, Rating, ReviewState
from nvc.reviews.agreement import compare_readers, measure_cohen_kappa


def review(reader: str, ratings: str, gaps=(1.0, 2.0), key: str = "s1") -> ReviewState:
    """Ratings of left and right as letters: c, n or x."""
    words = {"c": Rating.CONTACT, "n": Rating.NO_CONTACT, "x": Rating.CANNOT_SAY}
    reads = {
        side: FirstRead(
            rating=words[letter], confidence=Confidence.LOW, reader=reader, time=""
        )
        for side, letter in zip(Side, ratings, strict=True)
    }
    sides = {
        side: {
            "flag": "near",
            "distance_mm": gap,
            "distance_from_root_detachment_mm": None,
        }
        for side, gap in zip(Side, gaps, strict=True)
    }
    return ReviewState(
        study_key=key,
        first_reads=reads,
        proposal=Proposal(report_sha256="", sides=sides),
    )


def test_kappa_of_a_worked_example():
    """A 2 x 2 table of 20, 5, 10 and 15: observed 0.7, expected 0.5, kappa 0.4."""
    first = ["yes"] * 25 + ["no"] * 25
    second = ["yes"] * 20 + ["no"] * 5 + ["yes"] * 10 + ["no"] * 15
    found = measure_cohen_kappa("x", first, second)
    assert found.observed == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)
    assert found.interval == pytest.approx((0.146, 0.654), abs=0.001)


def test_kappa_is_not_made_up_where_all_ratings_are_one():
    assert measure_cohen_kappa("x", ["a", "a"], ["a", "a"]).kappa is None
    assert measure_cohen_kappa("x", [], []).observed is None


def test_readers_are_paired_by_study_and_side():
    reviews = [
        review("A", "cn", (1.0, 2.0)),
        review("B", "cc", (0.5, 2.0)),
        review("A", "nn", (3.0, 1.0), key="s2"),
        review("B", "nn", (2.0, 1.5), key="s2"),
        review("A", "cc", key="s3"),
    ]
    (found,) = compare_readers(reviews)
    assert found.readers == ("A", "B")
    assert found.studies == 2
    first_read = found.kappas[0]
    assert (first_read.count, first_read.observed) == (4, 0.75)
    assert first_read.kappa == pytest.approx(0.5)
    gap, place = found.differences
    # Differences 0.5, 0, 1 and -0.5: mean 0.25, standard deviation 0.6455.
    assert gap.mean == pytest.approx(0.25)
    assert gap.limits == pytest.approx((0.25 - 1.2652, 0.25 + 1.2652), abs=0.001)
    assert place.mean is None


def test_what_cannot_be_compared_is_refused():
    with pytest.raises(ReviewError, match="no study"):
        compare_readers([review("A", "cc"), review("B", "cc", key="s2")])
    with pytest.raises(ReviewError, match="two reviews"):
        compare_readers([review("A", "cc"), review("A", "cc")])
    unread = replace(review("B", "cc"), first_reads={})
    with pytest.raises(ReviewError, match="not rated"):
        compare_readers([review("A", "cc"), unread])
