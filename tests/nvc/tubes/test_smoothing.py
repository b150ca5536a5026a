"""Smoothing keeps what is sure, bridges what is not, and leaves ends where they are."""

from __future__ import annotations

import numpy as np

from nvc.tubes.curve import resample
from nvc.tubes.smoothing import round_corners, smooth_course, smooth_values

COURSE = np.array([[0.0, 0.0, 0.0], [10.0, 0.0, 0.0], [18.0, 6.0, 0.0]])


def test_smoothing_keeps_a_line_and_bridges_gaps():
    line = np.linspace(0.0, 5.0, 30)
    weight = np.ones(30)
    weight[10:14] = 0.0
    broken = np.where(weight > 0, line, 99.0)
    np.testing.assert_allclose(smooth_values(broken, weight, 2.0), line, atol=1e-2)


def test_rounded_corners_leave_the_ends():
    fine = resample(COURSE, 0.25)
    rounded = round_corners(fine, 6.0)
    np.testing.assert_allclose(rounded[[0, -1]], COURSE[[0, -1]], atol=1e-9)
    assert np.linalg.norm(rounded - fine, axis=1).max() > 0.2


def test_smoothing_follows_sure_points_and_passes_unsure_ones():
    x = np.linspace(0, 20, 41)
    truth = np.stack([x, np.sin(x / 6), np.zeros_like(x)], axis=1)
    rng = np.random.default_rng(0)
    noisy = truth + 0.1 * rng.normal(size=truth.shape)
    noisy[20] += [0.0, 3.0, 0.0]
    sd = np.full(41, 0.1)
    sd[20] = 3.0
    smooth = smooth_course(noisy, sd, 4.0)
    assert np.abs(smooth - truth)[:, 1:].max() < 0.25
    assert np.std((smooth - truth)[2:-2, 1:]) < 0.07
