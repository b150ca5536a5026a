"""A vessel that was painted over keeps what was known of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from nvc.model.anatomy import FACIAL_LABEL, Side, Structure, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Segmentation, SideLandmarks, SideNerves, Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.segment.labels.relabel import relabel

GRID = Grid(shape=(40, 20, 20), voxel_to_ras_mm=np.diag([0.5, 0.5, 0.5, 1.0]))


def painted(radius_mm: float, label: int = Structure.ARTERY) -> Volume:
    """A straight tube along the first axis, an artery unless told otherwise."""
    points = GRID.to_ras_mm(np.stack(np.indices(GRID.shape), axis=-1).astype(float))
    inside = np.hypot(points[..., 1] - 5.0, points[..., 2] - 5.0) <= radius_mm
    inside &= (points[..., 0] > 2.0) & (points[..., 0] < 17.0)
    voxels = np.where(inside, int(label), 0).astype(np.uint8)
    return Volume(grid=GRID, voxels=voxels)


def artery() -> Vessel:
    points = np.linspace((2.0, 5.0, 5.0), (17.0, 5.0, 5.0), 30)
    tube = Tube(
        points_mm=points, radius_mm=np.full(30, 0.8), position_sd_mm=np.full(30, 0.1)
    )
    return Vessel(
        tube=tube,
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.TOF,
        confidence=0.9,
        name="AICA-like",
        name_confidence=0.7,
    )


def test_a_redrawn_artery_keeps_its_name_and_how_sure_that_is():
    before = Segmentation(sides={}, vessels=(artery(),))
    (after,) = relabel(before, painted(0.8), painted(1.3), SequenceRole.T2).vessels
    assert (after.name, after.name_confidence) == ("AICA-like", 0.7)
    assert after.tube is not before.vessels[0].tube


def test_a_redrawn_artery_without_a_name_has_no_certainty_of_one():
    plain = replace(artery(), name=None, name_confidence=None)
    before = Segmentation(sides={}, vessels=(plain,))
    (after,) = relabel(before, painted(0.8), painted(1.3), SequenceRole.T2).vessels
    assert (after.name, after.name_confidence) == (None, None)


def test_where_a_redrawn_nerve_ends_is_not_what_was_weighed_before():
    nerves = SideNerves(
        facial=artery().tube,
        vestibulocochlear=None,
        landmarks=SideLandmarks(),
        exit_within_mm=3.0,
    )
    before = Segmentation(sides=dict.fromkeys(Side, nerves))
    drawn = [painted(radius, FACIAL_LABEL[Side.LEFT]) for radius in (0.8, 1.3)]
    after = relabel(before, *drawn, SequenceRole.T2).sides
    assert after[Side.LEFT].exit_within_mm == 0.0
    assert after[Side.RIGHT].exit_within_mm == 3.0
