"""Rendered studies: same voxels in every storage order, contrast, truth in place."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from nvc.model.grid import transform_points
from nvc.model.study import SequenceRole
from nvc.phantom import Conflict, Phantom, PhantomOptions, make_phantom
from nvc.phantom.anatomy import _built

pytestmark = pytest.mark.slow

SMALL = PhantomOptions(
    seed=31,
    right=Conflict(vessel="va", segment="attached", gap_mm=0.6),
    t2_voxel_mm=(0.8, 0.8, 0.9),
    tof_voxel_mm=(0.9, 0.9, 0.9),
    t2_extent_mm=(84.0, 54.0, 24.0),
    tof_extent_mm=(72.0, 54.0, 24.0),
    tilt_deg=(10.0, -8.0, 12.0),
    bias=0.0,
    noise=0.01,
)


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    return make_phantom(SMALL)


@pytest.fixture(scope="module")
def turned() -> Phantom:
    return make_phantom(
        replace(
            SMALL,
            storage_order="PIR",
            world_deg=(20.0, -15.0, 30.0),
            world_mm=(5.0, -40.0, 12.0),
        )
    )


def at(phantom: Phantom, role: SequenceRole, points: np.ndarray) -> np.ndarray:
    volume = phantom.volumes[role]
    if role is SequenceRole.TOF:
        points = transform_points(np.array(phantom.truth["t2_to_tof_mm"]), points)
    inside = points[volume.grid.contains(points, margin_mm=1.0)]
    i, j, k = np.rint(volume.grid.to_voxel(inside)).astype(int).T
    return volume.voxels[i, j, k]


@pytest.mark.parametrize("role", [SequenceRole.T2, SequenceRole.TOF])
def test_storage_order_and_world_change_no_voxel(
    phantom: Phantom, turned: Phantom, role: SequenceRole
) -> None:
    one, other = phantom.volumes[role], turned.volumes[role]
    back = np.transpose(other.voxels, (2, 0, 1))[:, ::-1, ::-1]
    assert one.grid.axis_codes == "RAS"
    np.testing.assert_array_equal(one.voxels, back)


def test_truth_moves_with_the_world(phantom: Phantom, turned: Phantom) -> None:
    change = turned.head_to_ras @ np.linalg.inv(phantom.head_to_ras)
    for side in ("left", "right"):
        for key in ("porus_mm", "root_exit_point_mm", "closest_point_vessel_mm"):
            moved = transform_points(
                change, np.array(phantom.truth["sides"][side][key])
            )
            np.testing.assert_allclose(
                moved, turned.truth["sides"][side][key], atol=2e-4
            )


def test_same_options_give_the_same_bytes(phantom: Phantom) -> None:
    _built.cache_clear()
    again = make_phantom(SMALL)
    for role, volume in phantom.volumes.items():
        assert volume.voxels.tobytes() == again.volumes[role].voxels.tobytes()
    assert json.dumps(phantom.truth) == json.dumps(again.truth)


def test_vessels_are_dark_in_t2_and_bright_in_tof(phantom: Phantom) -> None:
    basilar = next(v for v in phantom.truth["vessels"] if v["name"] == "BA")
    points = np.array(basilar["points_mm"])
    assert np.median(at(phantom, SequenceRole.T2, points)) < 200.0
    assert np.median(at(phantom, SequenceRole.TOF, points)) > 800.0


def test_nerves_are_darker_than_the_fluid_around_them(phantom: Phantom) -> None:
    for side in phantom.truth["sides"].values():
        course = np.array(side["cn7"]["points_mm"])
        values = at(phantom, SequenceRole.T2, course)
        assert 250.0 < np.median(values) < 700.0


def test_labels_lie_on_the_t2_grid(phantom: Phantom) -> None:
    grid = phantom.labels.grid
    assert grid.same_geometry(phantom.volumes[SequenceRole.T2].grid)
    assert phantom.labels.voxels.dtype == np.uint8
    assert {1, 2, 3, 4, 5, 8} <= set(np.unique(phantom.labels.voxels).tolist())
    for number, side in ((1, "left"), (2, "right")):
        middle = grid.to_ras_mm(np.argwhere(phantom.labels.voxels == number))
        course = np.array(phantom.truth["sides"][side]["cn7"]["points_mm"])
        gap = np.linalg.norm(middle[:, None] - course, axis=2).min(axis=1)
        assert gap.max() < 1.3


def test_sides_are_the_patients_own(phantom: Phantom) -> None:
    to_head = np.linalg.inv(phantom.head_to_ras)
    for side, sign in (("right", 1.0), ("left", -1.0)):
        porus = np.array(phantom.truth["sides"][side]["porus_mm"])
        assert sign * transform_points(to_head, porus)[0] > 20.0


def test_whole_head_and_t1_can_be_asked_for() -> None:
    asked = replace(
        SMALL,
        right=Conflict(),
        with_tof=False,
        with_t1=True,
        t1_voxel_mm=(3.0, 3.0, 3.0),
        t2_extent_mm=(40.0, 40.0, 10.0),
    )
    whole = make_phantom(asked)
    assert set(whole.volumes) == {SequenceRole.T2, SequenceRole.T1}
    voxels = whole.volumes[SequenceRole.T1].voxels
    assert voxels.shape == (59, 73, 60)
    assert np.percentile(voxels, 99) > 600.0
