"""The surface under the root: the wedge that blur fills must not move it."""

import numpy as np
import pytest

from nvc.model.stages import Tube
from nvc.segment.image.brain_surface import find_brain
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.root.surface_fit import fit_root_surface
from nvc.settings import NerveSettings
from tests.nvc.segment.scene import attached_course, brain_distance, draw

SETTINGS = NerveSettings()


def around(scene):
    seeds = scene.seeds
    corners = np.stack([seeds.root_detachment_mm, seeds.porus_mm, seeds.fundus_mm])
    scale = TissueScale.around(scene.volume, scene.levels, corners, 16.0)
    middle = scene.head.origin_mm[None]
    brain = find_brain(
        scale,
        scene.head,
        np.concatenate([corners, middle]),
        scene.volume.grid,
        SETTINGS,
    )
    return Surroundings(scale=scale, brain=brain, head=scene.head)


def as_tube(course, radius):
    return Tube(
        points_mm=course,
        radius_mm=np.full(len(course), radius),
        position_sd_mm=np.zeros(len(course)),
    )


def root_of(course, radius):
    """Index at which the wall of a course leaves the ball of brain."""
    return int(np.flatnonzero(brain_distance(course) - radius < 0.3)[-1])


@pytest.mark.parametrize("noise", [0.0, 0.05])
@pytest.mark.parametrize("bright", [True, False], ids=["t2", "t1"])
def test_the_sheet_lies_on_the_brain_below_a_nerve_that_lifts_off(noise, bright):
    scene = draw(noise=noise, facial=attached_course(), csf_is_bright=bright)
    surroundings = around(scene)
    nerves = [
        as_tube(course, radius)
        for course, radius in zip(
            (scene.facial, scene.vestibulocochlear), scene.radius, strict=True
        )
    ]
    at = root_of(scene.facial, scene.radius[0])
    along = scene.facial[at + 5] - scene.facial[at - 5]
    sheet = fit_root_surface(
        surroundings,
        nerves,
        scene.facial[at],
        along / np.linalg.norm(along),
        SETTINGS,
    )
    near = scene.facial[np.linalg.norm(scene.facial - scene.facial[at], axis=1) < 2.0]
    assert sheet.covers(near).all()
    error = sheet(near) - brain_distance(near)
    thresholded = surroundings.brain(near) - brain_distance(near)
    assert np.abs(error).max() < 0.15
    assert np.abs(error).mean() < 0.5 * np.abs(thresholded).mean()


def test_there_is_no_sheet_where_no_surface_is_known():
    surroundings = around(draw())
    beyond = np.array([80.0, 0.0, 0.0])
    along = np.array([1.0, 0.0, 0.0])
    assert fit_root_surface(surroundings, [], beyond, along, SETTINGS) is None
