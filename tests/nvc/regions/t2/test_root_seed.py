"""A grey cord through fluid stands out; a vessel or brain does so no better."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.grid import Grid, Volume
from nvc.model.stages import HeadFrame
from nvc.regions.head.levels import Contrast
from nvc.regions.t2.brainstem import Brainstem, move_to_surface
from nvc.regions.t2.root_seed import find_root, measure_cord_contrast
from nvc.sampling import Sampler
from nvc.settings.regions import RegionsSettings

CONTRAST = Contrast(bone=0.0, brain=350.0, csf=1000.0, noise=0.0)
PORUS = np.array([12.0, 4.0, 2.0])
ROOT = np.array([0.0, 0.0, 0.0])


def cistern(level: float, end: np.ndarray = ROOT) -> Sampler:
    """Fluid with one cord of 1.2 mm radius from the porus to `end`."""
    shape = (60, 60, 60)
    affine = np.diag([0.5, 0.5, 0.5, 1.0])
    affine[:3, 3] = [-8.0, -14.0, -14.0]
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.moveaxis(np.indices(shape), 0, -1).astype(float))
    way = PORUS - end
    share = np.clip((points - end) @ way / (way @ way), 0, 1)
    off = np.linalg.norm(points - end - share[..., None] * way, axis=-1)
    cord = np.clip(0.5 - (off - 1.2) / 0.5, 0, 1)
    values = 1000 + cord * (level - 1000)
    return Sampler.over(Volume(grid=grid, voxels=values.astype(np.float32)), order=1)


def test_the_way_along_a_nerve_stands_out() -> None:
    ends = ROOT + np.array([[0, 0, 0], [0, 6.0, 0], [0, 0, -6.0]])
    along, aside, below = measure_cord_contrast(cistern(350.0), CONTRAST, PORUS, ends)
    assert along > 0.35
    assert max(aside, below) < 0.5 * along


def test_a_black_vessel_counts_no_more_than_a_nerve() -> None:
    ends = ROOT[None]
    nerve = measure_cord_contrast(cistern(350.0), CONTRAST, PORUS, ends)[0]
    vessel = measure_cord_contrast(cistern(0.0), CONTRAST, PORUS, ends)[0]
    assert vessel < 1.3 * nerve


def wall() -> Brainstem:
    """A flat surface at right = 0 in a head that is the world."""
    plane = np.arange(-8.0, 8.5)
    surface = np.stack(np.meshgrid([0.0], plane, plane, indexing="ij"), -1)
    return Brainstem(
        head=HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3)),
        mask=np.zeros((1, 1, 1), dtype=bool),
        surface_head_mm=surface.reshape(-1, 3),
    )


@pytest.mark.parametrize("off", [(0.0, 0.0, 0.0), (1.0, -3.0, 3.0)])
def test_the_cord_leads_to_the_root(off: tuple[float, float, float]) -> None:
    expected = ROOT + np.array(off)
    seed = find_root(
        cistern(350.0), CONTRAST, wall(), PORUS, expected, RegionsSettings()
    )
    assert seed.on_surface
    assert np.linalg.norm(seed.point_mm - ROOT) < 1.5


def test_without_a_brainstem_the_expected_place_stays() -> None:
    seed = find_root(cistern(350.0), CONTRAST, None, PORUS, ROOT, RegionsSettings())
    np.testing.assert_array_equal(seed.point_mm, ROOT)
    assert not seed.on_surface


def test_a_seed_moves_to_the_surface_only_within_reach() -> None:
    near, met = move_to_surface(wall(), np.array([2.0, 0.0, 0.0]), 6.0)
    np.testing.assert_allclose(near, [0.0, 0.0, 0.0])
    assert met
    far, met = move_to_surface(wall(), np.array([9.0, 0.0, 0.0]), 6.0)
    np.testing.assert_allclose(far, [9.0, 0.0, 0.0])
    assert not met
