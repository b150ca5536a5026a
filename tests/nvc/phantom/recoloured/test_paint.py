"""What the scanner does to an image."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.grid import Grid
from nvc.model.study import SequenceRole
from nvc.phantom.recoloured.paint import draw_colours, scan

GRID = Grid(shape=(40, 36, 30), voxel_to_ras_mm=np.diag([0.5, 0.5, 0.5, 1.0]))


def test_csf_over_noise_is_as_in_scans() -> None:
    rng = np.random.default_rng(1)
    colours = replace(draw_colours(rng, SequenceRole.T2), shading=0.0)
    image = np.ones(GRID.shape, dtype=np.float32)
    found = scan(rng, image, GRID, colours, 0.6)
    assert found.mean() == pytest.approx(1.0, abs=0.01)
    assert 20.0 < found.mean() / found.std() < 70.0


def test_what_was_not_acquired_is_not_seen() -> None:
    colours = replace(
        draw_colours(np.random.default_rng(1), SequenceRole.T2), shading=0.0, noise=0.0
    )
    image = np.ones(GRID.shape, dtype=np.float32)
    image[::2] = 0.0  # the finest stripes that 0.5 mm can hold
    found = scan(np.random.default_rng(2), image, GRID, colours, 0.6)
    assert found == pytest.approx(np.full(GRID.shape, 0.5), abs=0.01)


def test_arteries_are_dark_in_the_t2_and_bright_in_the_tof() -> None:
    t2 = draw_colours(np.random.default_rng(1), SequenceRole.T2)
    tof = draw_colours(np.random.default_rng(1), SequenceRole.TOF)
    assert t2.artery < t2.vein < t2.brain < t2.fluid
    assert tof.artery > 2.0 * tof.brain > 2.0 * tof.fluid
