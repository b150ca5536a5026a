"""Arteries of an angiography beside a T1, whose fluid and lumens are dark."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.grid import Volume
from nvc.model.stages import Aligned, TissueLevels
from nvc.model.study import SequenceRole
from nvc.segment.together.traced import leave_out_nerves, trace_before_nerves
from nvc.settings import VesselsSettings
from tests.nvc.segment.tube_scene import Drawn, course, draw, grid_of, make_case

SETTINGS = VesselsSettings()
LEVELS = {"csf": 0.1, "brain": 0.7, "bone": 0.1, "nerve": 0.6}
WIDE = Drawn(course((16.0, 5.0, -9.0), (18.0, 4.0, 9.0)), 1.4, "artery")


def t1_case(lumen: float):
    """A wide tube that is bright in the TOF, and of this signal in the T1."""
    case = make_case([WIDE], with_tof=True)
    rng = np.random.default_rng(0)
    drawn = draw(grid_of(0.5), [WIDE], {**LEVELS, "artery": lumen}, rng, 0.02)
    reference = Volume(grid=drawn.grid, voxels=drawn.voxels * 700.0)
    aligned = Aligned(
        reference=reference,
        reference_role=SequenceRole.T1,
        companions=case.aligned.companions,
    )
    levels = TissueLevels(csf=70.0, brain=490.0, noise=14.0)
    return aligned, replace(case.regions, levels=levels)


@pytest.mark.parametrize(("lumen", "is_artery"), [(0.1, True), (1.2, False)])
def test_a_dark_lumen_is_an_artery_and_bright_fat_is_none(lumen, is_artery):
    aligned, regions = t1_case(lumen)
    found = trace_before_nerves(aligned, regions, None, SETTINGS)
    assert bool(found) is is_artery


def test_without_an_angiography_there_are_none():
    aligned, regions = t1_case(0.1)
    alone = replace(aligned, companions={})
    assert trace_before_nerves(alone, regions, None, SETTINGS) == []


def test_a_course_within_a_nerve_is_left_out():
    aligned, regions = t1_case(0.1)
    (artery,) = trace_before_nerves(aligned, regions, None, SETTINGS)
    assert leave_out_nerves([artery], [artery], SETTINGS.angiography) == []
    away = replace(artery, points_mm=artery.points_mm + 9.0)
    assert leave_out_nerves([artery], [away], SETTINGS.angiography) == [artery]
