"""The root: where the nerve reaches the brain, and how far it lies on it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.model.stages import Origin, SideLandmarks, SideRegion, Tube
from nvc.sampling import Sampler
from nvc.segment.image.brain_surface import find_brain
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.nerves.side import follow_side
from nvc.segment.root.attached import follow_attached
from nvc.segment.root.detachment import (
    faces_aside,
    find_detachment,
    measure_wall_gap_mm,
)
from nvc.settings import NerveSettings, Settings
from nvc.tubes.curve import course_length
from tests.nvc.segment.scene import (
    BRAIN_CENTRE,
    BRAIN_RADIUS,
    attached_course,
    brain_distance,
    draw,
)

pytestmark = pytest.mark.slow

SETTINGS = NerveSettings()


def surroundings_of(scene):
    seeds = scene.seeds
    corners = np.stack([seeds.root_detachment_mm, seeds.porus_mm, seeds.fundus_mm])
    scale = TissueScale.around(scene.volume, scene.levels, corners, 16.0)
    around = np.concatenate([corners, scene.head.origin_mm[None]])
    brain = find_brain(scale, scene.head, around, scene.volume.grid, SETTINGS)
    return Surroundings(scale=scale, brain=brain, head=scene.head)


def follow(scene, landmarks=None, sd_mm=2.0):
    region = SideRegion(landmarks=landmarks or scene.seeds, position_sd_mm=sd_mm)
    around = surroundings_of(scene)
    return follow_side(around, region, Side.RIGHT, Settings(nerve=SETTINGS)).nerves


def true_detachment(course, radius=0.8):
    tube = Tube(
        points_mm=course,
        radius_mm=np.full(len(course), radius),
        position_sd_mm=np.zeros(len(course)),
    )
    wall = measure_wall_gap_mm(tube, brain_distance)
    return course[np.flatnonzero(wall < 0.3)[-1]]


@pytest.mark.parametrize("noise", [0.0, 0.04])
def test_a_straight_nerve_detaches_where_its_wall_leaves_the_brain(noise):
    scene = draw(noise=noise)
    found = follow(scene)
    error = found.landmarks.root_detachment_mm - true_detachment(scene.facial)
    assert np.linalg.norm(error) < 0.6


@pytest.mark.parametrize("bright", [True, False], ids=["t2", "t1"])
def test_an_attached_nerve_is_followed_to_its_exit(bright):
    course = attached_course()
    scene = draw(noise=0.02, facial=course, csf_is_bright=bright)
    found = follow(scene)
    depth = brain_distance(course)
    leaves = course[np.flatnonzero(depth > 0)[0]]
    assert np.linalg.norm(found.landmarks.root_exit_point_mm - leaves) < 2.5
    detaches = true_detachment(course)
    assert np.linalg.norm(found.landmarks.root_detachment_mm - detaches) < 1.5
    lying = course[(depth > 0) & (depth < 0.9)]
    assert np.median(cKDTree(found.facial.points_mm).query(lying)[0]) < 0.5


def test_a_nerve_that_goes_straight_in_is_hardly_attached():
    scene = draw(noise=0.02)
    found = follow(scene)
    leaves = scene.facial[np.flatnonzero(brain_distance(scene.facial) > 0)[0]]
    error = np.linalg.norm(found.landmarks.root_exit_point_mm - leaves)
    assert error < 1.5


def as_tube(points, radius=0.8):
    count = len(points)
    return Tube(
        points_mm=points,
        radius_mm=np.full(count, radius),
        position_sd_mm=np.full(count, 0.1),
    )


def test_a_root_that_is_hidden_is_said_to_be_estimated():
    scene = draw(noise=0.02, facial=attached_course())
    around = surroundings_of(scene)
    grid = scene.volume.grid
    taken = Volume(grid=grid, voxels=np.full(grid.shape, -1.0, dtype=np.float32))
    hidden = replace(around, taken=Sampler.over(taken, order=1))
    course, eighth = scene.facial, scene.vestibulocochlear
    free = as_tube(course[np.flatnonzero(brain_distance(course) > 1.1)[0] :])
    eighth = as_tube(eighth[brain_distance(eighth) > 0.0])
    seed = scene.seeds.root_exit_point_mm
    seen, unseen = (
        follow_attached(image, free, eighth, seed, 0.0, SETTINGS)
        for image in (around, hidden)
    )
    assert seen.is_complete
    assert not unseen.is_complete
    # Drawn as far as one sd beyond what anatomy has it: a contact there is not missed.
    usual, spread = SETTINGS.attached_mm, SETTINGS.attached_spread_mm
    assert course_length(unseen.attached.points_mm) > usual + 0.5 * spread
    assert unseen.exit_sd_mm > max(SETTINGS.attached_spread_mm, 2.0 * seen.exit_sd_mm)
    assert unseen.attached.position_sd_mm[0] > unseen.attached.position_sd_mm[-1]
    # Only what is seen is there for certain, and no nerve is shorter than none.
    assert seen.exit_within_mm == 0.0
    drawn = course_length(unseen.attached.points_mm)
    assert usual - 1.0 < unseen.exit_within_mm < drawn + 0.5


def test_a_hidden_root_may_go_on_every_way_that_a_nerve_may_take():
    """Each way stands for its share of what anatomy tells."""
    course = attached_course(9.0)
    scene = draw(noise=0.02, facial=course)
    around = surroundings_of(scene)
    grid = scene.volume.grid
    taken = Volume(grid=grid, voxels=np.full(grid.shape, -1.0, dtype=np.float32))
    hidden = replace(around, taken=Sampler.over(taken, order=1))
    free = as_tube(course[np.flatnonzero(brain_distance(course) > 1.1)[0] :])
    eighth = scene.vestibulocochlear
    eighth = as_tube(eighth[brain_distance(eighth) > 0.0])
    # Anatomy puts the exit too near.
    seed = 0.5 * (scene.seeds.root_exit_point_mm + free.points_mm[0])
    root = follow_attached(hidden, free, eighth, seed, 0.0, SETTINGS)
    ways = root.before_exit_mm
    is_there = np.isfinite(ways[..., 0])
    assert len(ways) == 120
    # No way comes back once it has ended, and all go over the brain.
    assert not (~is_there[:, :-1] & is_there[:, 1:]).any()
    assert np.nanmax(np.abs(around.brain(ways[is_there]))) < 0.5
    # As many go on for longer as anatomy and its spread tell.
    drawn = course_length(root.attached.points_mm)
    longer = drawn + SETTINGS.step_mm * is_there.sum(axis=1)
    more = SETTINGS.attached_mm + SETTINGS.attached_spread_mm
    assert np.mean(longer > more + 0.5) == pytest.approx(0.16, abs=0.08)
    # And sideways, over as wide an angle: its exit is good to 4 mm in 6.6.
    begin = free.points_mm[0]
    ends = np.array([w[t][-1] for w, t in zip(ways, is_there, strict=True) if t.any()])
    heading = (ends - begin) / np.linalg.norm(ends - begin, axis=1, keepdims=True)
    spread = np.sqrt(np.mean(np.sum((heading - heading.mean(axis=0)) ** 2, axis=1)))
    assert 0.2 < spread < 0.7


@pytest.mark.parametrize("length_mm", [3.0, 5.0, 8.0])
def test_a_root_is_as_long_as_it_is_seen(length_mm):
    course = attached_course(length_mm)
    found = follow(draw(noise=0.02, facial=course))
    leaves = course[np.flatnonzero(brain_distance(course) > 0)[0]]
    error = np.linalg.norm(found.landmarks.root_exit_point_mm - leaves)
    assert error < 1.5
    may_be = np.concatenate([found.facial.points_mm[:1], *found.before_exit_mm])
    assert np.nanmin(np.linalg.norm(may_be - leaves, axis=-1)) < 0.75
    # Across itself a nerve that stands out is known better than where it ends.
    attached = found.facial.points_mm[brain_distance(found.facial.points_mm) < 0.9]
    assert found.facial.position_sd_mm[: len(attached)].max() < 0.8


def test_landmarks_that_a_reader_set_are_kept():
    scene = draw(noise=0.02)
    given = SideLandmarks(
        root_exit_point_mm=scene.seeds.root_exit_point_mm,
        root_detachment_mm=np.array([10.0, -4.2, 0.7]),
        porus_mm=scene.seeds.porus_mm,
        fundus_mm=scene.seeds.fundus_mm,
        source=Origin.CONFIRMED,
    )
    found = follow(scene, given)
    assert found.landmarks.source is Origin.CONFIRMED
    np.testing.assert_array_equal(
        found.landmarks.root_detachment_mm, given.root_detachment_mm
    )


def test_no_nerve_is_no_course():
    scene = draw(noise=0.04)
    far = scene.seeds
    empty = SideLandmarks(
        root_exit_point_mm=far.root_exit_point_mm,
        root_detachment_mm=np.array([8.0, 0.0, 12.0]),
        porus_mm=np.array([26.0, 10.0, 13.0]),
        fundus_mm=np.array([27.5, 12.0, 13.0]),
    )
    found = follow(scene, empty, sd_mm=0.7)
    assert found.facial is None
    assert found.reasons


@pytest.mark.parametrize("angle_deg", [15.0, 30.0, 50.0])
def test_a_nerve_detaches_where_its_tilted_section_leaves_a_plane(angle_deg):
    angle = np.deg2rad(angle_deg)
    away = np.array([np.cos(angle), 0.0, np.sin(angle)])
    course = np.arange(12.0, -4.0, -0.25)[:, None] * away
    tube = Tube(
        points_mm=course,
        radius_mm=np.full(len(course), 0.8),
        position_sd_mm=np.zeros(len(course)),
    )
    arc = find_detachment(tube, lambda points: points[:, 2], 0.0, 12.0, 0.3)
    leaves_mm = (0.3 + 0.8 * np.cos(angle)) / np.sin(angle)
    assert arc == pytest.approx(12.0 - leaves_mm, abs=0.03)


def test_a_passing_touch_is_not_the_detachment():
    course = np.stack([np.arange(0, 20, 0.5), np.zeros(40), np.zeros(40)], axis=1)
    tube = Tube(
        points_mm=course, radius_mm=np.full(40, 0.8), position_sd_mm=np.full(40, 0.1)
    )

    def brain(points):
        height = np.full(len(points), 4.0)
        height[np.abs(points[:, 0] - 6.0) < 0.6] = 0.9
        height[points[:, 0] > 14.9] = 0.9
        return height + points[:, 2]

    arc = find_detachment(tube, brain, 2.0, 12.0, 0.3)
    assert arc == pytest.approx(15.0, abs=0.5)


@pytest.mark.parametrize(("expected_mm", "truth_mm"), [(6.0, 5.0), (14.0, 15.0)])
def test_of_two_arrivals_the_one_that_is_expected_is_the_detachment(
    expected_mm, truth_mm
):
    """The flocculus lies against the nerve for 4 mm, and leaves it free for 6 more."""
    course = np.stack([np.arange(0, 20, 0.5), np.zeros(40), np.zeros(40)], axis=1)
    tube = Tube(
        points_mm=course, radius_mm=np.full(40, 0.8), position_sd_mm=np.full(40, 0.1)
    )

    def brain(points):
        height = np.full(len(points), 4.0)
        height[np.abs(points[:, 0] - 7.0) < 2.1] = 0.9
        height[points[:, 0] > 14.9] = 0.9
        return height + points[:, 2]

    arc = find_detachment(tube, brain, 2.0, expected_mm, 0.3)
    assert arc == pytest.approx(truth_mm, abs=0.5)


def straight_nerve() -> Tube:
    """From the canal along x, a station every 0.5 mm, 20 mm long."""
    course = np.stack([np.arange(0, 20, 0.5), np.zeros(40), np.zeros(40)], axis=1)
    return Tube(
        points_mm=course, radius_mm=np.full(40, 0.8), position_sd_mm=np.full(40, 0.1)
    )


@pytest.mark.parametrize(
    ("free_from_mm", "stem", "truth_mm"),
    [
        # The brainstem, on which the nerve may then turn any way.
        (None, [(5.0, 9.0)], 5.0),
        # The flocculus as far as the brainstem: its side is what goes on.
        (None, [(9.0, 9.6), (12.0, 20.0)], 12.0),
        # Free of the flocculus for less than the nerve is thick.
        (10.0, [(4.0, 7.0), (10.8, 20.0)], 11.2),
        (10.0, [(10.8, 20.0)], 11.2),
        # A groove of the brainstem.
        (10.0, [(4.0, 20.0)], 5.0),
        # Nothing that may be the brainstem.
        (None, [(9.0, 9.6)], None),
    ],
)
def test_a_nerve_arrives_where_the_brain_faces_as_the_brainstem_does(
    free_from_mm, stem, truth_mm
):
    """In contact from 5 mm on, but for 1.2 mm; expected after 12."""
    tube = straight_nerve()
    x = tube.points_mm[:, 0]

    def brain(points):
        height = np.where(points[:, 0] > 4.9, 0.9, 4.0)
        if free_from_mm is not None:
            is_free = np.abs(points[:, 0] - free_from_mm - 0.6) < 0.6
            height = np.where(is_free, 4.0, height)
        return height + points[:, 2]

    is_stem = np.any([(low <= x) & (x <= high) for low, high in stem], axis=0)
    arc = find_detachment(tube, brain, 2.0, 12.0, 0.3, is_stem)
    assert arc == (truth_mm and pytest.approx(truth_mm, abs=0.6))


def test_the_brainstem_faces_sideways_and_what_lies_beside_it_does_not():
    scene = draw(noise=0.02)
    brain, lateral = surroundings_of(scene).brain, scene.head.axes[:, 0]
    out = np.array([[1.0, 0.0, 0.0], [0.7, 0.7, 0.0], [0.1, 1.0, 0.0], [-0.5, 0.8, 0]])
    out /= np.linalg.norm(out, axis=1, keepdims=True)
    beside = BRAIN_CENTRE + (BRAIN_RADIUS + 0.5) * out
    faces = faces_aside(brain, beside, lateral, SETTINGS)
    assert faces.tolist() == [True, True, False, False]
    assert (~faces_aside(brain, beside, -lateral, SETTINGS))[:3].all()


@pytest.mark.parametrize("aside_mm", [-7.0, -3.0, 0.0, 5.0])
def test_a_seed_to_one_side_does_not_draw_the_end_of_the_nerve_to_it(aside_mm):
    course = attached_course()
    scene = draw(noise=0.02, facial=course)
    depth = brain_distance(course)
    leaves = course[np.flatnonzero(depth > 0)[0]]
    along = course[np.flatnonzero(depth > 0)[8]] - leaves
    aside = np.cross(along / np.linalg.norm(along), scene.head.axes[:, 0])
    seeds = replace(
        scene.seeds,
        root_exit_point_mm=leaves + aside_mm * aside / np.linalg.norm(aside),
    )
    found = follow(scene, seeds)
    assert np.linalg.norm(found.landmarks.root_exit_point_mm - leaves) < 0.7


def test_where_the_brain_seems_to_reach_the_porus_nothing_is_seen_of_the_nerve():
    """Fluid that flow makes as dark as brain, from the pons to the canal."""
    scene = draw(noise=0.02)
    porus, outwards = scene.seeds.porus_mm, scene.head.axes[:, 0]

    around = surroundings_of(scene)
    grid = around.brain.mask.grid
    nodes = grid.to_ras_mm(np.moveaxis(np.indices(grid.shape, dtype=float), 0, -1))
    aside = Volume(grid=grid, voxels=((nodes - porus) @ outwards).astype(np.float32))
    brain = replace(around.brain, distance=Sampler.over(aside, order=1))
    around = replace(around, brain=brain)
    region = SideRegion(landmarks=scene.seeds, position_sd_mm=2.0)
    nerves = follow_side(around, region, Side.RIGHT, Settings(nerve=SETTINGS)).nerves
    assert nerves.facial is None
    assert "no nerve stands out between canal and brainstem" in nerves.reasons
