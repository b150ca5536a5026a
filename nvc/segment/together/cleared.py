"""The reference with the arteries of the angiography taken out.

A wide artery on CN VII is as dark as it, and the way from the canal to the brainstem
that is cheapest may then run along the artery. Once the angiography has shown which
of the dark is artery, those voxels can be given the intensity of CSF, and the nerve is
looked for in what remains.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.grid import Volume
from nvc.tubes.curve import box_around, resample_with

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid
    from nvc.tubes.stations.course import Course

BLUR_VOXELS = 0.5
"""How far beyond its wall a tube darkens voxels to less than half."""

_STEP_MM = 0.2


def take_out_arteries(reference: Volume, arteries: list[Course], csf: float) -> Volume:
    """Give the voxels of known arteries the intensity of CSF.

    Parameters
    ----------
    reference : Volume
        Bright CSF.
    arteries : list of Course
        In mm of the working frame.
    csf : float
        Intensity of CSF.

    Returns
    -------
    Volume
        On the same grid.
    """
    grid = reference.grid
    voxels = np.array(reference.voxels, dtype=np.float32)
    beyond = BLUR_VOXELS * max(grid.voxel_size_mm)
    for artery in arteries:
        inside = _voxels_within(grid, artery, beyond)
        at = tuple(inside.T)
        voxels[at] = np.maximum(voxels[at], np.float32(csf))
    return Volume(grid=grid, voxels=voxels)


def _voxels_within(grid: Grid, artery: Course, beyond_mm: float) -> NDArray[np.int64]:
    """Indices of the voxels within a tube's wall and a margin, shape (N, 3)."""
    points, values = resample_with(
        artery.points_mm, artery.radius_mm[:, None], _STEP_MM
    )
    reach = float(values.max()) + beyond_mm
    box = box_around(grid, points, reach)
    if box is None:
        return np.empty((0, 3), dtype=np.int64)
    axes = [np.arange(part.start, part.stop) for part in box]
    index = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)
    gap, near = cKDTree(points).query(
        grid.to_ras_mm(index.astype(float)), distance_upper_bound=reach
    )
    found = np.isfinite(gap)
    index, gap, near = index[found], gap[found], near[found]
    return np.asarray(index[gap < values[near, 0] + beyond_mm])
