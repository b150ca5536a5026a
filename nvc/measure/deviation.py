"""Displacement of CN VII from the course that it would take untouched.

An untouched nerve is not straight. It lies on the pons and follows it, and turns where
it leaves it. What is believed of its bends before looking, and how far those of the
two sides of one head are alike, is one Gaussian process over both nerves; a push is
a bump on top of it, whose height and its uncertainty follow from all centres together.
Where a nerve turns by nature, a push must be larger to be told.
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
    """

    arc_mm: NDArray[np.float64]
    place_mm: NDArray[np.float64]
    weight: NDArray[np.float64]
    bend_sd_per_mm: NDArray[np.float64]


def line_of(
    sections: Sequence[Section],
    course: NerveCourse,
    nerve_arc_mm: float,
    away: NDArray[np.float64],
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
    away : ndarray, shape (3,)
        Unit vector along which it is read.
    settings : MeasureSettings
        Bends of an untouched nerve.
    """
    first = sections[0].arc_mm
    count = round((sections[-1].arc_mm - first) / STATION_MM) + 1
    arc = np.asarray(first + STATION_MM * np.arange(count, dtype=float))
    place, weight = np.zeros(count), np.zeros(count)
    for section in sections:
        k = round((section.arc_mm - first) / STATION_MM)
        inside = section.frame @ away
        variance = float(inside @ section.place_covariance_mm2 @ inside)
        place[k] = section.centre_mm @ away
        weight[k] = 1 / (variance + settings.model_sd_mm**2)
    return Line(
        arc_mm=arc - nerve_arc_mm,
        place_mm=place,
        weight=weight,
        bend_sd_per_mm=natural_bends(arc, course, settings),
    )


def natural_bends(
    arc_mm: NDArray[np.float64], course: NerveCourse, settings: MeasureSettings
) -> NDArray[np.float64]:
    """How far an untouched nerve may bend along its course, one sigma, 1/mm."""
    if course.detachment_mm is None:
        return np.full_like(arc_mm, settings.corner_bend_sd_per_mm)
    bend = np.where(
        arc_mm < course.detachment_mm,
        settings.attached_bend_sd_per_mm,
        settings.free_bend_sd_per_mm,
    )
    corners = [course.detachment_mm]
    if course.root_exit_mm is not None:
        corners.append(course.root_exit_mm)
    variance = bend**2
    for corner in corners:
        near = np.exp(-0.5 * ((arc_mm - corner) / _CORNER_MM) ** 2)
        variance = variance + settings.corner_bend_sd_per_mm**2 * near
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
    own: Line, other: Line | None, settings: MeasureSettings
) -> tuple[float, float] | None:
    """Measure how far a nerve is pushed, beside the other nerve where that is seen.

    Parameters
    ----------
    own : Line
        Of this nerve, counted away from the vessel.
    other : Line or None
        Of the other nerve, likewise in the mirrored direction, sampled where `own` is.
    settings : MeasureSettings
        How far bends of both sides are alike.

    Returns
    -------
    tuple of float or None
        Displacement at the place and its standard deviation, mm; None where the
        nerve is not seen there or too little of it is.
    """
    if not _is_seen(own):
        return None
    bends = bend_precision(own.bend_sd_per_mm)
    if other is None or np.count_nonzero(other.weight) < FEWEST:
        return _height(own.place_mm, own.weight, bends, own.arc_mm)
    share, count = settings.sides_alike, len(own.arc_mm)
    # Own course given the other: the part not shared varies by 1 - share squared.
    apart = np.concatenate([np.eye(count), -share * np.eye(count)], axis=1)
    both = apart.T @ bends @ apart / (1 - share**2)
    both[count:, count:] += bends
    return _height(
        np.concatenate([own.place_mm, other.place_mm]),
        np.concatenate([own.weight, other.weight]),
        both,
        own.arc_mm,
    )


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
    return _height(
        difference.place_mm,
        difference.weight,
        bend_precision(difference.bend_sd_per_mm),
        own.arc_mm,
    )


def _is_seen(line: Line) -> bool:
    seen = line.arc_mm[line.weight > 0]
    return len(seen) >= FEWEST and bool(np.abs(seen).min() <= _NEAREST_MM)


def _height(
    place: NDArray[np.float64],
    weight: NDArray[np.float64],
    precision: NDArray[np.float64],
    arc_mm: NDArray[np.float64],
) -> tuple[float, float]:
    """Height of a bump on the first nerve, over all widths by their likelihood."""
    count = len(place)
    level = float(weight @ place / weight.sum())
    found = []
    for width in _WIDTHS_MM:
        bump = np.zeros(count)
        bump[: len(arc_mm)] = np.exp(-0.5 * (arc_mm / width) ** 2)
        basis = np.concatenate([np.eye(count), bump[:, None]], axis=1)
        normal = (basis * weight[:, None]).T @ basis
        normal[:count, :count] += precision + 1e-9 * np.eye(count)
        covariance = np.linalg.inv(normal)
        right = basis.T @ (weight * (place - level))
        fitted = covariance @ right
        likelihood = 0.5 * (right @ fitted - np.linalg.slogdet(normal)[1])
        found.append((fitted[-1], covariance[-1, -1], likelihood))
    height, variance, likelihood = np.array(found).T
    share = np.exp(likelihood - likelihood.max())
    share /= share.sum()
    mean = float(share @ height)
    return mean, float(np.sqrt(share @ (variance + (height - mean) ** 2)))
