"""The brainstem's surface near the canals, and where CN VII should meet it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.anatomy import Side
from nvc.sampling import Sampler

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.model.stages import HeadFrame
    from nvc.numerics import Count, Layout
    from nvc.regions.head.levels import Contrast
    from nvc.settings.groups.regions import StemSettings
    from nvc.settings.regions import RegionsSettings

_BOX_MM: Layout[NDArray[np.float64]] = np.array(
    [[-34.0, 34.0], [-46.0, 26.0], [-26.0, 26.0]]
)
"""Right, anterior and superior bounds about the middle of the canals: room
for pons and medulla."""
_FEWEST_VOXELS: Count[int] = 200
_FEWEST_VOXELS_IN_FRONT: Count[int] = 300
_FEWEST_VOXELS_OF_ROW: Count[int] = 20


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Brainstem:
    """Parenchyma about the pons, without nerves, vessels and flocculus.

    Parameters
    ----------
    head : HeadFrame
        Directions of the box.
    mask : ndarray, shape (I, J, K)
        In steps of 1 mm along right, anterior, superior.
    surface_head_mm : ndarray, shape (N, 3)
        Voxels of the mask that face fluid, head coordinates.
    """

    head: HeadFrame
    mask: NDArray[np.bool_]
    surface_head_mm: NDArray[np.float64]

    def midline_offset_mm(self, settings: StemSettings) -> float | None:
        """Return how far right of the frame's middle the pons is centred, mm.

        Taken where the pons is free of the cerebellum, in front of the canals;
        None where there is too little of it.
        """
        inside = np.argwhere(self.mask) + _BOX_MM[:, 0]
        near = inside[
            (inside[:, 1] > 0)
            & (np.abs(inside[:, 2]) < settings.free_height_mm)
            & (np.abs(inside[:, 0]) < settings.free_aside_mm)
        ]
        if len(near) < _FEWEST_VOXELS_IN_FRONT:
            return None
        rows = [near[near[:, 2] == level] for level in np.unique(near[:, 2])]
        middles = [
            (row[:, 0].min() + row[:, 0].max()) / 2
            for row in rows
            if len(row) > _FEWEST_VOXELS_OF_ROW
        ]
        return float(np.median(middles)) if middles else None


def find_brainstem(
    coarse: Volume,
    head: HeadFrame,
    contrast: Mapping[Side, Contrast],
    settings: RegionsSettings,
) -> Brainstem | None:
    """Find the parenchyma in a box about the pons.

    Parameters
    ----------
    coarse : Volume
        Reference at about 1 mm.
    head : HeadFrame
        Origin between the canals.
    contrast : mapping of Side to Contrast
        Levels of each side; blended across the middle.
    settings : RegionsSettings
        Radius of the opening.

    Returns
    -------
    Brainstem or None
        None where no parenchyma lies between the canals.
    """
    axes = [np.arange(low, high + 0.5) for low, high in _BOX_MM]
    local = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    values = Sampler.over(coarse, order=1)(head.to_ras_mm(local))
    bright, brain = _blend(values, local[..., 0], contrast)
    smooth = ndimage.gaussian_filter(np.nan_to_num(bright, nan=0.0), 0.8)
    parenchyma = (smooth > 0.5 * brain) & (smooth < (1 + brain) / 2)
    parenchyma = ndimage.binary_fill_holes(parenchyma)
    mask = _core(parenchyma, settings)
    if mask is None:
        return None
    fluid = ndimage.binary_dilation(smooth >= (1 + brain) / 2, iterations=2)
    edge = mask & ~ndimage.binary_erosion(mask)
    surface = np.argwhere(edge & fluid) + _BOX_MM[:, 0]
    return Brainstem(head=head, mask=mask, surface_head_mm=surface)


def _blend(
    values: NDArray[np.float32],
    rightward: NDArray[np.float64],
    contrast: Mapping[Side, Contrast],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Normalise with levels that change linearly from the left to the right side."""
    left, right = contrast[Side.LEFT], contrast[Side.RIGHT]
    share = np.clip(0.5 + rightward / 50.0, 0.0, 1.0)
    bone = (1 - share) * left.bone + share * right.bone
    csf = (1 - share) * left.csf + share * right.csf
    brain = (1 - share) * left.brain_share + share * right.brain_share
    return (values - bone) / (csf - bone), brain


def _core(
    parenchyma: NDArray[np.bool_], settings: RegionsSettings
) -> NDArray[np.bool_] | None:
    """Open by a ball and keep the piece in the middle of the box."""
    radius_mm = settings.brainstem_opening_mm
    deep = ndimage.distance_transform_edt(parenchyma) > radius_mm
    labels, count = ndimage.label(deep)
    if count == 0:
        return None
    middle = -_BOX_MM[:, 0].astype(int)
    reach = np.array(settings.stem.core_mm).astype(int)
    window = tuple(slice(m - r, m + r + 1) for m, r in zip(middle, reach, strict=True))
    sizes = np.bincount(labels[window].ravel(), minlength=count + 1)
    sizes[0] = 0
    if sizes.max() < _FEWEST_VOXELS:
        return None
    kept = labels == int(np.argmax(sizes))
    opened: NDArray[np.bool_] = ndimage.distance_transform_edt(~kept) <= radius_mm
    return opened & parenchyma


def move_to_surface(
    brainstem: Brainstem | None, expected_mm: NDArray[np.float64], reach_mm: float
) -> tuple[NDArray[np.float64], bool]:
    """Move an expected place to the nearest surface facing fluid.

    Parameters
    ----------
    brainstem : Brainstem or None
        None leaves the place as it is.
    expected_mm : ndarray, shape (3,)
        mm of the working frame.
    reach_mm : float
        Farthest move.

    Returns
    -------
    seed_mm : ndarray, shape (3,)
        mm of the working frame.
    on_surface : bool
        Whether there was a surface in reach.
    """
    if brainstem is None or len(brainstem.surface_head_mm) == 0:
        return expected_mm, False
    local = brainstem.head.to_head(expected_mm)
    distance = np.linalg.norm(brainstem.surface_head_mm - local, axis=1)
    nearest = int(np.argmin(distance))
    if distance[nearest] > reach_mm:
        return expected_mm, False
    return brainstem.head.to_ras_mm(brainstem.surface_head_mm[nearest]), True
