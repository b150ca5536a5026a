"""Why no inner ear was found: the reason a reader can act on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.regions.head.mirror import MirrorPlane


def why_no_ears(coarse: Volume, mirror: MirrorPlane) -> str:
    """Name the likeliest cause.

    Parameters
    ----------
    coarse : Volume
        Reference at about 3 mm: tissue is still alike in neighbours there, noise
        that a scanner has interpolated no longer is.
    mirror : MirrorPlane
        Best plane of symmetry of the image.
    """
    voxels = np.asarray(coarse.voxels, dtype=np.float32)
    if _neighbours_correlate(voxels) < 0.3:
        return "the image holds noise only; no tissue was found"
    if mirror.likeness < 0.3:
        return (
            "no inner ears were found and the image has no plane of symmetry; "
            "it may not show a head"
        )
    background = float(np.mean(voxels == voxels.min()))
    if background > 0.25:
        return (
            "no inner ears were found and a large part of the image is blank; the "
            "brain may have been extracted, which removes the skull base"
        )
    return (
        "no inner ears were found; the slab may not reach the cerebellopontine "
        "angles, or this may not be a T2 in which fluid is bright"
    )


def _neighbours_correlate(voxels: np.ndarray) -> float:
    """Return the correlation of neighbouring voxels along k; 0 for a constant."""
    if voxels.shape[2] < 2 or float(voxels.std()) == 0.0:
        return 0.0
    here, there = voxels[..., :-1].ravel(), voxels[..., 1:].ravel()
    return float(np.corrcoef(here, there)[0, 1])
