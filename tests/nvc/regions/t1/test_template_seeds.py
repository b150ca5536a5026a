"""Seeds by the template head: known poses, refusals, and the real head."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)
from scipy import ndimage

from nvc.io.study.load import load_study
from nvc.io.template import read_template
from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume, transform_points
from nvc.regions.head.mirror import find_mirror_about
from nvc.regions.head.mni152 import place_on_side
from nvc.regions.t1.local_match import match_pons_corner
from nvc.regions.t1.template_seeds import AtlasSeeds, seed_from_template
from nvc.settings.anatomy import MNI_FUNDUS, MNI_PONS
from nvc.settings.atlas import AtlasSettings
from nvc.settings.regions import RegionsSettings
from tests.nvc.regions.t1.heads import (
    LANDMARKS,
    errors_mm,
    moved_content,
    propose,
    template_head,
    turn,
)

pytestmark = pytest.mark.slow

COARSE = AtlasSettings(coarse_step_mm=5.0, fine_step_mm=4.0)
"""Quicker than the default, still good to a millimetre on an ideal head."""

TILT = turn(0, 12.0) @ turn(1, 9.0) @ turn(2, -10.0) @ np.diag([0.92, 0.9, 0.95, 1.0])


@pytest.fixture(scope="module")
def tilted() -> tuple[Volume, AtlasSeeds]:
    """A smaller head tilted about all axes, and the seeds found in it."""
    volume = moved_content(template_head(), TILT)
    return volume, propose(volume, COARSE)


def test_seeds_follow_a_tilted_smaller_head(tilted):
    _, seeds = tilted
    assert seeds.reasons == ()
    assert all(region.evaluable for region in seeds.sides.values())
    assert max(errors_mm(seeds, TILT).values()) < 2.0


def test_head_axes_follow_the_tilt(tilted):
    _, seeds = tilted
    right = TILT[:3, 0] / np.linalg.norm(TILT[:3, 0])
    assert np.degrees(np.arccos(seeds.head.axes[:, 0] @ right)) < 2.0
    assert np.linalg.det(seeds.head.axes) == pytest.approx(1.0)
    for side in Side:
        porus = seeds.sides[side].landmarks.porus_mm
        assert seeds.head.to_head(porus)[0] * side.sign > 15.0


def test_storage_order_and_obliquity_change_nothing(tilted):
    volume, seeds = tilted
    oblique = turn(2, 14.0) @ turn(0, -8.0)
    affine = oblique @ volume.grid.voxel_to_ras_mm
    order = ornt_transform(io_orientation(affine), axcodes2ornt("PIR"))
    voxels = apply_orientation(np.asarray(volume.voxels), order)
    stored = affine @ inv_ornt_aff(order, volume.grid.shape)
    other = propose(
        Volume(grid=Grid(shape=voxels.shape, voxel_to_ras_mm=stored), voxels=voxels),
        COARSE,
    )
    for side in Side:
        for name in LANDMARKS:
            expected = transform_points(
                oblique, getattr(seeds.sides[side].landmarks, name)
            )
            found = getattr(other.sides[side].landmarks, name)
            np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_brain_without_its_surroundings_is_refused():
    seeds = propose(template_head(scalp=False), COARSE)
    assert seeds.head is None
    assert "removed" in seeds.reasons[0]


def test_noise_is_refused():
    rng = np.random.default_rng(3)
    voxels = ndimage.gaussian_filter(rng.normal(0, 1, (60, 70, 60)), 2) * 500 + 60
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=np.diag([3.0, 3, 3, 1]))
    seeds = propose(Volume(grid=grid, voxels=voxels.astype(np.float32)), COARSE)
    assert seeds.head is None
    assert "correlation" in seeds.reasons[0]
    assert not any(region.evaluable for region in seeds.sides.values())
    assert all(region.reasons for region in seeds.sides.values())


def test_an_empty_volume_is_refused():
    grid = Grid(shape=(40, 40, 40), voxel_to_ras_mm=np.diag([4.0, 4, 4, 1]))
    seeds = propose(
        Volume(grid=grid, voxels=np.zeros((40, 40, 40), np.float32)), COARSE
    )
    assert seeds.head is None


def test_the_upper_half_of_a_head_is_refused():
    head = template_head()
    voxels = np.asarray(head.voxels)[:, :, 62:]
    affine = head.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = head.grid.to_ras_mm(np.array([0.0, 0, 62]))
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
    seeds = propose(Volume(grid=grid, voxels=voxels), COARSE)
    assert not any(region.evaluable for region in seeds.sides.values())


def test_bright_csf_is_refused_in_words():
    seeds = seed_from_template(
        template_head(),
        read_template(),
        csf_is_bright=True,
        settings=AtlasSettings(),
    )
    assert "bright CSF" in seeds.reasons[0]


def test_mirror_plane_is_found_without_the_template():
    move = turn(2, 11.0) @ turn(1, -9.0)
    head = moved_content(template_head(), move)
    centre = transform_points(move, np.array(MNI_PONS)) + np.array([8.0, -5.0, 6.0])
    plane = find_mirror_about(head, centre)
    assert np.degrees(np.arccos(plane.rightward @ move[:3, 0])) < 1.5
    assert abs(plane.height_of(transform_points(move, np.array(MNI_PONS)))) < 1
    pair = [transform_points(move, place_on_side(MNI_FUNDUS, side)) for side in Side]
    assert plane.disagreement_mm(*pair) < 1.5


@pytest.mark.parametrize("side", Side)
def test_local_match_finds_a_shifted_pons(side):
    shift = np.eye(4)
    shift[:3, 3] = (2.0, -1.0, 3.0)
    head = moved_content(template_head(), shift)
    match = match_pons_corner(head, np.eye(4), side, read_template())
    np.testing.assert_allclose(match.shift_mni_mm, shift[:3, 3], atol=1.0)
    assert match.similarity > 0.9
    assert not match.at_rim


def test_local_match_admits_that_a_corner_is_missing():
    head = template_head()
    voxels = np.asarray(head.voxels).copy()
    ijk = np.argwhere(np.ones(head.grid.shape, dtype=bool)).astype(float)
    near = head.grid.to_ras_mm(ijk) - np.array([16.0, -34.0, -44.0])
    voxels[(np.linalg.norm(near, axis=1) < 18).reshape(voxels.shape)] = 0
    hollow = Volume(grid=head.grid, voxels=voxels)
    right, left = (
        match_pons_corner(hollow, np.eye(4), side, read_template())
        for side in (Side.RIGHT, Side.LEFT)
    )
    assert right.similarity < 0.6
    assert left.similarity > 0.9


def test_local_match_needs_room():
    head = template_head()
    cut = Volume(
        grid=Grid(
            shape=(*head.grid.shape[:2], 60),
            voxel_to_ras_mm=head.grid.voxel_to_ras_mm
            @ np.array([[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 35], [0, 0, 0, 1.0]]),
        ),
        voxels=np.asarray(head.voxels)[:, :, 35:95],
    )
    assert match_pons_corner(cut, np.eye(4), Side.LEFT, read_template()) is None


def test_the_limits_of_both_stages_agree():
    assert AtlasSettings().cue_disagreement_mm == RegionsSettings().seed_disagreement_mm


def test_seeds_of_the_real_head(real_head):
    study = load_study(t1=real_head)
    reference = study.series[study.reference_role].volume.canonical()
    seeds = propose(reference)
    read = json.loads((Path(__file__).parents[2] / "real_head_truth.json").read_text())
    for side in Side:
        region = seeds.sides[side]
        assert region.evaluable
        for name, limit in (
            ("root_exit_point_mm", 4.0),
            ("root_detachment_mm", 3.0),
            ("porus_mm", 3.0),
            ("fundus_mm", 3.0),
        ):
            truth = read["sides"][side.value]["landmarks"][name]["point_mm"]
            assert np.linalg.norm(getattr(region.landmarks, name) - truth) < limit
