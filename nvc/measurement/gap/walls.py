"""Both walls around one place, and the brain behind them, as measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.brain_plane import fit_brain_plane
from nvc.measurement.places.local_course import cut_local_course
from nvc.tubes.wall_gap import WalledTube

if TYPE_CHECKING:
    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.brain_plane import BrainPlane
    from nvc.model.stages import Segmentation, Tube
    from nvc.settings import MeasureSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Walls:
    """Nerve and vessel around a place, mm of the working frame.

    Parameters
    ----------
    nerve, vessel : WalledTube
        As far either way as `SceneSettings.wall_half_mm` says.
    brain : BrainPlane or None
        The brain's surface, where it is near.
    """

    nerve: WalledTube
    vessel: WalledTube
    brain: BrainPlane | None


def take_walls_of_tubes(
    approach: Approach,
    nerve: Tube,
    segmentation: Segmentation,
    settings: MeasureSettings,
) -> Walls:
    """Take both walls from the segmentation's own tubes, with round sections.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.
    nerve : Tube
        CN VII.
    segmentation : Segmentation
        The vessel and the brain's mask.
    settings : MeasureSettings
        How far both walls are described, and the brain's surface.
    """
    vessel = segmentation.vessels[approach.vessel].tube
    middle = (approach.nerve_mm + approach.vessel_mm) / 2
    return Walls(
        nerve=_round(nerve, approach.nerve_arc_mm, settings),
        vessel=_round(vessel, approach.vessel_arc_mm, settings),
        brain=fit_brain_plane(segmentation.brainstem, middle, settings.surface),
    )


def _round(tube: Tube, at_mm: float, settings: MeasureSettings) -> WalledTube:
    course = cut_local_course(tube, at_mm)
    near = np.abs(course.arc_mm) <= settings.scene.wall_half_mm
    arc = course.arc_mm[near] + at_mm
    square = np.interp(arc, tube.arc_length_mm(), tube.radius_mm) ** 2
    return WalledTube(
        course_mm=course.points_mm[near],
        frame_u=course.frame_u[near],
        frame_v=course.frame_v[near],
        section_mm2=np.stack([square, np.zeros_like(square), square], axis=-1),
    )
