"""Vessels near CN VII: what was found of them, and what was taken for one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.spatial import cKDTree

from nvc.validation.score import Points, cut_course, resample_course

if TYPE_CHECKING:
    from nvc.model.stages import Vessel

NEAR_MM = 5.0
"""Vessels count where their centre lies this near to CN VII, root exit to porus."""
LARGE_MM, SMALL_MM = 1.2, 0.8
"""Calibres that divide the classes; thinner vessels are not asked for."""
SAME_MM = 0.5
"""A found centre this near to the true one, or within its wall, is the same vessel."""
TAKEN_MM = 4.0
"""A found vessel that runs farther than this within nerves is one taken for a vessel.

A vessel that crosses one is within it for no more than the nerve's width.
"""
_STEP_MM = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class VesselScore:
    """Lengths in mm within 5 mm of either CN VII.

    Parameters
    ----------
    large_mm, large_found_mm : float
        True vessels of 1.2 mm and more, and what of them was found.
    small_mm, small_found_mm : float
        The same for 0.8 to 1.2 mm.
    found_mm, right_mm : float
        What was found, and what of it is a vessel.
    nerves_taken : int
        Found vessels that are nerves.
    """

    large_mm: float
    large_found_mm: float
    small_mm: float
    small_found_mm: float
    found_mm: float
    right_mm: float
    nerves_taken: int


@dataclass(frozen=True, slots=True, eq=False)
class _Course:
    points: Points
    radius: Points


def score_vessels(truth: Mapping[str, Any], found: Iterable[Vessel]) -> VesselScore:
    """Compare the vessels of a run with the truth.

    Parameters
    ----------
    truth : mapping
        Of a phantom, RAS mm of the reference.
    found : iterable of Vessel
        Of the segmentation, same world.
    """
    facial = _facial_tree(truth)
    true = [_near(_course(item), facial) for item in truth["vessels"]]
    seen = [
        _course({"points_mm": v.tube.points_mm, "radius_mm": v.tube.radius_mm})
        for v in found
        if len(v.tube.points_mm) > 1
    ]
    near = [_near(course, facial) for course in seen]
    nerves = _joined(_nerves(truth))
    lengths = {"large": 0.0, "large_found": 0.0, "small": 0.0, "small_found": 0.0}
    everything = _joined(seen)
    for course in true:
        hit = _same(course.points, everything, course.radius)
        for name, low, high in (("large", LARGE_MM, np.inf), ("small", SMALL_MM, 1.2)):
            asked = (2.0 * course.radius >= low) & (2.0 * course.radius < high)
            lengths[name] += _STEP_MM * float(asked.sum())
            lengths[f"{name}_found"] += _STEP_MM * float((asked & hit).sum())
    whole_truth = _joined([_course(item) for item in truth["vessels"]])
    right = [_within(course.points, whole_truth) for course in near]
    taken = [
        _STEP_MM * float((~good & _within(course.points, nerves)).sum())
        for course, good in zip(near, right, strict=True)
    ]
    return VesselScore(
        large_mm=lengths["large"],
        large_found_mm=lengths["large_found"],
        small_mm=lengths["small"],
        small_found_mm=lengths["small_found"],
        found_mm=_STEP_MM * sum(len(course.points) for course in near),
        right_mm=_STEP_MM * float(sum(good.sum() for good in right)),
        nerves_taken=sum(length > TAKEN_MM for length in taken),
    )


def _facial_tree(truth: Mapping[str, Any]) -> cKDTree:
    courses = []
    for side in truth["sides"].values():
        leave, porus = side["cn7"]["root_exit_to_porus_arc_mm"]
        courses.append(
            cut_course(np.array(side["cn7"]["points_mm"]), leave, porus, _STEP_MM)
        )
    return cKDTree(np.concatenate(courses))


def _course(item: Mapping[str, Any]) -> _Course:
    points = np.asarray(item["points_mm"], dtype=float)
    fine = resample_course(points, _STEP_MM)
    old = np.linspace(0.0, 1.0, len(points))
    radius = np.interp(
        np.linspace(0.0, 1.0, len(fine)), old, np.asarray(item["radius_mm"])
    )
    return _Course(fine, radius)


def _near(course: _Course, facial: cKDTree) -> _Course:
    keep = facial.query(course.points)[0] <= NEAR_MM
    return _Course(course.points[keep], course.radius[keep])


def _nerves(truth: Mapping[str, Any]) -> list[_Course]:
    nerves = []
    for side in truth["sides"].values():
        nerves += [_course(side["cn7"]), _course(side["cn8"])]
        nerves += [_course(item) for item in side["other_nerves"].values()]
    return nerves


def _joined(courses: list[_Course]) -> _Course:
    if not courses:
        return _Course(np.empty((0, 3)), np.empty(0))
    return _Course(
        np.concatenate([course.points for course in courses]),
        np.concatenate([course.radius for course in courses]),
    )


def _same(points: Points, others: _Course, radius: Points) -> np.ndarray[Any, Any]:
    """Tell which points have another course within their own wall, or 0.5 mm."""
    if len(others.points) == 0 or len(points) == 0:
        return np.zeros(len(points), dtype=bool)
    apart = cKDTree(others.points).query(points)[0]
    same: np.ndarray[Any, Any] = apart <= np.maximum(radius, SAME_MM)
    return same


def _within(points: Points, others: _Course) -> np.ndarray[Any, Any]:
    """Tell which points lie within the wall of a course, or 0.5 mm of its centre."""
    if len(others.points) == 0 or len(points) == 0:
        return np.zeros(len(points), dtype=bool)
    apart, index = cKDTree(others.points).query(points)
    within: np.ndarray[Any, Any] = apart <= np.maximum(others.radius[index], SAME_MM)
    return within
