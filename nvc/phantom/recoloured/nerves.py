"""Courses that were read by eye, fitted to the nerves as they show in the T1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from nvc.phantom.geometry.courses import resample, smooth_course
from nvc.phantom.geometry.shapes import Distances, Points, Solid, gradient
from nvc.phantom.geometry.tube import CurvedTube, perpendiculars, tangents
from nvc.phantom.recoloured.fields import Field

STEP_MM = 0.25
MOST_SHIFT_MM = 0.7
"""The reading is trusted to this; read points are good to 0.3 to 0.9 mm."""
SMOOTH_MM = 3.0
"""Length along the course over which the fit is averaged."""
ALONE_MM = (1.4, 2.1)
"""A nerve is fitted where it lies this far from brain and from its neighbour."""
LEAST_RADIUS_MM, MOST_RADIUS_MM = 0.55, 0.95
"""CN VII is 1.1 to 1.9 mm across in the cistern; a T1 may blur it wider."""
PALE_PART = 25.0
"""Percentile of the tissue along a nerve that stands for its cisternal part."""
ROOT_MM = 2.0
"""Length laid inside the brainstem, where it cannot be seen."""
RIDGE = 0.55
"""Height of the attached part above the brain, in radii."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FittedCourse:
    """A nerve's course as the T1 shows it.

    Parameters
    ----------
    course : ndarray, shape (N, 3)
        Every 0.25 mm, head coordinates.
    radius_mm : float
        From the partial volume across the course; the middle of what was found.
    spread_mm : tuple of float
        The radius's lowest and highest tenth.
    shift_mm : float
        How far the reading was moved, at most.
    level : float
        Tissue in its middle where it lies alone and is pale: not in the canal, where
        all nerves are one bundle.
    """

    course: Points
    radius_mm: float
    spread_mm: tuple[float, float]
    shift_mm: float
    level: float


def fit_course(
    points: Points, tissue: Field, brain: Field, beside: Points
) -> FittedCourse:
    """Move a course to the middle of what is grey across it, and measure how thick.

    Parameters
    ----------
    points : ndarray, shape (N, 3)
        As read, head coordinates.
    tissue : Field
        0 fluid to 1 nerve.
    brain : Field
        Distance to the brain.
    beside : ndarray, shape (M, 3)
        The other nerve's course; near it nothing is fitted.
    """
    read = smooth_course(points, STEP_MM)
    course = read.copy()
    other = CurvedTube.round(smooth_course(beside, STEP_MM), 1e-3)
    for _ in range(4):
        alone = brain.distance(course) > ALONE_MM[0]
        alone &= other.distance(course) > ALONE_MM[1]
        shift = np.zeros_like(course)
        if alone.any():
            shift[alone] = _centroids(course, tissue)[alone]
        course = read + _limited(_smoothed(course + shift - read, alone))
    alone = brain.distance(course) > ALONE_MM[0] + 0.3
    alone &= other.distance(course) > ALONE_MM[1] + 0.4
    radii = _radii(course, tissue)[alone]
    radii = radii[np.isfinite(radii)] if len(radii) else np.array([0.75])
    inner = tissue.distance(course[alone]) if alone.any() else np.array([1.0])
    moved = float(np.linalg.norm(course - read, axis=1).max())
    low, middle, high = np.percentile(radii, [10.0, 50.0, 90.0]).tolist()
    return FittedCourse(
        course=resample(course, STEP_MM),
        radius_mm=float(np.clip(middle, LEAST_RADIUS_MM, MOST_RADIUS_MM)),
        spread_mm=(low, high),
        shift_mm=moved,
        level=float(np.percentile(inner, PALE_PART)),
    )


def _across(course: Points, reach: float, step: float) -> tuple[Points, Points]:
    """Return points in planes across a course, and their two in-plane offsets."""
    along = tangents(course)
    first = perpendiculars(course)
    second = np.cross(along, first)
    side = np.arange(-reach, reach + 0.5 * step, step)
    u, v = (part.reshape(-1) for part in np.meshgrid(side, side, indexing="ij"))
    planes = (
        course[:, None, :]
        + u[None, :, None] * first[:, None, :]
        + v[None, :, None] * second[:, None, :]
    )
    return planes, np.stack([u, v], axis=1)


def _centroids(course: Points, tissue: Field) -> Points:
    """Return how far the middle of the grey dot lies from each point."""
    planes, offset = _across(course, 1.5, 0.15)
    grey = tissue.distance(planes.reshape(-1, 3)).reshape(planes.shape[:2])
    rest = np.percentile(grey, 15.0, axis=1, keepdims=True)
    window = np.exp(-0.5 * (offset**2).sum(axis=1) / 0.65**2)
    weight = np.clip(grey - rest - 0.05, 0.0, 1.0) * window
    total = np.maximum(weight.sum(axis=1, keepdims=True), 1e-6)
    middle = (weight[:, :, None] * (planes - course[:, None, :])).sum(axis=1) / total
    moved: Points = 1.5 * middle  # the window pulls the centroid towards its middle
    return moved


def _smoothed(
    shift: Points, alone: np.ndarray[tuple[int], np.dtype[np.bool_]]
) -> Points:
    """Average shifts along the course where they are known; carry them on."""
    sigma = SMOOTH_MM / 2.355 / STEP_MM
    weight = ndimage.gaussian_filter1d(alone.astype(float), sigma, mode="nearest")
    known = np.where(alone[:, None], shift, 0.0)
    total = ndimage.gaussian_filter1d(known, sigma, axis=0, mode="nearest")
    smooth: Points = total / (weight[:, None] + 0.05)
    return smooth


def _limited(shift: Points) -> Points:
    length = np.linalg.norm(shift, axis=1, keepdims=True)
    return shift * np.minimum(1.0, MOST_SHIFT_MM / np.maximum(length, 1e-9))


def _radii(course: Points, tissue: Field) -> Distances:
    """Return the radius whose disc holds as much grey as lies across each point."""
    step = 0.15
    planes, offset = _across(course, 1.9, step)
    grey = tissue.distance(planes.reshape(-1, 3)).reshape(planes.shape[:2])
    away = np.linalg.norm(offset, axis=1)
    rest = np.median(grey[:, away > 1.6], axis=1)
    excess = (grey - rest[:, None])[:, away <= 1.5].sum(axis=1) * step**2
    radius: Distances = np.sqrt(np.maximum(excess, 0.0) / np.pi)
    return radius


def lay_facial(
    leave: Points, detachment: Points, free: FittedCourse, brain: Solid
) -> CurvedTube:
    """Join an attached part, drawn on the brain, to the free course.

    Parameters
    ----------
    leave, detachment : ndarray, shape (3,)
        As read; both are put onto the brain.
    free : FittedCourse
        From the detachment to the canal's end.
    brain : Solid
        What it lies on.
    """
    radius = free.radius_mm
    start = _onto(leave, brain, 0.0)
    lift = _onto(detachment, brain, 0.8 * radius)
    inside = start - ROOT_MM * gradient(brain, start[None])[0]
    between = [
        _onto(start + part * (lift - start), brain, RIDGE * radius)
        for part in (0.35, 0.7)
    ]
    apart = np.linalg.norm(free.course - lift, axis=1)
    first = int(np.argmin(apart))
    rest = free.course[first:]
    rest = rest[np.linalg.norm(rest - lift, axis=1) > 1.2][:: round(1.0 / STEP_MM)]
    points = np.concatenate([np.stack([inside, start, *between, lift]), rest])
    return CurvedTube.round(smooth_course(points, STEP_MM), radius)


def _onto(point: Points, solid: Solid, height_mm: float) -> Points:
    """Move a point, shape (3,), to a height above a solid's wall."""
    at: Points = point[None].astype(float).copy()
    for _ in range(40):
        lacking = (height_mm - solid.distance(at))[:, None]
        at += 0.5 * lacking * gradient(solid, at, 0.3)
    return at[0]
