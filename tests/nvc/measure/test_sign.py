"""A sign is stated beyond its uncertainty, denied where it would have shown."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measure.sign import SIGNIFICANT, TOGETHER, clearest_sds, is_told, stated


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
    assert stated(measured, widest_sd_mm=0.2, told=is_told(measured)) == expected


def test_the_limit_itself_is_not_beyond_it():
    assert not is_told((SIGNIFICANT * 0.1, 0.1))
    both = TOGETHER * 0.1 / np.sqrt(2)
    assert not is_told((both - 1e-9, 0.1), (both, 0.1))


@pytest.mark.parametrize(
    ("pressed_sds", "pushed_sds", "told"),
    [
        (1.5, 1.5, True),  # each doubtful, both together not
        (1.2, 1.0, False),
        (3.0, 0.0, True),
        (0.0, 2.2, False),
        (3.0, -5.0, False),  # pulled towards the vessel: not what one does
        (5.0, -5.0, True),  # so clear that the other's sign does not matter
    ],
)
def test_signs_are_told_together(pressed_sds, pushed_sds, told):
    pressed, pushed = (0.1 * pressed_sds, 0.1), (0.2 * pushed_sds, 0.2)
    assert is_told(pressed, pushed) is told
    assert is_told(pushed, pressed) is told
    assert (clearest_sds(pressed, pushed) is not None) is told


def test_of_signs_that_are_told_together_only_those_that_show_are_stated():
    told = is_told((0.3, 0.1), (0.1, 0.2))
    assert told
    assert stated((0.3, 0.1), 0.2, told=told) == 0.3
    assert stated((0.1, 0.2), 0.2, told=told) == 0.0
    assert stated((0.1, 0.2), 0.1, told=told) is None


def test_how_sure_is_that_of_the_clearest_sign_or_of_all():
    assert clearest_sds((0.4, 0.1), (0.1, 0.1)) == pytest.approx(4.0)
    assert clearest_sds((0.2, 0.1), (0.4, 0.2)) == pytest.approx(2 * np.sqrt(2))
    assert clearest_sds(None, None) is None


def test_untouched_nerves_are_called_deformed_as_rarely_as_said():
    rng = np.random.default_rng(5)
    signs = rng.normal(0.0, 0.1, (20000, 2)).tolist()
    called = [is_told((one, 0.1), (other, 0.1)) for one, other in signs]
    assert np.mean(called) == pytest.approx(0.045, abs=0.005)
