"""Do the edges of two volumes coincide: what tells a head from its mirror image.

A head is nearly its own mirror image, and mutual information, which rewards large even
areas, may well favour the wrong one. Edges do not: those of a mirrored head coincide
only as far as the head is symmetric to a fraction of a millimetre.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from nvc.align.rigid import to_euler
from nvc.settings.align import AlignSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.align.mutual_information import Pair
    from nvc.numerics import Step

_SIGMA_VOXELS: Step[float] = 1.0


def compare_edges(
    pairs: Sequence[Pair],
    motions: Sequence[NDArray[np.float64]],
    edge_percentile: float = AlignSettings().edge_percentile,
) -> list[float]:
    """Tell how well the edges of each companion lie on those of the reference.

    The squared cosine between both gradients at the reference's strong edges
    (normalised gradient fields, Haber and Modersitzki 2006), 0 to 1, over the voxels
    that all of the companions cover.

    Parameters
    ----------
    pairs : sequence of Pair
        One reference, several companions.
    motions : sequence of ndarray, shape (4, 4)
        Reference lattice to companion lattice, mm.
    edge_percentile : float
        Of the reference's gradients, from which on an edge counts.

    Returns
    -------
    list of float
        One a pair; zeros where nothing is covered by all.
    """
    fixed = pairs[0].fixed
    step = fixed.GetSpacing()
    own = _gradients(_voxels(fixed), step)
    moved, covered = [], np.ones(own.shape[:3], dtype=bool)
    for pair, motion in zip(pairs, motions, strict=True):
        transform = to_euler(motion, pair.centre)
        low = float(np.min(_voxels(pair.moving))) - 1.0
        image = sitk.Resample(
            pair.moving, fixed, transform, sitk.sitkLinear, low, sitk.sitkFloat32
        )
        voxels = _voxels(image)
        inside = voxels >= low + 0.5
        covered &= ndimage.binary_erosion(inside, iterations=3)
        # The rim of a field of view is no edge of the head.
        filled = np.where(inside, voxels, np.median(voxels[inside]))
        moved.append(_gradients(filled, step))
    if not covered.any():
        return [0.0] * len(moved)
    length = np.linalg.norm(own, axis=-1)
    strong = covered & (length >= np.percentile(length[covered], edge_percentile))
    return [_cosine_squared(own[strong], other, strong, covered) for other in moved]


def _voxels(image: sitk.Image) -> NDArray[np.float64]:
    return np.asarray(sitk.GetArrayFromImage(image), dtype=np.float64)


def _gradients(
    voxels: NDArray[np.float64], spacing_mm: Sequence[float]
) -> NDArray[np.float64]:
    """Gradients along z, y and x, shape (Z, Y, X, 3), a mm."""
    orders = np.eye(3, dtype=int).tolist()
    slopes = [ndimage.gaussian_filter(voxels, _SIGMA_VOXELS, order=o) for o in orders]
    return np.stack(slopes, axis=-1) / np.array(spacing_mm[::-1])


def _cosine_squared(
    own: NDArray[np.float64],
    other: NDArray[np.float64],
    strong: NDArray[np.bool_],
    covered: NDArray[np.bool_],
) -> float:
    """Mean squared cosine; gradients as weak as noise count for nothing."""
    weak = float(np.median(np.linalg.norm(other[covered], axis=-1)))
    there = other[strong]
    dot = np.sum(own * there, axis=-1)
    size = np.sum(own**2, axis=-1) * (np.sum(there**2, axis=-1) + weak**2)
    return float(np.mean(dot**2 / np.maximum(size, 1e-12)))
