"""The nerves in their canal: found where painted, and not where there are none."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume
from nvc.regions.head.mni152 import place_on_side
from nvc.regions.t1.canal_bundle import CanalBundle, find_canal_bundle
from nvc.settings.anatomy import MNI_FUNDUS, MNI_PORUS

BRAIN = 100.0


def petrous(
    side: Side, shift: np.ndarray, *, fluid: float = 12.0, nerve: float = 50.0
) -> Volume:
    """Dark bone with a cord in it, fluid and cerebellum medially; 0.8 mm."""
    fundus, porus = (place_on_side(p, side) + shift for p in (MNI_FUNDUS, MNI_PORUS))
    low = place_on_side((29.0, -26.0, -42.0), side) - 36.0
    shape = (90, 90, 90)
    affine = np.diag([0.8, 0.8, 0.8, 1.0])
    affine[:3, 3] = low
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.argwhere(np.ones(shape, dtype=bool)).astype(float))
    outward = (fundus - porus) / np.linalg.norm(fundus - porus)
    along = (points - porus) @ outward
    aside = np.linalg.norm(points - porus - along[:, None] * outward, axis=1)
    # The posterior face of the petrous bone, oblique to the canal.
    out = (points - porus) @ (outward + 0.7 * np.array([0.0, 1.0, 0.0]))
    voxels = np.where(out < 0, fluid, 8.0)
    voxels[(out < -3) & (points[:, 1] < porus[1] - 8)] = 90.0
    voxels[along < -18] = BRAIN
    voxels[(aside < 2.9) & (along > -2) & (along < 9.9)] = fluid
    voxels[(aside < 1.9) & (along > -18) & (along < 9.4)] = nerve
    noise = np.random.default_rng(3).normal(0, 6, shape)
    voxels = np.abs(voxels.reshape(shape) + noise)
    return Volume(grid=grid, voxels=voxels.astype(np.float32))


def find(volume: Volume, side: Side) -> CanalBundle | None:
    return find_canal_bundle(volume, lambda mm: mm, np.eye(4), side, BRAIN)


@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("fluid", [8.0, 25.0])
@pytest.mark.parametrize(
    "shift", [(0.0, 0.0, 0.0), (1.5, 3.0, -2.0), (-2.0, -2.0, 3.0)]
)
def test_the_canal_is_found_off_the_templates_place(side, fluid, shift):
    moved = np.array(shift) * (side.sign, 1.0, 1.0)
    found = find(petrous(side, moved, fluid=fluid), side)
    assert found is not None
    for end, point in ((found.fundus_mm, MNI_FUNDUS), (found.porus_mm, MNI_PORUS)):
        error = np.linalg.norm(end - place_on_side(point, side) - moved)
        assert error < 1.5


def test_bone_without_a_cord_holds_no_canal():
    volume = petrous(Side.RIGHT, np.zeros(3), fluid=8.0, nerve=8.0)
    assert find(volume, Side.RIGHT) is None
