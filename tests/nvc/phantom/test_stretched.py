"""The stretched family: how far it goes, and truth measured again by other means."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.model.study import SequenceRole
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.stretched import make_stretched
from nvc.phantom.stretched.heads import find_stretch
from nvc.phantom.stretched.stretch import FREE_MM, Sequence
from nvc.phantom.study import Phantom

ANGLES = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False)


def test_heads_are_stretched_in_every_respect() -> None:
    drawn = [find_stretch(PhantomOptions(seed=seed)) for seed in range(200)]
    assert {one.sequence for one in drawn} == set(Sequence)
    sides = [side for one in drawn for side in one.sides.values()]
    free = [side.free_mm for side in sides]
    assert min(free) == pytest.approx(FREE_MM[0], abs=0.5)
    assert max(free) == pytest.approx(FREE_MM[1], abs=0.5)
    for share in (
        np.mean([side.loop for side in sides]),
        np.mean([side.plexus for side in sides]),
        np.mean([side.flocculus_mm is not None for side in sides]),
        np.mean([side.root_vein_mm is not None for side in sides]),
        np.mean([one.ghosts > 0.0 for one in drawn]),
    ):
        assert 0.2 < share < 0.7
    fullness = [one.fullness for one in drawn]
    assert min(fullness) < 0.95
    assert max(fullness) > 1.15


def test_it_has_no_t1() -> None:
    with pytest.raises(InputError, match="no T1"):
        make_stretched(PhantomOptions(with_t1=True))


@pytest.fixture(scope="module")
def phantom() -> Phantom:
    """A head with a loop into a canal, veins by the root, and FIESTA or SPACE."""
    return make_stretched(
        PhantomOptions(
            seed=8,
            right=Conflict(vessel="pica", segment="cisternal", gap_mm=0.4),
            t2_extent_mm=(90.0, 40.0, 24.0),
            t2_voxel_mm=(0.7, 0.7, 0.8),
            tof_extent_mm=(60.0, 30.0, 20.0),
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize("side", list(Side))
def test_the_gap_is_the_least_of_all_vessels(phantom: Phantom, side: Side) -> None:
    parts = phantom.anatomy.sides[side]
    leave, _, porus = parts.places
    wall = parts.facial.wall(np.arange(leave, porus, 0.05), ANGLES).reshape(-1, 3)
    tree, gaps = cKDTree(wall), {}
    for vessel in phantom.anatomy.vessels:
        arc = np.arange(0.0, vessel.tube.arc[-1], 0.05)
        other = vessel.tube.wall(arc, ANGLES).reshape(-1, 3)
        # Most of a vessel is far from the nerve: that is not looked at point by point.
        near = tree.query(other, distance_upper_bound=10.0)[0]
        gaps[vessel.name] = float(near.min())
    truth = phantom.truth["sides"][side.value]
    assert truth["gap_mm"] == pytest.approx(min(gaps.values()), abs=0.06)
    assert truth["vessel"]["name"] == min(gaps, key=gaps.__getitem__)


@pytest.mark.slow
def test_nothing_lies_in_cn_vii(phantom: Phantom) -> None:
    for parts in phantom.anatomy.sides.values():
        leave, lift, porus = parts.places
        wall = parts.facial.wall(np.arange(lift + 1.5, porus, 0.2), ANGLES)
        for layer in phantom.anatomy.surroundings:
            assert layer.solid.distance(wall.reshape(-1, 3)).min() > -0.02
        for vessel in phantom.anatomy.vessels:
            whole = parts.facial.wall(np.arange(leave, porus, 0.2), ANGLES)
            assert vessel.tube.distance(whole.reshape(-1, 3)).min() > -0.02
        assert isinstance(parts.facial, CurvedTube)


@pytest.mark.slow
def test_a_loop_reaches_into_the_canal(phantom: Phantom) -> None:
    own = phantom.anatomy.sides[Side.LEFT]
    loop = next(v for v in phantom.anatomy.vessels if v.name == "AICA_left")
    plan = own.plan
    outwards = np.array([-1.0, 1.0, 1.0])
    depth = (loop.tube.nodes * outwards - plan.porus) @ plan.canal_axis
    assert 1.5 < depth.max() < 8.0
    assert set(phantom.volumes) == {SequenceRole.T2, SequenceRole.TOF}
