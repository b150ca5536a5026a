"""Known tubes as they look in the image, so that they can be taken out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.grid import Volume
from nvc.settings.fixed import FIXED
from nvc.tubes.curve import box_around, find_boxed, resample_with
from nvc.tubes.disc import blur_discs, tabulate_disc
from nvc.tubes.stations.course import Course

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import TissueLevels
    from nvc.numerics import Step
    from nvc.tubes.stations.values import Picture

_STEP_MM: Step[float] = 0.15


def locate_voxels_mm(
    picture: Picture, part: tuple[slice, slice, slice]
) -> NDArray[np.float64]:
    """Return where every voxel of a part lies, mm, shape (I, J, K, 3)."""
    ijk = _indices(part)
    return np.asarray(ijk @ picture.to_mm[:3, :3].T + picture.to_mm[:3, 3])


def _indices(part: tuple[slice, slice, slice]) -> NDArray[np.float64]:
    """Index of every voxel of a part, shape (I, J, K, 3)."""
    axes = [np.arange(s.start, s.stop, dtype=float) for s in part]
    return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)


def take_out(
    reference: Volume, levels: TissueLevels, picture: Picture, vessels: list[Course]
) -> Volume:
    """Give back to the fluid what vessels take from it.

    Parameters
    ----------
    reference : Volume
        Bright CSF.
    levels : TissueLevels
        Intensities of CSF and brain, which the picture's scale rests on.
    picture : Picture
        Of a part of the reference.
    vessels : list of Course
        With their contrast on the picture's scale.

    Returns
    -------
    Volume
        On the reference's grid.
    """
    span = levels.csf - levels.brain
    voxels = np.array(reference.voxels, dtype=np.float32)
    for vessel in vessels:
        part = box_around(reference.grid, vessel.points_mm, FIXED.tube.taken_within_mm)
        if part is None:
            continue
        places = reference.grid.to_ras_mm(_indices(part))
        taken = draw_tubes(picture, places, [vessel])
        # Fluid stays as it is, and nothing becomes brighter than it.
        brightest = np.maximum(voxels[part], np.float32(levels.csf))
        voxels[part] = np.minimum(voxels[part] - span * taken, brightest)
    return Volume(grid=reference.grid, voxels=voxels)


def draw_tubes(
    picture: Picture, places_mm: NDArray[np.float64], known: list[Course]
) -> NDArray[np.float64]:
    """Return what known tubes take from CSF at every place.

    Parameters
    ----------
    picture : Picture
        Whose point spread blurs the tubes.
    places_mm : ndarray, shape (..., 3)
        In the picture's mm.
    known : list of Course
        With their contrast on the picture's scale.

    Returns
    -------
    ndarray, shape (...)
        0, or negative; where tubes overlap the one that takes most.
    """
    spread = float(np.sqrt(np.trace(picture.spread_mm2) / 3.0))
    total = np.zeros(places_mm.shape[:-1])
    for course in known:
        values = np.column_stack([course.radius_mm, course.contrast])
        points, values = resample_with(course.points_mm, values, _STEP_MM)
        reach = float(values[:, 0].max()) + 3.5 * spread
        near = find_boxed(places_mm, points, reach)
        if not near.any():
            continue
        gap, index = cKDTree(points).query(places_mm[near], distance_upper_bound=reach)
        inside = np.isfinite(gap)
        at = index[inside]
        taken = np.zeros(len(gap))
        taken[inside] = values[at, 1] * blur_discs(
            gap[inside], np.ascontiguousarray(values[at, 0]), spread, tabulate_disc()
        )
        total[near] = np.minimum(total[near], taken)
    return total
