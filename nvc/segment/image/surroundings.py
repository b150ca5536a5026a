"""What both sides of a head share while nerves are followed."""

from __future__ import annotations

from dataclasses import dataclass

from nvc.model.stages import HeadFrame
from nvc.sampling import Sampler
from nvc.segment.image.brain_surface import BrainSurface
from nvc.segment.image.tissue_scale import TissueScale
from nvc.tubes.stations.course import Course


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
    arteries : tuple of Course
        That an angiography shows: no nerve runs within them.
    taken : Sampler or None
        What vessels took from the fluid where it was given back to the image, brain 0
        and CSF 1: negative within them.
    """

    scale: TissueScale
    brain: BrainSurface
    head: HeadFrame
    arteries: tuple[Course, ...] = ()
    taken: Sampler | None = None
