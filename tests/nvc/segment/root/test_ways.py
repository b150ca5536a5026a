"""Ways over a ball, whose shortest ways are known."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.grid import Grid, Volume
from nvc.sampling import Sampler
from nvc.segment.image.brain_surface import BrainSurface
from nvc.segment.root.ways import lay_ways, settle_on
from nvc.settings import NerveSettings

SETTINGS = NerveSettings()
BALL_MM, NODE_MM = 15.0, 0.4
START = np.array([0.0, 0.0, BALL_MM + 0.8])
TOWARDS = np.array([1.0, 0.0, 0.0])


@pytest.fixture(scope="module")
def ball():
    count = 90
    affine = np.diag([NODE_MM, NODE_MM, NODE_MM, 1.0])
    affine[:3, 3] = -NODE_MM * (count - 1) / 2.0
    grid = Grid(shape=(count, count, count), voxel_to_ras_mm=affine)
    nodes = grid.to_ras_mm(np.moveaxis(np.indices(grid.shape, dtype=float), 0, -1))
    distance = (np.linalg.norm(nodes, axis=-1) - BALL_MM).astype(np.float32)
    return BrainSurface(
        distance=Sampler(grid=grid, coefficients=distance, order=1, outside=np.nan),
        mask=Volume(grid=grid, voxels=(distance < 0).astype(np.uint8)),
    )


def test_ways_stay_on_the_brain_and_go_at_equal_steps(ball):
    ways = lay_ways(ball, START, 4.0 * TOWARDS, SETTINGS)
    radius = np.linalg.norm(ways.foot_mm, axis=-1)
    np.testing.assert_allclose(radius, BALL_MM, atol=0.1)
    steps = np.linalg.norm(np.diff(ways.foot_mm, axis=1), axis=-1)
    np.testing.assert_allclose(steps, SETTINGS.step_mm, atol=0.05)
    outward = np.sum(ways.outward * ways.foot_mm, axis=-1) / radius
    assert outward.min() > 0.98


def test_the_likeliest_way_goes_straight_where_it_is_pulled(ball):
    ways = lay_ways(ball, START, 4.0 * TOWARDS, SETTINGS)
    likeliest = ways.foot_mm[int(np.argmax(ways.log_prior))]
    angle = SETTINGS.step_mm * np.arange(len(likeliest)) / BALL_MM
    straight = np.stack([np.sin(angle), np.zeros_like(angle), np.cos(angle)], axis=1)
    np.testing.assert_allclose(likeliest, BALL_MM * straight, atol=0.3)


def test_a_nerve_that_comes_from_above_may_go_anywhere(ball):
    weak = lay_ways(ball, START, np.array([0.1, 0.0, -4.0]), SETTINGS).log_prior
    strong = lay_ways(ball, START, 4.0 * TOWARDS, SETTINGS).log_prior
    assert np.ptp(strong) - np.ptp(weak) == pytest.approx(2 * 3.9, abs=0.2)


def test_places_are_put_on_the_brain(ball):
    above = np.array([[0.0, 0.0, BALL_MM + 2.0], [0.0, BALL_MM - 1.0, 0.0]])
    on_it, outward = settle_on(ball, above)
    np.testing.assert_allclose(np.linalg.norm(on_it, axis=1), BALL_MM, atol=0.05)
    np.testing.assert_allclose(outward, on_it / BALL_MM, atol=0.02)
