"""What is handed on of an artery says no more than what was seen of it."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.anatomy import Side, VesselKind
from nvc.model.stages import (
    HeadFrame,
    Regions,
    SideLandmarks,
    SideRegion,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole
from nvc.segment.arteries.in_t2 import Artery
from nvc.segment.together.values import drop_stubs, make_artery_vessels
from nvc.settings import VesselsSettings
from nvc.tubes.stations.course import Course

HANDED_ON = VesselsSettings().handed_on


def basilar(seen: bool) -> Artery:
    points = np.linspace((0.5, 10.0, 2.0), (0.5, 11.0, 24.0), 60)
    return Artery(
        course=Course(
            points_mm=points, radius_mm=np.full(60, 1.6), contrast=np.ones(60)
        ),
        in_reference=np.full(60, seen),
        position_sd_mm=np.full(60, 0.1),
        gain=np.zeros(60),
    )


def regions(head: HeadFrame | None, sd_mm: float = 2.0) -> Regions:
    sides = {
        side: SideRegion(
            landmarks=SideLandmarks(
                root_exit_point_mm=np.array([10.0 * side.sign, -2.0, 0.0])
            ),
            position_sd_mm=sd_mm,
        )
        for side in Side
    }
    return Regions(head=head, levels=None, sides=sides)


HEAD = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))


def test_a_name_is_no_surer_than_that_there_is_a_vessel():
    settings = VesselsSettings()
    (clear,) = make_artery_vessels([basilar(True)], [], regions(HEAD), settings)
    (faint,) = make_artery_vessels([basilar(False)], [], regions(HEAD), settings)
    assert clear.name == faint.name == "BA"
    assert clear.name_confidence > 0.8
    assert faint.name_confidence == faint.confidence == 0.5


def test_uncertain_roots_make_an_uncertain_name():
    settings = VesselsSettings()
    known, vague = (
        make_artery_vessels([basilar(True)], [], regions(HEAD, sd), settings)[0]
        for sd in (1.0, 9.0)
    )
    assert vague.name_confidence < known.name_confidence


def test_without_a_head_frame_there_is_neither_name_nor_certainty():
    (one,) = make_artery_vessels([basilar(True)], [], regions(None), VesselsSettings())
    assert (one.name, one.name_confidence) == (None, None)
    assert one.confidence > 0.9


def straight(begin: tuple[float, ...], end: tuple[float, ...], radius: float) -> Vessel:
    return Vessel(
        tube=Tube(
            points_mm=np.linspace(begin, end, 12),
            radius_mm=np.full(12, radius),
            position_sd_mm=np.full(12, 0.05),
        ),
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.T2,
        confidence=1.0,
    )


@pytest.mark.parametrize(
    ("begin", "length", "kept"),
    [
        (0.0, 1.6, False),  # a bulge of the wall
        (0.0, 3.0, True),  # a branch
        (1.6, 1.6, True),  # begins at the wall, not inside
    ],
)
def test_a_stub_inside_a_wider_vessel_is_no_branch(begin, length, kept):
    wide = straight((-8.0, 0.0, 0.0), (8.0, 0.0, 0.0), 1.5)
    short = straight((0.0, 0.0, begin), (0.0, 0.0, begin + length), 0.85)
    assert (len(drop_stubs([short, wide], HANDED_ON)) == 2) is kept
    assert drop_stubs([short], HANDED_ON) == [short]


def test_a_bulge_is_no_stub():
    artery = straight((-8.0, 0.0, 0.0), (0.0, 0.0, 0.0), 1.7)
    bulge = straight((0.0, 0.0, 0.0), (4.0, 0.0, 0.0), 3.2)
    assert len(drop_stubs([bulge, artery], HANDED_ON)) == 2
