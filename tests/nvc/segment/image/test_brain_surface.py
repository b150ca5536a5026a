"""The brain's outline, where it must end."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from nvc.model.grid import Grid, Volume
from nvc.model.stages import HeadFrame, TissueLevels
from nvc.sampling import Sampler
from nvc.segment.image.brain_surface import find_brain
from nvc.segment.image.tissue_scale import TissueScale
from nvc.settings.nerve import NerveSettings

VOXEL_MM = 0.6
SIZE = 64


def outline(brain: float, bone: float, known: bool):
    """A brain behind bone that touches it at one place, in a bright fluid."""
    index = np.arange(SIZE) * VOXEL_MM
    x, y, z = np.meshgrid(index - index.mean(), index, index, indexing="ij")
    values = np.full(x.shape, 1000.0)
    parenchyma = y < 14.0 + 12.0 * np.exp(-(x**2 + (z - 19.0) ** 2) / 8.0)
    values[parenchyma] = brain
    values[(y > 19.0) & (y < 30.0) & ~parenchyma] = bone
    noise = 60.0
    rng = np.random.default_rng(2)
    values = gaussian_filter(values, 0.5) + rng.normal(0.0, noise, x.shape)
    affine = np.diag([VOXEL_MM, VOXEL_MM, VOXEL_MM, 1.0])
    affine[0, 3] = -index.mean()
    grid = Grid(shape=x.shape, voxel_to_ras_mm=affine)
    volume = Volume(grid=grid, voxels=values.astype(np.float32))
    levels = TissueLevels(
        csf=1000.0, brain=brain, noise=noise, bone=bone if known else None
    )
    found = find_brain(
        TissueScale(sampler=Sampler.over(volume), levels=levels),
        HeadFrame(origin_mm=np.array([0.0, 7.0, 19.0]), axes=np.eye(3)),
        np.array([[-8.0, 4.0, 12.0], [8.0, 24.0, 26.0]]),
        grid,
        NerveSettings(),
    )
    assert found is not None
    return found


@pytest.mark.parametrize("brain", [300.0, 450.0])
def test_bone_that_touches_it_is_not_brain(brain):
    found = outline(brain, bone=60.0, known=True)
    inside = found(np.array([[x, 9.0, 19.0] for x in (-6.0, 0.0, 6.0)]))
    beyond = found(np.array([[x, 24.0, 19.0] for x in (-6.0, 6.0)]))
    assert (inside < -2.0).all()
    assert (beyond > 2.0).all()


def test_without_a_known_bone_a_fixed_level_stands_in():
    # Brain of little signal: bone is only 0.34 of the step to fluid darker.
    found = outline(300.0, bone=60.0, known=False)
    assert found(np.array([[6.0, 24.0, 19.0]]))[0] < 0.0
