"""Vessels that break off at the nerve, joined or left as they are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.measurement.gap.joined import join_vessels
from nvc.model.anatomy import Structure, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.segment.labels.paint import paint_labels
from nvc.segment.labels.relabel import relabel
from tests.nvc.measurement.studies import segmentation


def tube(points: np.ndarray, radius: float) -> Tube:
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(points), radius),
        position_sd_mm=np.full(len(points), 0.1),
    )


STEPS = np.arange(-10.0, 10.1, 0.5)
NERVE = tube(np.stack([STEPS, 0 * STEPS, 0 * STEPS], axis=1), 0.9)


def vessel(low: float, high: float, *, radius: float = 0.6, x: float = 0.0) -> Vessel:
    """A straight vessel along y, 1.5 mm above the nerve."""
    y = np.arange(low, high + 1e-6, 0.25)
    points = np.stack([x + 0 * y, y, 1.5 + 0 * y], axis=1)
    return Vessel(
        tube=tube(points, radius),
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.T2,
        confidence=1.0,
    )


def joined(*vessels: Vessel) -> tuple[Vessel, ...]:
    found = replace(segmentation(NERVE, []), vessels=vessels)
    return join_vessels(found).vessels


@pytest.mark.parametrize("turned", [(False, False), (True, False), (True, True)])
def test_two_stumps_on_both_sides_of_the_nerve_become_one(turned):
    halves = [vessel(-8.0, -1.5), vessel(1.5, 7.0)]
    for k in (0, 1):
        if turned[k]:
            points = halves[k].tube.points_mm[::-1]
            halves[k] = replace(halves[k], tube=tube(points, 0.6))
    (whole,) = joined(*halves)
    y = np.sort(whole.tube.points_mm[:, 1])
    assert (y[0], y[-1]) == (-8.0, 7.0)
    assert np.diff(y).max() < 0.4
    np.testing.assert_allclose(whole.tube.points_mm[:, 2], 1.5, atol=1e-9)
    assert whole.tube.arc_length_mm()[-1] == pytest.approx(15.0, abs=0.01)
    # The bridge was not seen: it is less sure than what was.
    assert whole.tube.position_sd_mm.max() > 0.2


@pytest.mark.parametrize(
    "halves",
    [
        (vessel(-8.0, -3.0), vessel(3.0, 7.0)),
        (vessel(-8.0, -1.5), vessel(1.5, 7.0, radius=1.5)),
        (vessel(-8.0, -1.5, x=20.0), vessel(1.5, 7.0, x=20.0)),
        (vessel(-8.0, -1.5), vessel(-7.0, -1.0, x=2.5)),
        (
            vessel(-8.0, -1.5),
            replace(vessel(1.5, 7.0), seen_in=SequenceRole.TOF),
        ),
    ],
    ids=["too far", "calibres differ", "no nerve there", "side by side", "sequences"],
)
def test_what_is_not_one_vessel_at_the_nerve_stays_apart(halves):
    assert joined(*halves) == halves


def bent(turn_deg: float, gap_mm: float, radius: float) -> tuple[Vessel, Vessel]:
    """Two halves of a vessel that was lost over `gap_mm` of a bend by the nerve."""
    back = np.deg2rad(turn_deg)
    way = np.arange(0.0, 8.0, 0.25)[:, None]
    tip = np.array([0.0, gap_mm, 1.2 + radius])
    leave = np.array([0.0, np.cos(back), np.sin(back)])
    one = np.array([0.0, 0.0, 1.2 + radius]) + way * np.array([0.0, -1.0, 0.0])
    kind = vessel(0.0, 1.0)
    return (
        replace(kind, tube=tube(one, radius)),
        replace(kind, tube=tube(tip + way * leave, radius)),
    )


@pytest.mark.parametrize(
    ("turn_deg", "gap_mm", "count"),
    [(80.0, 1.9, 1), (80.0, 3.5, 2), (120.0, 1.9, 2), (30.0, 3.5, 1)],
)
def test_ends_whose_walls_overlap_may_turn_sharply(turn_deg, gap_mm, count):
    assert len(joined(*bent(turn_deg, gap_mm, 1.5))) == count


def test_no_vessels_are_no_trouble():
    assert joined() == ()


def painted_gap(*, ends_stand: bool) -> tuple[Vessel, ...]:
    """Show two stumps as joined, erase the bridge with a brush, and join again."""
    found = replace(
        segmentation(NERVE, []),
        vessels=(vessel(-8.0, -1.5), vessel(1.5, 7.0)),
        brainstem=None,
    )
    affine = np.diag([0.4, 0.4, 0.4, 1.0])
    affine[:3, 3] = [-6.0, -10.0, -4.0]
    grid = Grid(shape=(30, 50, 25), voxel_to_ras_mm=affine)
    shown = paint_labels(grid, join_vessels(found))
    left = np.array(shown.voxels)
    bridge = np.abs(grid.to_ras_mm(np.argwhere(left == Structure.ARTERY))[:, 1]) < 1.2
    assert bridge.any()
    left[tuple(np.argwhere(left == Structure.ARTERY)[bridge].T)] = 0
    after = Volume(grid=grid, voxels=left)
    redone = relabel(found, shown, after, SequenceRole.T2, ends_stand=ends_stand)
    assert len(redone.vessels) == 2
    return join_vessels(redone).vessels


def test_a_bridge_that_a_reader_erased_stays_erased():
    assert len(painted_gap(ends_stand=True)) == 2


def test_where_a_reader_saw_no_bridge_there_may_be_one():
    assert len(painted_gap(ends_stand=False)) == 1
