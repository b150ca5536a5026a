"""CN VII's wall in the picture is the wall that the truth measures from."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom.geometry.courses import smooth_course
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.recoloured.fields import Field
from nvc.phantom.recoloured.levels import Levels, clean
from nvc.phantom.recoloured.paint import Coloured, draw_colours, paint
from nvc.phantom.render import Image
from tests.nvc.phantom.recoloured.conftest import LATTICE, ROOM, STEM, sampled

GRID = Grid(
    shape=(60, 48, 36),
    voxel_to_ras_mm=np.array(
        [[0.5, 0, 0, 7.0], [0, 0.5, 0, -12.0], [0, 0, 0.5, -9.0], [0, 0, 0, 1.0]]
    ),
)
EIGHTH = CurvedTube.round(
    smooth_course(np.array([[8.0, -4.0, -2.0], [18.0, -4.0, -2.0], [29.0, -4.0, 0]])),
    0.9,
)
FLUID, BRAIN = 20.0, 100.0


@pytest.fixture(scope="module")
def facial() -> CurvedTube:
    """CN VII: half sunk in the stem for some millimetres, then free."""
    turn = np.deg2rad(np.linspace(-30.0, 0.0, 5))
    on_stem = 10.45 * np.stack([np.cos(turn), np.sin(turn), 0.0 * turn], axis=1)
    free = np.array([[12.0, 1.7, 0.2], [18.0, 4.0, 0.5], [27.0, 6.0, 0.5]])
    return CurvedTube.round(smooth_course(np.concatenate([on_stem, free])), 0.8)


@pytest.fixture(scope="module")
def scene(facial: CurvedTube) -> Coloured:
    """A T1 that shows CN VII 0.3 mm too thick and 0.3 mm beside its course."""
    shown = CurvedTube.round(facial.nodes + np.array([0.0, 0.1, 0.3]), 1.1)
    solids = (STEM, EIGHTH, shown)
    points = LATTICE.points().reshape(-1, 3)
    away = np.min([solid.distance(points) for solid in solids], axis=0)
    tissue = np.clip(0.5 - away / 0.6, 0.0, 1.0).reshape(LATTICE.shape)
    blurred = ndimage.gaussian_filter(tissue, 0.7).astype(np.float32)
    pose = np.eye(4)
    pose[:3, :3] *= LATTICE.step_mm
    pose[:3, 3] = LATTICE.low_mm
    grid = Grid(shape=LATTICE.shape, voxel_to_ras_mm=pose)
    t1 = Volume(grid=grid, voxels=FLUID + (BRAIN - FLUID) * blurred)
    low, high = np.full(3, -30.0), np.full(3, 30.0)
    even = Field(lattice=LATTICE, values=np.ones(LATTICE.shape, dtype=np.float32))
    return Coloured(
        levels=Levels(
            source=clean(t1, np.eye(4), low, high),
            shading=even,
            csf=FLUID,
            brain=BRAIN,
        ),
        nerve_full=0.6,
        room=sampled(ROOM),
        brain=sampled(STEM),
        canals=(),
        ears=(),
        facials=(facial,),
        eighths=(EIGHTH,),
        trunks=(),
        arteries=(),
        veins=(),
    )


def _wall(image: Image, start: np.ndarray, towards: np.ndarray, half: float) -> float:
    """Return how far from a start the image crosses a level along a direction."""
    along = np.arange(0.0, 3.0, 0.02)
    points = start + along[:, None] * towards
    seen = ndimage.map_coordinates(image, GRID.to_voxel(points).T, order=1)
    return float(along[int(np.argmax(seen > half))])


@pytest.mark.parametrize("role", [SequenceRole.T2, SequenceRole.TOF])
def test_the_painted_wall_is_the_tubes(
    scene: Coloured, facial: CurvedTube, role: SequenceRole
) -> None:
    colours = draw_colours(np.random.default_rng(3), role)
    image = paint(scene, GRID, np.eye(4), colours)
    half = 0.5 * (colours.fluid + colours.brain + colours.grey)
    bright = 1.0 if role is SequenceRole.T2 else -1.0
    turn = np.linspace(0.0, 2.0 * np.pi, 12, endpoint=False)
    found: dict[str, list[float]] = {"attached": [], "free": []}
    for at in np.arange(2.0, 19.0, 1.0):
        wall = facial.wall(np.array([at]), turn)[0]
        centre = wall.mean(axis=0)
        for point in wall:
            # Where the stem or CN VIII lies against it there is no wall to see.
            if (
                min(STEM.distance(point[None])[0], EIGHTH.distance(point[None])[0])
                < 0.8
            ):
                continue
            away = (point - centre) / np.linalg.norm(point - centre)
            seen = _wall(bright * image, centre, away, bright * half)
            part = "attached" if STEM.distance(centre[None])[0] < 0.6 else "free"
            found[part].append(seen - 0.8)
    for errors in found.values():
        assert len(errors) > 10
        assert np.abs(errors).max() < 0.1


def test_what_lies_beside_cn7_stays_the_heads_own(
    scene: Coloured, facial: CurvedTube
) -> None:
    colours = draw_colours(np.random.default_rng(3), SequenceRole.T2)
    image = paint(scene, GRID, np.eye(4), colours)
    nodes = EIGHTH.nodes[(EIGHTH.nodes[:, 0] > 12.0) & (EIGHTH.nodes[:, 0] < 26.0)]
    eighth = ndimage.map_coordinates(image, GRID.to_voxel(nodes).T, order=1)
    assert eighth.max() < 0.55 * colours.fluid
    stem = np.array([[8.0, 0.0, 0.0], [8.0, 3.0, 2.0]])
    seen = ndimage.map_coordinates(image, GRID.to_voxel(stem).T, order=1)
    assert seen == pytest.approx([colours.brain] * 2, abs=0.02)
