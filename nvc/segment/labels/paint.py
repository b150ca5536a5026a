"""Nerves, vessels and brainstem as one label volume."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.errors import GeometryError
from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESSEL_LABEL,
    VESTIBULOCOCHLEAR_LABEL,
    Structure,
)
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Tube
from nvc.tubes.curve import box_around, resample_tube_at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nvc.model.stages import Segmentation
    from nvc.numerics import Count

_SAMPLES_PER_VOXEL: Count[int] = 4
_BLOCK: Count[int] = 32
"""Samples painted at once: keeps the boxes of a winding vessel small."""


def paint_labels(grid: Grid, segmentation: Segmentation) -> Volume:
    """Paint what was found as labels on a grid.

    A voxel belongs to a tube if its centre lies inside the tube's wall, between the
    planes that end it; the voxels that the centreline itself passes through belong
    to it as well, so that a vessel thinner than a voxel stays in one piece. Where
    tubes overlap, CN VII comes before CN VIII, then artery, vein, unknown vessel and
    last the brainstem.

    Parameters
    ----------
    grid : Grid
        The reference's canonical grid.
    segmentation : Segmentation
        Tubes in the grid's own mm; a label volume made elsewhere is returned
        as it is.

    Returns
    -------
    Volume
        uint8 `Structure` values.

    Raises
    ------
    GeometryError
        If a mask or label volume does not lie on `grid`.
    """
    if segmentation.labels is not None:
        _check_same_grid("label volume", segmentation.labels.grid, grid)
        return segmentation.labels
    labels = np.zeros(grid.shape, dtype=np.uint8)
    brainstem = segmentation.brainstem
    if brainstem is not None:
        _check_same_grid("brainstem mask", brainstem.grid, grid)
        labels[np.asarray(brainstem.voxels) > 0] = Structure.BRAINSTEM
    for structure, tube in _bottom_to_top(segmentation):
        _paint_tube(labels, grid, tube, structure)
    return Volume(grid=grid, voxels=labels)


def _bottom_to_top(segmentation: Segmentation) -> Iterator[tuple[Structure, Tube]]:
    for kind, structure in reversed(VESSEL_LABEL.items()):
        for vessel in segmentation.vessels:
            if vessel.kind is kind:
                yield structure, vessel.tube
    for side, nerves in segmentation.sides.items():
        if nerves.vestibulocochlear is not None:
            yield VESTIBULOCOCHLEAR_LABEL[side], nerves.vestibulocochlear
    for side, nerves in segmentation.sides.items():
        if nerves.facial is not None:
            yield FACIAL_LABEL[side], nerves.facial


def _paint_tube(
    labels: NDArray[np.uint8], grid: Grid, tube: Tube, structure: Structure
) -> None:
    step_mm = min(grid.voxel_size_mm) / _SAMPLES_PER_VOXEL
    dense = resample_tube_at_most(tube, step_mm)
    points, reach = dense.points_mm, dense.reach_mm()
    tree = cKDTree(points)
    for start in range(0, len(points), _BLOCK):
        block = slice(start, start + _BLOCK)
        box = box_around(grid, points[block], float(reach[block].max()))
        if box is None:
            continue
        ijk = np.stack(np.meshgrid(*[np.arange(s.start, s.stop) for s in box],
                                   indexing="ij"), axis=-1)  # fmt: skip
        centres = grid.to_ras_mm(ijk.astype(float))
        gap, nearest = tree.query(centres)
        wall = dense.wall_mm(nearest, centres - points[nearest])
        inside = (gap <= wall) & _between_ends(centres, nearest, points)
        labels[box][inside] = structure
    through = np.rint(grid.to_voxel(points)).astype(int)
    held = np.all((through >= 0) & (through < np.array(grid.shape)), axis=1)
    labels[tuple(through[held].T)] = structure


def _between_ends(
    centres: NDArray[np.float64],
    nearest: NDArray[np.intp],
    points: NDArray[np.float64],
) -> NDArray[np.bool_]:
    """Tell which points do not lie beyond the planes that end the tube."""
    between = np.ones(nearest.shape, dtype=bool)
    if len(points) < 2:
        return between
    for end, inner in ((0, 1), (len(points) - 1, len(points) - 2)):
        at_end = nearest == end
        outwards = points[end] - points[inner]
        between[at_end] = (centres[at_end] - points[end]) @ outwards <= 0.0
    return between


def _check_same_grid(name: str, own: Grid, grid: Grid) -> None:
    if not own.same_geometry(grid):
        raise GeometryError(f"the {name} does not lie on the reference's grid")
