"""The head in the frame of its own voxel axes, coarser, for registration.

Everything is computed along the axes of the stored lattice, in mm from its
centre, so that an oblique or shifted affine cannot change what is found; only
the last step maps the result to the working frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.sampling import resample_array

if TYPE_CHECKING:
    from numpy.typing import NDArray


def antialias_sigma_vox(fine_mm: float, coarse_mm: float) -> float:
    """Gaussian sigma in fine voxels that makes a coarser sampling safe."""
    # 0.42 voxels is the Gaussian nearest to a voxel's own box.
    return 0.42 * float(np.sqrt(max((coarse_mm / fine_mm) ** 2 - 1, 0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class LatticeFrame:
    """Lattice mm: along the lattice's i, j and k, zero at its centre.

    Parameters
    ----------
    grid : Grid
        The reference's lattice, canonical order.
    """

    grid: Grid

    @property
    def voxel_size_mm(self) -> NDArray[np.float64]:
        """Voxel size, rounded so that a rotated affine gives the very same one."""
        return np.round(np.array(self.grid.voxel_size_mm), 5)

    def to_ras_mm(self, lattice_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map lattice mm, shape (..., 3), to mm of the working frame."""
        centre = (np.array(self.grid.shape) - 1) / 2
        ijk = np.asarray(lattice_mm, dtype=float) / self.voxel_size_mm + centre
        return self.grid.to_ras_mm(ijk)

    def directions_to_ras(self, vectors: NDArray[np.float64]) -> NDArray[np.float64]:
        """Turn columns in lattice axes, shape (3, N), into the working frame's."""
        turned: NDArray[np.float64] = self.grid.axes_ras @ vectors
        return turned


def coarsen_head(volume: Volume, step_mm: float) -> Volume:
    """Smooth and resample a volume to an isotropic lattice in lattice mm.

    Parameters
    ----------
    volume : Volume
        Canonical order.
    step_mm : float
        Isotropic voxel size of the result; axes finer than it are smoothed.

    Returns
    -------
    Volume
        Its "world" is lattice mm (see `LatticeFrame`); bright outliers are clipped.
    """
    size = LatticeFrame(grid=volume.grid).voxel_size_mm
    voxels = np.asarray(volume.voxels, dtype=np.float32)
    sigma = [antialias_sigma_vox(float(s), step_mm) for s in size]
    smooth = ndimage.gaussian_filter(voxels, sigma, truncate=3.0)
    extent = (np.array(voxels.shape) - 1) * size
    shape = np.floor(extent / step_mm).astype(int) + 1
    first = (extent - (shape - 1) * step_mm) / 2
    coarse = resample_array(
        smooth,
        step_mm / size,
        first / size,
        tuple(int(n) for n in shape),
        mode="nearest",
    )
    positive = coarse[coarse > 0]
    if positive.size:
        # Fat and inflowing blood would otherwise take most of the histogram.
        coarse = np.minimum(coarse, np.percentile(positive, 99.5))
    affine = np.diag([step_mm, step_mm, step_mm, 1.0])
    affine[:3, 3] = first - extent / 2
    grid = Grid(shape=coarse.shape, voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=coarse)
