"""Evidence for a pose: what shading cannot change, and what samples are worth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.regions.head.mni152 import Template
from nvc.regions.t1.climb import AFFINE, climb
from nvc.regions.t1.likeness import Region
from nvc.regions.t1.pose import Pose, SizePrior, change
from nvc.sampling import Sampler
from nvc.settings.atlas import AtlasSettings

PIVOT = np.zeros(3)


def blobs() -> Template:
    """Smooth random texture, 4 mm voxels about the origin."""
    rng = np.random.default_rng(4)
    voxels = ndimage.gaussian_filter(rng.normal(0, 1, (30, 30, 30)), 2.0)
    affine = np.diag([4.0, 4.0, 4.0, 1.0])
    affine[:3, 3] = -58.0
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
    inner = np.zeros(voxels.shape, dtype=bool)
    inner[5:25, 5:25, 5:25] = True
    voxels = (voxels / voxels[inner].std()).astype(np.float32)
    return Template(image=Volume(grid=grid, voxels=voxels), near_brain=inner)


@pytest.fixture
def template() -> Template:
    return blobs()


@pytest.fixture
def region(template) -> Region:
    return Region.of(template, template.near_brain, 40.0, PIVOT)


def noisy(template: Template, seed: int = 1) -> np.ndarray:
    voxels = np.asarray(template.image.voxels)
    return voxels + np.random.default_rng(seed).normal(0, 0.5, voxels.shape)


def sampler(template: Template, voxels: np.ndarray) -> Sampler:
    image = Volume(grid=template.image.grid, voxels=voxels.astype(np.float32))
    return Sampler.over(image, order=1)


def test_gain_and_offset_of_a_block_change_no_evidence(template, region):
    plain = region.look(sampler(template, noisy(template)), np.eye(4))
    other = region.look(sampler(template, 40 + 7 * noisy(template)), np.eye(4))
    assert other.evidence == pytest.approx(plain.evidence, rel=1e-4)
    assert plain.evidence == pytest.approx(0.5 * np.log(1 + 1 / 0.25), rel=0.1)


def test_an_inverted_image_is_no_evidence(template, region):
    assert region.look(sampler(template, -noisy(template)), np.eye(4)).evidence == 0


def test_a_block_beyond_the_volume_counts_for_nothing(template, region):
    pose = np.eye(4)
    pose[0, 3] = 60.0
    seen = region.look(sampler(template, noisy(template)), pose)
    assert 0.4 < seen.covered < 0.8
    far = np.eye(4)
    far[0, 3] = 500.0
    beyond = region.look(sampler(template, noisy(template)), far)
    assert beyond.covered == 0
    assert beyond.evidence == 0


def test_white_noise_is_worth_its_voxels_and_smooth_noise_fewer(template, region):
    voxels = np.asarray(template.image.voxels)
    rng = np.random.default_rng(8)
    white = rng.normal(0, 0.5, voxels.shape)
    smooth = ndimage.gaussian_filter(rng.normal(0, 1, voxels.shape), 1.5)
    count = float(region.count.sum())
    worth = [
        region.count_independent(
            region.look(sampler(template, voxels + noise), np.eye(4))
        )
        for noise in (white, smooth / smooth.std() / 2)
    ]
    assert worth[0] > 0.8 * count
    assert worth[1] < 0.05 * count


def test_a_climb_ends_where_the_template_was_put(template, region):
    prior = SizePrior.of(AtlasSettings(usual_scale=1.0))
    off = np.array([3.0, -2.0, 2.5, 0.06, -0.05, 0.04, 0.03, -0.02, 0.02, 0, 0.01, 0])
    start = change(off, PIVOT)
    head = sampler(template, np.asarray(template.image.voxels))
    found = climb(region, head, start, AFFINE, prior)
    begun = Pose.seen(start, region.look(head, start))
    true = Pose.seen(np.eye(4), region.look(head, np.eye(4)))
    assert begun.distance_mm(true) > 4.0
    assert found.distance_mm(true) < 0.7
    assert found.evidence > begun.evidence
