"""A person's landmarks stand in for what the search could not find."""

from __future__ import annotations

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.stages import Aligned, Origin, SideLandmarks
from nvc.model.study import SequenceRole
from nvc.regions.given import apply_given
from nvc.regions.t2.stage import refuse_both_sides
from nvc.settings.regions import RegionsSettings
from tests.nvc.regions.painted_head import Paint, paint_head

HEAD = paint_head(Paint(seed=1, voxel_mm=(1.0, 1.0, 1.0), noise=0.02))
ALIGNED = Aligned(reference=HEAD.volume, reference_role=SequenceRole.T2)


def test_two_pori_give_pose_and_levels() -> None:
    given = {
        side: SideLandmarks(porus_mm=truth.porus_mm)
        for side, truth in HEAD.sides.items()
    }
    regions = apply_given(ALIGNED, refuse_both_sides("lost"), given, RegionsSettings())
    assert regions.head is not None
    assert regions.head.axes[:, 0] @ HEAD.axes[:, 0] > np.cos(np.deg2rad(5))
    assert regions.levels is not None
    assert 0.25 < regions.levels.brain / regions.levels.csf < 0.45
    for side, truth in HEAD.sides.items():
        region = regions.sides[side]
        assert region.evaluable
        assert region.reasons == ()
        assert region.landmarks.source is Origin.CONFIRMED
        root = region.landmarks.root_detachment_mm
        assert root is not None
        assert np.linalg.norm(root - truth.root_mm) < 6.0


def test_one_porus_helps_its_own_side_only() -> None:
    given = {Side.LEFT: SideLandmarks(porus_mm=HEAD.sides[Side.LEFT].porus_mm)}
    regions = apply_given(ALIGNED, refuse_both_sides("lost"), given, RegionsSettings())
    assert regions.sides[Side.LEFT].evaluable
    right = regions.sides[Side.RIGHT]
    assert not right.evaluable
    assert right.reasons == ("lost",)


def test_a_fundus_alone_does_not_make_a_side_evaluable() -> None:
    given = {Side.LEFT: SideLandmarks(fundus_mm=np.zeros(3))}
    regions = apply_given(ALIGNED, refuse_both_sides("lost"), given, RegionsSettings())
    left = regions.sides[Side.LEFT]
    assert not left.evaluable
    assert left.landmarks.source is Origin.CONFIRMED
