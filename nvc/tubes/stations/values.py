"""What goes into a fit of tubes to voxels, and what comes out of it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class Picture(NamedTuple):
    """An image made ready for fitting, in units of the contrast that is looked for.

    Parameters
    ----------
    voxels : ndarray of float32, shape (I, J, K)
        Intensities, scaled.
    to_mm : ndarray, shape (4, 4)
        Voxel indices to mm.
    to_voxel : ndarray, shape (4, 4)
        Its inverse.
    spread_mm2 : ndarray, shape (3, 3)
        Covariance of the point spread.
    noise : float
        Standard deviation of the noise, scaled.
    reach_mm : float
        How far beyond a tube's wall voxels are looked at.
    """

    voxels: NDArray[np.float32]
    to_mm: NDArray[np.float64]
    to_voxel: NDArray[np.float64]
    spread_mm2: NDArray[np.float64]
    noise: float
    reach_mm: float


class Neighbours(NamedTuple):
    """Known tubes near by, their points one after another.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        Centrelines, densely sampled (0.5 mm or less).
    radius_mm : ndarray, shape (N,)
        Calibres.
    tube : ndarray of int64, shape (N,)
        Which tube a point belongs to.
    shift_sd_mm : ndarray, shape (N,)
        How far the centre may be off.
    contrast : ndarray, shape (T, 2)
        Expected contrast of each tube and its standard deviation.
    """

    points_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    tube: NDArray[np.int64]
    shift_sd_mm: NDArray[np.float64]
    contrast: NDArray[np.float64]


class Stations(NamedTuple):
    """Places along a centreline, with what is expected there.

    Parameters
    ----------
    centre_mm : ndarray, shape (M, 3)
        Expected centres.
    frame : ndarray, shape (M, 3, 3)
        Rows: tangent, and two directions across it along which the point spread is
        uncorrelated.
    bend_per_mm : ndarray, shape (M, 2)
        Curvature of the course towards the two directions across it.
    radius_mm, radius_log_sd : ndarray, shape (M,)
        Expected calibre and its relative uncertainty.
    contrast, contrast_sd : ndarray, shape (M,)
        Expected contrast against the background and its uncertainty.
    centre_sd_mm : ndarray, shape (M,)
        How far the centre may be off.
    half_length_mm : float
        Of the piece of tube that is fitted.
    """

    centre_mm: NDArray[np.float64]
    frame: NDArray[np.float64]
    bend_per_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    radius_log_sd: NDArray[np.float64]
    contrast: NDArray[np.float64]
    contrast_sd: NDArray[np.float64]
    centre_sd_mm: NDArray[np.float64]
    half_length_mm: float


class Fitted(NamedTuple):
    """What the voxels say at each station.

    Parameters
    ----------
    centre_mm : ndarray, shape (M, 3)
        Fitted centres.
    radius_mm, contrast, level : ndarray, shape (M,)
        Calibre, contrast, and background at the centre.
    centre_sd_mm, radius_sd_mm, contrast_sd : ndarray, shape (M,)
        One sigma; of the centre across the course.
    misfit : ndarray, shape (M,)
        Robust residual in units of the noise.
    gain : ndarray, shape (M,)
        Fall in chi-square against the same model without the tube.
    loss : ndarray, shape (M,)
        Robust misfit summed over the voxels (Cauchy), for comparing pictures.
    voxels : ndarray, shape (M,)
        Number used; 0 where the station could not be fitted.
    """

    centre_mm: NDArray[np.float64]
    radius_mm: NDArray[np.float64]
    contrast: NDArray[np.float64]
    level: NDArray[np.float64]
    centre_sd_mm: NDArray[np.float64]
    radius_sd_mm: NDArray[np.float64]
    contrast_sd: NDArray[np.float64]
    misfit: NDArray[np.float64]
    gain: NDArray[np.float64]
    loss: NDArray[np.float64]
    voxels: NDArray[np.float64]


def no_neighbours() -> Neighbours:
    """Return an empty set of neighbours."""
    return Neighbours(
        points_mm=np.zeros((0, 3)),
        radius_mm=np.zeros(0),
        tube=np.zeros(0, dtype=np.int64),
        shift_sd_mm=np.zeros(0),
        contrast=np.zeros((0, 2)),
    )
