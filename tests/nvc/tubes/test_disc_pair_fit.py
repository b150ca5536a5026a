"""Two blurred discs of known place and size are found again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from nvc.tubes.disc_pair_fit import DiscPrior, _profile_table, fit_discs


def plane(one, two, *, blur=0.25, noise=0.0, vessel=False, seed=0):
    """Sample two discs drawn by brute force on a 0.025 mm grid."""
    fine = 0.025
    axis = np.arange(-4.5, 4.5 + fine / 2, fine)
    u, v = np.meshgrid(axis, axis, indexing="ij")
    n = np.ones_like(u)
    for cu, cv, r in (one, two):
        n[np.hypot(u - cu, v - cv) < r] = 0.1
    if vessel:
        n[np.hypot(u - one[0] - 1.2, v - one[1]) < 0.5] = -0.7
    n = gaussian_filter(n, blur / fine)[::10, ::10]
    coarse = axis[::10]
    grid = np.stack(np.meshgrid(coarse, coarse, indexing="ij"), -1).reshape(-1, 2)
    rng = np.random.default_rng(seed)
    return grid, n.ravel() + noise * rng.normal(size=n.size)


PRIOR = DiscPrior(
    facial=(0.3, -0.2),
    vestibulocochlear=(-1.2, -1.6),
    radius_facial_mm=0.8,
    radius_vestibulocochlear_mm=0.8,
    contrast_facial=0.9,
    contrast_vestibulocochlear=0.9,
    position_sd_mm=0.6,
    radius_sd_mm=0.3,
    contrast_sd=0.2,
)


def fit(grid, n):
    return fit_discs(
        grid, n, np.ones(len(n)), PRIOR, blur_mm=0.25, noise=0.06, loss=0.2
    )


@pytest.mark.parametrize("radius", [0.6, 0.8, 1.1])
def test_centres_and_radii_are_found(radius):
    found = fit(*plane((0.05, 0.1, radius), (-1.5, -1.4, 0.9), noise=0.02))
    np.testing.assert_allclose(found.facial.centre, (0.05, 0.1), atol=0.03)
    np.testing.assert_allclose(found.vestibulocochlear.centre, (-1.5, -1.4), atol=0.03)
    assert abs(found.facial.radius_mm - radius) < 0.05
    assert abs(found.vestibulocochlear.radius_mm - 0.9) < 0.05
    assert abs(found.facial.contrast - 0.9) < 0.08


def test_a_touching_vessel_hardly_moves_the_nerve():
    found = fit(*plane((0.0, 0.0, 0.8), (-1.5, -1.4, 0.9), vessel=True))
    assert np.hypot(*found.facial.centre) < 0.15


def test_the_stated_uncertainty_covers_the_scatter():
    centres = []
    stated = []
    for seed in range(30):
        found = fit(*plane((0.0, 0.0, 0.8), (-1.5, -1.4, 0.9), noise=0.06, seed=seed))
        centres.append(found.facial.centre)
        stated.append(found.facial.sd_mm)
    scatter = np.std(np.array(centres), axis=0).mean()
    assert 0.5 < np.mean(stated) / scatter < 2.0


def test_the_profile_is_the_blurred_disc():
    table = _profile_table()
    assert table[0, -1] == pytest.approx(1.0, abs=1e-6)
    # At the centre of a disc of radius r = 2 s: 1 - exp(-r^2 / 2 s^2).
    assert table[0, 40] == pytest.approx(1 - np.exp(-2.0), abs=1e-6)
    assert (np.diff(table, axis=0) <= 1e-9).all()
