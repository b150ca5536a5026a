"""Levels and noise of boxes whose content is known."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.grid import Grid, Volume
from nvc.model.stages import HeadFrame
from nvc.regions.head.levels import (
    Contrast,
    estimate_noise,
    measure_brain_of_csf,
    measure_contrast,
)


def volume(voxels: np.ndarray) -> Volume:
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=np.eye(4))
    return Volume(grid=grid, voxels=voxels.astype(np.float32))


def boxes(bone: float, brain: float, csf: float) -> tuple[Volume, Volume]:
    rng = np.random.default_rng(2)
    petrous = np.full((20, 20, 20), bone)
    petrous[8:12, 8:12, 8:12] = csf
    fossa = np.full((30, 30, 30), csf)
    fossa[:, :18] = brain
    fossa[:, :, :6] = bone
    noise = 0.03 * csf
    return (
        volume(petrous + rng.normal(0, noise, petrous.shape)),
        volume(fossa + rng.normal(0, noise, fossa.shape)),
    )


@pytest.mark.parametrize("brain", [0.2, 0.35, 0.5])
def test_three_levels_are_measured(brain: float) -> None:
    contrast = measure_contrast(*boxes(40, 40 + 760 * brain, 800), 24.0)
    assert contrast is not None
    assert contrast.csf == pytest.approx(800, rel=0.03)
    assert contrast.bone == pytest.approx(40, abs=25)
    assert contrast.brain_share == pytest.approx(brain, abs=0.05)
    assert contrast.tissue.noise == 24.0


@pytest.mark.parametrize("brain", [0.12, 0.3])
def test_brain_is_known_from_the_mid_line_where_beside_it_nothing_tells(brain) -> None:
    level = 40 + 760 * brain
    rng = np.random.default_rng(5)
    head = np.full((90, 80, 50), level)
    head[:, 60:] = 800.0
    head[:, 75:] = head[:15] = head[-15:] = 40.0
    coarse = volume(head + rng.normal(0, 24, head.shape))
    frame = HeadFrame(origin_mm=np.array([45.0, 55.0, 25.0]), axes=np.eye(3))
    share = measure_brain_of_csf(coarse, frame)
    assert share is not None
    assert share * 800 == pytest.approx(level, abs=15)
    petrous, fossa = boxes(40, level, 800)
    # Half of the box is the edge of fluid at half of its height.
    rows = np.asarray(fossa.voxels).copy()
    rows[:, 18:24] = 420 + rng.normal(0, 24, rows[:, 18:24].shape)
    contrast = measure_contrast(petrous, volume(rows), 24.0, share)
    assert contrast is not None
    assert contrast.brain_share == pytest.approx(brain, abs=0.05)


def test_one_tissue_has_no_contrast() -> None:
    flat = volume(np.random.default_rng(1).normal(500, 20, (20, 20, 20)))
    assert measure_contrast(flat, flat, 20.0) is None


def test_normalised_bone_is_zero_and_csf_one() -> None:
    contrast = Contrast(bone=50.0, brain=200.0, csf=650.0, noise=1.0)
    scaled = contrast.normalise(np.array([50.0, 650.0], dtype=np.float32))
    np.testing.assert_allclose(scaled, [0.0, 1.0], atol=1e-6)
    assert contrast.brain_share == pytest.approx(0.25)


@pytest.mark.parametrize("sd", [5.0, 40.0])
def test_noise_is_measured_across_a_gradient_and_an_edge(sd: float) -> None:
    rng = np.random.default_rng(3)
    ramp = np.linspace(200, 900, 40)[:, None, None] * np.ones((40, 30, 30))
    ramp[20:] += 400
    measured = estimate_noise(volume(ramp + rng.normal(0, sd, ramp.shape)))
    assert measured == pytest.approx(sd, rel=0.2)


def test_too_small_a_box_has_no_noise_estimate() -> None:
    assert estimate_noise(volume(np.ones((4, 4, 4)))) == 0.0
