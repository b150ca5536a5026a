"""What must hold for every pair of surfaces and every picture (by hypothesis)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvc.measurement import measure
from nvc.measurement.contact.clock import read_clock_hour
from nvc.measurement.contact.touch import (
    measure_crossing_angle_deg,
    measure_touching_part,
)
from nvc.measurement.gap.walls import Walls
from nvc.model.anatomy import Side, VesselKind
from nvc.model.findings import Contact, Measurement
from nvc.model.frame import enter_working_frame
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    HeadFrame,
    Regions,
    Segmentation,
    SideLandmarks,
    SideNerves,
    Tube,
    Vessel,
)
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings
from nvc.tubes.mesh import find_mesh_gap
from nvc.tubes.wall_gap import WalledTube, find_wall_gap
from tests.nvc.measurement.studies import T2_LEVELS
from tests.nvc.measurement.tubes import TrueTube, draw, random_pair, random_rotation

SURFACE_MM = 1e-6
PIPELINE_MM = 0.02
AWAY_MM = np.array([6.0, 0.0, 0.0])
seeds = st.integers(min_value=0, max_value=10_000)
few = settings(
    max_examples=5, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
many = settings(max_examples=25, deadline=None)


def rigid(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    motion = np.eye(4)
    motion[:3, :3] = random_rotation(rng)
    motion[:3, 3] = rng.uniform(-50, 50, 3)
    return motion


def mirror() -> np.ndarray:
    return np.diag([-1.0, 1.0, 1.0, 1.0])


def scale(factor: float) -> np.ndarray:
    return np.diag([factor, factor, factor, 1.0])


def walled(tube: TrueTube) -> WalledTube:
    """The drawn tube itself, with its elliptical sections."""
    arc = np.arange(-30, 31) * 0.1
    course = tube.course(arc)
    along = np.gradient(course, axis=0)
    along /= np.linalg.norm(along, axis=1)[:, None]
    frame_v = np.tile(tube.third, (len(arc), 1))
    frame_u = np.cross(frame_v, along)
    turn = np.array(
        [
            [np.cos(tube.section.angle), -np.sin(tube.section.angle)],
            [np.sin(tube.section.angle), np.cos(tube.section.angle)],
        ]
    )
    q = turn @ np.diag([tube.section.a**2, tube.section.b**2]) @ turn.T
    section = np.tile([q[0, 0], q[0, 1], q[1, 1]], (len(arc), 1))
    return WalledTube(
        course_mm=course, frame_u=frame_u, frame_v=frame_v, section_mm2=section
    )


def moved(tube: WalledTube, motion: np.ndarray) -> WalledTube:
    """A tube under a rigid motion, a mirror or a change of scale."""
    linear = motion[:3, :3]
    factor = abs(float(np.linalg.det(linear))) ** (1 / 3)
    return WalledTube(
        course_mm=tube.course_mm @ linear.T + motion[:3, 3],
        frame_u=tube.frame_u @ linear.T / factor,
        frame_v=tube.frame_v @ linear.T / factor,
        section_mm2=tube.section_mm2 * factor**2,
    )


def pair(seed: int) -> tuple[WalledTube, WalledTube]:
    rng = np.random.default_rng(seed)
    nerve, vessel = random_pair(rng, rng.uniform(0, 1))
    return walled(nerve), walled(vessel)


def backwards(tube: WalledTube) -> WalledTube:
    return WalledTube(
        course_mm=tube.course_mm[::-1],
        frame_u=tube.frame_u[::-1],
        frame_v=tube.frame_v[::-1],
        section_mm2=tube.section_mm2[::-1],
    )


class TestGivenSurfaces:
    """Walls known exactly: to a millionth of a millimetre."""

    @many
    @given(seeds, seeds)
    def test_moving_and_mirroring_keep_every_number(self, seed, other):
        nerve, vessel = pair(seed)
        gap = find_wall_gap(nerve, vessel).gap_mm
        walls = Walls(nerve=nerve, vessel=vessel, brain=None)
        for motion in (rigid(other), mirror() @ rigid(other)):
            there = [moved(tube, motion) for tube in (nerve, vessel)]
            assert find_wall_gap(*there).gap_mm == pytest.approx(gap, abs=SURFACE_MM)
            also = Walls(nerve=there[0], vessel=there[1], brain=None)
            assert measure_crossing_angle_deg(also) == pytest.approx(
                measure_crossing_angle_deg(walls)
            )
            assert measure_touching_part(also, gap + 0.2) == pytest.approx(
                measure_touching_part(walls, gap + 0.2), abs=SURFACE_MM
            )

    @many
    @given(seeds, st.floats(min_value=0.2, max_value=5.0))
    def test_scaling_scales(self, seed, factor):
        nerve, vessel = pair(seed)
        here = find_wall_gap(nerve, vessel).gap_mm
        large = [moved(tube, scale(factor)) for tube in (nerve, vessel)]
        limit = SURFACE_MM * max(factor, 1.0)
        assert find_wall_gap(*large).gap_mm == pytest.approx(factor * here, abs=limit)
        walls = Walls(nerve=nerve, vessel=vessel, brain=None)
        scaled = Walls(nerve=large[0], vessel=large[1], brain=None)
        length, is_least, area = measure_touching_part(walls, here + 0.2)
        assert measure_touching_part(scaled, factor * (here + 0.2)) == pytest.approx(
            (factor * length, is_least, factor**2 * area), rel=1e-6
        )

    @many
    @given(seeds)
    def test_direction_of_travel_and_order_do_not_matter(self, seed):
        nerve, vessel = pair(seed)
        gap = find_wall_gap(nerve, vessel).gap_mm
        for one, other in (
            (vessel, nerve),
            (backwards(nerve), vessel),
            (nerve, backwards(vessel)),
        ):
            assert find_wall_gap(one, other).gap_mm == pytest.approx(
                gap, abs=SURFACE_MM
            )

    @many
    @given(seeds, seeds, st.floats(min_value=0.2, max_value=5.0))
    def test_meshes_move_and_scale(self, seed, other, factor):
        rng = np.random.default_rng(seed)
        faces = np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3]])
        one, two = rng.normal(size=(4, 3)), rng.normal(size=(4, 3)) + AWAY_MM
        gap = find_mesh_gap((one, faces), (two, faces))[0]
        motion = rigid(other) @ scale(factor)
        there = [p @ motion[:3, :3].T + motion[:3, 3] for p in (one, two)]
        found = find_mesh_gap((there[0], faces), (there[1], faces))[0]
        assert found == pytest.approx(factor * gap, abs=1e-6 * max(factor, 1.0))

    @many
    @given(seeds, seeds)
    def test_the_clock_is_the_heads_own(self, seed, other):
        rng = np.random.default_rng(seed)
        towards, along = rng.normal(size=(2, 3))
        head = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))
        hour = read_clock_hour(towards, along, head)
        turn = rigid(other)[:3, :3]
        turned = read_clock_hour(turn @ towards, turn @ along, replace(head, axes=turn))
        flip = np.array([-1.0, 1.0, 1.0])
        swapped = read_clock_hour(flip * towards, flip * along, head)
        for same in (turned, swapped):
            assert (same is None) == (hour is None)
            if hour is not None:
                assert abs((same - hour + 6) % 12 - 6) < 1e-6


def head_of(seed: int) -> tuple[Aligned, Regions, Segmentation]:
    """A picture of two nerves with a vessel at each, as the stages hand them over."""
    rng = np.random.default_rng(seed)
    found, tubes, vessels = {}, [], []
    for side in Side:
        nerve, vessel = random_pair(rng, rng.uniform(0.0, 0.8))
        centre = np.array([7.0 * side.sign, 0.0, 0.0])
        nerve = replace(nerve, centre=nerve.centre + centre)
        vessel = replace(vessel, centre=vessel.centre + centre)
        tubes += [nerve, vessel]
        course = nerve.as_tube(half_length=4.0)
        found[side] = SideNerves(
            facial=course,
            vestibulocochlear=None,
            landmarks=SideLandmarks(
                root_exit_point_mm=course.points_mm[0],
                root_detachment_mm=course.points_mm[4],
                porus_mm=course.points_mm[-1],
            ),
        )
        vessels.append(
            Vessel(
                tube=vessel.as_tube(half_length=4.0),
                kind=VesselKind.ARTERY,
                seen_in=SequenceRole.T2,
                confidence=1.0,
            )
        )
    volume = draw(
        tuple(tubes), rng=rng, voxel_mm=(0.6, 0.5, 0.55), half_mm=10.0, noise=0.03,
        fine=1,
    )  # fmt: skip
    return (
        Aligned(reference=volume, reference_role=SequenceRole.T2),
        Regions(
            head=HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3)),
            levels=T2_LEVELS,
            sides={},
        ),
        Segmentation(sides=found, vessels=tuple(vessels)),
    )


def measured(head: tuple[Aligned, Regions, Segmentation]) -> Measurement:
    """Measure as the pipeline does: canonical order, the reference's own axes."""
    aligned, regions, segmentation = head
    aligned = replace(aligned, reference=aligned.reference.canonical())
    local, change = enter_working_frame(aligned)
    found = measure(
        local,
        change.move(regions),
        change.move(segmentation),
        MeasureSettings(),
    )
    return change.inverse.move(found)


def carried(head, motion: np.ndarray, *, swap: bool = False):
    """A whole head under a motion or a mirror; mirrored sides change their names."""
    aligned, regions, segmentation = head
    volume = aligned.reference
    grid = replace(volume.grid, voxel_to_ras_mm=motion @ volume.grid.voxel_to_ras_mm)

    def points(given: np.ndarray) -> np.ndarray:
        return given @ motion[:3, :3].T + motion[:3, 3]

    def tube(given: Tube) -> Tube:
        return replace(given, points_mm=points(given.points_mm))

    sides = {}
    for side, nerves in segmentation.sides.items():
        marks = nerves.landmarks
        sides[side.other if swap else side] = replace(
            nerves,
            facial=tube(nerves.facial),
            landmarks=replace(
                marks,
                root_exit_point_mm=points(marks.root_exit_point_mm),
                root_detachment_mm=points(marks.root_detachment_mm),
                porus_mm=points(marks.porus_mm),
            ),
        )
    axes = motion[:3, :3] @ regions.head.axes
    if swap:
        axes = axes * np.array([-1.0, 1.0, 1.0])
    return (
        replace(aligned, reference=Volume(grid=grid, voxels=volume.voxels)),
        replace(
            regions,
            head=HeadFrame(origin_mm=points(regions.head.origin_mm), axes=axes),
        ),
        replace(
            segmentation,
            sides=sides,
            vessels=tuple(
                replace(vessel, tube=tube(vessel.tube))
                for vessel in segmentation.vessels
            ),
        ),
    )


def restored(head, order: tuple[int, int, int], flips: tuple[bool, bool, bool]):
    """The same voxels at the same places in another storage order."""
    aligned, regions, segmentation = head
    volume = aligned.reference
    voxels = np.transpose(volume.voxels, order)
    affine = volume.grid.voxel_to_ras_mm[:, [*order, 3]].copy()
    for axis in np.flatnonzero(flips):
        voxels = np.flip(voxels, axis)
        affine[:3, 3] += affine[:3, axis] * (voxels.shape[axis] - 1)
        affine[:3, axis] *= -1
    stored = Volume(
        grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels
    )
    return replace(aligned, reference=stored), regions, segmentation


def assert_alike(one: Contact, other: Contact, motion: np.ndarray) -> None:
    assert one.method == other.method
    assert other.distance_mm == pytest.approx(one.distance_mm, abs=PIPELINE_MM)
    assert other.nerve_segment is one.nerve_segment
    for name in ("indentation_mm", "deviation_mm"):
        a, b = getattr(one, name), getattr(other, name)
        assert (a is None) == (b is None)
    place = motion[:3, :3] @ one.closest_point_nerve_mm + motion[:3, 3]
    assert np.linalg.norm(place - other.closest_point_nerve_mm) < 0.1
    assert other.touch.crossing_angle_deg == pytest.approx(
        one.touch.crossing_angle_deg, abs=1.0
    )
    hour, there = one.place.clock_hour, other.place.clock_hour
    assert (hour is None) == (there is None)
    if hour is not None:
        assert abs((there - hour + 6) % 12 - 6) < 0.05


class TestThroughThePipeline:
    """Pictures: within two hundredths of a millimetre."""

    @few
    @given(seeds, seeds)
    def test_a_rigid_motion_changes_nothing(self, seed, other):
        head, motion = head_of(seed), rigid(other)
        here, there = measured(head), measured(carried(head, motion))
        assert here.left.contacts
        for side in Side:
            pairs = zip(here.of(side).contacts, there.of(side).contacts, strict=True)
            for one, two in pairs:
                assert_alike(one, two, motion)

    @few
    @given(seeds, st.permutations([0, 1, 2]), st.tuples(*[st.booleans()] * 3))
    def test_storage_order_and_flips_change_nothing(self, seed, order, flips):
        head = head_of(seed)
        here, there = measured(head), measured(restored(head, tuple(order), flips))
        for side in Side:
            pairs = zip(here.of(side).contacts, there.of(side).contacts, strict=True)
            for one, two in pairs:
                assert_alike(one, two, np.eye(4))

    @few
    @given(seeds)
    def test_a_mirror_swaps_the_sides_and_nothing_else(self, seed):
        head = head_of(seed)
        here, there = measured(head), measured(carried(head, mirror(), swap=True))
        for side in Side:
            swapped = there.of(side.other).contacts
            for one, two in zip(here.of(side).contacts, swapped, strict=True):
                assert_alike(one, two, mirror())

    @few
    @given(seeds)
    def test_the_same_input_gives_the_same_bytes(self, seed):
        assert repr(measured(head_of(seed))) == repr(measured(head_of(seed)))
