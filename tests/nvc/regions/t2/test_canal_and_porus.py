"""One canal in a block of bone with an oblique face: every number is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.regions.head.levels import Contrast
from nvc.regions.t2.canal import Canal, _weigh, find_canal, fit_line
from nvc.regions.t2.porus import find_porus
from nvc.sampling import Sampler
from nvc.settings.regions import RegionsSettings

CONTRAST = Contrast(bone=50.0, brain=350.0, csf=1000.0, noise=20.0)
OUTWARD = np.array([np.cos(0.2), np.sin(0.2), 0.0])
FUNDUS = 10.0 * OUTWARD
EAR = FUNDUS + 5.0 * OUTWARD


def block(
    slope_deg: float,
    radius: float = 2.9,
    marrow: bool = False,
    closed: bool = False,
    ear: float = 1.0,
    cords: tuple[tuple[float, float, float], ...] = (),
) -> Sampler:
    """Bone beyond a face through the origin, with a canal whose porus is there.

    Cords of tissue run along the canal: place across it and radius, mm.
    """
    size = 0.5
    shape = (110, 90, 80)
    affine = np.diag([size, size, size, 1.0])
    affine[:3, 3] = -size * (np.array(shape) - 1) / 2 + [-3.0, 0.0, 0.0]
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.moveaxis(np.indices(shape), 0, -1).astype(float))
    angle = np.deg2rad(slope_deg)
    inward = np.array([np.cos(angle + 0.2), np.sin(angle + 0.2), 0.0])
    depth = points @ inward
    share = np.clip(0.5 - depth / size, 0, 1)
    along = points @ OUTWARD
    aside = np.linalg.norm(points - along[..., None] * OUTWARD, axis=-1)
    start = 2.0 if closed else -30.0
    tube = np.maximum(np.maximum(aside - radius, along - 10.0), start - along)
    share = np.maximum(share, np.clip(0.5 - tube / size, 0, 1))
    apart = np.linalg.norm(points - EAR, axis=-1) - 2.3
    share = np.maximum(share, ear * np.clip(0.5 - apart / size, 0, 1))
    values = 50 + 950 * share
    sideways = points @ [-OUTWARD[1], OUTWARD[0], 0.0]
    for aside_mm, up_mm, thick_mm in cords:
        apart = np.hypot(sideways - aside_mm, points[..., 2] - up_mm)
        tissue = np.clip(0.5 - np.maximum(apart - thick_mm, along - 10.0) / size, 0, 1)
        values += tissue * share * (CONTRAST.brain - CONTRAST.csf)
    if marrow:
        values[(depth > 2.0) & (aside > radius + 1.5) & (points[..., 2] < 0)] = 300
    values = ndimage.gaussian_filter(values, 0.5)
    values += np.random.default_rng(1).normal(0, 20, shape)
    volume = Volume(grid=grid, voxels=values.astype(np.float32))
    return Sampler.over(volume)


def canal_in(sampler: Sampler) -> Canal | None:
    straight = np.array([1.0, 0.0, 0.0])
    return find_canal(sampler, CONTRAST, EAR, straight, RegionsSettings())


@pytest.mark.parametrize("slope_deg", [0.0, 35.0, -50.0])
@pytest.mark.parametrize("marrow", [False, True])
def test_axis_fundus_and_porus_are_found(slope_deg: float, marrow: bool) -> None:
    sampler = block(slope_deg, marrow=marrow)
    canal = canal_in(sampler)
    assert canal is not None
    assert np.degrees(np.arccos(canal.outward @ OUTWARD)) < 3.0
    assert np.linalg.norm(canal.fundus_mm - FUNDUS) < 0.6
    assert canal.radius_mm == pytest.approx(2.9, abs=0.5)
    face = find_porus(sampler, CONTRAST, canal, RegionsSettings())
    assert face is not None
    assert np.linalg.norm(face.porus_mm) < 0.5
    angle = np.deg2rad(slope_deg) + 0.2
    normal = -np.array([np.cos(angle), np.sin(angle), 0.0])
    assert np.degrees(np.arccos(face.normal @ normal)) < 4.0


@pytest.mark.parametrize("slope_deg", [60.0, -60.0, -65.0])
def test_a_canal_open_at_its_back_is_followed(slope_deg: float) -> None:
    sampler = block(slope_deg)
    canal = canal_in(sampler)
    assert canal is not None
    assert canal.score >= RegionsSettings().canal_score_min
    assert canal.enclosed_mm <= 4.0
    assert np.degrees(np.arccos(canal.outward @ OUTWARD)) < 4.0
    assert np.linalg.norm(canal.fundus_mm - FUNDUS) < 0.6
    face = find_porus(sampler, CONTRAST, canal, RegionsSettings())
    assert face is not None
    # Cut at such a slant the mouth itself is some 10 mm long.
    assert np.linalg.norm(face.porus_mm) < 1.5


def test_a_canal_must_keep_the_share_of_wall_asked_for() -> None:
    wide = RegionsSettings(canal_walls_min=1.0)
    straight = np.array([1.0, 0.0, 0.0])
    strict = find_canal(block(-65.0), CONTRAST, EAR, straight, wide)
    usual = canal_in(block(-65.0))
    assert usual is not None
    assert strict is None or strict.score < usual.score


def test_a_cavity_without_a_mouth_is_no_canal() -> None:
    assert canal_in(block(0.0, closed=True)) is None


NERVES = ((-0.8, 0.8, 0.8), (0.8, 0.7, 0.75), (-0.7, -0.8, 0.75), (0.8, -0.8, 0.75))
MASS = ((0.0, 0.0, 4.0),)


@pytest.mark.parametrize(("cords", "is_filled"), [(NERVES, False), (MASS, True)])
def test_nerves_that_nearly_fill_a_narrow_canal_are_no_mass(cords, is_filled):
    canal = canal_in(block(20.0, radius=2.0, cords=cords))
    assert canal is not None
    assert canal.score >= RegionsSettings().canal_score_min
    fluid = (canal.fluid - CONTRAST.brain_share) / (1.0 - CONTRAST.brain_share)
    assert (fluid < RegionsSettings().canal_fluid_min) is is_filled


@pytest.mark.parametrize(
    ("tilt_deg", "ear", "share"), [(0.0, 1.0, 1.0), (0.0, 0.0, 0.0), (45.0, 1.0, 0.2)]
)
def test_a_canal_runs_across_the_head_and_leads_to_an_ear(tilt_deg, ear, share):
    sampler = block(0.0, ear=ear)
    canal = canal_in(block(0.0))
    assert canal is not None
    tilt = np.deg2rad(tilt_deg)
    across = np.cos(tilt) * canal.outward + [0.0, 0.0, np.sin(tilt)]
    bare = replace(canal, score=1.0)
    weighed = _weigh(sampler, CONTRAST, bare, across, RegionsSettings())
    assert weighed.score == pytest.approx(share, abs=0.1)


def test_a_gap_too_wide_is_no_canal() -> None:
    canal = canal_in(block(0.0, radius=7.0))
    assert canal is None or canal.score < RegionsSettings().canal_score_min


def test_a_line_is_fitted_through_most_points() -> None:
    points = np.arange(20.0)[:, None] * np.array([0.5, 0.0, 0.0])
    points[4] += [0.0, 4.0, 0.0]
    _, direction = fit_line(points)
    assert np.degrees(np.arccos(abs(direction[0]))) < 3.0
    assert direction @ (points[0] - points[-1]) > 0
