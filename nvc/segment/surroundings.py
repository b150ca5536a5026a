"""What both sides of a head share while nerves are followed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nvc.model.stages import HeadFrame
from nvc.sampling import Sampler
from nvc.segment.brain import BrainSurface
from nvc.segment.tissue import TissueScale


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Surroundings:
    """Image, brain and head.

    Parameters
    ----------
    scale : TissueScale
        The reference on the tissue scale, around both sides.
    brain : BrainSurface
        Brainstem and cerebellum, where the nerves end.
    head : HeadFrame
        Directions anterior and superior, which order CN VII and CN VIII.
    voids : Sampler or None
        1 where it is too dark for a nerve; None where that is not known.
    """

    scale: TissueScale
    brain: BrainSurface
    head: HeadFrame
    voids: Sampler | None = None

    def may_be_nerve(self, points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which RAS points (..., 3) are not too dark for a nerve."""
        if self.voids is None:
            return np.ones(points_mm.shape[:-1], dtype=bool)
        return np.asarray(self.voids(points_mm) < 0.5)
