"""Nerves and vessels at known places, made by hand."""

from __future__ import annotations

import numpy as np

from nvc.model.anatomy import Side, VesselKind
from nvc.model.stages import Segmentation, SideLandmarks, SideNerves, Tube, Vessel
from nvc.model.study import SequenceRole


def tube(start, stop, radius: float) -> Tube:
    points = np.linspace(start, stop, 20)
    return Tube(
        points_mm=points,
        radius_mm=np.full(20, radius),
        position_sd_mm=np.full(20, 0.1),
    )


def touching() -> Segmentation:
    """Return one nerve and one artery that crosses it, wall on wall."""
    nerve = SideNerves(
        facial=tube((0, 0, 0), (10, 0, 0), 0.5),
        vestibulocochlear=None,
        landmarks=SideLandmarks(),
    )
    crossing = Vessel(
        tube=tube((5, -8, 1.0), (5, 8, 1.0), 0.5),
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.TOF,
        confidence=1.0,
    )
    return Segmentation(sides={Side.RIGHT: nerve}, vessels=(crossing,))


def both_nerves() -> Segmentation:
    """Return a nerve a side, from 2 mm off the middle, detached at 4 mm."""
    sides = {}
    for side in Side:
        marks = SideLandmarks(root_detachment_mm=np.array([4.0 * side.sign, 0.0, 0.0]))
        course = tube((2.0 * side.sign, 0, 0), (12.0 * side.sign, 0, 0), 0.5)
        sides[side] = SideNerves(facial=course, vestibulocochlear=None, landmarks=marks)
    return Segmentation(sides=sides, vessels=())
