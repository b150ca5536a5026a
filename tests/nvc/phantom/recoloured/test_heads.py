"""What may be asked of a real head, how it lies, and one whole study of one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.real_heads import list_readings, open_head
from nvc.model.anatomy import Side, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom.options import Conflict, PhantomOptions
from nvc.phantom.recoloured import make_recoloured
from nvc.phantom.recoloured.heads import find_head_pose

EMPTY = Volume(
    grid=Grid(shape=(2, 2, 2), voxel_to_ras_mm=np.eye(4)), voxels=np.zeros((2, 2, 2))
)


@pytest.mark.parametrize(
    "options",
    [
        PhantomOptions(left=Conflict(vessel="aica", indentation_mm=0.3)),
        PhantomOptions(right=Conflict(vessel="va")),
        PhantomOptions(with_t1=True),
    ],
)
def test_what_a_real_head_cannot_have_is_refused(options: PhantomOptions) -> None:
    with pytest.raises(InputError):
        make_recoloured(EMPTY, list_readings()[0], options)


@pytest.mark.parametrize("reading", list_readings(), ids=lambda one: one.head)
def test_readings_are_of_heads(reading) -> None:
    pose = find_head_pose(reading)
    assert np.linalg.det(pose[:3, :3]) == pytest.approx(1.0)
    back = np.linalg.inv(pose)
    for side in Side:
        own = reading.sides[side]
        points = np.stack([own.root_detachment, own.porus, own.fundus])
        outwards = side.sign * (points @ back[:3, :3].T + back[:3, 3])[:, 0]
        assert (np.diff(outwards) > 5.0).all()
        free = np.linalg.norm(own.porus - own.root_detachment)
        assert 8.0 < free < 22.0
    heights = [wall.height_mm for wall in reading.walls]
    assert len(heights) >= 10
    assert heights == sorted(heights)


@pytest.mark.slow
def test_a_real_head_keeps_its_nerves_and_gets_the_asked_artery(
    real_head: Path,
) -> None:
    head = open_head(real_head)
    options = PhantomOptions(
        seed=101,
        left=Conflict(vessel="aica", segment="cisternal", gap_mm=0.7),
        t2_extent_mm=(100.0, 70.0, 24.0),
        with_tof=False,
    )
    made = make_recoloured(head.volume, head.reading, options)
    own = made.truth["sides"]["left"]
    assert own["gap_mm"] == pytest.approx(0.7, abs=0.01)
    assert own["vessel"]["name"] == "AICA_left"
    anatomy = made.anatomy
    fossa = anatomy.head
    for vessel in anatomy.vessels:
        if vessel.kind is not VesselKind.ARTERY:
            continue
        past = anatomy.vessels[0].tube.distance(vessel.tube.nodes) > 1.0
        nodes = vessel.tube.nodes if vessel.name == "BA" else vessel.tube.nodes[past]
        room = fossa.brain.distance(nodes) - vessel.tube.radius.max()
        least = -0.8 if vessel.name[:2] in ("BA", "VA") else -0.11
        assert room.min() > least
    t2 = made.volumes[SequenceRole.T2]
    fluid = float(np.percentile(t2.voxels, 98.0))
    for side in Side:
        course = np.array(made.truth["sides"][side.value]["cn7"]["points_mm"])
        index = np.rint(t2.grid.to_voxel(course)).astype(int)
        inside = ((index >= 0) & (index < t2.grid.shape)).all(axis=1)
        assert inside.any()
        seen = t2.voxels[tuple(index[inside].T)]
        assert np.median(seen) < 0.65 * fluid
