"""The same arteries in the reference: flow voids in the bright cistern.

A gap is best measured within one image, so each artery of the angiography is looked
for again in the T2, next to the nerves, and takes its centre and calibre from there
where it shows. What the arteries that show have in common, a shift, is what the
registration left over; it is applied to those that do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.tubes.curve import runs
from nvc.tubes.smoothing import smooth_values
from nvc.tubes.stations.course import Course, Expectation, follow, is_shown, is_within
from nvc.tubes.stations.known import NERVE_CONTRAST, join_neighbours, make_neighbours
from nvc.tubes.stations.picture import measure_spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.vessels import InReferenceSettings
    from nvc.tubes.stations.values import Picture

_LEAST_SHIFTS: Count[int] = 12
_LEAST_STATIONS: Count[int] = 5
_LEAST_SOLID: Count[int] = 3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Artery:
    """An artery of the angiography, as it now lies in the reference.

    Parameters
    ----------
    course : Course
        In mm of the working frame.
    in_reference : ndarray of bool, shape (N,)
        Stations whose centre and calibre come from the reference itself.
    position_sd_mm : ndarray, shape (N,)
        One sigma across the course.
    gain : ndarray, shape (N,)
        How clearly each station shows in the angiography.
    """

    course: Course
    in_reference: NDArray[np.bool_]
    position_sd_mm: NDArray[np.float64]
    gain: NDArray[np.float64]


def refine_in_reference(
    picture: Picture,
    arteries: list[Course],
    nerves: list[Course],
    residual_mm: float,
    void: float,
    settings: VesselsSettings,
) -> tuple[list[Artery], Picture]:
    """Look for each artery in the reference, next to nerves and other arteries.

    Parameters
    ----------
    picture : Picture
        Of the reference, brain 0 and CSF 1.
    arteries : list of Course
        From the angiography, mapped to mm of the working frame.
    nerves : list of Course
        From `extend_nerves`.
    residual_mm : float
        What the registration may be off, one sigma.
    void : float
        Level of a flow void on the picture's scale.
    settings : VesselsSettings
        Sizes and thresholds.

    Returns
    -------
    list of Artery
        One for each of `arteries`.
    Picture
        With the point spread that the arteries show.
    """
    known = make_neighbours(nerves, 0.15, 0.15)
    contrast = void - 1.0
    wide = Expectation(
        centre_sd_mm=float(np.hypot(residual_mm, 0.15)),
        radius_log_sd=0.25,
        contrast_sd=0.25,
        pooled_contrast_sd=0.08,
        contrast_smoothing_mm=20.0,
    )
    focus = cKDTree(np.concatenate([nerve.points_mm for nerve in nerves]))
    parts = [_near(course, focus, settings.in_reference) for course in arteries]
    pieces = [
        course.cut(a, b)
        for course, p in zip(arteries, parts, strict=True)
        for a, b in p
    ]
    first = [
        follow(picture, _dark(piece, contrast), wide, known, rounds=2)
        for piece in pieces
    ]
    picture = measure_spread(picture, first, known)
    shift = _common_shift(first, pieces, residual_mm, settings)
    moved = [replace(c, points_mm=c.points_mm + shift) for c in arteries]
    result = []
    for n, course in enumerate(moved):
        others = [_dark(c, contrast) for c in moved[:n] + moved[n + 1 :]]
        around = join_neighbours([known, make_neighbours(others, 0.15, 0.2)])
        made, done = [], 0
        for a, b in parts[n]:
            piece = course.cut(a, b)
            seen = follow(picture, _dark(piece, contrast), wide, around, rounds=2)
            made += [_as_traced(course.cut(done, a), residual_mm)]
            made += [_merge(piece, seen, residual_mm, settings)]
            done = b
        made.append(_as_traced(course.cut(done, len(course)), residual_mm))
        result.append(_joined(made))
    return result, picture


def _near(
    course: Course, focus: cKDTree, settings: InReferenceSettings
) -> list[tuple[int, int]]:
    """Stretches near a nerve; elsewhere nothing is measured."""
    gap, _ = focus.query(course.points_mm)
    return runs(gap < settings.within_mm, bridge=4, least=_LEAST_STATIONS)


def _as_traced(course: Course, residual_mm: float) -> Artery:
    """Return stations that only the angiography shows."""
    none = np.zeros(len(course))
    return Artery(
        course=course,
        in_reference=none > 0,
        position_sd_mm=none + np.hypot(0.1, residual_mm),
        gain=none if course.fitted is None else course.fitted.gain,
    )


def _joined(parts: list[Artery]) -> Artery:
    """Put the stretches of one artery together again."""
    sd = np.concatenate([part.position_sd_mm for part in parts])
    points = np.concatenate([part.course.points_mm for part in parts])
    return Artery(
        course=Course(
            points_mm=smooth_values(points, 1.0 / sd**2, 1.0),
            radius_mm=np.concatenate([part.course.radius_mm for part in parts]),
            contrast=np.concatenate([part.course.contrast for part in parts]),
        ),
        in_reference=np.concatenate([part.in_reference for part in parts]),
        position_sd_mm=sd,
        gain=np.concatenate([part.gain for part in parts]),
    )


def _dark(course: Course, contrast: float) -> Course:
    return Course(
        points_mm=course.points_mm,
        radius_mm=course.radius_mm,
        contrast=np.full(len(course), contrast),
    )


def _convincing(course: Course, settings: VesselsSettings) -> NDArray[np.bool_]:
    """Stations that show a void at least as dark as a nerve."""
    fit = course.fitted
    if fit is None:
        return np.zeros(len(course), dtype=bool)
    dark = fit.contrast < settings.in_reference.void_min * NERVE_CONTRAST
    return np.asarray(is_shown(fit, settings.significance) & dark)


def _common_shift(
    seen: list[Course],
    arteries: list[Course],
    residual_mm: float,
    settings: VesselsSettings,
) -> NDArray[np.float64]:
    """Return the shift that most voids share against the angiography, (3,) mm.

    Each station knows its offset only across its course, so that the three
    components are solved for together, robustly and with the registration's own
    error as the prior.
    """
    own = settings.in_reference
    rows, offsets = [], []
    for found, origin in zip(seen, arteries, strict=True):
        flags = _convincing(found, settings) & (
            found.radius_mm > own.shift_radius_min_mm
        )
        for n in np.flatnonzero(flags[1:-1]) + 1:
            gap = np.linalg.norm(origin.points_mm - found.points_mm[n], axis=1)
            near = int(np.argmin(gap))
            limit = own.shift_sds * residual_mm + own.shift_more_mm
            if gap[near] > limit or not 0 < near < len(origin) - 1:
                continue
            tangent = origin.points_mm[near + 1] - origin.points_mm[near - 1]
            tangent /= np.linalg.norm(tangent)
            across = np.eye(3) - np.outer(tangent, tangent)
            rows.append(across)
            offsets.append(across @ (found.points_mm[n] - origin.points_mm[near]))
    if len(rows) < _LEAST_SHIFTS:
        return np.zeros(3)
    design, target = np.array(rows), np.array(offsets)
    shift = np.zeros(3)
    for _ in range(10):
        left = np.linalg.norm(target - design @ shift, axis=1)
        weight = 1.0 / (1.0 + (left / own.centre_sd_mm) ** 2)
        normal = np.einsum("n,nij,nik->jk", weight, design, design)
        normal += np.eye(3) * (own.centre_sd_mm / max(residual_mm, 0.05)) ** 2
        shift = np.linalg.solve(
            normal, np.einsum("n,nij,ni->j", weight, design, target)
        )
    return np.asarray(shift, dtype=float)


def _merge(
    origin: Course, seen: Course, residual_mm: float, settings: VesselsSettings
) -> Artery:
    """Take the reference's own measurement where it is convincing."""
    gap = np.linalg.norm(seen.points_mm[:, None] - origin.points_mm[None], axis=2)
    near = np.argmin(gap, axis=1)
    ratio = seen.radius_mm / origin.radius_mm[near]
    good = _convincing(seen, settings)
    own_settings = settings.in_reference
    off = np.hypot(residual_mm, own_settings.centre_sd_mm)
    good &= gap[np.arange(len(seen)), near] < own_settings.merge_sds * off
    good &= is_within(ratio, own_settings.calibre_between)
    solid = np.zeros(len(seen), dtype=bool)
    for first, stop in runs(good, bridge=1, least=_LEAST_SOLID):
        solid[first:stop] = True
    own = 0.1 if seen.fitted is None else seen.fitted.centre_sd_mm
    sd = np.where(solid, np.hypot(own, 0.03), np.hypot(0.1, residual_mm))
    points = np.where(solid[:, None], seen.points_mm, origin.points_mm[near])
    radius = np.where(solid, seen.radius_mm, origin.radius_mm[near])
    course = Course(points_mm=points, radius_mm=radius, contrast=seen.contrast)
    gain = np.zeros(len(seen)) if origin.fitted is None else origin.fitted.gain[near]
    return Artery(course=course, in_reference=solid, position_sd_mm=sd, gain=gain)
