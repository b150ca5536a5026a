"""Planned heads vary as they should and repeat exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from nvc.phantom.options import SEGMENTS
from nvc.validation.options import Family, plan_head, plan_heads


def test_the_same_seed_gives_the_same_head() -> None:
    assert plan_head(Family.DRAWN, 9) == plan_head(Family.DRAWN, 9)
    assert plan_head(Family.DRAWN, 9) != plan_head(Family.DRAWN, 10)
    assert plan_head(Family.DRAWN, 9).options != plan_head(Family.PAINTED, 9).options


def test_families_take_turns() -> None:
    both = [Family.DRAWN, Family.PAINTED]
    names = [plan.name for plan in plan_heads(both, 2, 40)]
    assert names == ["drawn-40", "painted-40", "drawn-41", "painted-41"]


def test_real_heads_take_turns_in_groups() -> None:
    paths = [Path("a"), Path("b")]
    plans = plan_heads([Family.RECOLOURED], 5, 1, paths)
    assert [plan.head for plan in plans] == [paths[0]] * 3 + [paths[1]] * 2


def test_a_real_nerve_is_not_deformed() -> None:
    plans = plan_heads([Family.RECOLOURED], 60, 1, [Path("a")])
    sides = [c for p in plans for c in (p.options.left, p.options.right)]
    assert {c.vessel for c in sides} == {"none", "aica", "pica"}
    assert all(c.indentation_mm == c.deviation_mm == 0.0 for c in sides)


def test_stretched_heads_see_little() -> None:
    options = [p.options for p in plan_heads([Family.STRETCHED], 200, 1)]
    assert {(0.4, 0.4, 0.8), (0.8, 0.8, 0.8)} < {one.t2_voxel_mm for one in options}
    assert min(one.t2_extent_mm[0] for one in options) < 120.0
    assert min(one.t2_extent_mm[2] for one in options) < 40.0
    assert 0.2 < np.mean([not one.with_tof for one in options]) < 0.45
    assert any(one.csf_flow == 0.0 for one in options)
    assert any(one.csf_flow > 0.25 for one in options)


def test_sampled_heads_keep_to_what_they_can_draw() -> None:
    options = [p.options for p in plan_heads([Family.SAMPLED], 300, 1)]
    conflicts = [c for one in options for c in (one.left, one.right)]
    near = [c for c in conflicts if c.vessel != "none"]
    assert {c.vessel for c in near} == {"aica", "pica", "vein"}
    assert {c.segment for c in near} == set(SEGMENTS)
    gaps = [c.gap_mm for c in near if c.gap_mm > 0.0]
    assert 0.3 <= min(gaps) < 0.4
    assert 1.4 < max(gaps) <= 1.5
    assert any(c.indentation_mm > 0.4 and c.deviation_mm > 0.9 for c in near)
    assert 0.1 < np.mean([not one.with_tof for one in options]) < 0.3
    assert all(max(one.t2_extent_mm[:2]) <= 145.0 for one in options)


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
