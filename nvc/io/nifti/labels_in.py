"""A segmentation made elsewhere, brought to the reference's lattice."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nvc.errors import GeometryError, InputError
from nvc.io.nifti.volume import read_nifti_labels
from nvc.model.anatomy import Structure
from nvc.model.grid import Grid, Volume
from nvc.settings.input import InputSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.io.doors.reading import Use

_DEFAULTS = InputSettings()
_LOST_SHARE = 0.01
_MEANINGS = (
    "Labels are 1/2 CN VII left/right, 3/4 CN VIII left/right, 5 artery, 6 vein, "
    "7 vessel of unknown kind, 8 brainstem."
)


class LabelReading(NamedTuple):
    """A label volume and what should be known about it.

    Parameters
    ----------
    volume : Volume
        uint8 `Structure` values on the reference's lattice, canonical order.
    warnings : tuple of str
        For example that it was resampled.
    """

    volume: Volume
    warnings: tuple[str, ...]


def read_labels(
    path: Path,
    reference: Grid,
    *,
    settings: InputSettings = _DEFAULTS,
    use: Use = "auto",
) -> LabelReading:
    """Read a label NIfTI for a reference.

    Parameters
    ----------
    path : Path
        Values as in `nvc.model.anatomy.Structure`, any storage order.
    reference : Grid
        Of the reference volume, any storage order.
    settings : InputSettings
        Limits.
    use : {"auto", "sform", "qform"}
        Which affine to take.

    Returns
    -------
    LabelReading
        The same voxels reordered where the lattices agree; else the nearest label at
        each voxel of the reference, with a warning.

    Raises
    ------
    InputError
        If it is no such file, is empty, has values of no meaning, does not overlap
        the reference, or has left and right swapped.
    """
    where = str(path)
    grid, values = read_nifti_labels(path, where=where, use=use, settings=settings)
    _require_meaning(values, where)
    labels = Volume(grid=grid, voxels=values)
    _require_sides(labels, where)
    target = _canonical(reference)
    try:
        return LabelReading(labels.stored_like(target), ())
    except GeometryError:
        moved = _nearest(labels, target)
    if not moved.voxels.any():
        raise InputError.of(
            "no-overlap",
            where,
            "none of its labels lies in the reference volume.",
            "Is the file of this study?",
        )
    warnings = [
        "the labels lie on another grid than the reference: the nearest label was "
        "taken, so edges are good to half a voxel"
    ]
    if _share_outside(labels, target) > _LOST_SHARE:
        warnings.append("some of the labels lie outside the reference volume")
    missing = sorted(set(np.unique(values).tolist()) - set(np.unique(moved.voxels)))
    if missing:
        names = ", ".join(Structure(value).name for value in missing)
        warnings.append(f"nothing is left of {names} on the reference's grid")
    return LabelReading(moved, tuple(warnings))


def _require_meaning(values: NDArray[np.uint8], where: str) -> None:
    present = set(np.unique(values).tolist())
    known = {int(structure) for structure in Structure}
    unknown = sorted(present - known)
    if unknown:
        shown = ", ".join(str(value) for value in unknown[:5])
        raise InputError.of(
            "labels",
            where,
            f"holds the values {shown}, which have no meaning here.",
            _MEANINGS,
        )
    if present == {int(Structure.BACKGROUND)}:
        raise InputError.of(
            "labels", where, "is empty: every voxel is background.", _MEANINGS
        )


def _require_sides(labels: Volume, where: str) -> None:
    """Refuse labels whose left nerve lies to the right of the right one."""
    for left, right in (
        (Structure.CN7_LEFT, Structure.CN7_RIGHT),
        (Structure.CN8_LEFT, Structure.CN8_RIGHT),
    ):
        places = [np.argwhere(labels.voxels == side) for side in (left, right)]
        if not all(len(place) for place in places):
            continue
        left_x, right_x = (
            labels.grid.to_ras_mm(place.mean(axis=0))[0] for place in places
        )
        if left_x >= right_x:
            raise InputError.of(
                "sides-swapped",
                where,
                f"{left.name} lies to the right of {right.name}.",
                "Check the orientation of the label file.",
            )


def _canonical(grid: Grid) -> Grid:
    """Return the lattice in the storage order closest to R, A, S."""
    empty = np.zeros(grid.shape, dtype=np.uint8)
    return Volume(grid=grid, voxels=empty).canonical().grid


def _nearest(labels: Volume, target: Grid) -> Volume:
    """Take the label of the voxel in which each voxel centre of `target` lies."""
    moved = np.zeros(target.shape, dtype=np.uint8)
    limit = np.array(labels.grid.shape)
    i, j = np.meshgrid(*(np.arange(n) for n in target.shape[:2]), indexing="ij")
    for k in range(target.shape[2]):
        plane = np.stack([i, j, np.full_like(i, k)], axis=-1).astype(float)
        voxel = np.rint(labels.grid.to_voxel(target.to_ras_mm(plane))).astype(int)
        inside = np.all((voxel >= 0) & (voxel < limit), axis=-1)
        found = voxel[inside]
        moved[..., k][inside] = labels.voxels[found[:, 0], found[:, 1], found[:, 2]]
    return Volume(grid=target, voxels=moved)


def _share_outside(labels: Volume, target: Grid) -> float:
    centres = labels.grid.to_ras_mm(np.argwhere(labels.voxels).astype(float))
    return float(np.mean(~target.contains(centres)))
