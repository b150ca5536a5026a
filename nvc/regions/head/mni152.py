"""The MNI152 T1 template at the resolution of a search; its places are anatomy's.

`nvc.io.template` reads the head itself; the stages are handed it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume
from nvc.regions.head.lattice_frame import antialias_sigma_vox
from nvc.sampling import resample_array
from nvc.settings.anatomy import MNI_FOSSA

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.settings.anatomy import Point


def place_on_side(point: Point, side: Side) -> NDArray[np.float64]:
    """Return a point given for the right on the given side, shape (3,)."""
    return np.array(point) * (side.sign, 1.0, 1.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Template:
    """The template at one resolution, axis-aligned in MNI mm.

    Parameters
    ----------
    image : Volume
        T1 intensities, brain about 0.7, 0 outside the brain.
    near_brain : ndarray of bool, shape ``image.grid.shape``
        The brain and a margin around it.
    """

    image: Volume
    near_brain: NDArray[np.bool_]

    def points_mm(self, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
        """MNI mm of the voxels in a mask, shape (N, 3)."""
        return self.image.grid.to_ras_mm(np.argwhere(mask).astype(float))

    def box(
        self, low: NDArray[np.float64], high: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Mask of the voxels between two corners, MNI mm, of the lattice's shape."""
        grid = self.image.grid
        first = np.ceil(grid.to_voxel(low)).astype(int)
        last = np.floor(grid.to_voxel(high)).astype(int) + 1
        inside = np.zeros_like(self.near_brain)
        inside[
            tuple(slice(max(a, 0), max(b, 0)) for a, b in zip(first, last, strict=True))
        ] = True
        return inside

    def fossa(self) -> NDArray[np.bool_]:
        """Mask of `near_brain` within the posterior fossa, of its shape."""
        return self.near_brain & self.box(*np.array(MNI_FOSSA))


@lru_cache(maxsize=4)
def coarsen_template(full: Volume, step_mm: float, margin_mm: float) -> Template:
    """Bring the template to a resolution, with a margin around its mask.

    Parameters
    ----------
    full : Volume
        The template at 1 mm, 0 outside the brain; the same object gives the same
        value again.
    step_mm : float
        Isotropic voxel size, mm; at least 1.
    margin_mm : float
        How far `Template.near_brain` reaches beyond the brain, mm.
    """
    voxels = np.asarray(full.voxels, dtype=np.float32)
    # For a coarser template distances at 2 mm do, in an eighth of the time.
    skip = 2 if step_mm >= 2.0 else 1
    beyond = ndimage.distance_transform_edt(voxels[::skip, ::skip, ::skip] == 0) * skip
    near = (beyond <= margin_mm).astype(np.float32)
    smooth = ndimage.gaussian_filter(voxels, antialias_sigma_vox(1.0, step_mm))
    # The lattice stays centred, so that the coarse template is symmetric too.
    full_shape = np.array(full.grid.shape)
    shape = ((full_shape - 1) // step_mm).astype(int) + 1
    offset = (full_shape - 1 - (shape - 1) * step_mm) / 2
    scale = np.full(3, step_mm)
    size = (int(shape[0]), int(shape[1]), int(shape[2]))
    image = resample_array(smooth, scale, offset, size)
    mask = resample_array(near, scale / skip, offset / skip, size, order=0)
    affine = np.diag([step_mm, step_mm, step_mm, 1.0])
    affine[:3, 3] = full.grid.to_ras_mm(offset)
    grid = Grid(shape=size, voxel_to_ras_mm=affine)
    return Template(image=Volume(grid=grid, voxels=image), near_brain=mask > 0.5)
