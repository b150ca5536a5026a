"""Gaps at the end of a vessel that was followed no further."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest

from nvc.measurement.gap.gap import CENTRELINES, Gap
from nvc.measurement.gap.open_end import widen_at_open_end
from nvc.measurement.places.approaches import find_approaches
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.measurement.places.side_context import SideContext
from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Aligned, Tube
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings
from tests.nvc.measurement.gap.test_joined import NERVE, tube
from tests.nvc.measurement.studies import measured, segmentation

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach

SETTINGS = MeasureSettings()


def least_of(vessel: Tube, gap_mm: float) -> float:
    """The least that the gap at a vessel's nearest place to the nerve may be."""
    return gap_mm - widened(vessel, gap_mm).nearer_mm


def widened(
    vessel: Tube,
    gap_mm: float,
    before_exit_mm: NDArray[np.float64] | None = None,
    widen: Callable[[Gap, Approach, SideContext], Gap] = widen_at_open_end,
) -> Gap:
    """A gap, widened for the ends of vessel and nerve."""
    found = segmentation(NERVE, [vessel])
    nerves = replace(found.sides[Side.LEFT], before_exit_mm=before_exit_mm)
    found = replace(found, sides={Side.LEFT: nerves})
    course = NerveCourse.of(NERVE, found.sides[Side.LEFT].landmarks)
    context = SideContext(
        side=Side.LEFT,
        aligned=cast("Aligned", SimpleNamespace()),
        levels=None,
        segmentation=found,
        course=course,
        settings=SETTINGS,
    )
    (approach, *_) = find_approaches(course, found.vessels, SETTINGS)
    assert approach.gap_mm == pytest.approx(gap_mm, abs=0.01)
    gap = Gap(
        gap_mm=gap_mm,
        sd_mm=0.05,
        nerve_wall_mm=approach.nerve_mm,
        vessel_wall_mm=approach.vessel_mm,
        vessel_diameter_mm=1.0,
        voxel_mm=0.5,
        method=CENTRELINES,
        seen_in=SequenceRole.T2,
        walls=cast("Any", None),
    )
    return widen(gap, approach, context)


def along(start: tuple[float, ...], end: tuple[float, ...]) -> Tube:
    share = np.linspace(0, 1, 41)[:, None]
    return tube(np.array(start) + share * np.subtract(end, start), 0.5)


def test_a_vessel_that_ends_on_its_way_to_the_nerve_may_touch_it():
    heading = along((0.0, 8.0, 0.0), (0.0, 2.0, 0.0))
    assert least_of(heading, 0.6) == pytest.approx(0.0)
    backwards = along((0.0, 2.0, 0.0), (0.0, 8.0, 0.0))
    assert least_of(backwards, 0.6) == pytest.approx(least_of(heading, 0.6))


def test_a_vessel_that_goes_by_is_as_sure_as_it_was_measured():
    passing = along((0.0, -5.0, 2.0), (0.0, 5.0, 2.0))
    assert least_of(passing, 0.6) == 0.6


def test_a_vessel_that_ends_leading_away_comes_no_nearer():
    away = along((0.0, -5.0, 2.0), (0.0, 0.3, 2.0))
    assert least_of(away, 0.6) == 0.6


def across_cn7(along_mm: float, aside_mm: float) -> tuple[Tube, float]:
    """A vessel across CN VII, so far along from its first point and so far aside.

    With it its gap to that first point.
    """
    first, next_ = NERVE.points_mm[0], NERVE.points_mm[3]
    inwards = (next_ - first) / np.linalg.norm(first - next_)
    aside = np.cross(inwards, [0.0, 0.0, 1.0])
    middle = first + along_mm * inwards + aside_mm * aside
    up = np.array([0.0, 0.0, 5.0])
    walls = NERVE.radius_mm[0] + 0.5
    end = float(np.linalg.norm(middle - first)) - walls
    return along(tuple(middle - up), tuple(middle + up)), end


def test_cn7_may_go_on_before_the_root_exit_that_was_found():
    vessel, end = across_cn7(-1.2, 2.0)
    beside = 2.0 - NERVE.radius_mm[0] - 0.5
    assert least_of(vessel, end) == pytest.approx(beside, abs=0.1)


@pytest.mark.parametrize("beyond_mm", [0.0, 0.5, 1.2, 3.0])
def test_cn7_goes_on_as_far_as_its_root_exit_may_lie(beyond_mm):
    vessel, end = across_cn7(-1.2, 2.0)
    off = float(np.hypot(2.0, max(1.2 - beyond_mm, 0.0)))
    least = off - NERVE.radius_mm[0] - 0.5
    first, next_ = NERVE.points_mm[0], NERVE.points_mm[3]
    inwards = (next_ - first) / np.linalg.norm(first - next_)
    way = first - np.arange(0.0, beyond_mm + 0.1, 0.1)[:, None] * inwards
    gap = widened(vessel, end, way[None])
    assert end - gap.nearer_mm == pytest.approx(least, abs=0.1)


@pytest.mark.parametrize(("share", "is_told"), [(0.2, True), (0.01, False)])
def test_only_ways_that_are_likely_enough_are_told(share, is_told):
    """CN VII may go on past the vessel, or end where it was seen to."""
    vessel, end = across_cn7(-3.0, 0.0)
    first, next_ = NERVE.points_mm[0], NERVE.points_mm[3]
    inwards = (next_ - first) / np.linalg.norm(first - next_)
    past = first - np.arange(0.0, 4.0, 0.25)[:, None] * inwards
    ways = np.full((200, *past.shape), np.nan)
    ways[: round(share * len(ways))] = past
    gap = widened(vessel, end, ways)
    assert gap.nearer_mm == pytest.approx(end if is_told else 0.0)


def test_a_vessel_and_cn7_that_are_lost_at_one_place_may_both_go_on():
    first = NERVE.points_mm[0]
    beside = first + np.array([-2.0, 2.5, 0.0])
    lost = along(tuple(beside + np.array([0.0, 7.0, 0.0])), tuple(beside))
    end = float(np.linalg.norm(beside - first)) - NERVE.radius_mm[0] - 0.5
    assert least_of(lost, end) == pytest.approx(0.0, abs=0.05)


def fluid() -> Volume:
    """An image in which nothing shows."""
    affine = np.diag([0.5, 0.5, 0.5, 1.0])
    affine[:3, 3] = -12.0
    grid = Grid(shape=(48, 48, 48), voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=np.ones(grid.shape, np.float32))


@pytest.mark.parametrize("to_vessel", [True, False])
def test_a_vessel_far_off_that_an_unseen_cn7_may_lead_to_is_told(to_vessel):
    """From where CN VII is seen it is 4 mm off, and so is one that is near no way."""
    first = NERVE.points_mm[0]
    vessel = along((first[0], 5.0, -5.0), (first[0], 5.0, 5.0))
    way = np.linspace(0.0, 5.0 if to_vessel else -5.0, 21)
    ways = first + way[:, None] * np.array([0.0, 1.0, 0.0])
    found = segmentation(NERVE, [vessel])
    nerves = replace(found.sides[Side.LEFT], before_exit_mm=np.repeat(ways[None], 5, 0))
    side = measured(fluid(), replace(found, sides={Side.LEFT: nerves}))
    seen_gap = 5.0 - NERVE.radius_mm[0] - 0.5
    assert side.nearest_beyond is not None
    assert side.nearest_beyond.distance_mm == pytest.approx(seen_gap, abs=0.1)
    assert [contact.distance_ci_mm[0] for contact in side.contacts] == [0.0] * to_vessel
    assert any("not seen all the way" in reason for reason in side.reasons) is to_vessel


@pytest.mark.parametrize("end_mm", [(0.0, 8.0, 0.0), (3.7, 3.7, 5.0)])
def test_a_vessel_that_was_lost_just_out_of_reach_is_not_left_out(end_mm):
    heads_for_it = end_mm[0] == 0.0
    lost = along(end_mm, (0.0, 3.7, 0.0))
    contacts = measured(fluid(), segmentation(NERVE, [lost])).contacts
    assert bool(contacts) is heads_for_it
    for contact in contacts:
        assert contact.distance_mm == pytest.approx(2.3, abs=0.2)
        assert contact.distance_ci_mm[0] < 1.0
