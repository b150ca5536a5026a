"""What is said of a gap fits what is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.gap.interval import believe


def test_intervals_hold_the_truth_as_often_as_they_claim():
    rng = np.random.default_rng(1)
    held = []
    for truth in rng.choice([0.0, 0.1, 0.25, 0.5, 1.0], size=600):
        sd = rng.uniform(0.02, 0.15)
        measured = truth + sd * rng.normal()
        low, high = believe(measured, sd, voxel_mm=0.5, search_mm=2.0).interval_mm
        held.append(low <= truth <= high)
    assert 0.93 <= np.mean(held) <= 0.995


def test_contact_is_likelier_the_nearer_the_walls():
    gaps = [-0.2, 0.0, 0.05, 0.1, 0.3, 1.0]
    found = [
        believe(gap, 0.06, voxel_mm=0.5, search_mm=2.0).contact_probability
        for gap in gaps
    ]
    assert found == sorted(found, reverse=True)
    assert found[0] > 0.95
    assert found[-1] < 1e-6


@pytest.mark.parametrize("voxel", [0.4, 0.8])
def test_below_a_third_of_a_voxel_contact_is_never_excluded(voxel):
    close = believe(0.32 * voxel, 0.001, voxel_mm=voxel, search_mm=2.0)
    assert close.interval_mm[0] == 0.0
    clear = believe(0.35 * voxel, 0.001, voxel_mm=voxel, search_mm=2.0)
    assert clear.interval_mm[0] > 0.0


@pytest.mark.parametrize("gap", [-3.0, -0.4, 0.0, 0.2, 2.0])
@pytest.mark.parametrize("sd", [0.0, 0.01, 0.5])
def test_the_interval_holds_the_estimate(gap, sd):
    belief = believe(gap, sd, voxel_mm=0.5, search_mm=2.0)
    low, high = belief.interval_mm
    assert 0.0 <= low <= belief.distance_mm <= high
    assert np.isfinite(high)
    assert 0.0 <= belief.contact_probability <= 1.0


@pytest.mark.parametrize("overlap_mm", [0.05, 0.3, 1.0])
def test_an_overlap_is_no_surer_than_touching(overlap_mm):
    touching = believe(0.0, 0.08, voxel_mm=0.5, search_mm=2.0)
    found = believe(-overlap_mm, 0.08, voxel_mm=0.5, search_mm=2.0)
    assert found.distance_mm == 0.0
    assert found.interval_mm == touching.interval_mm
    assert found.interval_mm[1] > 0.15


def test_what_may_not_be_the_nerve_moves_the_ends_and_not_the_contact():
    sure = believe(0.3, 0.06, voxel_mm=0.5, search_mm=2.0)
    found = believe(0.3, 0.06, voxel_mm=0.5, search_mm=2.0, doubt_sd_mm=1.5)
    assert found.contact_probability == sure.contact_probability
    assert found.distance_mm == sure.distance_mm
    assert found.interval_mm[0] == 0.0
    assert found.interval_mm[1] == pytest.approx(0.3 + 1.96 * 1.5, abs=0.02)
