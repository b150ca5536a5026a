"""Heads in any pose and field are found; what is no head, or two, is refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from nvc.io.template import read_template
from nvc.model.grid import Grid, Volume
from nvc.regions.t1.pose_checks import find_pose_problems
from nvc.regions.t1.registration import Heads, TemplateFit, fit_template
from nvc.settings.atlas import AtlasSettings
from tests.nvc.regions.t1.heads import (
    errors_mm,
    moved_content,
    on_shoulders,
    propose,
    template_head,
    turn,
    with_voxels,
)

pytestmark = pytest.mark.slow

POSES = {
    "nodding forwards": turn(0, -25.0),
    "nodding backwards": turn(0, 25.0),
    "turned": turn(2, 20.0),
    "turned far": turn(2, -30.0),
    "leaning": turn(1, -15.0),
    "all at once": turn(0, 15.0) @ turn(1, 10.0) @ turn(2, -15.0),
    "small": np.diag([0.85, 0.85, 0.85, 1.0]),
    "large": np.diag([1.15, 1.15, 1.15, 1.0]),
    "long and narrow": np.diag([0.88, 1.0, 0.95, 1.0]),
}


@pytest.mark.parametrize("pose", POSES)
def test_a_head_in_any_pose_is_found(pose):
    seeds = propose(moved_content(template_head(), POSES[pose]))
    assert seeds.reasons == ()
    assert all(region.evaluable for region in seeds.sides.values())
    assert max(errors_mm(seeds, POSES[pose]).values()) < 2.0


def shaded() -> Volume:
    """As by a surface coil: six times brighter at one corner than at the other."""
    head = template_head()
    ramps = [np.exp(np.linspace(-0.3, 0.3, n)) for n in head.grid.shape]
    shade = np.einsum("i,j,k->ijk", ramps[0], ramps[1], ramps[2] ** 2)
    return with_voxels(head, np.asarray(head.voxels) * shade**0.75)


def coarse() -> Volume:
    """Voxels of 1.15 mm."""
    head = template_head()
    step = 1.15 / 2.0
    voxels = ndimage.zoom(np.asarray(head.voxels), 1 / step, order=1, grid_mode=False)
    size = (np.array(head.grid.shape) - 1) / (np.array(voxels.shape) - 1)
    affine = head.grid.voxel_to_ras_mm @ np.diag([*size, 1.0])
    return Volume(grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels)


def without_top() -> Volume:
    """The field ends 30 mm below the top of the brain."""
    head = template_head()
    return with_voxels(head, np.asarray(head.voxels)[:, :, :-35])


FIELDS = {
    "neck and shoulders": lambda: on_shoulders(template_head()),
    "shading": shaded,
    "coarse voxels": coarse,
    "top cut off": without_top,
}


@pytest.mark.parametrize("field", FIELDS)
def test_a_head_in_any_field_is_found(field):
    seeds = propose(FIELDS[field]())
    assert seeds.reasons == ()
    assert max(errors_mm(seeds, np.eye(4)).values()) < 2.0


def test_a_missing_slice_moves_seeds_by_no_more_than_itself():
    head = template_head()
    # A sagittal slice of 2 mm, between the midline and the right canal.
    gone = int(head.grid.to_voxel(np.array([12.0, 0.0, 0.0]))[0])
    seeds = propose(with_voxels(head, np.delete(np.asarray(head.voxels), gone, axis=0)))
    assert seeds.reasons == ()
    assert max(errors_mm(seeds, np.eye(4)).values()) < 3.5


def upside_down() -> Volume:
    head = template_head()
    return with_voxels(head, np.asarray(head.voxels)[:, ::-1, ::-1])


def axes_swapped() -> Volume:
    head = template_head()
    return with_voxels(head, np.asarray(head.voxels).transpose(0, 2, 1))


def empty_fossa() -> Volume:
    head = template_head()
    voxels = np.asarray(head.voxels).copy()
    voxels[:, :, : int(head.grid.to_voxel(np.array([0.0, 0.0, -22.0]))[2])] = 1.0
    return with_voxels(head, voxels)


def smooth_ball() -> Volume:
    i, j, k = np.indices((90, 100, 90), sparse=True)
    radius = np.sqrt((i - 45) ** 2 + ((j - 50) / 1.2) ** 2 + (k - 45) ** 2)
    voxels = 100 * (radius < 34) + 60 * ((radius > 38) & (radius < 41))
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=np.diag([2.0, 2.0, 2.0, 1.0]))
    noise = np.random.default_rng(2).normal(0, 3, voxels.shape)
    return Volume(grid=grid, voxels=np.abs(voxels + noise).astype(np.float32))


WRONG = {
    "upside down": upside_down,
    "axes swapped": axes_swapped,
    "no posterior fossa": empty_fossa,
    "a ball in a shell": smooth_ball,
}


@pytest.mark.parametrize("content", WRONG)
def test_wrong_content_is_refused(content):
    seeds = propose(WRONG[content]())
    assert seeds.head is None
    assert seeds.reasons


@pytest.mark.parametrize("content", ["upside down", "axes swapped"])
def test_over_wrong_content_no_pose_stands_out(content):
    settings = AtlasSettings()
    heads = Heads.of(WRONG[content](), settings)
    found = fit_template(heads, read_template(), settings, lambda _: None)
    assert found is not None
    assert found.rival_log_odds < settings.min_rival_log_odds
    assert found.rival_mm > settings.cue_disagreement_mm


def test_a_second_faint_exposure_is_no_rival():
    head = template_head()
    away = turn(0, 12.0)
    away[2, 3] = 18.0
    other = np.asarray(moved_content(head, away).voxels)
    seeds = propose(with_voxels(head, 0.8 * np.asarray(head.voxels) + 0.2 * other))
    assert seeds.reasons == ()
    assert max(errors_mm(seeds, np.eye(4)).values()) < 2.5


@pytest.fixture(scope="module")
def fit() -> TemplateFit:
    settings = AtlasSettings()
    heads = Heads.of(template_head(), settings)
    found = fit_template(heads, read_template(), settings, lambda _: None)
    assert found is not None
    return found


def test_a_rival_is_weighed_by_how_well_it_fits(fit):
    settings = AtlasSettings()
    far_worse = replace(fit, rival_mm=13.0, rival_log_odds=40.0)
    assert find_pose_problems(far_worse, settings) == []
    as_good = replace(fit, rival_mm=13.0, rival_log_odds=2.0)
    (problem,) = find_pose_problems(as_good, settings)
    assert "13 mm" in problem


def test_the_head_in_its_own_pose_has_no_rival_near_it(fit):
    assert fit.rival_log_odds > 50.0
    assert fit.brain_pose.likeness > 0.9
