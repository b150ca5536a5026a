"""The painted family: truth measured again by other means, and what is painted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.errors import InputError
from nvc.model.anatomy import Side, Structure
from nvc.model.grid import Grid
from nvc.model.study import SequenceRole
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.painted import make_painted
from nvc.phantom.painted.paint import Paint, PaintGrid, Stroke
from nvc.phantom.painted.solids import SuperEllipsoid
from nvc.phantom.study import Phantom

pytestmark = pytest.mark.slow

OPTIONS = PhantomOptions(
    seed=31,
    right=Conflict(vessel="aica", segment="attached", gap_mm=0.0),
    left=Conflict(vessel="vein", segment="cisternal", gap_mm=0.6, deviation_mm=0.8),
    t2_extent_mm=(80.0, 36.0, 24.0),
    t2_voxel_mm=(0.6, 0.6, 0.8),
    tof_extent_mm=(60.0, 30.0, 20.0),
    noise=0.01,
)
ANGLES = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_painted(OPTIONS)


def wall_points(tube: CurvedTube, first: float, last: float) -> np.ndarray:
    return tube.wall(np.arange(first, last, 0.05), ANGLES).reshape(-1, 3)


@pytest.mark.parametrize("side", list(Side))
def test_gap_is_as_asked_on_densely_sampled_walls(phantom: Phantom, side: Side) -> None:
    parts = phantom.anatomy.sides[side]
    nerve = cKDTree(wall_points(parts.facial, parts.places[0], parts.places[2]))
    gaps = {}
    for vessel in phantom.anatomy.vessels:
        wall = wall_points(vessel.tube, 0.0, vessel.tube.arc[-1])
        apart = nerve.query(wall, distance_upper_bound=4.0)[0]
        gaps[vessel.name] = float(apart.min())
    name, gap = min(gaps.items(), key=lambda item: item[1])
    truth = phantom.truth["sides"][side.value]
    assert truth["vessel"]["name"] == name
    assert gap == pytest.approx(OPTIONS.conflict(side).gap_mm, abs=0.06)
    assert truth["gap_mm"] == pytest.approx(OPTIONS.conflict(side).gap_mm, abs=0.005)
    assert truth["nerve_segment"] == OPTIONS.conflict(side).segment


@pytest.mark.parametrize("side", list(Side))
def test_landmarks_follow_their_definitions(phantom: Phantom, side: Side) -> None:
    brain = phantom.anatomy.head.brain
    to_head = np.linalg.inv(phantom.head_to_ras)
    truth = phantom.truth["sides"][side.value]

    def head(point: list[float]) -> np.ndarray:
        return (to_head @ np.array([*point, 1.0]))[None, :3]

    assert abs(brain.distance(head(truth["root_exit_point_mm"]))[0]) < 0.05
    lift = phantom.anatomy.sides[side].places[1]
    ring = phantom.anatomy.sides[side].facial.wall(np.array([lift]), ANGLES)[0]
    assert brain.distance(ring).min() == pytest.approx(0.3, abs=0.1)
    assert 4.0 < truth["attached_length_mm"] < 12.0
    assert np.sign(head(truth["porus_mm"])[0, 0]) == side.sign


def test_truth_has_the_first_family_s_keys(phantom: Phantom) -> None:
    assert {"sides", "vessels", "head_to_ras_mm", "t2_to_tof_mm"} <= set(phantom.truth)
    left, right = phantom.truth["sides"]["left"], phantom.truth["sides"]["right"]
    assert set(left) == set(right)
    assert {"cn7", "cn8", "gap_mm", "vessel", "porus_mm", "deviation_mm"} <= set(left)


def test_picture_shows_the_nerve_darker_than_its_cistern(phantom: Phantom) -> None:
    t2 = phantom.volumes[SequenceRole.T2]
    for side in Side:
        truth = phantom.truth["sides"][side.value]
        middle = 0.5 * (
            np.array(truth["porus_mm"]) + np.array(truth["root_detachment_mm"])
        )
        course = np.array(truth["cn7"]["points_mm"])
        at = course[np.argmin(np.linalg.norm(course - middle, axis=1))]
        on = tuple(np.rint(t2.grid.to_voxel(at)).astype(int))
        assert float(t2.voxels[on]) < 0.75 * np.percentile(t2.voxels, 97)
        value = Structure.CN7_LEFT if side is Side.LEFT else Structure.CN7_RIGHT
        assert phantom.labels.voxels[on] == value


def test_storage_order_moves_voxels_only(phantom: Phantom) -> None:
    other = make_painted(replace(OPTIONS, storage_order="PIL"))
    for role, volume in phantom.volumes.items():
        assert other.volumes[role].grid.axis_codes == "PIL"
        again = other.volumes[role].stored_like(volume.grid)
        assert np.array_equal(again.voxels, volume.voxels)
    assert other.truth["sides"] == phantom.truth["sides"]


def test_painted_ball_has_its_volume_and_hard_edges() -> None:
    grid = Grid(
        shape=(24, 20, 16),
        voxel_to_ras_mm=np.array(
            [[0.5, 0, 0, -6], [0, 0.6, 0, -6], [0, 0, 0.8, -6], [0, 0, 0, 1.0]]
        ),
    )
    canvas = PaintGrid.blank(grid, np.eye(4))
    ball = SuperEllipsoid(centre=np.zeros(3), semi_axes=np.full(3, 4.0), power=2.0)
    canvas.apply(Stroke(ball, Paint.CSF))
    share = canvas.mean(tuple(float(p == Paint.CSF) for p in Paint))
    volume = float(share.sum()) * 0.5 * 0.6 * 0.8
    assert volume == pytest.approx(4.0 / 3.0 * np.pi * 64.0, rel=0.01)
    assert set(np.unique(canvas.points)) == {Paint.AIR, Paint.CSF}
    whole = canvas.head_from_fine
    fine = np.stack(np.indices(canvas.points.shape), axis=-1).reshape(-1, 3)
    inside = np.linalg.norm(fine @ whole[:3, :3].T + whole[:3, 3], axis=1) < 4.0
    assert np.array_equal(inside, canvas.points.ravel() == Paint.CSF)


def test_super_ellipsoid_has_unit_slope_at_its_wall() -> None:
    solid = SuperEllipsoid(
        centre=np.array([1.0, 2.0, 3.0]), semi_axes=np.array([9.0, 6.0, 4.0]), power=2.6
    )
    rng = np.random.default_rng(5)
    way = rng.normal(size=(200, 3))
    size = (np.abs(way / solid.semi_axes) ** 2.6).sum(axis=1) ** (1 / 2.6)
    wall = solid.centre + way / size[:, None]
    assert np.abs(solid.distance(wall)).max() < 1e-9
    step = 1e-4 * np.eye(3)
    slope = np.stack(
        [solid.distance(wall + e) - solid.distance(wall - e) for e in step], axis=1
    )
    length = np.linalg.norm(slope / 2e-4, axis=1)
    assert np.allclose(length, 1.0, atol=1e-3)


def test_no_t1_is_painted() -> None:
    with pytest.raises(InputError, match="with_t1"):
        make_painted(replace(OPTIONS, with_t1=True))
