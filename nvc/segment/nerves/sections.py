"""Cross-sections of CN VII and CN VIII, fitted together plane by plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from scipy.special import ndtr

from nvc.segment.image.planes import PlaneStack
from nvc.segment.image.surroundings import Surroundings
from nvc.settings.nerve import NerveSettings
from nvc.tubes.disc_pair_fit import CrossSection, DiscPrior, fit_discs

if TYPE_CHECKING:
    from nvc.numerics import Tolerance

_LEAST_WEIGHT: Tolerance[float] = 0.02


@dataclass(frozen=True, slots=True)
class SectionPrior:
    """What is known of both discs before a pass over the planes.

    Parameters
    ----------
    contrast : tuple of float
        Of CN VII and CN VIII, tissue scale.
    contrast_sd, position_sd_mm : float
        How firmly, one sigma.
    """

    contrast: tuple[float, float]
    contrast_sd: float
    position_sd_mm: float


def fit_sections(
    around: Surroundings,
    stack: PlaneStack,
    vestibulocochlear: NDArray[np.float64],
    expected: SectionPrior,
    settings: NerveSettings,
) -> list[CrossSection]:
    """Fit both discs in every plane of a stack laid along CN VII.

    Parameters
    ----------
    around : Surroundings
        Image and brain, which counts for nothing in a plane.
    stack : PlaneStack
        Planes across CN VII.
    vestibulocochlear : ndarray, shape (N, 3)
        Where CN VIII is expected, mm of the working frame.
    expected : SectionPrior
        Contrasts and how far the centres may be off.
    settings : NerveSettings
        Sizes and weights.
    """
    points = stack.points_mm()
    scale = around.scale
    blur = settings.blur_voxels * float(np.mean(scale.sampler.grid.voxel_size_mm))
    n, dark = _take_out_dark(
        scale(points).astype(float), stack, (scale.dark, blur), settings
    )
    outside = around.brain(points)
    grid = np.stack(np.meshgrid(stack.offsets_mm, stack.offsets_mm, indexing="ij"), -1)
    # Oversampled planes repeat the same voxels: count each voxel's noise once.
    repeat = (
        float(np.prod(scale.sampler.grid.voxel_size_mm)) ** (2 / 3)
        / stack.spacing_mm**2
    )
    noise = np.sqrt(max(repeat, 1.0)) * np.hypot(scale.noise, settings.model_noise)
    sections = []
    last = np.array([-1.5, -1.5])
    for s in range(len(points)):
        crossing = stack.crossing(s, vestibulocochlear)
        last = crossing if crossing is not None else last
        near = np.minimum(
            np.linalg.norm(grid, axis=-1), np.linalg.norm(grid - last, axis=-1)
        )
        weight = 1.0 / (1.0 + np.exp((near - settings.fit_reach_mm) / 0.2))
        weight = weight * np.clip((outside[s] + 0.2) / 0.4, 0.0, 1.0)
        told = np.isfinite(n[s]) & np.isfinite(weight) & ~dark[s]
        weight = np.where(told, weight, 0.0)
        use = weight > _LEAST_WEIGHT
        sections.append(
            fit_discs(
                grid[use],
                n[s][use],
                weight[use],
                _prior(expected, last, settings),
                blur_mm=blur,
                noise=float(noise),
                loss=settings.loss,
            )
        )
    return sections


def _take_out_dark(
    n: NDArray[np.float64],
    stack: PlaneStack,
    dark: tuple[float, float],
    settings: NerveSettings,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Give back to the fluid what bone and flow voids take from it.

    Blur makes a rim around them that is as grey as a nerve, and a disc fitted beside
    bone would move into that rim.

    Parameters
    ----------
    n : ndarray, shape (S, W, W)
        Tissue scale.
    stack : PlaneStack
        Where it was sampled.
    dark : tuple of float
        Level of bone and flow voids, and the point spread, mm, one sigma.
    settings : NerveSettings
        How bone is outlined.

    Returns
    -------
    n : ndarray, shape (S, W, W)
        With fluid in their place.
    inside : ndarray of bool, shape (S, W, W)
        Where nothing is left of what was there.
    """
    level, blur_mm = dark
    plane = settings.plane
    calm = gaussian_filter(
        np.nan_to_num(n, nan=level),
        (0.5, *[plane.calm_mm / stack.spacing_mm] * 2),
    )
    inside = calm < min(0.5 * level, settings.darkest_nerve)
    # Where fluid meets bone, half of `level` is reached this far within the bone.
    spread = float(np.hypot(blur_mm, plane.calm_mm))
    share = np.empty_like(n)
    for k, core in enumerate(inside):
        height = distance_transform_edt(core) - distance_transform_edt(~core)
        share[k] = ndtr((height * stack.spacing_mm + plane.rim_mm) / spread)
    given_back = np.clip(n, -1.0, 1.6) + (1.0 - level) * share
    return given_back, share > plane.hidden_max


def _prior(
    expected: SectionPrior, other: NDArray[np.float64], settings: NerveSettings
) -> DiscPrior:
    """CN VII at the plane's middle, CN VIII where its course was."""
    return DiscPrior(
        facial=(0.0, 0.0),
        vestibulocochlear=(float(other[0]), float(other[1])),
        radius_facial_mm=settings.typical_radius_mm,
        radius_vestibulocochlear_mm=settings.typical_radius_mm,
        contrast_facial=expected.contrast[0],
        contrast_vestibulocochlear=expected.contrast[1],
        position_sd_mm=expected.position_sd_mm,
        radius_sd_mm=settings.radius_sd_mm,
        contrast_sd=expected.contrast_sd,
    )
