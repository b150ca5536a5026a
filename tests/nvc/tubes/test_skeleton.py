import cc3d
import numpy as np
import pytest

from nvc.tubes.skeleton import find_ridge_lines, trace_tree

EDGE = (0.5, 0.5, 0.5)


def ridge(*middles: tuple[float, float], shape=(41, 17, 15)) -> np.ndarray:
    """Ridge strength of straight tubes along the first axis."""
    _, y, z = np.meshgrid(*[np.arange(n, dtype=float) for n in shape], indexing="ij")
    parts = [np.exp(-0.5 * ((y - b) ** 2 + (z - c) ** 2) / 2.0) for b, c in middles]
    return np.maximum.reduce(parts).astype(np.float32)


def test_a_tube_stays_one_line_from_end_to_end():
    strength = ridge((8.3, 7.4))
    lines = find_ridge_lines(strength > 0.2, strength)
    labels, count = cc3d.connected_components(lines, connectivity=26, return_N=True)
    assert count == 1
    assert np.ptp(np.argwhere(labels == 1)[:, 0]) == strength.shape[0] - 1
    assert (lines <= (strength > 0.2)).all()


@pytest.mark.parametrize("noise", [0.0, 0.02])
def test_tubes_that_lie_on_each_other_become_two_lines(noise):
    rng = np.random.default_rng(4)
    strength = ridge((5.0, 7.0), (11.0, 7.0))
    strength = np.maximum(strength + rng.normal(0.0, noise, strength.shape), 0.0)
    strength = strength.astype(np.float32)
    lump = strength > 0.09
    joined = cc3d.connected_components(lump, connectivity=26)
    assert joined[20, 5, 7] == joined[20, 11, 7] > 0
    lines = find_ridge_lines(lump, strength)
    assert noise > 0.0 or not lines[:, 8].any()
    reach = np.full(strength.shape, 0.9, np.float32)
    labels = cc3d.connected_components(lines, connectivity=26)
    found = [
        branch.voxels
        for label in range(1, int(labels.max()) + 1)
        for branch in trace_tree(labels == label, strength, reach, EDGE, 10.0)
    ]
    rows = sorted(round(float(np.median(voxels[:, 1]))) for voxels in found)
    assert rows == [5, 11]


def test_a_sheet_has_no_middle_line():
    y = np.meshgrid(np.arange(21.0), np.arange(17.0), np.arange(15.0), indexing="ij")[1]
    strength = np.exp(-0.5 * (y - 8.0) ** 2 / 2.0).astype(np.float32)
    tilted = strength + 1e-4 * y.astype(np.float32)
    assert not find_ridge_lines(tilted > 0.2, tilted)[2:-2, 2:-2, 2:-2].all()


def test_tree_of_a_fork_has_a_trunk_and_a_branch():
    mask = np.zeros((40, 40, 9), dtype=bool)
    mask[19:22, 2:38, 3:6] = True
    mask[21:38, 19:21, 4] = True
    strength = np.where(mask, 0.3, 0.0).astype(np.float32)
    strength[20, 2:38, 4] = 1.0
    strength[21:38, 20, 4] = 0.9
    branches = trace_tree(
        mask, strength, np.full(mask.shape, 1.2, np.float32), (0.5, 0.5, 0.5), 3.0
    )
    assert len(branches) == 2
    trunk, branch = branches
    assert trunk.parent == -1
    assert branch.parent == 0
    ends = {tuple(trunk.voxels[0][:2]), tuple(trunk.voxels[-1][:2])}
    assert ends <= {(x, y) for x in range(19, 22) for y in (2, 37)} | {
        (37, y) for y in (19, 20)
    }
    inner = trunk.voxels[3:-3]
    assert np.mean(strength[tuple(inner.T)] > 0.8) > 0.9
