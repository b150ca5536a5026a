"""Where a ridge on the brain ends: its height along the way is given."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.segment.root.ridge import HIDDEN_MM, find_last_standing

RADIUS_MM, STEP_MM = 0.8, 0.5
SIZES = (RADIUS_MM, 0.0)


def end_mm(heights, hidden=()):
    """Return where a ridge of these heights, in radii, ends."""
    heights = np.asarray(heights, dtype=float)
    known = np.ones(len(heights), dtype=bool)
    known[list(hidden)] = False
    return STEP_MM * find_last_standing(heights * RADIUS_MM, known, SIZES, STEP_MM)


def test_a_nerve_ends_where_its_centre_sinks_into_the_brain():
    falling = [1.8] * 10 + [1.4, 0.6, 0.2, 0.0, 0.0, 0.0]
    assert end_mm(falling) == pytest.approx(STEP_MM * 10.5)


def test_a_nerve_in_a_groove_ends_with_its_ridge():
    assert end_mm([0.7] * 12 + [0.2] * 4) == pytest.approx(STEP_MM * 12)


def test_a_ridge_goes_on_behind_what_hides_a_part_of_it():
    heights = [1.5] * 6 + [0.0] * 5 + [1.5] * 4 + [0.0] * 3
    assert end_mm(heights, hidden=range(6, 11)) == pytest.approx(STEP_MM * (14 + 1 / 3))


def test_what_shows_only_behind_a_longer_hidden_way_is_another_ridge():
    count = int(HIDDEN_MM / STEP_MM) + 1
    heights = [1.5] * 6 + [1.5] * count + [1.5] * 4 + [0.0] * 3
    hidden = range(6, 6 + count)
    assert end_mm(heights, hidden=hidden) == pytest.approx(STEP_MM * 6, abs=0.3)


def test_no_ridge_is_none():
    assert end_mm([0.1] * 8) == 0.0
