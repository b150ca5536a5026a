"""Planned heads vary as they should and repeat exactly."""

from __future__ import annotations

from nvc.phantom.options import SEGMENTS
from nvc.validation.options import Family, plan_head, plan_heads


def test_the_same_seed_gives_the_same_head() -> None:
    assert plan_head(Family.DRAWN, 9) == plan_head(Family.DRAWN, 9)
    assert plan_head(Family.DRAWN, 9) != plan_head(Family.DRAWN, 10)
    assert plan_head(Family.DRAWN, 9).options != plan_head(Family.PAINTED, 9).options


def test_families_take_turns() -> None:
    names = [plan.name for plan in plan_heads(list(Family), 2, 40)]
    assert names == ["drawn-40", "painted-40", "drawn-41", "painted-41"]


def test_heads_cover_what_they_must() -> None:
    options = [plan.options for plan in plan_heads([Family.PAINTED], 400, 1)]
    conflicts = [side for one in options for side in (one.left, one.right)]
    near = [c for c in conflicts if c.vessel != "none"]
    assert {(c.vessel, c.segment) for c in near} == {
        (vessel, segment)
        for vessel in ("aica", "pica", "va", "vein")
        for segment in SEGMENTS
    }
    assert any(c.gap_mm >= 0.3 for c in near)
    assert any(c.gap_mm == 0.0 and c.deviation_mm == 0.0 for c in near)
    assert any(c.indentation_mm > 0.0 and c.deviation_mm >= 0.5 for c in near)
    edges = [edge for one in options for edge in one.t2_voxel_mm]
    assert 0.4 <= min(edges) < 0.45
    assert 0.7 < max(edges) <= 0.8
    assert min(one.noise for one in options) >= 0.02
    assert max(one.noise for one in options) <= 0.08
    tilts = [abs(turn) for one in options for turn in one.tilt_deg]
    assert 11.0 < max(tilts) <= 12.0
    assert len({one.storage_order for one in options}) > 40
    assert 0 < sum(not one.with_tof for one in options) < 120
