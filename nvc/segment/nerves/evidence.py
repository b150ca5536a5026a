"""What each place in planes across the nerves says of a nerve's centre lying there.

Two things speak for a nerve: a spot darker than the fluid around it, and a level
between fluid and what is darkest. Brain and a nerve against it have the level without
the spot; bone, flow voids and open fluid have neither. The rim of a flow void has both,
but no void lies within a nerve.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter, grey_dilation
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.image.planes import PlaneStack
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """Of every place in a plane stack.

    Parameters
    ----------
    cost : ndarray, shape (S, W, W)
        Of a nerve's centre there; least, below 0, in the middle of a clear nerve.
    response : ndarray, shape (S, W, W)
        Spot response, about 1 in the middle of an ideal nerve, 0 inside the brain.
    in_brain : ndarray of bool, shape (S, W, W)
        Below the brain's surface.
    """

    cost: NDArray[np.float32]
    response: NDArray[np.float32]
    in_brain: NDArray[np.bool_]


def weigh_places(
    around: Surroundings, stack: PlaneStack, settings: NerveSettings
) -> Evidence:
    """Weigh every place of a stack as the centre of a nerve.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    stack : PlaneStack
        Planes across the nerves, `settings.step_mm` or so apart.
    settings : NerveSettings
        Sizes and weights.
    """
    points = stack.points_mm()
    n = around.scale(points)
    step_mm = float(np.linalg.norm(np.diff(stack.origins_mm, axis=0), axis=1).mean())
    deficit = 1.0 - np.clip(np.nan_to_num(n, nan=-1.0), settings.darkest_nerve, 1.0)
    response = respond_to_spots(deficit, stack.spacing_mm, step_mm, settings)
    depth = np.nan_to_num(around.brain(points), nan=10.0)
    in_brain = depth < -settings.surface_gap_mm
    # Inside the brain a nerve shows neither as a spot nor by its level.
    response = np.where(in_brain, np.float32(0.0), response)
    level = np.nan_to_num(n, nan=-1.0)
    # What may still be a nerve is not dark yet.
    least = min(0.35 * around.scale.dark, settings.darkest_nerve)
    dark = np.clip((level - least) / (0.5 * around.scale.dark), 0.0, 1.0)
    voids = respond_to_spots(dark, stack.spacing_mm, step_mm, settings)
    voids = _greatest_within(voids, settings.spot_sigma_mm, stack.spacing_mm)
    dark = np.maximum(dark, np.minimum(voids, 1.0))
    # Half way from the faintest nerve, whose middle blur makes brighter, to fluid.
    half = 0.5 * (1.0 + _faintest_level(around, settings))
    fluid = np.clip((level - half) / (0.7 * (1.0 - half)), 0.0, 1.0)
    cost = settings.no_spot_cost - np.minimum(response, 1.0) * (1.0 - dark)
    cost += settings.dark_cost * dark + settings.fluid_cost * fluid
    cost += settings.open_fluid_cost * np.clip((level - 0.8) / 0.2, 0.0, 1.0)
    cost = np.where(in_brain, settings.no_spot_cost, cost)
    cost = np.where(_in_artery(around, points), settings.dark_cost, cost)
    cost = np.where(np.isfinite(n), cost, settings.dark_cost)
    return Evidence(cost=cost.astype(np.float32), response=response, in_brain=in_brain)


def _in_artery(around: Surroundings, points: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Places within the wall of an artery that the angiography shows."""
    inside = np.zeros(points.shape[:-1], dtype=bool)
    for artery in around.arteries:
        reach = float(artery.radius_mm.max())
        gap, near = cKDTree(artery.points_mm).query(points, distance_upper_bound=reach)
        radius = np.append(artery.radius_mm, 0.0)[near]
        inside |= gap <= radius
    return inside


def _greatest_within(
    values: NDArray[np.float32], radius_mm: float, spacing_mm: float
) -> NDArray[np.float32]:
    """The greatest value within a radius in the same plane."""
    reach = round(radius_mm / spacing_mm)
    at = np.arange(-reach, reach + 1)
    disc = np.hypot(at[:, None], at[None, :]) <= reach
    greatest: NDArray[np.float32] = grey_dilation(values, footprint=disc[None])
    return greatest


def _faintest_level(around: Surroundings, settings: NerveSettings) -> float:
    """Level in the middle of a thin nerve: a blurred disc, brain 0 and CSF 1."""
    voxel_mm = float(np.mean(around.scale.sampler.grid.voxel_size_mm))
    thin_mm = settings.typical_radius_mm - settings.radius_sd_mm
    return float(np.exp(-0.5 * (thin_mm / (settings.blur_voxels * voxel_mm)) ** 2))


def respond_to_spots(
    deficit: NDArray[np.float32],
    spacing_mm: float,
    step_mm: float,
    settings: NerveSettings,
) -> NDArray[np.float32]:
    """How much each place looks like the middle of a tube darker than its surroundings.

    The second of the three principal curvatures of the smoothed deficit, so that an
    edge or a sheet (curved one way only) gives none, and a tube at a slant to the
    planes as much as one across them. Scaled so that an ideal nerve of typical radius
    gives 1.

    Parameters
    ----------
    deficit : ndarray, shape (S, W, W)
        How much darker than fluid (or than any nerve) each place of a plane stack is.
    spacing_mm, step_mm : float
        Sampling within and across planes.
    settings : NerveSettings
        Sizes.
    """
    sigma_mm = settings.spot_sigma_mm
    steps = np.array([step_mm, spacing_mm, spacing_mm])
    curvature = np.empty((*deficit.shape, 3, 3), np.float32)
    for i, j in ((0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)):
        order = np.bincount([i, j], minlength=3).tolist()
        smooth = gaussian_filter(deficit, sigma_mm / steps, order=order)
        smooth *= np.float32(sigma_mm**2 / (steps[i] * steps[j]))
        curvature[..., i, j] = curvature[..., j, i] = smooth
    second = np.linalg.eigvalsh(curvature)[..., 1]
    # Ideal blurred disc of radius r: curvature at its centre is
    # -(r^2 / 2 s^2) exp(-r^2 / 2 s^2) per axis at scale s, times the contrast.
    ratio = settings.typical_radius_mm**2 / (2 * sigma_mm**2)
    ideal = ratio * np.exp(-ratio)
    response: NDArray[np.float32] = np.clip(-second / ideal, 0.0, 1.2)
    return response
