"""The blurred ellipse against brute-force sums."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.tubes.ellipse import blur_ellipse

CASES = {
    "round, small": (0.3, 0.2, 0.35, 0.35, 0.0, 0.09, 0.0, 0.09),
    "flat": (0.5, 0.6, 1.2, 0.7, 0.0, 0.08, 0.0, 0.1),
    "sheared": (-0.4, 0.7, 0.8, 0.9, 0.3, 0.08, 0.02, 0.12),
    "wide": (1.9, -0.6, 2.2, 2.0, -0.1, 0.07, -0.01, 0.07),
}


def value(x: np.ndarray) -> np.ndarray:
    out = np.zeros(9)
    blur_ellipse(x[0], x[1], tuple(x[2:5]), tuple(x[5:]), out)
    return out


def brute_force(x: np.ndarray) -> float:
    """Sum of the Gaussian over a fine raster of the ellipse."""
    u, v, a, b, k, c_uu, c_uv, c_vv = x
    rows = np.linspace(-b, b, 1501)
    rows = (rows[1:] + rows[:-1]) / 2
    columns = np.linspace(-1, 1, 1501)
    columns = (columns[1:] + columns[:-1]) / 2
    half = a * np.sqrt(1 - (rows / b) ** 2)
    du = k * rows[:, None] + half[:, None] * columns[None] - u
    dv = rows[:, None] - v + 0 * du
    inverse = np.linalg.inv(np.array([[c_uu, c_uv], [c_uv, c_vv]]))
    power = inverse[0, 0] * du**2 + 2 * inverse[0, 1] * du * dv + inverse[1, 1] * dv**2
    density = np.exp(-power / 2) * np.sqrt(np.linalg.det(inverse)) / (2 * np.pi)
    area = half[:, None] * (2 / 1500) * (2 * b / 1500)
    return float(np.sum(density * area))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_value_and_derivatives_match_brute_force(case):
    x = np.array(case)
    found = value(x)
    assert found[0] == pytest.approx(brute_force(x), abs=1e-3)
    for number in range(8):
        step = np.zeros(8)
        step[number] = 1e-3
        expected = (brute_force(x + step) - brute_force(x - step)) / 2e-3
        assert found[number + 1] == pytest.approx(expected, abs=0.02)


def test_far_outside_is_nothing_and_deep_inside_is_all():
    spread = (0.05, 0.0, 0.05)
    out = np.ones(9)
    blur_ellipse(5.0, 0.0, (0.8, 0.8, 0.0), spread, out)
    assert not out.any()
    blur_ellipse(0.1, 0.0, (2.0, 2.0, 0.0), spread, out)
    assert out[0] == 1.0
    assert not out[1:].any()
