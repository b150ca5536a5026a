"""What a ball fits into, and what it reaches: opening of masks by exact distances."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

if TYPE_CHECKING:
    from numpy.typing import NDArray


def fit_ball(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Find where the middle of a ball may lie that the mask holds.

    Parameters
    ----------
    mask : ndarray of bool, shape (I, J, K)
        What lies beyond its faces counts as held.
    radius : float
        In voxels.
    """
    return np.asarray(ndimage.distance_transform_edt(mask) > radius)


def roll_ball(middles: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Find what a ball of so many voxels covers from any of its middles."""
    return np.asarray(ndimage.distance_transform_edt(~middles) <= radius)
