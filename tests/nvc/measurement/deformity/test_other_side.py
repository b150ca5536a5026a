"""A pushed nerve against its straight mirror image on the other side."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement import measure
from nvc.measurement.deformity.other_side import mirror_direction
from nvc.model.anatomy import Side, VesselKind
from nvc.model.findings import Contact
from nvc.model.grid import Volume
from nvc.model.stages import (
    Aligned,
    HeadFrame,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings
from tests.nvc.measurement.deformity.test_stage import PressedNerve
from tests.nvc.measurement.studies import T2_LEVELS
from tests.nvc.measurement.tubes import Ellipse, TrueTube, draw

HEAD = HeadFrame(origin_mm=np.array([0.2, 0.0, 0.0]), axes=np.eye(3))
APART_MM = 6.0


def nerve(side: Side, groove: float, push: float) -> PressedNerve:
    """A nerve that runs forward, pressed and pushed towards the mid-plane."""
    outwards = np.array([float(side.sign), 0.0, 0.0])
    return PressedNerve(
        centre=HEAD.origin_mm + APART_MM / 2 * outwards,
        along=np.array([0.0, 1.0, 0.0]),
        side=outwards,
        section=Ellipse(a=0.9, b=0.9),
        contrast=-0.55,
        groove=groove,
        push=push,
    )


def as_nerves(tube: Tube) -> SideNerves:
    marks = SideLandmarks(
        root_exit_point_mm=tube.points_mm[0],
        root_detachment_mm=tube.points_mm[8],
        porus_mm=tube.points_mm[-1],
    )
    return SideNerves(facial=tube, vestibulocochlear=None, landmarks=marks)


def contact(own: tuple[float, float], other: tuple[float, float], seed: int) -> Contact:
    """The left side's contact, for grooves and pushes of both nerves."""
    rng = np.random.default_rng(seed)
    left, right = nerve(Side.LEFT, *own), nerve(Side.RIGHT, *other)
    vessel = TrueTube(
        centre=left.centre + (left.wall() + 0.6) * left.side,
        along=np.array([0.0, 0.0, 1.0]),
        side=left.side,
        section=Ellipse(a=0.6, b=0.6),
        contrast=-0.9,
    )
    picture: Volume = draw(
        (left, right, vessel),
        rng=rng,
        voxel_mm=(0.45, 0.45, 0.5),
        half_mm=9.0,
        noise=0.03,
        fine=2,
    )
    found = Segmentation(
        sides={
            Side.LEFT: as_nerves(left.as_tube(half_length=9.0)),
            Side.RIGHT: as_nerves(right.as_tube(half_length=9.0)),
        },
        vessels=(
            Vessel(
                tube=vessel.as_tube(half_length=7.0),
                kind=VesselKind.ARTERY,
                seen_in=SequenceRole.T2,
                confidence=1.0,
            ),
        ),
    )
    aligned = Aligned(reference=picture, reference_role=SequenceRole.T2)
    regions = Regions(head=HEAD, levels=T2_LEVELS, sides={})
    return measure(aligned, regions, found, MeasureSettings()).left.contacts[0]


def test_a_push_shows_against_a_straight_other_nerve():
    against = contact((0.0, 1.0), (0.0, 0.0), 1).against_other_side
    assert against.deviation_mm == pytest.approx(1.0, abs=0.4)
    assert against.indentation_mm == 0.0


def test_a_groove_shows_against_a_round_other_nerve():
    against = contact((0.6, 0.0), (0.0, 0.0), 2).against_other_side
    assert against.indentation_mm == pytest.approx(0.6, abs=0.25)


def test_what_both_nerves_share_is_no_difference_and_half_as_likely_a_push():
    found = contact((0.0, 1.2), (0.0, 1.2), 3)
    assert found.against_other_side.deviation_mm == 0.0
    # Two nerves bent alike are as likely alike by nature.
    assert found.deviation_mm is not None
    assert 0.3 < found.deviation_mm < 0.9


def test_a_direction_is_reflected_at_the_mid_plane():
    np.testing.assert_allclose(
        mirror_direction(np.array([0.6, 0.8, 0.1]), HEAD), [-0.6, 0.8, 0.1]
    )
    tilted = replace(HEAD, axes=np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]))
    np.testing.assert_allclose(
        mirror_direction(np.array([0.6, 0.8, 0.1]), tilted), [0.6, -0.8, 0.1]
    )
