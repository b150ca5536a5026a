"""Regions of a T1, in which fluid is dark: a template head places the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.stages import HeadFrame, Regions, TissueLevels
from nvc.regions.head.levels import estimate_noise
from nvc.regions.t1.template_seeds import seed_from_template
from nvc.sampling import Sampler, block_mean, crop
from nvc.settings.anatomy import MNI_FUNDUS, MNI_PONS, MNI_PORUS
from nvc.settings.groups.atlas import PonsSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.numerics import Count, Layout
    from nvc.settings.atlas import AtlasSettings

_BETWEEN_CANALS: Layout[NDArray[np.float64]] = np.mean(
    [MNI_PORUS, MNI_FUNDUS], axis=0
) * (0.0, 1.0, 1.0)
_PONS_MM = np.array(MNI_PONS) - _BETWEEN_CANALS
"""Middle of the pons from the point between the canals, in the template."""
_FEWEST_VOXELS: Count[int] = 200


def find_regions_of_t1(
    reference: Volume,
    settings: AtlasSettings,
    template: Volume,
    on_progress: Callable[[float], None] | None = None,
) -> Regions:
    """Find pose and seeds by a template head, and the levels around the pons.

    Parameters
    ----------
    reference : Volume
        Whole head, canonical storage order, CSF dark.
    settings : AtlasSettings
        Of the template head.
    template : Volume
        The MNI152 T1 head at 1 mm, MNI mm, 0 outside the brain.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Regions
        With both sides not evaluable, and why, where the template does not fit.
    """
    seeds = seed_from_template(
        reference,
        template,
        csf_is_bright=False,
        settings=settings,
        on_progress=on_progress,
    )
    levels = None
    if seeds.head is not None:
        levels = measure_dark_csf_levels(reference, seeds.head, settings.pons)
    return Regions(
        head=seeds.head, levels=levels, sides=seeds.sides, reasons=seeds.reasons
    )


def measure_dark_csf_levels(
    reference: Volume, head: HeadFrame, settings: PonsSettings | None = None
) -> TissueLevels | None:
    """Measure brain in the pons and CSF in the cisterns next to it.

    Parameters
    ----------
    reference : Volume
        Canonical storage order, CSF dark.
    head : HeadFrame
        Origin between the canals.
    settings : PonsSettings, optional
        What of the pons is brain, and what beside it is fluid.

    Returns
    -------
    TissueLevels or None
        None where no fluid darker than brain lies about the pons.
    """
    settings = settings or PonsSettings()
    steps = np.arange(-24.0, 24.5)
    local = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    box = crop(reference, head.to_ras_mm(local.reshape(-1, 3)), 3.0)
    values = Sampler.over(block_mean(box, 1.0), order=1)(head.to_ras_mm(local))
    core = np.linalg.norm(local - _PONS_MM, axis=-1) < settings.radius_mm
    brain = float(np.nanmedian(values[core]))
    if not np.isfinite(brain) or brain <= 0:
        return None
    smooth = ndimage.gaussian_filter(np.nan_to_num(values, nan=0.0), 0.6)
    stem = ndimage.binary_opening(smooth > settings.brain_min * brain, iterations=3)
    depth = ndimage.distance_transform_edt(~stem)
    # So near to brain and medial of the pori lies fluid, not bone.
    low, high = settings.cistern_depth_mm
    cistern = (depth > low) & (depth < high)
    cistern &= np.abs(local[..., 0]) < settings.cistern_aside_mm
    cistern &= np.abs(local[..., 2]) < settings.cistern_height_mm
    cistern &= smooth < settings.fluid_max * brain
    if cistern.sum() < _FEWEST_VOXELS:
        return None
    csf = float(np.median(smooth[cistern]))
    pons = crop(reference, head.to_ras_mm(_PONS_MM)[None], settings.radius_mm)
    return TissueLevels(csf=csf, brain=brain, noise=estimate_noise(pons))
