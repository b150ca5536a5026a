"""Tubes of known calibre and course, with and without a bulge."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement.remarks.arteries import remark_on_basilar, remark_on_bulges
from nvc.model.anatomy import RemarkKind, Side, VesselKind
from nvc.model.stages import HeadFrame, Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.settings import RemarksSettings

SETTINGS = RemarksSettings()
HEAD = HeadFrame(origin_mm=np.array([2.0, 0.0, 0.0]), axes=np.eye(3))
"""Its middle lies at x = 2 mm."""


def artery(x, radius, *, name="BA", first=0.0, last=26.0, kind=VesselKind.ARTERY):
    """A vessel that rises from `first` to `last`; x and radius may depend on z."""
    z = np.arange(first, last + 0.1, 0.5)
    points = np.stack([np.broadcast_to(x, z.shape), np.full(len(z), 8.0), z], axis=1)
    return Vessel(
        tube=Tube(
            points_mm=points,
            radius_mm=np.broadcast_to(np.asarray(radius, dtype=float), z.shape).copy(),
            position_sd_mm=np.full(len(z), 0.1),
        ),
        kind=kind,
        seen_in=SequenceRole.TOF,
        confidence=0.9,
        name=name,
    )


def swollen(base, extra, *, at=13.0, width=3.0, last=26.0):
    """A calibre with one spindle on it."""
    z = np.arange(0.0, last + 0.1, 0.5)
    return base + extra * np.exp(-0.5 * ((z - at) / (0.35 * width)) ** 2)


@pytest.mark.parametrize("diameter", [1.9, 3.2, 4.4])
def test_usual_basilar_is_not_remarked_on(diameter):
    vessels = [artery(2.5, diameter / 2)]
    assert remark_on_basilar(vessels, HEAD, None, SETTINGS) == ([], None)


@pytest.mark.parametrize("diameter", [4.7, 6.0, 7.5])
def test_wide_basilar_has_its_calibre(diameter):
    (remark,) = remark_on_basilar([artery(2.5, diameter / 2)], HEAD, None, SETTINGS)[0]
    assert (remark.kind, remark.side) == (RemarkKind.BASILAR_WIDE, None)
    assert remark.value == pytest.approx(diameter, abs=0.01)
    assert "4.5 mm" in remark.usual
    assert f"{diameter:.1f} mm wide" in remark.sentence


@pytest.mark.parametrize(("rise_mm", "count"), [(3.0, 0), (13.0, 1)])
@pytest.mark.parametrize("is_joined", [True, False])
def test_an_artery_far_aside_is_the_basilar_only_where_it_rises(
    rise_mm, count, is_joined
):
    trunk = artery(2.0, 1.6)
    aside = np.linspace(0.0, 14.0, 40)
    start = 2.0 if is_joined else 3.0
    points = np.stack(
        [start + aside, np.full(40, 8.0), 26.0 + aside / 14.0 * rise_mm], axis=1
    )
    tube = Tube(
        points_mm=points, radius_mm=np.full(40, 1.4), position_sd_mm=np.full(40, 0.1)
    )
    beyond = replace(trunk, tube=tube, name=None)
    vessels = [trunk, beyond]
    assert len(remark_on_basilar(vessels, HEAD, 0.0, SETTINGS)[0]) == count


def test_one_wide_place_is_no_wide_basilar_but_a_bulge():
    vessels = [artery(2.0, swollen(1.5, 1.4))]
    assert remark_on_basilar(vessels, HEAD, None, SETTINGS) == ([], None)
    (remark,) = remark_on_bulges(vessels, HEAD, SETTINGS)
    assert (remark.kind, remark.side) == (RemarkKind.ARTERY_BULGE, None)
    assert remark.value == pytest.approx(5.8, abs=0.3)
    assert "3.0 mm beside it" in remark.sentence
    assert remark.at_mm == pytest.approx((2.0, 8.0, 13.0), abs=0.6)


@pytest.mark.parametrize("sign", [-1, 1])
def test_basilar_far_aside_is_measured_from_the_head_s_middle(sign):
    z = np.arange(0.0, 26.1, 0.5)
    x = 2.0 + sign * 13.0 * np.sin(np.pi * z / 26.0)
    (remark,) = remark_on_basilar([artery(x, 1.6)], HEAD, None, SETTINGS)[0]
    side = Side.RIGHT if sign > 0 else Side.LEFT
    assert (remark.kind, remark.side) == (RemarkKind.BASILAR_OFF_MIDLINE, side)
    assert remark.value == pytest.approx(13.0, abs=0.5)
    assert (
        remark_on_basilar([artery(2.0 + sign * 9.5, 1.6)], HEAD, None, SETTINGS)[0]
        == []
    )


def test_stretch_that_lost_its_name_between_two_is_basilar_too():
    z = np.arange(0.0, 26.1, 0.5)
    x = 2.0 + 14.0 * np.sin(np.pi * z / 26.0)
    parts = [
        artery(x[: 13 + 1], 1.6, last=6.5),
        artery(x[13 : 39 + 1], 1.6, name="VA", first=6.5, last=19.5),
        artery(x[39:], 1.6, first=19.5),
    ]
    (remark,) = remark_on_basilar(parts, HEAD, None, SETTINGS)[0]
    assert remark.value == pytest.approx(14.0, abs=0.5)
    apart = [parts[0], parts[2], parts[1]]
    assert remark_on_basilar(apart, HEAD, None, SETTINGS)[0] == []


@pytest.mark.parametrize(
    ("radius", "above", "expected"),
    [(1.6, True, 1), (0.8, True, 0), (1.6, False, 0)],
    ids=["trunk", "branch", "vertebral"],
)
def test_stretch_beyond_the_last_named_one(radius, above, expected):
    x = 2.0 + np.linspace(0.0, 14.0, 40)
    if above:
        named = artery(x[:14], 1.6, last=6.5)
        beyond = artery(x[13:], radius, name=None, first=6.5, last=19.5)
        course = [named, beyond]
    else:
        named = artery(x[13::-1], 1.6, first=13.0, last=19.5)
        beyond = artery(x[:12:-1], radius, name="VA", first=0.0, last=13.0)
        course = [beyond, named]
    assert len(remark_on_basilar(course, HEAD, None, SETTINGS)[0]) == expected


@pytest.mark.parametrize(
    ("radius", "kind"),
    [
        (1.5, VesselKind.ARTERY),
        (swollen(1.5, 0.5), VesselKind.ARTERY),  # a third wider: no half
        (swollen(0.5, 0.6), VesselKind.ARTERY),  # 2.2 mm: too small to be relied on
        (swollen(1.5, 1.4, at=1.0), VesselKind.ARTERY),  # nothing to compare with
        (np.linspace(0.8, 2.2, 53), VesselKind.ARTERY),  # a branch into its trunk
        (swollen(1.5, 1.4), VesselKind.VEIN),
    ],
    ids=["even", "slight", "small", "end", "taper", "vein"],
)
def test_what_is_no_bulge(radius, kind):
    vessel = artery(9.0, radius, kind=kind, name="VA")
    assert remark_on_bulges([vessel], HEAD, SETTINGS) == []


@pytest.mark.parametrize("at_mm", [1.0, 25.0])
def test_a_bulge_at_an_end_of_the_basilar_shows(at_mm):
    (remark,) = remark_on_bulges(
        [artery(2.0, swollen(1.5, 1.4, at=at_mm))], HEAD, SETTINGS
    )
    assert remark.at_mm == pytest.approx((2.0, 8.0, at_mm), abs=1.1)


def test_a_basilar_that_seems_thin_beside_its_wide_end_has_no_bulge():
    dip = swollen(1.5, 0.5, at=2.0) + swollen(0.0, -0.5, at=10.0, width=7.0)
    assert remark_on_bulges([artery(2.0, dip)], HEAD, SETTINGS) == []
    assert remark_on_bulges([artery(9.0, dip, name="VA")], HEAD, SETTINGS) == []


def test_bulge_of_a_side_s_artery_names_the_side():
    vessel = artery(-9.0, swollen(1.3, 1.5), name="VA")
    (remark,) = remark_on_bulges([vessel], HEAD, SETTINGS)
    assert remark.side is Side.LEFT
    assert "(VA)" in remark.sentence
    assert remark_on_bulges([vessel], None, SETTINGS)[0].side is None


def test_course_from_one_branch_over_its_trunk_into_another_is_no_bulge():
    crossing = artery(2.0, swollen(0.5, 1.1), name="AICA-like")
    z = np.arange(-12.0, 12.1, 0.5)
    trunk = artery(2.0, 1.6)
    points = np.stack([2.0 + z, np.full(len(z), 8.0), np.full(len(z), 13.0)], axis=1)
    both_halves = []
    for part in (points[z <= -1.5], points[z >= 1.5]):
        tube = Tube(
            points_mm=part,
            radius_mm=np.full(len(part), 1.6),
            position_sd_mm=np.full(len(part), 0.1),
        )
        both_halves.append(replace(trunk, tube=tube))
    assert remark_on_bulges([crossing], HEAD, SETTINGS) != []
    assert remark_on_bulges([crossing, *both_halves], HEAD, SETTINGS) == []


def test_no_basilar_is_said():
    remarks, missing = remark_on_basilar(
        [artery(9.0, 1.4, name="VA")], HEAD, None, SETTINGS
    )
    assert remarks == []
    assert "no artery" in missing


@pytest.mark.parametrize(
    ("height", "diameter", "expected"),
    [(-2.0, 3.0, 1), (30.0, 3.0, 0), (None, 3.0, 0), (-2.0, 1.8, 0)],
    ids=["above", "below", "unknown", "branch"],
)
def test_unnamed_artery_of_its_calibre_counts_for_the_course(
    height, diameter, expected
):
    vessel = artery(16.0, diameter / 2, name="VA")
    remarks, missing = remark_on_basilar([vessel], HEAD, height, SETTINGS)
    assert len(remarks) == expected
    assert "calibre" in missing
    if expected:
        assert remarks[0].value == pytest.approx(14.0)
        assert remarks[0].sentence.startswith("an artery 3.0 mm wide runs 14 mm")
