import numpy as np
import pytest
from scipy.signal import savgol_filter

from nvc.tubes.curve import runs
from nvc.tubes.skeleton import trace_tree
from nvc.tubes.stations.course import Course, frames, resample, smooth
from nvc.tubes.stations.known import without_doubles


def straight(start, end, radius, count=41):
    t = np.linspace(0, 1, count)[:, None]
    points = np.array(start, float) + t * (np.array(end, float) - np.array(start))
    return Course(
        points_mm=points, radius_mm=np.full(count, radius), contrast=np.ones(count)
    )


def test_resampling_keeps_ends_and_steps():
    points = np.array([[0.0, 0, 0], [0, 0, 0], [3.0, 0, 0], [3.0, 4.0, 0]])
    new, values = resample(points, np.arange(4.0)[:, None], 0.5)
    np.testing.assert_allclose(new[[0, -1]], points[[0, -1]])
    assert np.linalg.norm(np.diff(new, axis=0), axis=1).max() < 0.51
    assert values[0, 0] in (0.0, 1.0)
    assert values[-1, 0] == 3.0


def test_smoothing_keeps_a_line_and_bridges_gaps():
    line = np.linspace(0.0, 5.0, 30)
    weight = np.ones(30)
    weight[10:14] = 0.0
    broken = np.where(weight > 0, line, 99.0)
    np.testing.assert_allclose(smooth(broken, weight, 2.0), line, atol=1e-2)


def test_frames_know_tangent_and_bend_of_a_circle():
    angle = np.arange(0.0, 2.0, 0.1)
    circle = 5.0 * np.stack([np.cos(angle), np.sin(angle), 0 * angle], axis=1)
    frame, bend = frames(circle, np.diag([0.04, 0.04, 0.09]))
    tangent = np.stack([-np.sin(angle), np.cos(angle), 0 * angle], axis=1)
    np.testing.assert_allclose(frame[:, 0], tangent, atol=0.01)
    np.testing.assert_allclose(
        frame @ frame.transpose(0, 2, 1),
        np.broadcast_to(np.eye(3), frame.shape),
        atol=1e-6,
    )
    towards = np.einsum("ni,nij->nj", bend, frame[:, 1:])
    np.testing.assert_allclose(towards, -circle / 25.0, atol=0.01)


@pytest.mark.parametrize(
    ("flags", "bridge", "expected"),
    [
        ([0, 1, 1, 0, 1], 0, [(1, 3), (4, 5)]),
        ([0, 1, 1, 0, 1], 1, [(1, 5)]),
        ([0, 0], 3, []),
    ],
)
def test_runs(flags, bridge, expected):
    assert runs(np.array(flags, dtype=bool), bridge) == expected


def test_branch_inside_its_parent_is_cut_at_the_wall():
    trunk = straight((0, 0, -10), (0, 0, 10), 2.0)
    branch = straight((0, 0, 0), (10, 0, 0), 0.5)
    kept = without_doubles([branch, trunk])
    assert len(kept) == 2
    assert kept[0] is not branch
    assert kept[1].points_mm[0, 0] == pytest.approx(2.0, abs=0.3)


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


def test_tangents_and_bends_are_those_of_savitzky_and_golay():
    t = np.linspace(0.0, 2.0, 21)
    points = np.stack([6 * np.cos(t), 6 * np.sin(t), 0.4 * t**2], axis=-1)
    points, _ = resample(points, points[:, :1], 0.5)
    step = float(np.linalg.norm(np.diff(points, axis=0), axis=1).mean())
    frame, bend = frames(points, np.eye(3) * 0.06)
    first = savgol_filter(points, 5, 2, deriv=1, delta=step, axis=0)
    second = savgol_filter(points, 5, 2, deriv=2, delta=step, axis=0)
    unit = first / np.linalg.norm(first, axis=1, keepdims=True)
    np.testing.assert_allclose(frame[:, 0], unit, atol=1e-9)
    np.testing.assert_allclose(
        bend, np.einsum("nij,nj->ni", frame[:, 1:], second), atol=1e-9
    )
