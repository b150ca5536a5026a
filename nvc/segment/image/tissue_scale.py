"""The reference on a scale of tissues: brain 0, CSF 1, whatever the polarity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nvc.model.grid import Volume
from nvc.model.stages import TissueLevels
from nvc.sampling import Sampler, crop
from nvc.settings.fixed import FIXED


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TissueScale:
    """Samples a box of the reference as ``n = (I - brain) / (csf - brain)``.

    Nerve lies near 0 in both polarities. In a T2 bone and flow voids lie below 0;
    in a T1 bone lies near 1 like CSF and fat below 0.

    Parameters
    ----------
    sampler : Sampler
        Cubic spline over the box.
    levels : TissueLevels
        Intensities of brain and CSF.
    """

    sampler: Sampler
    levels: TissueLevels

    @classmethod
    def around(
        cls,
        volume: Volume,
        levels: TissueLevels,
        points_mm: NDArray[np.float64],
        margin_mm: float,
    ) -> TissueScale:
        """Prepare the box that holds the points, shape (N, 3), and a margin."""
        box = crop(volume, points_mm, margin_mm)
        return cls(sampler=Sampler.over(box), levels=levels)

    @property
    def noise(self) -> float:
        """Standard deviation of the noise on this scale."""
        return self.levels.noise / abs(self.levels.csf - self.levels.brain)

    @property
    def bone(self) -> float | None:
        """Dense bone on this scale, below 0; None where it is not known."""
        if self.levels.bone is None:
            return None
        span = self.levels.csf - self.levels.brain
        return (self.levels.bone - self.levels.brain) / span

    @property
    def dark(self) -> float:
        """Level of what is darker than brain: bone and flow voids, or a T1's fat."""
        tissue = FIXED.tissue
        if self.bone is None:
            return tissue.dark_level
        return min(self.bone, tissue.dark_level_max)

    def __call__(self, points_mm: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return n at points of shape (..., 3), mm; NaN outside the volume."""
        span = self.levels.csf - self.levels.brain
        return (self.sampler(points_mm) - self.levels.brain) / np.float32(span)
