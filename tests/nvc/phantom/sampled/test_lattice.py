"""Noise, blobs and settled distances on the lattice."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.phantom.sampled.blobs import Blob, melt
from nvc.phantom.sampled.lattice import LevelSet, draw_noise, settle_distances
from nvc.phantom.sampled.settle import lift, off_solid, settle


@pytest.fixture(scope="module")
def ball() -> LevelSet:
    return LevelSet(settle_distances(melt([Blob((3.0, -4.0, 2.0), (12.0,) * 3)], 1.0)))


def test_distances_are_those_of_a_ball(ball: LevelSet) -> None:
    way = np.random.default_rng(1).normal(size=(200, 3))
    way /= np.linalg.norm(way, axis=1, keepdims=True)
    middle = np.array([3.0, -4.0, 2.0])
    for apart in (-0.8, 0.0, 0.8):
        found = ball.distance(middle + (12.0 + apart) * way)
        np.testing.assert_allclose(found, apart, atol=0.1)
    np.testing.assert_allclose(ball.distance(middle + 17.0 * way), 5.0, atol=1.2)
    assert ((ball.slope(middle + 12.0 * way) * way).sum(axis=1) > 0.98).all()


def test_noise_is_smooth_and_the_seed_s_own() -> None:
    noise = draw_noise(np.random.default_rng(5), 5.0)
    assert noise.std() == pytest.approx(1.0, abs=0.01)
    assert np.abs(np.diff(noise, axis=0)).max() < 1.0
    again = draw_noise(np.random.default_rng(5), 5.0)
    np.testing.assert_array_equal(noise, again)


def test_a_course_settles_outside(ball: LevelSet) -> None:
    ways = np.array([[-14.0, -4.0, 2.0], [3.0, -1.0, 4.0], [20.0, -4.0, 2.0]])
    course = settle(ways, [off_solid(ball, 1.0)])
    assert ball.distance(course[3:-3]).min() > 0.8
    np.testing.assert_allclose(course[0], ways[0], atol=0.1)
    np.testing.assert_allclose(course[-1], ways[-1], atol=0.1)
    lifted = lift(ways, ball, 1.5)
    assert ball.distance(lifted).min() > 1.4
