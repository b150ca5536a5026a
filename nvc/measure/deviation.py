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

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measure.recourse import STATION_MM, bend_precision

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.measure.location import NerveCourse
    from nvc.measure.push_axes import PushAxis
    from nvc.measure.seat import Seat
    from nvc.measure.section import Section
    from nvc.settings import MeasureSettings

# A nerve held at both ends and pushed between bends over 4 to 8 mm (half width at
# half height of these: 1.8, 2.6 and 3.5 mm); which of them is left to the image.
_WIDTHS_MM = (1.5, 2.25, 3.0)
# Where a nerve leaves brain or pons it turns within this, one sigma.
_CORNER_MM = 2.0
PUSH_REACH_MM = 5.0
"""A push bends the nerve this far either way, a sixth of its height and more."""
FEWEST = 6
"""Centres without which a course is not told."""
_NEAREST_MM = 1.2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Line:
    """One coordinate of a nerve's centre along its course, evenly sampled.

    Parameters
    ----------
    arc_mm : ndarray, shape (N,)
        From the place looked at, `STATION_MM` apart.
    place_mm, weight : ndarray, shape (N,)
        The coordinate, and one over its variance; weight 0 where it was not seen.
    bend_sd_per_mm : ndarray, shape (N,)
        How far an untouched nerve may bend there.
    seat : Seat or None
        Where an untouched nerve lies on the brain, where that tells the coordinate.
    """

    arc_mm: NDArray[np.float64]
    place_mm: NDArray[np.float64]
    weight: NDArray[np.float64]
    bend_sd_per_mm: NDArray[np.float64]
    seat: Seat | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """A push as seen in one coordinate.

    Parameters
    ----------
    own : Line
        Of this nerve, counted away from the vessel.
    other : Line or None
        Of the other nerve, likewise in the mirrored direction, sampled where `own` is.
    share : float
        Part of the push that this coordinate shows, 0 to 1.
    """

    own: Line
    other: Line | None = None
    share: float = 1.0


def line_of(
    sections: Sequence[Section],
    course: NerveCourse,
    nerve_arc_mm: float,
    axis: PushAxis,
    settings: MeasureSettings,
) -> Line:
    """Read one coordinate off a nerve's sections.

    Parameters
    ----------
    sections : sequence of Section
        In order.
    course : NerveCourse
        Their nerve.
    nerve_arc_mm : float
        The place looked at.
    axis : PushAxis
        Along which it is read.
    settings : MeasureSettings
        Bends of an untouched nerve.
    """
    away = axis.direction
    first = sections[0].arc_mm
    count = round((sections[-1].arc_mm - first) / STATION_MM) + 1
    arc = np.asarray(first + STATION_MM * np.arange(count, dtype=float))
    place, weight = np.zeros(count), np.zeros(count)
    for section in sections:
        k = round((section.arc_mm - first) / STATION_MM)
        inside = section.frame @ away
        variance = float(inside @ section.place_covariance_mm2 @ inside)
        place[k] = section.centre_mm @ away
        weight[k] = 1 / (variance + _undescribed(section.arc_mm, course, settings))
    return Line(
        arc_mm=arc - nerve_arc_mm,
        place_mm=place,
        weight=weight,
        bend_sd_per_mm=natural_bends(arc, course, settings, axis.out_of_surface),
    )


def _undescribed(
    arc_mm: float, course: NerveCourse, settings: MeasureSettings
) -> float:
    """Variance of a centre beyond its fit's own, mm^2.

    Where the nerve dives into the brain less and less of it shows, and its found
    course ends: there a section keeps much of that course's error.
    """
    sd, leave = settings.model_sd_mm, course.root_exit_mm
    if leave is not None and arc_mm < leave + settings.root_exit_reach_mm:
        sd = settings.centre_sd_mm
    return sd**2


def natural_bends(
    arc_mm: NDArray[np.float64],
    course: NerveCourse,
    settings: MeasureSettings,
    out_of_surface: float = 1.0,
) -> NDArray[np.float64]:
    """How far an untouched nerve may bend along its course, one sigma, 1/mm.

    Parameters
    ----------
    arc_mm : ndarray, shape (N,)
        Places along it.
    course : NerveCourse
        Holds its root exit and detachment.
    settings : MeasureSettings
        Bends of its parts.
    out_of_surface : float
        Square of the cosine between the coordinate looked at and the brain's normal.

    Notes
    -----
    Attached, a nerve bends as the pons under it does and, at its exit, out of the
    brain: both square to the surface. Along the surface nothing bends it that would
    not bend a free nerve. At its detachment it turns towards the porus, which lies in
    no known direction from there.
    """
    if course.detachment_mm is None:
        return np.full_like(arc_mm, settings.corner_bend_sd_per_mm)
    free, corner = settings.free_bend_sd_per_mm**2, settings.corner_bend_sd_per_mm**2
    attached = settings.attached_bend_sd_per_mm**2
    attached = free + out_of_surface * max(attached - free, 0.0)
    variance = np.where(arc_mm < course.detachment_mm, attached, free)
    corners = [(course.detachment_mm, corner)]
    if course.root_exit_mm is not None:
        corners.append((course.root_exit_mm, out_of_surface * corner))
    for at, more in corners:
        variance = variance + more * np.exp(-0.5 * ((arc_mm - at) / _CORNER_MM) ** 2)
    return np.asarray(np.sqrt(variance))


def aligned(other: Line, own: Line) -> Line:
    """Sample the other nerve where this one was sampled."""
    seen = other.weight > 0
    arc, at = other.arc_mm[seen], own.arc_mm
    after = np.clip(np.searchsorted(arc, at), 1, len(arc) - 1)
    close = (at - arc[after - 1] <= 2 * STATION_MM) & (at >= arc[after - 1])
    close &= (arc[after] - at <= 2 * STATION_MM) & (arc[after] >= at)
    weight = np.minimum(other.weight[seen][after - 1], other.weight[seen][after])
    return Line(
        arc_mm=at,
        place_mm=np.interp(at, arc, other.place_mm[seen]),
        weight=np.where(close, weight, 0.0),
        bend_sd_per_mm=own.bend_sd_per_mm,
    )


def pushed(
    coordinates: Sequence[Seen], settings: MeasureSettings
) -> tuple[float, float] | None:
    """Measure how far a nerve is pushed, beside the other nerve where that is seen.

    Parameters
    ----------
    coordinates : sequence of Seen
        Square to each other; together they show the whole push.
    settings : MeasureSettings
        How far bends of both sides are alike.

    Returns
    -------
    tuple of float or None
        Displacement at the place and its standard deviation, mm; None where the
        nerve is not seen there or too little of it is.
    """
    if not all(_is_seen(seen.own) for seen in coordinates):
        return None
    return _over_widths([(_bumps(seen, settings), seen.share) for seen in coordinates])


def _bumps(seen: Seen, settings: MeasureSettings) -> NDArray[np.float64]:
    """Bumps of every width on a nerve in one coordinate, as of `_heights`."""
    own, other = seen.own, seen.other
    bends = bend_precision(own.bend_sd_per_mm)
    if other is None or np.count_nonzero(other.weight) < FEWEST:
        return _heights((own.place_mm, own.weight), bends, own)
    share, count = settings.sides_alike, len(own.arc_mm)
    # Own course given the other: the part not shared varies by 1 - share squared.
    apart = np.concatenate([np.eye(count), -share * np.eye(count)], axis=1)
    both = apart.T @ bends @ apart / (1 - share**2)
    both[count:, count:] += bends
    place = np.concatenate([own.place_mm, other.place_mm])
    return _heights((place, np.concatenate([own.weight, other.weight])), both, own)


def pushed_further(
    own: Line, other: Line, settings: MeasureSettings
) -> tuple[float, float] | None:
    """Measure how much further this nerve is pushed than the other alone would tell."""
    both = (own.weight > 0) & (other.weight > 0)
    variance = 1 / np.where(both, own.weight, 1) + 1 / np.where(both, other.weight, 1)
    difference = Line(
        arc_mm=own.arc_mm,
        place_mm=own.place_mm - other.place_mm,
        weight=np.where(both, 1 / variance, 0.0),
        bend_sd_per_mm=own.bend_sd_per_mm * np.sqrt(2 * (1 - settings.sides_alike)),
    )
    if not _is_seen(difference):
        return None
    bends = bend_precision(difference.bend_sd_per_mm)
    heights = _heights((difference.place_mm, difference.weight), bends, difference)
    return _over_widths([(heights, 1.0)])


def _is_seen(line: Line) -> bool:
    seen = line.arc_mm[line.weight > 0]
    return len(seen) >= FEWEST and bool(np.abs(seen).min() <= _NEAREST_MM)


def _heights(
    places: tuple[NDArray[np.float64], NDArray[np.float64]],
    precision: NDArray[np.float64],
    own: Line,
) -> NDArray[np.float64]:
    """Bumps on the first nerve: height, variance and log likelihood, each width a row.

    The likelihood is that of the best height, all bends taken into account.

    Parameters
    ----------
    places : tuple of ndarray, shape (M,) each
        Coordinates and their weights, of one nerve or of both.
    precision : ndarray, shape (M, M)
        What is believed of their untouched courses.
    own : Line
        The first nerve, N <= M places, and how it lies on the brain.
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
    for width in _WIDTHS_MM:
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
    share = likelihood.sum(axis=1) - 0.5 * left - 0.5 * np.log(precision)
    share = np.exp(share - share.max())
    share /= share.sum()
    best = float(share @ mean)
    return best, float(np.sqrt(share @ (1 / precision + (mean - best) ** 2)))
