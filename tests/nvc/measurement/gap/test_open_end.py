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


def sd_of(vessel: Tube, gap_mm: float) -> float:
    """The gap's sd, 0.05 mm before, past a vessel's nearest place to the nerve."""
    return widened(vessel, gap_mm).sd_mm


def widened(
    vessel: Tube,
    gap_mm: float,
    before_exit_mm: NDArray[np.float64] | None = None,
    widen: Callable[[Gap, Approach, SideContext], Gap] = widen_at_open_end,
) -> Gap:
    """A gap of sd 0.05 mm, widened for the ends of vessel and nerve."""
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
    assert 0.6 - 1.96 * sd_of(heading, 0.6) < 0.0
    backwards = along((0.0, 2.0, 0.0), (0.0, 8.0, 0.0))
    assert sd_of(backwards, 0.6) == pytest.approx(sd_of(heading, 0.6))


def test_a_vessel_that_goes_by_is_as_sure_as_it_was_measured():
    passing = along((0.0, -5.0, 2.0), (0.0, 5.0, 2.0))
    assert sd_of(passing, 0.6) == 0.05


def test_a_vessel_that_ends_leading_away_comes_no_nearer():
    away = along((0.0, -5.0, 2.0), (0.0, 0.3, 2.0))
    assert sd_of(away, 0.6) == 0.05


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
    assert end - 1.96 * sd_of(vessel, end) == pytest.approx(beside, abs=0.1)


@pytest.mark.parametrize("beyond_mm", [0.0, 0.5, 1.2, 3.0])
def test_cn7_goes_on_as_far_as_its_root_exit_may_lie(beyond_mm):
    vessel, end = across_cn7(-1.2, 2.0)
    off = float(np.hypot(2.0, max(1.2 - beyond_mm, 0.0)))
    least = off - NERVE.radius_mm[0] - 0.5
    first, next_ = NERVE.points_mm[0], NERVE.points_mm[3]
    inwards = (next_ - first) / np.linalg.norm(first - next_)
    way = first - np.arange(0.0, beyond_mm + 0.1, 0.1)[:, None] * inwards
    gap = widened(vessel, end, way)
    reach = 1.96 * np.sqrt(gap.sd_mm**2 - 0.05**2)
    assert end - reach == pytest.approx(least, abs=0.1)


def test_a_vessel_and_cn7_that_are_lost_at_one_place_may_both_go_on():
    first = NERVE.points_mm[0]
    beside = first + np.array([-2.0, 2.5, 0.0])
    lost = along(tuple(beside + np.array([0.0, 7.0, 0.0])), tuple(beside))
    end = float(np.linalg.norm(beside - first)) - NERVE.radius_mm[0] - 0.5
    assert end - 1.96 * sd_of(lost, end) == pytest.approx(0.0, abs=0.05)


@pytest.mark.parametrize("end_mm", [(0.0, 8.0, 0.0), (3.7, 3.7, 5.0)])
def test_a_vessel_that_was_lost_just_out_of_reach_is_not_left_out(end_mm):
    heads_for_it = end_mm[0] == 0.0
    lost = along(end_mm, (0.0, 3.7, 0.0))
    affine = np.diag([0.5, 0.5, 0.5, 1.0])
    affine[:3, 3] = -12.0
    grid = Grid(shape=(48, 48, 48), voxel_to_ras_mm=affine)
    fluid = Volume(grid=grid, voxels=np.ones(grid.shape, np.float32))
    contacts = measured(fluid, segmentation(NERVE, [lost])).contacts
    assert bool(contacts) is heads_for_it
    for contact in contacts:
        assert contact.distance_mm == pytest.approx(2.3, abs=0.2)
        assert contact.distance_ci_mm[0] < 1.0
