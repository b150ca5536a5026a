"""Pictures of sampled heads agree with their truth, in any order of storage."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.ndimage import map_coordinates

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.sampled import anatomy, make_sampled
from nvc.phantom.sampled.heads import find_protocol
from nvc.phantom.sampled.picture.signals import Protocol
from nvc.phantom.study import Phantom

pytestmark = pytest.mark.slow


def signal_at(phantom: Phantom, role: SequenceRole, points) -> np.ndarray:
    """Return the signal at points of the T2's world; outside the picture NaN."""
    points = np.asarray(points, dtype=float)
    if role is SequenceRole.TOF:
        motion = np.array(phantom.truth["t2_to_tof_mm"])
        points = points @ motion[:3, :3].T + motion[:3, 3]
    volume = phantom.volumes[role]
    at = volume.grid.to_voxel(points).T
    return map_coordinates(
        np.asarray(volume.voxels), at, order=1, cval=np.nan, output=float
    )


def free_course(phantom: Phantom, side: Side, name: str = "cn7") -> np.ndarray:
    """Return a nerve from past its detachment to the porus."""
    own = phantom.truth["sides"][side.value]
    points = np.array(own[name]["points_mm"])
    first = np.linalg.norm(points - own["root_detachment_mm"], axis=1).argmin()
    last = np.linalg.norm(points - own["porus_mm"], axis=1).argmin()
    return points[first + 12 : last]


def fluid_level(phantom: Phantom) -> float:
    return float(np.percentile(phantom.volumes[SequenceRole.T2].voxels, 98))


@pytest.mark.parametrize("side", list(Side))
def test_cn_vii_is_a_nerve_in_fluid(sampled_head: Phantom, side: Side) -> None:
    course = free_course(sampled_head, side)
    fluid = fluid_level(sampled_head)
    own = np.nanmean(signal_at(sampled_head, SequenceRole.T2, course))
    assert 0.15 * fluid < own < 0.6 * fluid
    above = course + np.array([0.0, 2.2, 2.2])
    around = np.nanmedian(signal_at(sampled_head, SequenceRole.T2, above))
    assert around > 0.8 * fluid


def test_arteries_are_dark_in_t2_and_bright_in_tof(sampled_head: Phantom) -> None:
    fluid = fluid_level(sampled_head)
    brain = np.nanmedian(
        signal_at(
            sampled_head,
            SequenceRole.TOF,
            np.array([[0.0, -4.0, 9.0]]) @ sampled_head.head_to_ras[:3, :3].T
            + sampled_head.head_to_ras[:3, 3],
        )
    )
    vessels = {v["name"]: v for v in sampled_head.truth["vessels"]}
    for name in ("BA", "AICA_right"):
        points = np.array(vessels[name]["points_mm"])
        dark = signal_at(sampled_head, SequenceRole.T2, points)
        bright = signal_at(sampled_head, SequenceRole.TOF, points)
        assert np.isfinite(dark).sum() > 10
        assert np.nanmedian(dark) < 0.45 * fluid
        assert np.nanmedian(bright) > 1.2 * brain
    trunk = signal_at(sampled_head, SequenceRole.TOF, vessels["BA"]["points_mm"])
    branch = signal_at(
        sampled_head, SequenceRole.TOF, vessels["AICA_right"]["points_mm"]
    )
    assert np.nanmedian(trunk) > 1.2 * np.nanmedian(branch)


@pytest.mark.parametrize("side", list(Side))
def test_inner_ears_are_bright_in_bone(sampled_head: Phantom, side: Side) -> None:
    ear = np.array(sampled_head.truth["sides"][side.value]["inner_ear_mm"])
    fluid = fluid_level(sampled_head)
    inside = signal_at(sampled_head, SequenceRole.T2, ear[None])[0]
    if np.isfinite(inside):
        assert inside > 0.7 * fluid
    fundus = np.array(sampled_head.truth["sides"][side.value]["fundus_mm"])
    porus = np.array(sampled_head.truth["sides"][side.value]["porus_mm"])
    bone = 0.5 * (fundus + porus) + np.array([0.0, 0.0, 5.5])
    assert signal_at(sampled_head, SequenceRole.T2, bone[None])[0] < 0.35 * fluid


def test_both_sides_and_every_key_are_there(sampled_head: Phantom) -> None:
    assert set(sampled_head.truth["sides"]) == {"left", "right"}
    for side, own in sampled_head.truth["sides"].items():
        sign = 1.0 if side == "right" else -1.0
        assert sign * (own["fundus_mm"][0] - own["root_exit_point_mm"][0]) > 10.0
        assert 4.0 < own["attached_length_mm"] < 11.0
        assert 8.5 < own["free_length_mm"] < 18.0
        assert len(own["other_nerves"]) > 12
    assert sampled_head.truth["sides"]["right"]["gap_mm"] < 0.01


def test_a_seed_gives_the_same_head_again_in_any_storage_order(
    sampled_head: Phantom, small_sampled: PhantomOptions
) -> None:
    anatomy._built.cache_clear()
    stored = make_sampled(replace(small_sampled, storage_order="PIR", with_tof=False))
    assert stored.volumes[SequenceRole.T2].grid.axis_codes == "PIR"
    assert stored.truth["sides"] == sampled_head.truth["sides"]
    assert stored.truth["vessels"] == sampled_head.truth["vessels"]
    back = stored.volumes[SequenceRole.T2].canonical()
    usual = sampled_head.volumes[SequenceRole.T2].canonical()
    assert back.grid.same_geometry(usual.grid)
    np.testing.assert_array_equal(back.voxels, usual.voxels)


def test_seeds_have_every_protocol() -> None:
    drawn = [find_protocol(PhantomOptions(seed=seed)) for seed in range(40)]
    assert set(drawn) == set(Protocol)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (PhantomOptions(with_t1=True), "no T1"),
        (PhantomOptions(left=Conflict(vessel="va")), "asks for a VA"),
    ],
)
def test_what_cannot_be_drawn_is_refused(asked: PhantomOptions, says: str) -> None:
    with pytest.raises(InputError, match=says):
        make_sampled(asked)
