"""Scans that end before the canal or the cistern does, and thick slices."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.remarks.coverage import remark_on_coverage, remark_on_slices
from nvc.model.anatomy import RemarkKind, Side
from nvc.model.grid import Grid
from nvc.settings import InputSettings, RemarksSettings
from tests.nvc.measurement.remarks.two_sides import regions

SETTINGS = RemarksSettings()


def grid(low, high, voxel=(0.5, 0.5, 0.5)) -> Grid:
    """Voxel centres from one corner to the other, RAS mm."""
    voxel = np.array(voxel)
    shape = tuple((np.round((np.array(high) - low) / voxel) + 1).astype(int).tolist())
    affine = np.diag([*voxel, 1.0])
    affine[:3, 3] = low
    return Grid(shape=shape, voxel_to_ras_mm=affine)


WHOLE = ((-45.0, -30.0, -20.0), (45.0, 30.0, 20.0))


def kinds(found):
    return [(remark.kind, remark.side) for remark in found[0]]


def test_whole_scan_cuts_nothing_off():
    assert remark_on_coverage(grid(*WHOLE), regions(), SETTINGS) == ([], None)


def test_half_of_a_canal_outside_is_measured():
    scan = grid((-30.0, -30.0, -20.0), WHOLE[1])
    (remark,) = remark_on_coverage(scan, regions(), SETTINGS)[0]
    assert (remark.kind, remark.side) == (RemarkKind.CANAL_CUT_OFF, Side.LEFT)
    assert remark.value == pytest.approx(50.0, abs=6.0)
    assert f"{remark.value:.0f} %" in remark.sentence


def test_slab_that_ends_at_the_nerve_cuts_both_sides():
    scan = grid((-45.0, -30.0, 0.0), WHOLE[1])
    assert kinds(remark_on_coverage(scan, regions(), SETTINGS)) == [
        (kind, side)
        for side in Side
        for kind in (RemarkKind.CANAL_CUT_OFF, RemarkKind.CISTERN_CUT_OFF)
    ]


def test_canal_beyond_the_scan_is_looked_for_at_the_mirrored_place():
    scan = grid(WHOLE[0], (24.0, 30.0, 20.0))
    found = remark_on_coverage(scan, regions(missing=Side.RIGHT), SETTINGS)
    assert kinds(found) == [
        (RemarkKind.CANAL_CUT_OFF, Side.RIGHT),
        (RemarkKind.CISTERN_CUT_OFF, Side.RIGHT),
    ]
    assert found[0][0].value == pytest.approx(100.0)
    assert "mirrored" in found[0][0].sentence


def test_coverage_that_is_not_known_is_said():
    remarks, missing = remark_on_coverage(grid(*WHOLE), regions(head=False), SETTINGS)
    assert remarks == []
    assert "not known" in missing


@pytest.mark.parametrize(
    ("slice_mm", "words"),
    [
        (0.5, None),
        (0.8, None),
        (0.9, "thin vessels may be missed"),
        (1.0, "thin vessels may be missed"),
        (1.2, "contact is not judged"),
    ],
)
def test_slices(slice_mm, words):
    scan = grid((-20, -20, -12), (20, 20, 12), (0.5, 0.5, slice_mm))
    found = remark_on_slices(scan, InputSettings())
    if words is None:
        assert found == []
        return
    (remark,) = found
    assert remark.kind is RemarkKind.THICK_SLICES
    assert remark.value == pytest.approx(slice_mm)
    assert words in remark.sentence
    assert ("not judged" in remark.sentence) is (slice_mm > 1.0)
