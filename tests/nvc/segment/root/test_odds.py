"""Which way a nerve takes over the brain and where it ends: heights are given."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.segment.root.odds import lay_centre, weigh_ways
from nvc.settings import NerveSettings

SETTINGS = NerveSettings()
RADIUS_MM, BARE_MM, WAYS, STATIONS = 0.8, 0.1, 60, 31
AT = SETTINGS.step_mm * np.arange(STATIONS)
ITS_WAY = 7


def bare():
    """Return heights of a bare brain: uneven by a tenth of a millimetre."""
    rng = np.random.default_rng(1)
    return np.clip(rng.normal(BARE_MM, 0.1, (WAYS, STATIONS)), 0.0, None)


def ridge(length_mm, rest_mm=0.6, start_mm=0.6):
    """Return the height of a nerve of this length at each station."""
    top = lay_centre(AT, length_mm - AT, np.array(rest_mm), start_mm) + RADIUS_MM
    return np.clip(top, BARE_MM, 2.0 * RADIUS_MM)


def weigh(height, known=None, log_prior=None, start_mm=0.6):
    known = np.ones(height.shape, dtype=bool) if known is None else known
    log_prior = np.zeros(len(height)) if log_prior is None else log_prior
    sizes_mm = (RADIUS_MM, 0.0, start_mm)
    return weigh_ways(height, known, log_prior, sizes_mm, SETTINGS)


def length_of(odds):
    """Mean length and its spread."""
    share = odds.share.sum(axis=(0, 2))
    mean = share @ odds.length_mm
    return mean, np.sqrt(share @ (odds.length_mm - mean) ** 2)


@pytest.mark.parametrize("length_mm", [1.5, 3.0, 5.5, 9.0, 12.0])
def test_a_nerve_ends_where_its_centre_sinks_into_the_brain(length_mm):
    height = bare()
    height[ITS_WAY] = ridge(length_mm)
    odds = weigh(height)
    mean, spread = length_of(odds)
    assert odds.share.sum() == pytest.approx(1.0)
    assert odds.share[ITS_WAY].sum() > 0.9
    assert abs(mean - length_mm) < min(0.5, 2.0 * spread)


@pytest.mark.parametrize("rest_mm", [-0.3, 0.0])
def test_a_nerve_that_sinks_into_a_groove_at_its_detachment_does_not_end_there(rest_mm):
    """A high ridge of a millimetre, and from there on a low one."""
    height = bare()
    height[ITS_WAY] = ridge(7.0, rest_mm=rest_mm, start_mm=0.8)
    mean, _ = length_of(weigh(height, start_mm=0.8))
    assert mean == pytest.approx(7.0, abs=1.0)


def test_a_nerve_in_a_groove_ends_with_its_ridge():
    height = bare()
    height[ITS_WAY] = ridge(5.0, rest_mm=-0.3)
    mean, _ = length_of(weigh(height))
    assert mean == pytest.approx(5.0, abs=0.7)


@pytest.mark.parametrize("part", [0.0, 0.3, 0.7, 1.0])
def test_its_height_is_the_one_that_is_seen(part):
    height = bare()
    height[ITS_WAY] = ridge(8.0, rest_mm=0.4)
    centre = weigh(height).mean_centre_mm(part)
    truth = lay_centre(part * 8.0, (1 - part) * 8.0, 0.4, 0.4)
    assert centre == pytest.approx(max(truth, 0), abs=0.25)


def test_a_ridge_goes_on_behind_what_hides_a_part_of_it():
    height, known = bare(), np.ones((WAYS, STATIONS), dtype=bool)
    height[ITS_WAY] = ridge(9.0)
    height[ITS_WAY, 6:11], known[ITS_WAY, 6:11] = 0.0, False
    mean, _ = length_of(weigh(height, known))
    assert mean == pytest.approx(9.0, abs=0.5)


def test_a_ridge_that_begins_away_from_the_detachment_is_another_structure():
    height = bare()
    height[ITS_WAY, 9:20] = 1.4
    odds = weigh(height)
    assert odds.share[ITS_WAY].sum() < 3.0 / WAYS


def test_where_many_structures_lie_on_the_brain_a_ridge_tells_less():
    clean = bare()
    clean[ITS_WAY] = ridge(4.0)
    cluttered = clean.copy()
    cluttered[20:40, 3:] = 1.2
    shares = [weigh(height).share[ITS_WAY].sum() for height in (clean, cluttered)]
    assert shares[1] < shares[0]


def test_where_nothing_is_known_anatomy_decides():
    nothing = np.zeros((WAYS, STATIONS), dtype=bool)
    pulled = np.where(np.arange(WAYS) == ITS_WAY, 2.0, 0.0)
    odds = weigh(bare(), nothing, pulled)
    mean, spread = length_of(odds)
    assert mean == pytest.approx(SETTINGS.attached_mm, abs=0.4)
    assert spread == pytest.approx(SETTINGS.attached_spread_mm, abs=0.5)
    by_way = odds.share.sum(axis=(1, 2))
    np.testing.assert_allclose(by_way / by_way[0], np.exp(pulled))


def test_where_the_brain_is_bare_the_nerve_may_lie_flush_with_it():
    odds = weigh(bare(), start_mm=-RADIUS_MM)
    mean, spread = length_of(odds)
    assert mean == pytest.approx(SETTINGS.attached_mm, abs=1.5)
    assert odds.mean_centre_mm(0.2) < 0.2
    assert spread > SETTINGS.attached_spread_mm / 2.0
