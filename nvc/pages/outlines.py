"""Where a plane cuts what was found: one signed map a structure, for contours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESSEL_LABEL,
    VESTIBULOCOCHLEAR_LABEL,
    Structure,
)
from nvc.model.grid import Volume
from nvc.sampling import Sampler, crop
from nvc.tubes.curve import resample_tube_at_most

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from nvc.model.stages import Segmentation, Tube

_STEP_MM = 0.1
_CROP_MARGIN_MM = 2.0
_NOT_DRAWN = (Structure.BACKGROUND, Structure.BRAINSTEM)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outline:
    """A map whose zero level is the wall of a structure in the plane.

    Parameters
    ----------
    structure : Structure
        What it is.
    signed : ndarray, shape (rows, columns)
        Negative inside.
    """

    structure: Structure
    signed: NDArray[np.float64]


def cut_outlines(
    points_mm: NDArray[np.float64], segmentation: Segmentation
) -> tuple[Outline, ...]:
    """Cut nerves and vessels with a plane; the brainstem shows by itself.

    Parameters
    ----------
    points_mm : ndarray, shape (rows, columns, 3)
        The plane's pixels, RAS mm of the reference.
    segmentation : Segmentation
        Tubes, or the labels that were given instead of them.

    Returns
    -------
    tuple of Outline
        Only what the plane meets; vessels first, CN VII last.
    """
    if segmentation.labels is not None:
        found = list(_label_outlines(points_mm, segmentation.labels))
    else:
        cuts = (
            (structure, _signed_distance(points_mm, tube))
            for structure, tube in _tubes(segmentation)
        )
        found = [
            Outline(structure=structure, signed=signed)
            for structure, signed in cuts
            if signed is not None
        ]
    return tuple(sorted(found, key=lambda outline: -outline.structure))


def _tubes(segmentation: Segmentation) -> Iterator[tuple[Structure, Tube]]:
    for vessel in segmentation.vessels:
        yield VESSEL_LABEL[vessel.kind], vessel.tube
    for side, nerves in segmentation.sides.items():
        if nerves.vestibulocochlear is not None:
            yield VESTIBULOCOCHLEAR_LABEL[side], nerves.vestibulocochlear
        if nerves.facial is not None:
            yield FACIAL_LABEL[side], nerves.facial


def _signed_distance(
    points_mm: NDArray[np.float64], tube: Tube
) -> NDArray[np.float64] | None:
    """Return the distance to the tube's wall, or None where the plane misses it."""
    dense = resample_tube_at_most(tube, _STEP_MM)
    reach = float(dense.reach_mm().max()) + _STEP_MM
    low = points_mm.reshape(-1, 3).min(axis=0) - reach
    high = points_mm.reshape(-1, 3).max(axis=0) + reach
    near = np.all((dense.points_mm >= low) & (dense.points_mm <= high), axis=1)
    if not near.any():
        return None
    # What lies outside the box is too far from every pixel to matter.
    part = dense.part(near)
    gap, nearest = cKDTree(part.points_mm).query(points_mm)
    towards = points_mm - part.points_mm[nearest]
    signed: NDArray[np.float64] = gap - part.wall_mm(nearest, towards)
    return signed if signed.min() < 0 else None


def _label_outlines(
    points_mm: NDArray[np.float64], labels: Volume
) -> Iterator[Outline]:
    box = crop(labels, points_mm.reshape(-1, 3), _CROP_MARGIN_MM)
    values = np.asarray(box.voxels)
    for structure in Structure:
        inside = values == structure
        if structure in _NOT_DRAWN or not inside.any():
            continue
        mask = Volume(grid=box.grid, voxels=inside.astype(np.float32))
        share = Sampler.over(mask, order=1, outside=0.0)(points_mm)
        if share.max() > 0.5:
            signed = 0.5 - np.asarray(share, dtype=float)
            yield Outline(structure=structure, signed=signed)
