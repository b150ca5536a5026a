"""Displacement of CN VII from the course that it would take untouched.

An untouched nerve is not straight. It lies on the pons and follows it, and turns where
it leaves it. What is believed of its bends before looking, and how far those of the
two sides of one head are alike, is one Gaussian process over both nerves; a push is
a bump on top of it, whose height and its uncertainty follow from all centres together.
Where a nerve turns by nature, a push must be larger to be told. Against the brain it
turns mostly out of the surface and into it, so that there a push is looked for along
the surface and square to it apart, and told from both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.deformity.model_average import average_models
from nvc.measurement.deformity.natural_course import expect_bends, expect_course
from nvc.measurement.nerve.refit import STATION_MM, compute_bend_precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.measurement.deformity.natural_course import Corner
    from nvc.measurement.deformity.push_axes import PushAxis
    from nvc.measurement.deformity.resting_height import Seat
    from nvc.measurement.places.side_context import SideContext
    from nvc.numerics import Count
    from nvc.settings import MeasureSettings
    from nvc.settings.groups.measure import DeformitySettings

FEWEST: Count[int] = 6
"""Centres without which a course is not told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NerveTrace:
    """One coordinate of a nerve's centre along its course, evenly sampled.

    Parameters
    ----------
    arc_mm : ndarray, shape (N,)
        From the place looked at, `STATION_MM` apart.
    place_mm, weight : ndarray, shape (N,)
        The coordinate, and one over its variance; weight 0 where it was not seen.
    bends : ndarray, shape (N, N)
        Covariance of an untouched nerve's bends there, 1/mm^2.
    natural_mm : ndarray, shape (N,), or None
        The course that it is expected to take, up to a straight line; None: straight.
    seat : Seat or None
        Where an untouched nerve lies on the brain, where that tells the coordinate.
    """

    arc_mm: NDArray[np.float64]
    place_mm: NDArray[np.float64]
    weight: NDArray[np.float64]
    bends: NDArray[np.float64]
    natural_mm: NDArray[np.float64] | None = None
    seat: Seat | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenPush:
    """A push as seen in one coordinate.

    Parameters
    ----------
    own : NerveTrace
        Of this nerve, counted away from the vessel.
    other : NerveTrace or None
        Of the other nerve, likewise in the mirrored direction, sampled where `own` is.
    share : float
        Part of the push that this coordinate shows, 0 to 1.
    """

    own: NerveTrace
    other: NerveTrace | None = None
    share: float = 1.0


def read_trace(
    context: SideContext,
    nerve_arc_mm: float,
    axis: PushAxis,
    turns: tuple[Corner, ...] = (),
) -> NerveTrace:
    """Read one coordinate off a nerve's sections.

    Parameters
    ----------
    context : SideContext
        With the nerve's sections.
    nerve_arc_mm : float
        The place looked at, along the context's course.
    axis : PushAxis
        Along which it is read, in the working frame.
    turns : tuple of Corner
        How the nerve is expected to turn.

    Returns
    -------
    NerveTrace
        `STATION_MM` apart, from the first section to the last.
    """
    away, sections, settings = axis.direction, context.sections, context.settings
    first = sections[0].arc_mm
    count = round((sections[-1].arc_mm - first) / STATION_MM) + 1
    arc = np.asarray(first + STATION_MM * np.arange(count, dtype=float))
    place, weight = np.zeros(count), np.zeros(count)
    for section in sections:
        k = round((section.arc_mm - first) / STATION_MM)
        inside = section.frame @ away
        variance = float(inside @ section.place_covariance_mm2 @ inside)
        place[k] = section.centre_mm @ away
        weight[k] = 1 / (variance + _undescribed(section.arc_mm, axis, context))
    return NerveTrace(
        arc_mm=arc - nerve_arc_mm,
        place_mm=place,
        weight=weight,
        bends=expect_bends(arc, context.course, settings, axis.out_of_surface),
        natural_mm=expect_course(arc, turns, away, settings.deformity),
    )


def _undescribed(arc_mm: float, axis: PushAxis, context: SideContext) -> float:
    """Variance of a centre beyond its fit's own, mm^2.

    Where the nerve dives into the brain less and less of it shows, its outer half
    last: its height is less and less sure, its place along the surface hardly.
    """
    settings, leave = context.settings, context.course.root_exit_mm
    variance = settings.model_sd_mm**2
    if leave is not None:
        dived = np.clip(1.0 - (arc_mm - leave) / settings.root_exit_reach_mm, 0.0, 1.0)
        sd = settings.diving_sd_mm * float(dived)
        variance += sd**2 * (0.25 + 0.75 * axis.out_of_surface)
    return variance


def align_trace(other: NerveTrace, own: NerveTrace) -> NerveTrace:
    """Sample the other nerve where this one was sampled.

    Parameters
    ----------
    other : NerveTrace
        At least two of its places seen.
    own : NerveTrace
        Tells the places, and what is believed of an untouched nerve's bends.

    Returns
    -------
    NerveTrace
        Weight 0 where the other nerve was not seen near by on both sides.
    """
    seen = other.weight > 0
    arc, at = other.arc_mm[seen], own.arc_mm
    after = np.clip(np.searchsorted(arc, at), 1, len(arc) - 1)
    stations_off = np.stack([at - arc[after - 1], arc[after] - at]) / STATION_MM
    close = np.all((stations_off >= 0) & (stations_off <= 2), axis=0)
    weight = np.minimum(other.weight[seen][after - 1], other.weight[seen][after])
    return NerveTrace(
        arc_mm=at,
        place_mm=np.interp(at, arc, other.place_mm[seen]),
        weight=np.where(close, weight, 0.0),
        bends=own.bends,
    )


def measure_push(
    coordinates: Sequence[SeenPush], settings: MeasureSettings
) -> tuple[float, float] | None:
    """Measure how far a nerve is pushed, beside the other nerve where that is seen.

    Parameters
    ----------
    coordinates : sequence of SeenPush
        Square to each other; together they show the whole push.
    settings : MeasureSettings
        How far bends of both sides are alike.

    Returns
    -------
    tuple of float or None
        Displacement at the place and its standard deviation, mm; None where the
        nerve is not seen there or too little of it is.
    """
    if not all(_is_seen(seen.own, settings.deformity) for seen in coordinates):
        return None
    return _over_widths([(_bumps(seen, settings), seen.share) for seen in coordinates])


def _bumps(seen: SeenPush, settings: MeasureSettings) -> NDArray[np.float64]:
    """Bumps of every width on a nerve in one coordinate, as of `_heights`."""
    own, other = _straightened(seen.own, seen.own), seen.other
    bends = compute_bend_precision(own.bends)
    if other is None or np.count_nonzero(other.weight) < FEWEST:
        return _heights((own.place_mm, own.weight), bends, own, settings.deformity)
    other = _straightened(other, seen.own)
    share, count = settings.sides_alike, len(own.arc_mm)
    # Own course given the other: the part not shared varies by 1 - share squared.
    apart = np.concatenate([np.eye(count), -share * np.eye(count)], axis=1)
    both = apart.T @ bends @ apart / (1 - share**2)
    both[count:, count:] += bends
    place = np.concatenate([own.place_mm, other.place_mm])
    return _heights(
        (place, np.concatenate([own.weight, other.weight])),
        both,
        own,
        settings.deformity,
    )


def _straightened(line: NerveTrace, like: NerveTrace) -> NerveTrace:
    """Take what is expected of an untouched nerve off a line, and off its seat."""
    if like.natural_mm is None:
        return line
    seat = line.seat
    if seat is not None:
        seat = replace(seat, place_mm=seat.place_mm - like.natural_mm)
    return replace(line, place_mm=line.place_mm - like.natural_mm, seat=seat)


def measure_further_push(
    own: NerveTrace, other: NerveTrace, settings: MeasureSettings
) -> tuple[float, float] | None:
    """Measure how much further this nerve is pushed than the other alone would tell.

    Parameters
    ----------
    own, other : NerveTrace
        Of both nerves, at the same places; the other's mirrored.
    settings : MeasureSettings
        How far bends of both sides are alike.

    Returns
    -------
    tuple of float or None
        Difference at the place and its standard deviation, mm; None where too little
        of both is seen.
    """
    both = (own.weight > 0) & (other.weight > 0)
    variance = 1 / np.where(both, own.weight, 1) + 1 / np.where(both, other.weight, 1)
    difference = NerveTrace(
        arc_mm=own.arc_mm,
        place_mm=own.place_mm - other.place_mm,
        weight=np.where(both, 1 / variance, 0.0),
        bends=own.bends * 2 * (1 - settings.sides_alike),
    )
    if not _is_seen(difference, settings.deformity):
        return None
    bends = compute_bend_precision(difference.bends)
    heights = _heights(
        (difference.place_mm, difference.weight),
        bends,
        difference,
        settings.deformity,
    )
    return _over_widths([(heights, 1.0)])


def _is_seen(line: NerveTrace, settings: DeformitySettings) -> bool:
    seen = line.arc_mm[line.weight > 0]
    if len(seen) < FEWEST:
        return False
    return bool(np.abs(seen).min() <= settings.push_seen_within_mm)


def _heights(
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    precision: NDArray[np.float64],
    own: NerveTrace,
    settings: DeformitySettings,
) -> NDArray[np.float64]:
    """Bumps on the first nerve: height, variance and log likelihood, each width a row.

    The likelihood is that of the best height, all bends taken into account.

    Parameters
    ----------
    places : tuple of ndarray, shape (M,) each
        Coordinates and their weights, of one nerve or of both.
    precision : ndarray, shape (M, M)
        What is believed of their untouched courses.
    own : NerveTrace
        The first nerve, N <= M places, and how it lies on the brain.
    settings : DeformitySettings
        Widths of a push.
    """
    (place, weight), arc = places, own.arc_mm
    count, first = len(place), slice(len(arc))
    level = float(weight @ place / weight.sum())
    precision = precision + 1e-9 * np.eye(count)
    believed = np.zeros(count + 1)
    if own.seat is not None:
        precision[first, first] += own.seat.precision
        believed[first] = own.seat.precision @ (own.seat.place_mm - level)
    found = []
    for width in settings.push_widths_mm:
        bump = np.zeros(count)
        bump[first] = np.exp(-0.5 * (arc / width) ** 2)
        basis = np.concatenate([np.eye(count), bump[:, None]], axis=1)
        normal = (basis * weight[:, None]).T @ basis
        normal[:count, :count] += precision
        covariance = np.linalg.inv(normal)
        right = basis.T @ (weight * (place - level)) + believed
        fitted = covariance @ right
        variance = covariance[-1, -1]
        likelihood = 0.5 * (right @ fitted - np.linalg.slogdet(normal)[1])
        found.append((fitted[-1], variance, likelihood - 0.5 * np.log(variance)))
    return np.array(found)


def _over_widths(
    coordinates: Sequence[tuple[NDArray[np.float64], float]],
) -> tuple[float, float]:
    """Height of one push and its sd, from every coordinate, over all widths."""
    size = np.array([share for _, share in coordinates])
    height, variance, likelihood = np.array(
        [heights.T for heights, _ in coordinates]
    ).transpose(1, 2, 0)
    precision = (size**2 / variance).sum(axis=1)
    mean = (size * height / variance).sum(axis=1) / precision
    left = (height**2 / variance).sum(axis=1) - mean**2 * precision
    together = likelihood.sum(axis=1) - 0.5 * left - 0.5 * np.log(precision)
    best, variance = average_models(mean, 1 / precision, together)
    return best, float(np.sqrt(variance))
