"""A sign is stated beyond its uncertainty, denied where it would have shown."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.deformity.evidence import (
    MOST,
    compute_likelihood_ratio,
    is_told,
    state_sign,
)
from nvc.settings.groups.measure import DeformitySettings

SIGNS = DeformitySettings()


@pytest.mark.parametrize(
    ("measured", "expected"),
    [
        (None, None),
        ((0.30, 0.1), 0.30),
        ((0.15, 0.1), 0.0),
        ((-0.90, 0.1), 0.0),
        ((0.15, 0.4), None),
        ((0.90, 0.4), 0.90),
    ],
)
def test_a_sign_alone_is_stated_as_far_as_it_is_told(measured, expected):
    assert state_sign(measured, widest_sd_mm=0.2, told=is_told(measured)) == expected


@pytest.mark.parametrize("sd", [0.1, 0.2, 0.3])
def test_a_sign_half_as_large_as_matters_speaks_for_neither(sd):
    assert compute_likelihood_ratio((SIGNS.pressed_mm / 2, sd), None) == pytest.approx(
        1.0
    )
    assert compute_likelihood_ratio(None, (SIGNS.pushed_mm / 2, sd)) == pytest.approx(
        1.0
    )


def test_what_the_image_could_not_show_does_not_count():
    alone = compute_likelihood_ratio((0.3, 0.1), None)
    # A half of the alternatives that are left are of the other kind.
    beside = compute_likelihood_ratio((0.3, 0.1), (0.0, 50.0))
    assert beside == pytest.approx(alone, rel=1e-3)


def test_what_does_not_show_where_it_would_have_counts_against():
    pressed = (0.22, 0.1)
    assert is_told(pressed, (0.3, 0.15))
    assert not is_told(pressed, (-0.3, 0.15))


@pytest.mark.parametrize(
    ("pressed_sds", "pushed_sds", "told"),
    [
        (1.8, 1.8, True),  # each doubtful, both together not
        (1.2, 1.0, False),
        (3.0, 0.0, True),
        (0.0, 1.8, False),
        (3.0, -5.0, True),  # pulled towards the vessel, but pressed in for sure
        (2.0, -5.0, False),
    ],
)
def test_signs_are_told_together(pressed_sds, pushed_sds, told):
    pressed, pushed = (0.1 * pressed_sds, 0.1), (0.2 * pushed_sds, 0.2)
    assert is_told(pressed, pushed) is told
    assert (compute_likelihood_ratio(pressed, pushed) > SIGNS.told_ratio) is told


def test_of_signs_that_are_told_together_only_those_that_show_are_stated():
    told = is_told((0.3, 0.1), (0.1, 0.2))
    assert told
    assert state_sign((0.3, 0.1), 0.2, told=told) == 0.3
    assert state_sign((0.1, 0.2), 0.2, told=told) == 0.0
    assert state_sign((0.1, 0.2), 0.1, told=told) is None


def test_no_more_is_claimed_than_a_model_of_noise_can_carry():
    assert compute_likelihood_ratio((3.0, 0.05), (3.0, 0.05)) == MOST


@pytest.mark.parametrize("sds", [(0.06, 0.2), (0.1, 0.25), (0.15, 0.3), (0.3, 0.6)])
def test_untouched_nerves_are_rarely_called_deformed(sds):
    rng = np.random.default_rng(5)
    signs = (rng.normal(0.0, 1.0, (20000, 2)) * sds).tolist()
    called = [is_told((one, sds[0]), (other, sds[1])) for one, other in signs]
    assert 0.0 < np.mean(called) <= 0.06


@pytest.mark.parametrize(("sds", "least"), [((0.06, 0.2), 0.99), ((0.12, 0.3), 0.9)])
def test_deformed_nerves_are_mostly_called_so(sds, least):
    rng = np.random.default_rng(6)
    signs = rng.normal((SIGNS.pressed_mm, SIGNS.pushed_mm), sds, (5000, 2)).tolist()
    called = [is_told((one, sds[0]), (other, sds[1])) for one, other in signs]
    assert np.mean(called) >= least
