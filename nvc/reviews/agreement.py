"""How far two readers agree: Cohen's kappa, and differences with their limits.

Kappa and its large-sample standard error: Cohen 1960, doi:10.1177/001316446002000104.
Limits of agreement: Bland and Altman 1986, doi:10.1016/S0140-6736(86)90837-8.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nvc.errors import ReviewError
from nvc.model.anatomy import Side

if TYPE_CHECKING:
    from nvc.model.review import ReviewState
    from nvc.numerics import Exact

_Z95: Exact[float] = 1.959964
"""Of the standard normal: 95 % two-sided."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kappa:
    """Agreement on categories.

    Parameters
    ----------
    name : str
        What was rated.
    count : int
        Sides that both rated.
    observed : float or None
        Share of equal ratings.
    kappa : float or None
        Beyond chance; None where both gave one and the same rating throughout.
    interval : tuple of float or None
        95 %, by the normal approximation: rough below some 30 sides.
    """

    name: str
    count: int
    observed: float | None
    kappa: float | None
    interval: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """Agreement on a number: the first reader's less the second's.

    Parameters
    ----------
    name, unit : str
        What was measured.
    count : int
        Sides that both have.
    mean : float or None
        Of the differences.
    limits : tuple of float or None
        Mean -/+ 1.96 standard deviations; None below two sides.
    """

    name: str
    unit: str
    count: int
    mean: float | None
    limits: tuple[float, float] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Two readers on the sides they share."""

    readers: tuple[str, str]
    studies: int
    kappas: tuple[Kappa, ...]
    differences: tuple[Difference, ...]


ReaderPair = tuple["ReviewState", "ReviewState", Side]


def compare_readers(reviews: Sequence[ReviewState]) -> list[Agreement]:
    """Compare every two readers on the studies that both have read.

    Parameters
    ----------
    reviews : sequence of ReviewState
        Of any number of studies and readers; one a reader and study.

    Raises
    ------
    ReviewError
        If a review was not read to the end of its first read, a reader has read a
        study twice, or no study was read by two readers.
    """
    by_reader: dict[str, dict[str, ReviewState]] = {}
    for review in reviews:
        if not review.is_read:
            raise ReviewError(
                "a review whose two sides are not rated cannot be compared"
            )
        own = by_reader.setdefault(review.reader, {})
        if review.study_key in own:
            raise ReviewError(
                f"{review.reader} has two reviews of one study among those given"
            )
        own[review.study_key] = review
    found = []
    for first, second in combinations(sorted(by_reader), 2):
        shared = sorted(by_reader[first].keys() & by_reader[second].keys())
        if shared:
            pairs = [
                (by_reader[first][key], by_reader[second][key], side)
                for key in shared
                for side in Side
            ]
            found.append(_agreement((first, second), len(shared), pairs))
    if not found:
        raise ReviewError("no study was read by two readers among the reviews given")
    return found


def _agreement(
    readers: tuple[str, str], studies: int, pairs: list[ReaderPair]
) -> Agreement:
    return Agreement(
        readers=readers,
        studies=studies,
        kappas=(
            _kappa_of("first read", [_first_reads(pair) for pair in pairs]),
            _kappa_of("flag after correction", [_flags(pair) for pair in pairs]),
            _kappa_of("signed verdict", [_verdicts(pair) for pair in pairs]),
        ),
        differences=(
            _difference("gap", [_measured(pair, "distance_mm") for pair in pairs]),
            _difference(
                "place along the nerve",
                [_measured(pair, "distance_from_root_detachment_mm") for pair in pairs],
            ),
        ),
    )


def measure_cohen_kappa(
    name: str, first: Sequence[str], second: Sequence[str]
) -> Kappa:
    """Return the agreement of two lists of ratings of the same things.

    Examples
    --------
    >>> measure_cohen_kappa("x", ["a", "a", "b", "b"], ["a", "b", "b", "b"]).kappa
    0.5
    """
    count = len(first)
    if count == 0:
        return Kappa(name=name, count=0, observed=None, kappa=None, interval=None)
    observed = sum(a == b for a, b in zip(first, second, strict=True)) / count
    expected = sum(
        (list(first).count(rating) / count) * (list(second).count(rating) / count)
        for rating in {*first, *second}
    )
    if math.isclose(expected, 1.0):
        return Kappa(
            name=name, count=count, observed=observed, kappa=None, interval=None
        )
    kappa = (observed - expected) / (1 - expected)
    error = math.sqrt(observed * (1 - observed) / count) / (1 - expected)
    low, high = kappa - _Z95 * error, min(1.0, kappa + _Z95 * error)
    return Kappa(
        name=name,
        count=count,
        observed=observed,
        kappa=kappa,
        interval=(max(-1.0, low), high),
    )


def _kappa_of(name: str, pairs: Sequence[tuple[str, str] | None]) -> Kappa:
    both = [pair for pair in pairs if pair is not None]
    return measure_cohen_kappa(name, [a for a, _ in both], [b for _, b in both])


def _difference(name: str, pairs: Sequence[tuple[float, float] | None]) -> Difference:
    apart = np.array([a - b for a, b in (p for p in pairs if p is not None)])
    mean = float(apart.mean()) if apart.size else None
    limits = None
    if mean is not None and apart.size > 1:
        spread = _Z95 * float(apart.std(ddof=1))
        limits = (mean - spread, mean + spread)
    return Difference(
        name=name, unit="mm", count=int(apart.size), mean=mean, limits=limits
    )


def _first_reads(pair: ReaderPair) -> tuple[str, str]:
    one, other, side = pair
    return one.first_reads[side].rating, other.first_reads[side].rating


def _verdicts(pair: ReaderPair) -> tuple[str, str] | None:
    one, other, side = pair
    if side not in one.signatures or side not in other.signatures:
        return None
    return one.signatures[side].verdict, other.signatures[side].verdict


def _flags(pair: ReaderPair) -> tuple[str, str] | None:
    one, other, side = pair
    if one.proposal is None or other.proposal is None:
        return None
    return str(one.proposal.sides[side]["flag"]), str(
        other.proposal.sides[side]["flag"]
    )


def _measured(pair: ReaderPair, name: str) -> tuple[float, float] | None:
    one, other, side = pair
    if one.proposal is None or other.proposal is None:
        return None
    a, b = one.proposal.sides[side][name], other.proposal.sides[side][name]
    return None if a is None or b is None else (float(a), float(b))
