import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.model.grid import Grid, Volume
from nvc.segment.together.cleared import take_out_arteries
from nvc.tubes.stations.course import Course

CSF, NERVE = 700.0, 250.0


def volume(oblique: bool) -> Volume:
    angle = np.deg2rad(25.0 if oblique else 0.0)
    turn = np.array(
        [
            [np.cos(angle), -np.sin(angle), 0.0],
            [np.sin(angle), np.cos(angle), 0.0],
            [0.0, 0.0, 1.0],
        ]
    )
    affine = np.eye(4)
    affine[:3, :3] = turn * (0.5, 0.5, 0.7)
    affine[:3, 3] = (-10.0, 4.0, -6.0)
    grid = Grid(shape=(40, 40, 20), voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=np.full(grid.shape, NERVE, np.float32))


def places(of: Volume) -> np.ndarray:
    axes = [np.arange(n, dtype=float) for n in of.grid.shape]
    return of.grid.to_ras_mm(np.stack(np.meshgrid(*axes, indexing="ij"), -1))


def artery(of: Volume, radius: float) -> Course:
    ends = of.grid.to_ras_mm(np.array([[8.0, 10.0, 6.0], [32.0, 28.0, 13.0]]))
    t = np.linspace(0.0, 1.0, 30)[:, None]
    return Course(
        points_mm=ends[0] + t * (ends[1] - ends[0]),
        radius_mm=np.full(30, radius),
        contrast=np.full(30, 1.0),
    )


@pytest.mark.parametrize("oblique", [False, True])
def test_only_what_lies_in_the_artery_becomes_csf(oblique):
    before = volume(oblique)
    tube = artery(before, 1.2)
    after = take_out_arteries(before, [tube], CSF)
    dense = np.stack(
        [
            np.interp(np.linspace(0, 29, 3000), np.arange(30), c)
            for c in tube.points_mm.T
        ],
        axis=1,
    )
    gap = cKDTree(dense).query(places(before))[0]
    assert (after.voxels[gap < 1.2] == CSF).all()
    assert (after.voxels[gap > 1.2 + 0.5 * 0.7 + 0.05] == NERVE).all()
    assert (before.voxels == NERVE).all()


def test_an_artery_outside_the_volume_changes_nothing():
    before = volume(oblique=True)
    tube = artery(before, 1.0)
    away = Course(
        points_mm=tube.points_mm + 500.0,
        radius_mm=tube.radius_mm,
        contrast=tube.contrast,
    )
    assert (take_out_arteries(before, [away], CSF).voxels == before.voxels).all()
