"""Two nerves that show as one band are taken together, apart they are left alone."""

import numpy as np
import pytest

from nvc.model.stages import Tube
from nvc.segment.nerves.one_band import widen_to_band
from nvc.settings import NerveSettings

SETTINGS = NerveSettings()
PORUS = np.array([12.0, 0.0, 0.0])


def straight(offset_mm, radius_mm):
    x = np.arange(0.0, 20.0, 0.1)
    points = np.stack([x, np.full_like(x, offset_mm), np.zeros_like(x)], axis=-1)
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(x), radius_mm),
        position_sd_mm=np.full(len(x), 0.05),
    )


def test_separate_nerves_are_left_alone():
    facial = straight(0.0, 0.8)
    found, length = widen_to_band(facial, straight(-1.8, 0.9), PORUS, SETTINGS)
    assert length == 0.0
    assert found is facial


def test_one_band_gets_the_circle_around_both():
    found, length = widen_to_band(
        straight(0.0, 0.8), straight(-0.6, 0.9), PORUS, SETTINGS
    )
    assert length == pytest.approx(12.0, abs=0.3)
    before = found.points_mm[:, 0] < 11.9
    # Walls at +0.8 and at -1.5: a circle of 1.15 about -0.35.
    np.testing.assert_allclose(found.radius_mm[before], 1.15, atol=1e-6)
    np.testing.assert_allclose(found.points_mm[before, 1], -0.35, atol=1e-6)
    within = found.points_mm[:, 0] > 12.1
    np.testing.assert_allclose(found.radius_mm[within], 0.8)


def test_a_passing_touch_is_no_complex():
    facial, other = straight(0.0, 0.8), straight(-2.0, 0.9)
    points = other.points_mm.copy()
    points[:, 1] += 1.8 * np.exp(-(((points[:, 0] - 6.0) / 0.8) ** 2))
    touching = Tube(
        points_mm=points,
        radius_mm=other.radius_mm,
        position_sd_mm=other.position_sd_mm,
    )
    assert widen_to_band(facial, touching, PORUS, SETTINGS)[1] == 0.0
