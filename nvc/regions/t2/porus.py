"""The porus: where bone no longer encloses the canal's axis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.regions.head.head_frame import build_frame_along

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count, Step
    from nvc.regions.head.levels import Contrast
    from nvc.regions.t2.canal import Canal
    from nvc.sampling import Sampler
    from nvc.settings.groups.regions import FaceSettings
    from nvc.settings.regions import RegionsSettings

_STEP_MM: Step[float] = 0.25
"""Spacing of the samples along a ray."""

_DIRECTIONS: Count[int] = 32


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BoneFace:
    """The plane of the petrous bone's posterior face, and the porus in it.

    Parameters
    ----------
    porus_mm : ndarray, shape (3,)
        mm of the working frame.
    normal : ndarray, shape (3,)
        Unit vector out of the bone.
    scatter_mm : float
        Robust spread of the face about the plane.
    support : int
        Rays that met the face.
    """

    porus_mm: NDArray[np.float64]
    normal: NDArray[np.float64]
    scatter_mm: float
    support: int


def find_porus(
    sampler: Sampler, contrast: Contrast, canal: Canal, settings: RegionsSettings
) -> BoneFace | None:
    """Find the bone's face around the canal's mouth, and the porus.

    The face is a plane. Rays parallel to the axis start medially and run outwards;
    each meets the bone where the signal falls for good to half of what lay before it.
    A plane fitted robustly to these places leaves out rays that pass above or below
    the bone. The porus is where bone encloses half of the axis' circumference: on a
    plane face that is where the axis meets it, in a mouth like a funnel between both
    lips. Both places are averaged by their errors; that of the plane grows with how
    uneven the face is.

    Parameters
    ----------
    sampler : Sampler
        The reference around the canal.
    contrast : Contrast
        Levels on this side.
    canal : Canal
        Axis and radius.
    settings : RegionsSettings
        Reach of the rays.

    Returns
    -------
    BoneFace or None
        None where too few rays meet bone or they lie in no plane.
    """
    across = build_frame_along(canal.outward, sampler.grid)[:, 1:]
    offsets = _ring(
        canal.radius_mm + 1.5, canal.radius_mm + 1.5 + settings.face_ring_mm
    )
    along = np.arange(-settings.face_reach_mm, settings.face_depth_mm, _STEP_MM)
    rays = canal.centre_mm + offsets @ across.T
    points = rays[:, None, :] + along[None, :, None] * canal.outward
    values = np.nan_to_num(contrast.normalise(sampler(points)), nan=1.0)
    values = ndimage.gaussian_filter1d(values, 1.2, axis=1)
    depth = np.array([_meets_bone(ray, contrast.brain_share) for ray in values])
    met = np.isfinite(depth)
    if met.sum() < settings.face_rays_min:
        return None
    places = np.column_stack([offsets[met], along[0] + depth[met] * _STEP_MM])
    plane = _plane(places, canal, settings)
    if plane is None:
        return None
    coefficients, off = plane
    shallowest = -canal.enclosed_mm / 2 - settings.mouth_reach_mm
    mouth = _find_mouth(sampler, contrast, canal, across, (shallowest, settings.face))
    scatter = float(np.sqrt(np.mean(off**2)))
    porus = float(coefficients[2])
    if mouth is not None:
        plane_variance = (settings.face.sd_of_scatter * scatter) ** 2
        share = plane_variance / (plane_variance + settings.face.mouth_sd_mm**2)
        porus += share * (mouth - porus)
    normal = across @ coefficients[:2] - canal.outward
    return BoneFace(
        porus_mm=canal.centre_mm + porus * canal.outward,
        normal=normal / np.linalg.norm(normal),
        scatter_mm=scatter,
        support=len(off),
    )


def _ring(inner_mm: float, outer_mm: float) -> NDArray[np.float64]:
    """Return offsets between two radii at about 0.8 mm, shape (N, 2)."""
    steps = np.arange(-outer_mm, outer_mm + 0.4, 0.8)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
    radius = np.linalg.norm(grid, axis=1)
    return grid[(radius >= inner_mm) & (radius <= outer_mm)]


def _meets_bone(ray: NDArray[np.float32], brain_share: float) -> float:
    """Return the fractional sample where a ray enters bone for good, or NaN.

    The cortex is darker than half of brain. Marrow may lie beyond it, but no fluid
    for 4 mm: a vessel across the ray has fluid on its far side.
    """
    dark = ray < 0.5 * brain_share
    fluid = ray > 0.5 * (1 + brain_share)
    cortex, beyond = round(1.0 / _STEP_MM), round(4.0 / _STEP_MM)
    if len(ray) <= beyond:
        return float("nan")
    solid = np.convolve(dark, np.ones(cortex), mode="full")[cortex - 1 :] >= cortex
    ahead = np.convolve(fluid, np.ones(beyond), mode="full")[beyond - 1 :] > 0
    first = np.nonzero(solid & ~ahead)[0]
    first = first[first <= len(ray) - beyond]
    if len(first) == 0 or first[0] < 2:
        return float("nan")
    start = int(first[0])
    before = ray[max(0, start - round(2.5 / _STEP_MM)) : start]
    inside = float(np.median(ray[start : start + cortex]))
    half = (float(before.max()) + inside) / 2
    above = np.nonzero(ray[:start] >= half)[0]
    if len(above) == 0:
        return float("nan")
    last = int(above[-1])
    drop = float(ray[last] - ray[last + 1])
    return last + (float(ray[last]) - half) / max(drop, 1e-6)


def _plane(
    places: NDArray[np.float64],
    canal: Canal,
    settings: RegionsSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
    """Fit depth = a x + b y + c robustly; the axis meets the plane at c.

    Returns the three and how far each place near the plane is off it.

    Planes through three of the places vote (least median of squares over a fixed
    set of triples); the places near the best plane are then fitted again.
    """
    design = np.column_stack([places[:, :2], np.ones(len(places))])
    depth = places[:, 2]
    rng = np.random.default_rng(7)
    # Bone encloses the canal up to its first lip; the plane lies there or medially.
    lip = -canal.enclosed_mm / 2
    deepest, shallowest = lip + 1.0, lip - settings.mouth_reach_mm
    best = np.inf
    coefficients: NDArray[np.float64] = np.zeros(3)
    for _ in range(300):
        triple = rng.choice(len(places), 3, replace=False)
        if abs(np.linalg.det(design[triple])) < settings.face.spread_min_mm2:
            continue
        candidate = np.linalg.solve(design[triple], depth[triple])
        if np.hypot(candidate[0], candidate[1]) > settings.face_slope_max:
            continue
        if not shallowest <= candidate[2] <= deepest:
            continue
        tilt = np.sqrt(1 + candidate[0] ** 2 + candidate[1] ** 2)
        off = np.abs(depth - design @ candidate) / tilt
        spread = float(np.percentile(off, 55))
        if spread < best:
            best, coefficients = spread, np.asarray(candidate, dtype=float)
    if not np.isfinite(best):
        return None
    limit = max(2.5 * best / 0.755, 0.6)
    for _ in range(4):
        tilt = np.sqrt(1 + coefficients[0] ** 2 + coefficients[1] ** 2)
        off = np.abs(depth - design @ coefficients) / tilt
        inside = off < limit
        if inside.sum() < settings.face_rays_min:
            return None
        solved = np.linalg.lstsq(design[inside], depth[inside], rcond=None)
        coefficients = np.asarray(solved[0], dtype=float)
    if not shallowest <= coefficients[2] <= deepest + 1.0:
        return None
    return coefficients, off[inside]


def _find_mouth(
    sampler: Sampler,
    contrast: Contrast,
    canal: Canal,
    across: NDArray[np.float64],
    within: tuple[float, FaceSettings],
) -> float | None:
    """Place on the axis, from the canal's middle, where half of it is enclosed; mm."""
    shallowest, settings = within
    angle = 2.0 * np.pi * np.arange(_DIRECTIONS) / _DIRECTIONS
    away = np.stack([np.cos(angle), np.sin(angle)], axis=-1) @ across.T
    reach = np.arange(_STEP_MM, canal.radius_mm + settings.beyond_wall_mm, _STEP_MM)
    places = np.arange(-canal.enclosed_mm / 2, shallowest, -_STEP_MM)
    if len(places) < 2:
        return None
    points = (
        canal.centre_mm
        + places[:, None, None, None] * canal.outward
        + reach[:, None] * away[:, None]
    )
    values = np.nan_to_num(contrast.normalise(sampler(points)), nan=1.0)
    # Bone is thick; a dark voxel of noise or the edge of a nerve is not.
    values = ndimage.uniform_filter1d(values, round(1.0 / _STEP_MM), axis=2)
    enclosed = (values < 0.5 * contrast.brain_share).any(axis=2).mean(axis=1)
    enclosed = ndimage.uniform_filter1d(enclosed, 3, mode="nearest")
    open_from = np.flatnonzero(enclosed < 0.5)
    if not len(open_from) or open_from[0] == 0:
        return None
    first = int(open_from[0])
    drop = float(enclosed[first - 1] - enclosed[first])
    share = (float(enclosed[first - 1]) - 0.5) / max(drop, 1e-6)
    return float(places[first - 1] - share * _STEP_MM)
