"""Each ground of a name moves its certainty the way that anatomy says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.segment.arteries.name_certainty import (
    BranchPoint,
    rate_branch_name,
    rate_trunk_name,
)
from nvc.settings.groups.vessels import NamesSettings

UP = np.linspace((0.5, 10.0, 2.0), (0.5, 11.0, 24.0), 40)
LOW = np.linspace((12.0, 0.0, -26.0), (5.0, 6.0, -10.0), 40)
AICA = BranchPoint(
    trunk="BA", trunk_confidence=0.95, gap_mm=0.0, height_mm=5.0, junction_mm=12.0
)


def basilar(places=UP, radius=1.6, roots_sd=1.0):
    return rate_trunk_name("BA", places, np.full(len(places), radius), roots_sd)


def vertebral(places=LOW, radius=1.4):
    return rate_trunk_name("VA", places, np.full(len(places), radius), 1.0)


def branch(name="AICA-like", radius=0.5, roots_sd=1.0, **changes):
    origin = replace(AICA, **changes)
    return rate_branch_name(name, origin, np.full(30, radius), roots_sd)


def test_the_usual_trunks_are_sure():
    assert basilar() > 0.85
    assert vertebral() > 0.85


def test_a_trunk_as_wide_as_the_limit_is_even_odds_at_best():
    assert basilar(radius=1.0) <= 0.5
    assert vertebral(radius=1.0) <= 0.5
    assert basilar(radius=1.2) < basilar(radius=1.4) < basilar(radius=1.6)


def test_a_basilar_artery_is_less_sure_at_either_end_aside_and_across():
    begins = UP - np.array([0.0, 0.0, 15.0])
    ends = UP + np.array([0.0, 0.0, 20.0])
    aside = UP + np.array([7.0, 0.0, 0.0])
    across = np.linspace((-6.0, 10.0, 13.0), (6.0, 10.0, 13.5), 40)
    for places in (begins, ends, aside, across):
        assert basilar(places) < 0.6


def test_a_vertebral_artery_is_less_sure_on_the_midline_and_near_the_junction():
    middle = LOW - (np.median(LOW[:, 0]), 0.0, 0.0)
    high = LOW * (0.4, 1.0, 1.0) + (0.0, 0.0, 18.0)
    assert vertebral(middle) < 0.75
    assert vertebral(high) < 0.6


def test_a_stub_has_no_calibre_of_its_own():
    assert basilar(UP[::10][:2]) < 0.5 * basilar()


def test_the_less_is_known_of_the_roots_the_less_is_known_of_the_height():
    assert basilar(roots_sd=8.0) < basilar(roots_sd=1.0)
    assert branch(roots_sd=8.0) < branch(roots_sd=1.0)


def test_a_branch_joined_far_from_the_junction_is_nearly_as_sure_as_its_trunk():
    assert 0.8 < branch() < AICA.trunk_confidence


def test_near_the_junction_aica_and_pica_are_even_odds():
    assert branch(junction_mm=0.0) <= 0.5
    pica = {"name": "PICA-like", "trunk": "VA", "height_mm": -6.0}
    assert branch(**pica, junction_mm=0.0) <= 0.5
    assert branch(**pica, junction_mm=12.0) > 0.75


def test_a_bridged_gap_is_less_sure_than_a_joined_end():
    assert branch(gap_mm=NamesSettings().connected_mm) == pytest.approx(0.5 * branch())


def test_what_joins_a_trunk_at_both_ends_may_be_the_trunk():
    assert branch(both_ends=True) <= 0.5 * branch() + 1e-9


def test_between_aica_and_sca_their_height_decides():
    assert branch("SCA-like", height_mm=22.0) > 0.8
    assert branch("SCA-like", height_mm=14.5) < 0.6
    assert branch("AICA-like", height_mm=13.5) < 0.6


def test_a_branch_as_wide_as_a_trunk_is_doubtful():
    assert branch(radius=1.0) <= 0.5


@pytest.mark.parametrize("sure", [0.0, 0.3, 0.9])
def test_a_branch_is_never_surer_than_its_trunk(sure):
    assert branch(trunk_confidence=sure) <= sure
