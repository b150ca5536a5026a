"""Both nerves followed through a scene whose courses are known."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from nvc.model.stages import Tube
from nvc.segment.image.brain_surface import find_brain
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.nerves.pair import cut_to_seen, follow_pair
from nvc.segment.nerves.seen import is_seen
from nvc.settings import NerveSettings
from nvc.tubes.curve import resample_tube_about
from tests.nvc.segment.scene import brain_distance, draw

SETTINGS = NerveSettings()


def follow(scene, shift=(0.0, 0.0, 0.0)):
    seeds = scene.seeds
    corners = np.stack([seeds.root_detachment_mm, seeds.porus_mm, seeds.fundus_mm])
    scale = TissueScale.around(scene.volume, scene.levels, corners, 16.0)
    around = np.concatenate([corners, scene.head.origin_mm[None]])
    brain = find_brain(scale, scene.head, around, scene.volume.grid, SETTINGS)
    assert brain is not None
    moved = type(seeds)(
        root_exit_point_mm=seeds.root_exit_point_mm,
        root_detachment_mm=seeds.root_detachment_mm + np.asarray(shift),
        porus_mm=seeds.porus_mm + np.asarray(shift) / 2,
        fundus_mm=seeds.fundus_mm,
    )
    surroundings = Surroundings(scale=scale, brain=brain, head=scene.head)
    return follow_pair(surroundings, moved, 2.0, SETTINGS), brain


def course_error(tube, truth, brain):
    """Distances of the followed course to the truth, between brain and canal."""
    fine = resample_tube_about(tube, 0.1).points_mm
    free = (brain(fine) > 1.5) | ~np.isfinite(brain(fine))
    free &= cKDTree(truth).query(fine)[1] < 0.9 * len(truth)
    return cKDTree(truth).query(fine[free])[0]


@pytest.mark.slow
@pytest.mark.parametrize("bright", [True, False], ids=["t2", "t1"])
@pytest.mark.parametrize(
    ("voxel", "noise"),
    [((0.5, 0.5, 0.5), 0.0), ((0.4, 0.4, 0.8), 0.04), ((0.7, 0.7, 0.7), 0.03)],
    ids=["clean", "anisotropic", "coarse"],
)
def test_courses_and_radii_are_right(bright, voxel, noise):
    scene = draw(voxel_mm=voxel, noise=noise, csf_is_bright=bright)
    courses, brain = follow(scene)
    for tube, truth, radius in zip(
        (courses.facial, courses.vestibulocochlear),
        (scene.facial, scene.vestibulocochlear),
        scene.radius,
        strict=True,
    ):
        error = course_error(tube, truth, brain)
        assert np.median(error) < 0.12
        assert np.percentile(error, 95) < 0.4
        middle = slice(len(tube.radius_mm) // 3, 2 * len(tube.radius_mm) // 3)
        assert abs(np.median(tube.radius_mm[middle]) - radius) < 0.12


@pytest.mark.parametrize("shift", [(0, 3, 0), (0, -2, 3), (-3, 0, -2)])
def test_seeds_may_be_off_by_three_millimetres(shift):
    scene = draw(noise=0.03)
    courses, brain = follow(scene, shift)
    assert np.median(course_error(courses.facial, scene.facial, brain)) < 0.12


@pytest.mark.slow
def test_an_oblique_grid_gives_the_same_courses():
    straight = follow(draw(noise=0.02))[0]
    axes = Rotation.from_euler("xyz", [9, -7, 12], degrees=True).as_matrix()
    turned = follow(draw(noise=0.02, affine_axes=axes))[0]
    np.testing.assert_allclose(
        turned.facial.points_mm @ axes, straight.facial.points_mm, atol=1e-3
    )


def test_the_brain_ends_at_its_own_surface_not_at_the_nerves():
    scene = draw(noise=0.02)
    _, brain = follow(scene)
    directions = np.random.default_rng(1).normal(size=(400, 3))
    directions[:, 0] = np.abs(directions[:, 0])
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    for height in (-1.0, 0.0, 1.0):
        points = np.array([0.0, -18.0, 2.0]) + directions * (17.0 + height)
        measured = brain(points)
        measured = measured[np.isfinite(measured)]
        assert len(measured) > 50
        assert abs(np.median(measured) - height) < 0.15
    free = scene.facial[brain_distance(scene.facial) > 1.2]
    assert np.nanmin(brain(free)) > 0.6


@pytest.mark.slow
@pytest.mark.parametrize("shift", [(0, 0, 8.0), (0, 7.5, -3.0), (0, 0, -8.0)])
def test_a_root_seed_far_off_does_not_draw_the_course_off_the_nerve(shift):
    scene = draw(noise=0.03)
    seeds = scene.seeds
    moved = replace(
        seeds, root_detachment_mm=seeds.root_detachment_mm + np.array(shift)
    )
    courses, brain = follow(replace(scene, seeds=moved))
    error = course_error(courses.facial, scene.facial, brain)
    assert np.median(error) < 0.12
    assert error.max() < 0.6


@pytest.mark.parametrize("length_mm", [6.0, 10.6])
def test_the_root_may_lie_much_farther_off_than_its_seed(length_mm):
    # 19 mm lie between porus and brain.
    scene = draw(noise=0.03)
    seeds = scene.seeds
    inward = seeds.root_detachment_mm - seeds.porus_mm
    inward /= np.linalg.norm(inward)
    near = replace(seeds, root_detachment_mm=seeds.porus_mm + length_mm * inward)
    courses, brain = follow(replace(scene, seeds=near))
    assert np.median(course_error(courses.facial, scene.facial, brain)) < 0.12
    assert np.nanmin(brain(courses.facial.points_mm)) < 0.0


def test_a_nerve_against_the_bone_stays_there_and_out_of_it():
    scene = draw(noise=0.03, bone_behind_mm=0.7)
    courses, brain = follow(scene)
    error = course_error(courses.facial, scene.facial, brain)
    assert np.median(error) < 0.3
    assert error.max() < 0.9


@pytest.mark.slow
def test_a_course_through_fluid_is_not_seen_where_it_leaves_the_nerve():
    scene = draw(noise=0.02)
    courses, _ = follow(scene)
    seeds = scene.seeds
    corners = np.stack([seeds.root_detachment_mm, seeds.porus_mm, seeds.fundus_mm])
    scale = TissueScale.around(scene.volume, scene.levels, corners, 16.0)
    around = np.concatenate([corners, scene.head.origin_mm[None]])
    brain = find_brain(scale, scene.head, around, scene.volume.grid, SETTINGS)
    surroundings = Surroundings(scale=scale, brain=brain, head=scene.head)
    free = brain(courses.facial.points_mm) > 0.5
    assert courses.seen[free].all()
    count = len(courses.facial.points_mm)
    leave = count // 2
    beside = np.linspace(0.0, 4.0, count - leave)[:, None] * np.array([0.0, 0.0, 1.0])
    wrong = courses.facial.points_mm.copy()
    wrong[leave:] += beside
    seen = is_seen(surroundings, replace(courses.facial, points_mm=wrong), SETTINGS)
    assert seen[: leave - 2].all()
    open_fluid = free & (np.arange(count) > leave + 8)
    assert open_fluid.sum() > 5
    assert not seen[open_fluid].any()


def tube_of_steps(steps_mm, sd_mm=0.1):
    along = np.concatenate([[0.0], np.cumsum(steps_mm)])
    points = np.column_stack([along, np.zeros_like(along), np.zeros_like(along)])
    sd = np.broadcast_to(np.asarray(sd_mm, dtype=float), len(along)).copy()
    return Tube(points_mm=points, radius_mm=np.full(len(along), 0.7), position_sd_mm=sd)


def test_a_course_ends_where_it_jumps():
    step = SETTINGS.step_mm
    tube = tube_of_steps([step] * 12 + [4.0 * step] + [step] * 5)
    assert len(cut_to_seen(tube, SETTINGS).points_mm) == 12


def test_steps_shorter_than_the_planes_do_not_make_the_usual_ones_jumps():
    step = SETTINGS.step_mm
    tube = tube_of_steps([step / 4] * 12 + [step] * 8)
    assert len(cut_to_seen(tube, SETTINGS).points_mm) == 21


def test_a_course_ends_where_only_the_prior_tells_its_place():
    sd = np.full(21, 0.1)
    sd[14:] = 2.0 * SETTINGS.seen_sd_mm
    tube = tube_of_steps([SETTINGS.step_mm] * 20, sd)
    assert len(cut_to_seen(tube, SETTINGS).points_mm) == 14


@pytest.mark.parametrize(
    ("noise", "level", "sd_mm", "worse_mm", "seen"),
    [
        (0.05, -0.45, 0.05, 0.05, False),  # as dark as a vessel
        (0.18, -0.45, 0.10, 0.10, True),  # noise alone may do that
        (0.18, -0.70, 0.10, 0.10, False),
        (0.05, 0.90, 0.05, 0.05, False),  # as bright as fluid
        (0.05, 0.0, 0.05, 0.14, False),  # its place is no longer told
        (0.18, 0.0, 0.10, 0.14, True),  # no worse than elsewhere
        (0.18, 0.0, 0.10, 0.30, False),
    ],
)
def test_a_place_is_unseen_by_more_than_noise_explains(
    noise, level, sd_mm, worse_mm, seen
):
    count, wrong = 40, slice(24, 30)
    tube = tube_of_steps([SETTINGS.step_mm] * (count - 1), sd_mm)
    levels = np.zeros(count)
    levels[wrong] = level
    tube.position_sd_mm[wrong] = worse_mm

    class Scale:
        dark = -0.6

        def __call__(self, _points):
            return levels

    Scale.noise = noise
    around = SimpleNamespace(scale=Scale(), brain=lambda points: np.full(count, 5.0))
    found = is_seen(around, tube, SETTINGS)
    assert found[:22].all()
    assert found[25:29].all() == found[25:29].any() == seen
