"""A block of planes across a direction, with bone at 0 and CSF at 1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.regions.head.head_frame import build_frame_along

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Step
    from nvc.regions.head.levels import Contrast
    from nvc.sampling import Sampler

STEP_MM: Step[float] = 0.5
"""Spacing of the planes and of the samples in them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneBlock:
    """Planes across a direction, sampled in one block.

    Parameters
    ----------
    origin_mm : ndarray, shape (3,)
        Middle of the first plane, mm of the working frame.
    axes : ndarray, shape (3, 3)
        Columns: along the planes' normal (medially), then two in the plane.
    values : ndarray, shape (planes, N, N)
        0 bone, 1 CSF.
    """

    origin_mm: NDArray[np.float64]
    axes: NDArray[np.float64]
    values: NDArray[np.float32]

    def to_ras_mm(self, indices: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map (plane, row, column), shape (..., 3), to mm of the working frame."""
        half = (self.values.shape[1] - 1) / 2
        local = (np.asarray(indices, dtype=float) - [0.0, half, half]) * STEP_MM
        return np.asarray(self.origin_mm + local @ self.axes.T, dtype=float)


def sample_planes(
    sampler: Sampler,
    contrast: Contrast,
    start_mm: NDArray[np.float64],
    medial: NDArray[np.float64],
    *,
    length_mm: float,
    half_width_mm: float,
) -> PlaneBlock:
    """Sample planes across `medial`, from `start_mm` on.

    Parameters
    ----------
    sampler : Sampler
        The reference around the canal.
    contrast : Contrast
        Levels there.
    start_mm : ndarray, shape (3,)
        Middle of the first plane, mm of the working frame.
    medial : ndarray, shape (3,)
        Unit vector.
    length_mm, half_width_mm : float
        Size of the block.
    """
    axes = build_frame_along(medial, sampler.grid)
    planes = np.arange(0.0, length_mm + STEP_MM / 2, STEP_MM)
    side = np.arange(-half_width_mm, half_width_mm + STEP_MM / 2, STEP_MM)
    local = np.stack(np.meshgrid(planes, side, side, indexing="ij"), axis=-1)
    values = contrast.normalise(sampler(start_mm + local @ axes.T))
    values = np.nan_to_num(values, nan=0.0)
    smooth = ndimage.gaussian_filter(values, 0.7)
    return PlaneBlock(origin_mm=start_mm, axes=axes, values=smooth)
