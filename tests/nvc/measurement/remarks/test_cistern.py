"""CSF, bodies and canals of known size, side against side."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.remarks.cistern import find_largest_body, remark_on_filling
from nvc.measurement.remarks.csf_space import measure_space
from nvc.measurement.remarks.side_places import find_side_places
from nvc.model.anatomy import RemarkKind, Side
from nvc.model.study import SequenceRole
from nvc.settings import RemarksSettings
from tests.nvc.measurement.remarks.two_sides import (
    aligned,
    ball,
    picture,
    plug,
    regions,
)

SETTINGS = RemarksSettings()
HALF_BALL_ML = 2.0 / 3.0 * np.pi * SETTINGS.cistern_radius_mm**3 / 1000.0


def found(volume, given=None):
    return remark_on_filling(aligned(volume), given or regions(), SETTINGS)


def space(volume, side, given=None):
    given = given or regions()
    place = find_side_places(given)[side]
    return measure_space(volume, given.levels, given.head, side, place, SETTINGS)


@pytest.mark.parametrize("shading", [0.0, 0.3])
def test_csf_and_canals_have_their_sizes(shading):
    volume = picture(shading=shading)
    for side in Side:
        one = space(volume, side)
        assert one.csf_ml == pytest.approx(HALF_BALL_ML, rel=0.06)
        assert one.canal.csf_mm2 == pytest.approx(np.pi * 9.0, rel=0.15)
        assert one.canal.width_mm == pytest.approx(6.0, abs=0.5)
    assert found(volume) == ([], ())


@pytest.mark.parametrize("diameter", [8.0, 10.0])
def test_body_in_the_cistern_is_measured(diameter):
    centre = (-18.0, 1.0, 0.0)
    volume = picture(ball(centre, diameter))
    (remark,) = found(volume)[0]
    assert (remark.kind, remark.side) == (RemarkKind.CISTERN_FILLED, Side.LEFT)
    assert remark.unit == "ml"
    lost = np.pi / 6.0 * diameter**3 / 1000.0
    assert remark.value == pytest.approx(HALF_BALL_ML - lost, rel=0.08)
    spaces = (space(volume, Side.LEFT), space(volume, Side.RIGHT))
    body_mm, _ = find_largest_body(*spaces, SETTINGS.cistern_radius_mm)
    assert body_mm == pytest.approx(diameter, abs=1.0)
    assert f"a body {body_mm:.0f} mm across" in remark.sentence
    assert np.linalg.norm(np.array(remark.at_mm) - centre) < 2.0


def test_body_of_four_millimetres_is_not_remarked_on():
    assert found(picture(ball((18.0, 1.0, 0.0), 4.0))) == ([], ())


def test_half_empty_cistern_without_a_body_is_remarked_on():
    def dark(points, image):
        inside = (points[..., 0] > 12) & (points[..., 0] < 25) & (points[..., 2] > -2)
        return np.where(inside, 30.0, image)

    (remark,) = found(picture(dark))[0]
    assert (remark.kind, remark.side) == (RemarkKind.CISTERN_FILLED, Side.RIGHT)
    assert "body" not in remark.sentence


@pytest.mark.parametrize("side", list(Side))
def test_plug_in_the_canal_is_remarked_on_even_where_the_side_was_refused(side):
    volume = picture(plug(side, 2.0, 8.0, 3.0))
    for given in (regions(), regions(missing=side)):
        (remark,) = found(volume, given)[0]
        assert (remark.kind, remark.side) == (RemarkKind.CANAL_FILLED, side)
        assert remark.value < 8.0
        assert remark.unit == "%"
        assert ("mirrored" in remark.sentence) is (not given.sides[side].evaluable)


def test_wide_canal_filled_with_tissue_is_two_remarks():
    volume = picture(
        plug(Side.RIGHT, 0.0, 10.0, 4.5), canal_radius_mm={Side.RIGHT: 4.5}
    )
    filled, wide = found(volume)[0]
    assert (filled.kind, filled.side) == (RemarkKind.CANAL_FILLED, Side.RIGHT)
    assert (wide.kind, wide.side) == (RemarkKind.CANAL_WIDE, Side.RIGHT)
    assert wide.value == pytest.approx(9.0, abs=0.6)


def test_mirrored_place_of_a_sound_canal_is_not_called_filled():
    assert found(picture(), regions(missing=Side.LEFT)) == ([], ())


def test_what_the_scan_does_not_hold_is_said():
    short = picture(half_mm=(30.0, 16.0, 16.0))
    remarks, missing = found(short)
    assert remarks == []
    assert missing == ("masses in the canal: the scan does not hold both canals",)
    thin = picture(half_mm=(42.0, 16.0, 6.0))
    assert "masses in the cistern" in found(thin)[1][0]


def test_t1_and_lost_pose_are_not_looked_at():
    t1 = remark_on_filling(aligned(picture(), SequenceRole.T1), regions(), SETTINGS)
    lost = remark_on_filling(aligned(picture()), regions(head=False), SETTINGS)
    assert t1[0] == lost[0] == []
    assert "T2" in t1[1][0]
    assert "no canal" in lost[1][0]
