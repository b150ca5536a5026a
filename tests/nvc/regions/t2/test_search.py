"""Ears told by the canals that lead to them, in a painted head."""

from __future__ import annotations

from functools import cache
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.regions.head.mirror import find_mirror_of_image
from nvc.regions.t2 import search
from nvc.regions.t2.ears import EarPair
from nvc.regions.t2.search import Finding, SideFinding, find_ears_and_canals
from nvc.sampling import block_mean
from nvc.settings.regions import RegionsSettings
from tests.nvc.regions.painted_head import Paint, PaintedHead, paint_head

pytestmark = pytest.mark.slow

SETTINGS = RegionsSettings()


@cache
def painted() -> PaintedHead:
    return paint_head(Paint(seed=1, voxel_mm=(0.8, 0.8, 0.8)))


@pytest.fixture(autouse=True)
def no_pair_looks_like_ears(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where one ear does not mirror the other."""
    monkeypatch.setattr(search, "find_ear_pairs", lambda *_: [])


def find(volume: Volume):
    reference = volume.canonical()
    coarse = block_mean(reference, SETTINGS.coarse_voxel_mm)
    mirror = find_mirror_of_image(block_mean(reference, SETTINGS.mirror_voxel_mm))
    return find_ears_and_canals(reference, coarse, mirror, SETTINGS)


def test_ears_are_paired_by_their_canals():
    head = painted()
    finding = find(head.volume)
    assert finding is not None
    assert finding.is_sure(SETTINGS)
    for side, truth in head.sides.items():
        face = finding.sides[side].face
        assert face is not None
        assert np.linalg.norm(face.porus_mm - truth.porus_mm) < 1.0


def test_beside_a_lone_canal_the_other_ear_is_where_the_mirror_shows_it():
    head = painted()
    volume = head.volume.canonical()
    left = head.sides[Side.LEFT]
    voxels = np.array(volume.voxels)
    ijk = np.moveaxis(np.indices(voxels.shape), 0, -1)
    outward = left.fundus_mm - left.porus_mm
    outward = outward / np.linalg.norm(outward)
    ear = left.fundus_mm + SETTINGS.canal.labyrinth_mm * outward
    # Ear and canal are bone.
    apart = np.linalg.norm(volume.grid.to_ras_mm(ijk.astype(float)) - ear, axis=-1)
    voxels[apart < 18.0] = np.percentile(voxels, 5)
    finding = find(Volume(voxels=voxels, grid=volume.grid))
    assert finding is not None
    assert finding.sides[Side.LEFT].canal is None
    right = finding.sides[Side.RIGHT]
    assert right.face is not None
    truth = head.sides[Side.RIGHT].porus_mm
    assert np.linalg.norm(right.face.porus_mm - truth) < 1.0
    assert np.linalg.norm(finding.pair.left_mm - ear) < 8.0


@pytest.mark.parametrize(("mismatch_mm", "is_kept"), [(2.0, True), (11.0, False)])
def test_two_clefts_that_do_not_mirror_each_other_are_no_canals(
    mismatch_mm, is_kept, monkeypatch
):
    """However canal-like each is: then ears are paired by their canals."""
    canal = cast("Any", SimpleNamespace(score=0.7))
    cleft = SideFinding(contrast=None, canal=canal, face=None)
    ears = EarPair(
        left_mm=np.array([-40.0, -35.0, 15.0]),
        right_mm=np.array([40.0, -35.0, 15.0]),
        score=0.4,
        symmetry=0.0,
    )
    odd = Finding(pair=ears, sides=dict.fromkeys(Side, cleft), mismatch_mm=mismatch_mm)
    at_pairs = search._Look.at_pairs
    monkeypatch.setattr(
        search._Look,
        "at_pairs",
        lambda self, pairs, tell: at_pairs(self, pairs, tell) if pairs else odd,
    )
    finding = find(painted().volume)
    assert (finding is odd) is is_kept
    assert is_kept or finding.is_sure(SETTINGS)
