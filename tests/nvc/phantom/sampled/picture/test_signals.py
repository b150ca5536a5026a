"""Signals are those that physics gives."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.phantom.sampled.picture.signals import (
    MATTER,
    TIMING,
    TOF,
    Matter,
    Protocol,
    balanced,
    find_t2_levels,
    find_tof_levels,
    inflow,
    spoiled,
)


def test_balanced_signal_is_that_of_many_repetitions() -> None:
    """The formula against the Bloch equations, pulse by pulse."""
    own = TIMING[Protocol.CISS]
    density, t1, t2 = MATTER[Matter.WHITE]
    flip = np.deg2rad(own.flip_deg)
    e1, e2 = np.exp(-own.tr_ms / t1), np.exp(-own.tr_ms / t2)
    state = np.array([0.0, 0.0, 1.0])
    turn = np.array(
        [
            [1.0, 0.0, 0.0],
            [0.0, np.cos(flip), np.sin(flip)],
            [0.0, -np.sin(flip), np.cos(flip)],
        ]
    )
    for _ in range(3000):
        after = turn @ state
        # Half a turn within the repetition: the middle of a pass band.
        state = np.array([-e2 * after[0], -e2 * after[1], 1.0 + e1 * (after[2] - 1.0)])
    measured = density * np.hypot(after[0], after[1]) * np.exp(-own.te_ms / t2)
    assert balanced(MATTER[Matter.WHITE], own) == pytest.approx(measured, rel=1e-6)


def test_balanced_signal_has_bands() -> None:
    own, fluid = TIMING[Protocol.FIESTA], MATTER[Matter.FLUID]
    assert balanced(fluid, own, 0.0) < 0.1 * balanced(fluid, own, np.pi)


def test_fresh_blood_is_brightest_and_fades() -> None:
    time = np.array([0.0, 100.0, 300.0, 1000.0, 60000.0])
    signal = inflow(time)
    assert (np.diff(signal) < 0.0).all()
    density, t1, t2 = MATTER[Matter.ARTERY]
    rest = spoiled((density, t1, t2), TOF) * np.exp(TOF.te_ms / (0.7 * t2))
    assert signal[-1] == pytest.approx(rest * np.exp(-TOF.te_ms / t2), rel=1e-3)


@pytest.mark.parametrize("protocol", list(Protocol))
def test_fluid_is_brightest_in_every_cisternography(protocol: Protocol) -> None:
    levels = find_t2_levels(protocol)
    assert levels[Matter.FLUID] == 1.0
    for matter in (Matter.GREY, Matter.WHITE, Matter.NERVE, Matter.STEM):
        assert 0.05 < levels[matter] < 0.5
    assert levels[Matter.BONE] < 0.1


def test_brain_is_brighter_than_fluid_in_a_tof() -> None:
    levels = find_tof_levels()
    assert levels[Matter.FLUID] < levels[Matter.GREY] < levels[Matter.WHITE] < 0.4
