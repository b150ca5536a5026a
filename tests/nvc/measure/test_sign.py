"""A sign is stated beyond its uncertainty, denied where it would have shown."""

from __future__ import annotations

import pytest

from nvc.measure.sign import SIGNIFICANT, stated


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
def test_a_sign_is_stated_as_far_as_it_is_told(measured, expected):
    assert stated(measured, widest_sd_mm=0.2) == expected


def test_the_limit_itself_is_not_beyond_it():
    assert stated((SIGNIFICANT * 0.1, 0.1), widest_sd_mm=0.2) == 0.0
