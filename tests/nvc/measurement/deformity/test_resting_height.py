"""A push into the brain's surface or along it, told from how a nerve lies on it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nvc.measurement.deformity.deviation import (
    NerveTrace,
    SeenPush,
    measure_push,
    read_trace,
)
from nvc.measurement.deformity.natural_course import expect_corners
from nvc.measurement.deformity.push_axes import find_push_axes
from nvc.measurement.deformity.resting_height import find_seat
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.measurement.places.nerve_section import NerveSection
from nvc.measurement.places.side_context import SideContext
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Segmentation, Tube
from nvc.settings import MeasureSettings

SETTINGS = MeasureSettings()
ARC = np.arange(0.0, 21.0, 0.6)
EXIT, RDP, PORUS, PLACE = 0.0, 10.0, 20.0, 5.4
RADIUS, VOXEL = 0.9, 0.6
ALONG, ASIDE, UP = np.eye(3)


def half_space() -> Volume:
    """Brain below z = 0."""
    shape = (60, 40, 40)
    affine = np.diag([VOXEL, VOXEL, VOXEL, 1.0])
    affine[:3, 3] = [-6.0, -12.0, -12.1]
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    z = grid.to_ras_mm(np.moveaxis(np.indices(shape, dtype=float), 0, -1))[..., 2]
    return Volume(grid=grid, voxels=(z < 0.0).astype(np.uint8))


def nerve(height: float, push: float = 0.0, towards: np.ndarray = UP) -> np.ndarray:
    """Centres along x at a height over the brain; lifts off past the detachment."""
    lift = 0.3 * np.clip(ARC - RDP, 0.0, None)
    centre = ARC[:, None] * ALONG + (height + lift)[:, None] * UP
    return centre - push * np.exp(-0.5 * ((ARC - PLACE) / 2.4) ** 2)[:, None] * towards


def context(centres: np.ndarray, brain: Volume | None) -> SideContext:
    """Only what is asked here: sections, course and brain."""
    tube = Tube(
        points_mm=centres,
        radius_mm=np.full(len(ARC), RADIUS),
        position_sd_mm=np.full(len(ARC), 0.1),
    )
    course = NerveCourse(
        tube=tube, arc_mm=ARC, root_exit_mm=EXIT, detachment_mm=RDP, porus_mm=PORUS
    )
    sections = tuple(
        NerveSection(
            arc_mm=float(arc),
            centre_mm=centre,
            frame=np.stack([ASIDE, UP]),
            shape=np.array([np.log(RADIUS), 0.0, 0.0]),
            place_covariance_mm2=0.06**2 * np.eye(2),
            shape_covariance=0.05**2 * np.eye(3),
        )
        for arc, centre in zip(ARC, centres, strict=True)
    )
    segmentation = Segmentation(sides={}, vessels=(), brainstem=brain)
    unused: Any = None
    return SideContext(
        side=unused,
        aligned=unused,
        levels=unused,
        segmentation=segmentation,
        course=course,
        settings=SETTINGS,
        sections=sections,
    )


def found(
    centres: np.ndarray, towards: np.ndarray, *, seated: bool = True
) -> tuple[float, float]:
    own = context(centres, half_space())
    coordinates = []
    for axis in find_push_axes(PLACE, towards, ALONG, own):
        line: NerveTrace = read_trace(own, PLACE, axis, expect_corners(own))
        if axis.is_up and seated:
            seat = find_seat(own, axis.direction, len(line.arc_mm))
            line = replace(line, seat=seat)
        coordinates.append(SeenPush(own=line, share=axis.share))
    push = measure_push(coordinates, SETTINGS)
    assert push is not None
    return push


def test_a_direction_is_split_by_the_surface():
    own = context(nerve(0.7), half_space())
    towards = np.cos(0.6) * UP + np.sin(0.6) * ASIDE
    along, up = find_push_axes(PLACE, towards, ALONG, own)
    assert (along.is_up, up.is_up) == (False, True)
    assert (along.out_of_surface, up.out_of_surface) == pytest.approx((0, 1), abs=0.01)
    whole = along.share * along.direction + up.share * up.direction
    np.testing.assert_allclose(whole, -towards, atol=0.02)


def test_without_a_surface_there_is_one_direction():
    (only,) = find_push_axes(PLACE, UP, ALONG, context(nerve(0.7), None))
    np.testing.assert_allclose(only.direction, -UP)
    assert (only.share, only.out_of_surface, only.is_up) == (1.0, 1.0, False)


@pytest.mark.parametrize("height", [0.1, 0.45, 0.8])
def test_a_nerve_on_the_brain_is_not_pushed_however_deep_it_lies(height):
    value, sd = found(nerve(height), UP)
    assert abs(value) < 1.5 * sd


@pytest.mark.parametrize("height", [0.45, 0.8])
def test_a_nerve_pushed_into_the_brain_is_told_by_the_surface(height):
    centres = nerve(height, push=0.8)
    value, sd = found(centres, UP)
    assert value == pytest.approx(0.8, abs=2 * sd)
    assert value > 1.96 * sd
    assert sd < 0.6 * found(centres, UP, seated=False)[1]


def test_a_nerve_pushed_along_the_brain_is_told_by_its_bend():
    value, sd = found(nerve(0.5, push=0.9, towards=ASIDE), ASIDE)
    assert value == pytest.approx(0.9, abs=2 * sd)
    assert value > 1.96 * sd


def test_the_seat_reaches_from_past_the_exit_to_short_of_the_lift():
    own = context(nerve(0.5), half_space())
    seat = find_seat(own, UP, len(ARC))
    assert seat is not None
    held = np.diag(seat.precision) > 0
    assert held[(ARC > EXIT + 1.6) & (ARC < RDP - 1.1)].all()
    assert not held[(ARC < EXIT + 1.4) | (ARC > RDP - 0.9)].any()
    assert find_seat(context(nerve(0.5), None), UP, len(ARC)) is None
