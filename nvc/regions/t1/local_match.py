"""Where the angle between pons, medulla and cistern really lies, side by side.

The registration climbs one hill. Trying the template's own lower corner of the pons at
every place about it is a second opinion for each side: whether it fits better
elsewhere, and by its correlation whether such a corner is there at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import transform_points
from nvc.sampling import Sampler
from nvc.settings.anatomy import MNI_PONS_CORNER
from nvc.settings.groups.atlas import PonsSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalMatch:
    """The shift that brings the template's corner of the pons onto the image's.

    Parameters
    ----------
    shift_mni_mm : ndarray, shape (3,)
        To be added to template coordinates.
    similarity : float
        Correlation at the best shift, -1 to 1.
    at_rim : bool
        Whether the best shift is as far as was searched, and so not to be trusted.
    """

    shift_mni_mm: NDArray[np.float64]
    similarity: float
    at_rim: bool

    @property
    def distance_mm(self) -> float:
        """Length of the shift, mm."""
        return float(np.linalg.norm(self.shift_mni_mm))


def _lattice(side: Side, margin_mm: float) -> NDArray[np.float64]:
    """Points 1 mm apart in the patch and a margin, MNI mm, shape (A, B, C, 3)."""
    ranges = [
        np.arange(low - margin_mm, high + margin_mm + 0.5)
        for low, high in zip(*MNI_PONS_CORNER, strict=True)
    ]
    lattice = np.stack(np.meshgrid(*ranges, indexing="ij"), axis=-1)
    return np.asarray(lattice * (side.sign, 1.0, 1.0), dtype=float)


def match_pons_corner(
    image: Volume,
    mni_to_image: NDArray[np.float64],
    side: Side,
    template: Volume,
    settings: PonsSettings | None = None,
) -> LocalMatch | None:
    """Shift the corner of the pons until it fits the image best.

    Parameters
    ----------
    image : Volume
        T1 intensities, about 1 to 2 mm.
    mni_to_image : ndarray, shape (4, 4)
        Pose found by registration; maps MNI mm to the image's world.
    side : Side
        The patient's side.
    template : Volume
        The whole MNI152 head at 1 mm, MNI mm, 0 outside the brain.
    settings : PonsSettings, optional
        What is compared, and how far away it is tried.

    Returns
    -------
    LocalMatch or None
        None where the surroundings are not wholly inside the image.
    """
    settings = settings or PonsSettings()
    reach = settings.reach_mm
    points = transform_points(mni_to_image, _lattice(side, reach))
    if not image.grid.contains(points).all():
        return None
    scene = Sampler.over(image, order=1)(points).astype(np.float64)
    corner = Sampler.over(template, order=1, outside=0.0)(_lattice(side, 0.0))
    compared = ndimage.distance_transform_edt(corner == 0) <= settings.rim_mm
    scores = _correlations(scene, corner.astype(np.float64), compared, reach)
    best = np.array(np.unravel_index(int(np.argmax(scores)), scores.shape))
    shift = (best - reach) * (side.sign, 1.0, 1.0)
    return LocalMatch(
        shift_mni_mm=np.asarray(shift, dtype=float),
        similarity=float(scores.max()),
        at_rim=bool(np.any((best == 0) | (best == 2 * reach))),
    )


def _correlations(
    scene: NDArray[np.float64],
    template: NDArray[np.float64],
    compared: NDArray[np.bool_],
    reach_mm: int,
) -> NDArray[np.float64]:
    """Correlate the template with the scene at every whole-mm shift."""
    count = 2 * reach_mm + 1
    shape = template.shape
    known = template[compared]
    known = (known - known.mean()) / (known.std() * known.size)
    scores = np.zeros((count, count, count))
    for shift in np.ndindex(count, count, count):
        box = tuple(slice(a, a + n) for a, n in zip(shift, shape, strict=True))
        seen = scene[box][compared]
        spread = float(seen.std())
        if spread > 0:
            scores[shift] = float(known @ seen) / spread
    return scores
