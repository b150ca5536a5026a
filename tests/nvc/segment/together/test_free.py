"""How far around each CN VII it is known that no vessel lies, in a drawn cistern."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.anatomy import Side
from nvc.model.stages import SideNerves, Tube
from nvc.segment.image.brain_surface import find_brain
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.together.free import measure_free_mm
from nvc.settings import NerveSettings, VesselsSettings
from tests.nvc.segment.scene import VOID, brain_distance, draw


def tube(points, radius):
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(points), radius),
        position_sd_mm=np.full(len(points), 0.05),
    )


@pytest.mark.parametrize("lost_mm", [0.0, 3.0])
def test_the_eighth_nerve_is_known_as_far_as_the_brain(lost_mm):
    scene = draw(noise=0.03)
    levels = replace(
        scene.levels,
        bone=scene.levels.brain + VOID * (scene.levels.csf - scene.levels.brain),
    )
    corners = np.stack([scene.seeds.root_detachment_mm, scene.seeds.porus_mm])
    scale = TissueScale.around(scene.volume, levels, corners, 16.0)
    around = np.concatenate([corners, scene.head.origin_mm[None]])
    brain = find_brain(scale, scene.head, around, scene.volume.grid, NerveSettings())
    free = (brain_distance(scene.facial) > 0.0) & (scene.facial[:, 0] < 24.0)
    followed = brain_distance(scene.vestibulocochlear) > lost_mm
    nerves = SideNerves(
        facial=tube(scene.facial[free], scene.radius[0]),
        vestibulocochlear=tube(scene.vestibulocochlear[followed], scene.radius[1]),
        landmarks=scene.seeds,
    )
    found = measure_free_mm(
        Surroundings(scale=scale, brain=brain, head=scene.head),
        {Side.RIGHT: nerves},
        [],
        VesselsSettings(),
    )
    assert found[Side.RIGHT] >= 2.0
