"""The nod of a head is found from brain and from bone, each by itself."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.io.template import read_template
from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume, transform_points
from nvc.model.stages import HeadFrame
from nvc.regions.head.levels import Contrast
from nvc.regions.t2.nod import (
    Cue,
    combine_cues,
    find_brainstem_cue,
    find_nod,
    find_petrous_cue,
)
from nvc.regions.t2.porus import BoneFace
from nvc.sampling import Sampler
from nvc.settings.anatomy import MNI_BRAINSTEM_AXIS, MNI_PORUS
from nvc.settings.regions import RegionsSettings

SETTINGS = RegionsSettings()
LEVELS = Contrast(bone=0.0, brain=400.0, csf=1000.0, noise=20.0)
CONTRAST = dict.fromkeys(Side, LEVELS)
LEAN = float(np.degrees(np.arctan2(MNI_BRAINSTEM_AXIS[1], MNI_BRAINSTEM_AXIS[2])))
LEVEL = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3))


def turned(degrees: float) -> np.ndarray:
    """Turn about the right axis; positive lifts the face."""
    matrix = np.eye(4)
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    matrix[1:3, 1:3] = [[cosine, -sine], [sine, cosine]]
    return matrix


def slab(nod_deg: float, height_mm: float) -> Volume:
    """The template's head as a T2 of 1 mm, its brainstem's nod given."""
    shape = (60, 110, round(height_mm))
    affine = np.eye(4)
    affine[:3, 3] = -(np.array(shape) - 1) / 2 + [0.0, -12.0, 6.0]
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.moveaxis(np.indices(shape), 0, -1).astype(float))
    in_head = transform_points(np.linalg.inv(turned(nod_deg + LEAN)), points)
    seen = Sampler.over(read_template(), order=1, outside=0.0)(
        in_head + np.array([0.0, MNI_PORUS[1], MNI_PORUS[2]])
    )
    bright = np.interp(seen, [0.0, 0.05, 0.3, 0.6, 0.9], [0.1, 1.0, 1.0, 0.45, 0.35])
    noise = np.random.default_rng(1).normal(0, 40, shape)
    return Volume(grid=grid, voxels=(1000 * bright + noise).astype(np.float32))


def faces(lean_deg: float) -> dict[Side, BoneFace]:
    """Petrous faces that would meet in a line of the given lean."""
    found = {}
    for side in Side:
        normal = np.array([-side.sign * 0.72, -0.69, 0.0])
        found[side] = BoneFace(
            porus_mm=np.array([side.sign * 26.0, 0.0, 0.0]),
            normal=turned(lean_deg)[:3, :3] @ normal,
            scatter_mm=0.2,
            support=80,
        )
    return found


@pytest.mark.parametrize("height_mm", [40.0, 100.0])
@pytest.mark.parametrize("nod_deg", [-12.0, 5.0])
def test_the_brainstem_tells_the_nod_in_a_slab_and_in_a_head(
    nod_deg: float, height_mm: float
) -> None:
    picture = slab(nod_deg, height_mm)
    cue = find_brainstem_cue(picture, LEVEL, CONTRAST, read_template(), SETTINGS)
    assert cue is not None
    assert cue.degrees == pytest.approx(nod_deg, abs=2.0)
    assert cue.sd_deg >= SETTINGS.brainstem_nod_sd_deg


def test_a_picture_without_a_brainstem_has_no_such_cue() -> None:
    picture = slab(0.0, 40.0)
    noise = np.random.default_rng(2).normal(500, 300, picture.grid.shape)
    volume = Volume(grid=picture.grid, voxels=noise.astype(np.float32))
    cue = find_brainstem_cue(volume, LEVEL, CONTRAST, read_template(), SETTINGS)
    assert cue is None


@pytest.mark.parametrize("lean_deg", [-20.0, 0.0, 11.0])
def test_the_petrous_faces_tell_the_nod(lean_deg: float) -> None:
    cue = find_petrous_cue(LEVEL, faces(lean_deg), SETTINGS)
    assert cue is not None
    assert cue.degrees == pytest.approx(lean_deg)


def test_one_petrous_face_tells_nothing() -> None:
    one = {Side.LEFT: faces(3.0)[Side.LEFT]}
    assert find_petrous_cue(LEVEL, one, SETTINGS) is None


def test_cues_are_weighed_by_their_errors() -> None:
    nod = combine_cues(
        [Cue(degrees=0.0, sd_deg=3.0), Cue(degrees=10.0, sd_deg=6.0)], SETTINGS
    )
    assert nod.degrees == pytest.approx(2.0)
    assert nod.sd_deg == pytest.approx(np.sqrt(36 / 5))
    assert nod.doubt is None


def test_brain_and_bone_that_disagree_are_told() -> None:
    picture = slab(10.0, 40.0)
    nod = find_nod(picture, LEVEL, CONTRAST, faces(-25.0), read_template(), SETTINGS)
    assert nod.doubt is not None
    assert "head's nod differ by 3" in nod.doubt
