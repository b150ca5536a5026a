"""How far around a nerve nothing lies: known tubes in a drawn cistern."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.stages import Tube
from nvc.segment.dark.empty import measure_empty_mm
from nvc.segment.image.brain_surface import find_brain
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.image.tissue_scale import TissueScale
from nvc.settings import NerveSettings, VesselsSettings
from tests.nvc.segment.scene import VOID, brain_distance, draw

SETTINGS = VesselsSettings()


def tube(points, radius):
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(points), radius),
        position_sd_mm=np.full(len(points), 0.05),
    )


def empty_mm(scene, vessels=(), bone=VOID):
    levels = scene.levels
    levels = replace(levels, bone=levels.brain + bone * (levels.csf - levels.brain))
    seeds = scene.seeds
    corners = np.stack([seeds.root_detachment_mm, seeds.porus_mm])
    scale = TissueScale.around(scene.volume, levels, corners, 16.0)
    around = np.concatenate([corners, scene.head.origin_mm[None]])
    brain = find_brain(scale, scene.head, around, scene.volume.grid, NerveSettings())
    surroundings = Surroundings(scale=scale, brain=brain, head=scene.head)
    free = (brain_distance(scene.facial) > 0.0) & (scene.facial[:, 0] < 24.0)
    facial = tube(scene.facial[free], scene.radius[0])
    eighth = tube(scene.vestibulocochlear, scene.radius[1])
    return measure_empty_mm(surroundings, facial, ([eighth], list(vessels)), SETTINGS)


def over_the_nerve(gap_mm, radius):
    """A vessel straight across CN VII in front of it."""
    scene = draw()
    middle = scene.facial[200] + np.array([0.0, 0.8 + gap_mm + radius, 0.0])
    along = np.linspace(-8.0, 8.0, 200)[:, None] * np.array([0.0, 0.1, 1.0])
    return middle + along, radius


def test_an_empty_cistern_is_empty_as_far_as_is_looked():
    assert empty_mm(draw(noise=0.03)) >= 2.0


@pytest.mark.parametrize("gap_mm", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("radius", [0.3, 0.6])
def test_a_vessel_ends_what_is_empty(gap_mm, radius):
    vessel = over_the_nerve(gap_mm, radius)
    found = empty_mm(draw(noise=0.03, vessel=vessel))
    assert found <= gap_mm + 0.5
    assert found >= gap_mm - 0.5


def test_a_vessel_that_is_known_is_explained():
    vessel = over_the_nerve(0.8, 0.5)
    known = [tube(*vessel)]
    assert empty_mm(draw(noise=0.03, vessel=vessel)) < 1.5
    assert empty_mm(draw(noise=0.03, vessel=vessel), known) >= 2.0


@pytest.mark.parametrize("radius", [0.5, 0.9])
def test_a_corner_between_what_is_known_is_explained(radius):
    # At half a voxel's blur each wall takes half of what the other leaves.
    vessel = over_the_nerve(0.2, radius)
    assert empty_mm(draw(noise=0.03, vessel=vessel), [tube(*vessel)]) >= 2.0


def test_where_noise_would_hide_a_vessel_nothing_is_known_to_be_empty():
    assert empty_mm(draw(noise=0.6)) == 0.0
