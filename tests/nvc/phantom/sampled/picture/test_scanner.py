"""A scanner samples, and paints what is there."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.grid import Grid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.sampled.picture.paint import Palette, TonedTube, pack, paint_plane
from nvc.phantom.sampled.picture.scanner import (
    FINER,
    Sampling,
    _window,
    acquire,
    add_ghosts,
    add_noise,
    draw_gain,
    sample,
)


def empty_palette(tubes: list[TonedTube]) -> Palette:
    channels = np.zeros((2, 2, 2, 7), dtype=np.float32)
    channels[..., 0] = 1e3
    return Palette(channels=channels, tubes=pack(tubes), fluid=1.0)


def test_low_frequencies_pass_and_high_ones_do_not() -> None:
    fine = np.arange(192)
    low = np.cos(2.0 * np.pi * 5.0 * fine / 192.0).astype(np.float32)
    high = np.cos(2.0 * np.pi * 40.0 * fine / 192.0).astype(np.float32)
    kept = sample(low + high, 0, FINER, _window(64, 1.0, 0.0))
    np.testing.assert_allclose(kept, low[::FINER], atol=1e-4)


def test_zero_filling_and_a_window_blur() -> None:
    edge = (np.arange(192) > 96).astype(np.float32)
    sharp = sample(edge, 0, FINER, _window(64, 1.0, 0.0))
    soft = sample(edge, 0, FINER, _window(64, 0.6, 0.8))
    assert np.abs(np.diff(sharp)).max() > 1.5 * np.abs(np.diff(soft)).max()
    # A sharp cut of the spectrum rings.
    assert sharp.max() > 1.05


def test_a_painted_tube_has_its_exact_wall() -> None:
    nodes = np.array([[4.0, 5.0, -9.0], [4.4, 5.6, 9.0]])
    tube = CurvedTube(
        nodes=nodes,
        sections=np.array([[0.8, 1.4], [0.8, 1.4]]),
        across=np.array([[1.0, 0.0, 0.0]] * 2),
    )
    to_head = np.diag([0.1, 0.1, 0.1, 1.0])
    one = TonedTube(tube=tube, signal=np.ones(2))
    plane = paint_plane(empty_palette([one]), (90, 110), 3, to_head)
    i, j = np.indices(plane.shape)
    points = 0.1 * np.stack([i, j, np.full_like(i, 3)], axis=-1).reshape(-1, 3)
    apart = tube.distance(points.astype(float)).reshape(plane.shape)
    np.testing.assert_allclose(plane, np.clip(0.5 - apart / 0.1, 0.0, 1.0), atol=1e-5)
    assert plane.sum() * 0.01 == pytest.approx(np.pi * 0.8 * 1.4, rel=0.02)


def test_a_picture_keeps_what_it_is_of() -> None:
    tube = CurvedTube.round(np.array([[0.0, 0.0, -20.0], [1.0, -2.0, 20.0]]), 1.5)
    palette = empty_palette([TonedTube(tube=tube, signal=np.ones(2))])
    affine = np.diag([0.6, 0.6, 0.8, 1.0])
    affine[:3, 3] = (-9.0, -9.0, -6.0)
    grid = Grid(shape=(30, 31, 15), voxel_to_ras_mm=affine)
    image = acquire(palette, grid, np.eye(4), Sampling())
    assert image.shape == grid.shape
    area = image.sum(axis=(0, 1))[4:-4] * 0.36
    np.testing.assert_allclose(area, np.pi * 1.5**2, rtol=0.03)
    middle = np.indices(grid.shape).reshape(3, -1) @ image.ravel() / image.sum()
    # Where the tube is at the height of the picture's middle.
    found = grid.to_ras_mm(middle[None])[0]
    np.testing.assert_allclose(found, [0.49, -0.98, -0.4], atol=0.02)


def test_noise_is_rician_and_as_strong_as_asked() -> None:
    rng = np.random.default_rng(3)
    sampling = Sampling(shares=(0.8, 0.7, 1.0), apodisation=0.4)
    bright = add_noise(rng, np.full((40, 40, 40), 10.0, np.float32), 0.5, sampling)
    assert bright.std() == pytest.approx(0.5, rel=0.05)
    empty = add_noise(rng, np.zeros((40, 40, 40), np.float32), 0.5, sampling)
    assert empty.mean() == pytest.approx(0.5 * np.sqrt(np.pi / 2.0), rel=0.05)


def test_coils_and_ghosts() -> None:
    grid = Grid(shape=(40, 40, 10), voxel_to_ras_mm=np.diag([3.0, 3.0, 4.0, 1.0]))
    gain = draw_gain(np.random.default_rng(1), grid, 0.3)
    assert gain.max() - 1.0 <= 0.31
    assert 1.0 - gain.min() <= 0.31
    assert gain[0, 20, 5] > gain[20, 20, 5]
    beating = np.zeros((8, 20, 4), dtype=np.float32)
    beating[4, 10, 2] = 1.0
    ghosted = add_ghosts(np.zeros_like(beating), beating, 0.1, 4)
    assert ghosted[4, 6, 2] == ghosted[4, 14, 2] == pytest.approx(0.1)
