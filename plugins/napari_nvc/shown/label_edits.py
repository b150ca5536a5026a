"""What was painted on the reading grid, as labels of the reference; no Qt."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nvc.model.grid import Grid, Volume


def carry_stroke(
    before: NDArray[np.uint8], after: NDArray[np.uint8], grid: Grid, labels: Volume
) -> NDArray[np.uint8]:
    """Carry a stroke over to the reference's own voxels.

    Parameters
    ----------
    before, after : ndarray, shape (S, A, R)
        The shown labels before and after the stroke, in the viewer's order of axes.
    grid : Grid
        The reading grid they lie on.
    labels : Volume
        The reference's labels that `before` shows.

    Returns
    -------
    ndarray, shape ``labels.grid.shape``
        `labels` where nothing was painted. On an oblique reference a voxel takes the
        label painted at its centre.
    """
    voxels = np.array(labels.voxels, dtype=np.uint8)
    if labels.grid.same_geometry(grid):
        changed = (before != after).transpose(2, 1, 0)
        voxels[changed] = after.transpose(2, 1, 0)[changed]
        return voxels
    places = np.argwhere((before != after).transpose(2, 1, 0))
    if not len(places):
        return voxels
    box = _box(grid.to_ras_mm(places.astype(float)), labels.grid)
    ijk = np.stack(np.meshgrid(*box, indexing="ij"), axis=-1).reshape(-1, 3)
    shown = np.rint(grid.to_voxel(labels.grid.to_ras_mm(ijk.astype(float)))).astype(int)
    held = np.all((shown >= 0) & (shown < np.array(grid.shape)), axis=1)
    ijk, shown = ijk[held], shown[held]
    r, a, s = shown.T
    changed = before[s, a, r] != after[s, a, r]
    voxels[tuple(ijk[changed].T)] = after[s, a, r][changed]
    return voxels


def _box(points_mm: NDArray[np.float64], grid: Grid) -> list[NDArray[np.int_]]:
    """Return the ranges of voxels that hold points, RAS mm, with a margin of two."""
    ijk = grid.to_voxel(points_mm)
    low = np.clip(np.floor(ijk.min(axis=0)) - 2, 0, None).astype(int)
    high = np.minimum(np.ceil(ijk.max(axis=0)) + 3, grid.shape).astype(int)
    return [np.arange(a, b) for a, b in zip(low, high, strict=True)]
