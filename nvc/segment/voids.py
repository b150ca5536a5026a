"""Places too dark for any nerve: flow voids of wide vessels, and bone.

A vertebral artery that touches CN VII is wider than the nerve and shows more, so that
a course is drawn onto it. What is darker than nerves by more than noise makes is taken
out of sight before nerves are followed. Thin arteries stay: blur leaves them as grey as
a nerve, and they are too narrow to be followed for one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import Volume
from nvc.sampling import Sampler, crop

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import TissueLevels
    from nvc.settings.nerve import NerveSettings


def find_voids(
    volume: Volume,
    levels: TissueLevels,
    points_mm: NDArray[np.float64],
    settings: NerveSettings,
) -> Sampler:
    """Mark what is darker than nerves, and a rim around it.

    Parameters
    ----------
    volume : Volume
        The reference.
    levels : TissueLevels
        Brain (0 of the scale) and CSF (1).
    points_mm : ndarray, shape (N, 3)
        What the box must hold, RAS mm.
    settings : NerveSettings
        Margin of the box, smoothing and rim.

    Returns
    -------
    Sampler
        1 within a void, 0 elsewhere and outside the box.
    """
    box = crop(volume, points_mm, settings.box_margin_mm)
    size = np.array(box.grid.voxel_size_mm)
    span = levels.csf - levels.brain
    n = (np.asarray(box.voxels, dtype=np.float32) - np.float32(levels.brain)) / span
    calm = ndimage.gaussian_filter(n, settings.void_smoothing_mm / size)
    dark = calm < settings.too_dark
    rim = ndimage.distance_transform_edt(~dark, sampling=size) if dark.any() else None
    near = np.zeros(n.shape) if rim is None else rim <= settings.void_rim_mm
    mask = Volume(grid=box.grid, voxels=near.astype(np.float32))
    return Sampler.over(mask, order=0, outside=0.0)
