"""Pose, canals and seeds of painted heads, and refusals of what is no head."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from scipy import ndimage
from scipy.spatial.transform import Rotation

from nvc.io.template import read_template
from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Aligned, Origin, Regions, SideLandmarks
from nvc.model.study import SequenceRole
from nvc.regions import find_regions
from nvc.settings.regions import RegionsSettings
from tests.nvc.regions.painted_head import Paint, PaintedHead, paint_head

pytestmark = pytest.mark.slow

CASES = {
    "plain": Paint(seed=1, voxel_mm=(0.8, 0.8, 0.8)),
    "noisy-and-shaded": Paint(seed=2, noise=0.08, shading=0.4),
    "tilted-12-degrees": Paint(seed=3, tilt_deg=12.0),
    "thick-slices": Paint(seed=4, voxel_mm=(0.7, 0.7, 1.0)),
    "coarse": Paint(seed=5, voxel_mm=(0.8, 0.8, 0.8), noise=0.06),
}


@cache
def painted(paint: Paint) -> PaintedHead:
    return paint_head(paint)


def regions_of(volume: Volume) -> Regions:
    aligned = Aligned(reference=volume.canonical(), reference_role=SequenceRole.T2)
    return find_regions(aligned, RegionsSettings(), read_template())


@cache
def found(paint: Paint) -> Regions:
    return regions_of(painted(paint).volume)


def apart(one: np.ndarray | None, other: np.ndarray) -> float:
    assert one is not None
    return float(np.linalg.norm(one - other))


@pytest.mark.parametrize("case", CASES)
def test_canals_and_seeds_lie_where_they_were_painted(case: str) -> None:
    head, regions = painted(CASES[case]), found(CASES[case])
    for side, truth in head.sides.items():
        region = regions.sides[side]
        marks = region.landmarks
        assert region.evaluable, region.reasons
        assert apart(marks.porus_mm, truth.porus_mm) < 1.0
        assert apart(marks.fundus_mm, truth.fundus_mm) < 1.0
        assert apart(marks.root_detachment_mm, truth.root_mm) < 6.0
        assert marks.source is Origin.PROPOSED


@pytest.mark.parametrize("case", CASES)
def test_the_patients_right_is_found(case: str) -> None:
    head, regions = painted(CASES[case]), found(CASES[case])
    assert regions.head is not None
    cosine = regions.head.axes[:, 0] @ head.axes[:, 0]
    assert np.degrees(np.arccos(cosine)) < 3.0
    np.testing.assert_allclose(
        regions.head.axes.T @ regions.head.axes, np.eye(3), atol=1e-9
    )
    middle = np.mean([t.porus_mm for t in head.sides.values()], axis=0)
    assert abs(regions.head.to_head(middle)[0]) < 2.0


def test_levels_are_those_painted() -> None:
    levels = found(CASES["plain"]).levels
    assert levels is not None
    assert levels.brain / levels.csf == pytest.approx(0.35, abs=0.06)
    assert levels.noise / levels.csf == pytest.approx(0.04, rel=0.4)


@pytest.mark.parametrize("codes", ["LPS", "PIR"])
def test_storage_order_and_a_turn_of_the_world_change_nothing(codes: str) -> None:
    volume = painted(CASES["plain"]).volume
    world = np.eye(4)
    world[:3, :3] = Rotation.from_euler("xyz", (9, -7, 12), degrees=True).as_matrix()
    world[:3, 3] = (12.0, -30.0, 45.0)
    moved = stored(volume, codes, world)
    before, after = found(CASES["plain"]), regions_of(moved)
    for side in Side:
        for name in ("porus_mm", "fundus_mm", "root_detachment_mm"):
            old = getattr(before.sides[side].landmarks, name)
            new = getattr(after.sides[side].landmarks, name)
            expected = world[:3, :3] @ old + world[:3, 3]
            np.testing.assert_allclose(new, expected, atol=1e-4)


def stored(volume: Volume, codes: str, world: np.ndarray) -> Volume:
    """Store RAS voxels in another order, in a moved world."""
    axes = ["RL", "AP", "SI"]
    order = [next(n for n, pair in enumerate(axes) if c in pair) for c in codes]
    flips = [c in "LPI" for c in codes]
    voxels = np.transpose(volume.voxels, order)
    step = volume.grid.voxel_to_ras_mm[:3, :3][:, order].copy()
    first = volume.grid.voxel_to_ras_mm[:3, 3].copy()
    for axis, flipped in enumerate(flips):
        if flipped:
            first += step[:, axis] * (voxels.shape[axis] - 1)
            step[:, axis] *= -1
            voxels = np.flip(voxels, axis)
    affine = np.eye(4)
    affine[:3, :3], affine[:3, 3] = step, first
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=world @ affine)
    return Volume(grid=grid, voxels=voxels)


def test_same_input_same_result() -> None:
    again = regions_of(painted(CASES["plain"]).volume)
    for side in Side:
        one = found(CASES["plain"]).sides[side].landmarks.porus_mm
        np.testing.assert_array_equal(again.sides[side].landmarks.porus_mm, one)


@pytest.mark.parametrize(
    "paint",
    [
        Paint(seed=6, filled=Side.LEFT, voxel_mm=(0.8, 0.8, 0.8)),
        Paint(seed=8, filled=Side.LEFT, voxel_mm=(0.8, 0.8, 0.8)),
        Paint(seed=7, without=Side.LEFT, voxel_mm=(0.8, 0.8, 0.8)),
    ],
    ids=["filled", "filled but for the labyrinth", "absent"],
)
def test_one_missing_canal_leaves_the_other_side(paint: Paint) -> None:
    regions = found(paint)
    left, right = regions.sides[Side.LEFT], regions.sides[Side.RIGHT]
    assert not left.evaluable
    assert left.reasons
    assert left.landmarks.porus_mm is None
    assert right.evaluable, right.reasons
    truth = painted(paint).sides[Side.RIGHT]
    assert apart(right.landmarks.porus_mm, truth.porus_mm) < 1.5


def noise_only() -> Volume:
    voxels = np.abs(np.random.default_rng(3).normal(0, 100, (120, 120, 50)))
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=np.diag([0.8, 0.8, 0.8, 1.0]))
    return Volume(grid=grid, voxels=voxels.astype(np.float32))


def blobs() -> Volume:
    """Organs of an abdomen: a body with ovals of all intensities."""
    rng = np.random.default_rng(4)
    shape = (160, 140, 45)
    place = np.indices(shape).reshape(3, -1).T.astype(float)
    body = ((place[:, 0] - 80) / 75) ** 2 + ((place[:, 1] - 70) / 55) ** 2 < 1
    values = 0.3 * np.ones(len(place))
    for _ in range(40):
        centre, radii = rng.uniform(20, 140, 3), rng.uniform(3, 22, 3)
        inside = (((place - centre * [1, 0.9, 0.3]) / radii) ** 2).sum(1) < 1
        values[inside] = rng.choice([0.0, 0.2, 0.5, 1.0])
    voxels = np.where(body, values, 0.0).reshape(shape)
    voxels = 1000 * ndimage.gaussian_filter(voxels, 0.7) + rng.normal(0, 20, shape)
    grid = Grid(shape=shape, voxel_to_ras_mm=np.eye(4))
    return Volume(grid=grid, voxels=voxels.astype(np.float32))


def above_the_canals() -> Volume:
    return painted(
        Paint(seed=8, centre_mm=(0.0, -6.0, 36.0), voxel_mm=(1.0, 1.0, 1.0))
    ).volume


def brain_extracted() -> Volume:
    volume = painted(CASES["plain"]).volume
    bright = ndimage.binary_opening(volume.voxels > 0.15 * 800, iterations=5)
    labels, _ = ndimage.label(bright)
    middle = labels[tuple(n // 2 for n in labels.shape)]
    kept = np.where(labels == middle, volume.voxels, 0)
    return Volume(grid=volume.grid, voxels=kept)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (noise_only, "noise only"),
        (blobs, "no inner ears"),
        (above_the_canals, "no inner ears"),
        (brain_extracted, "brain may have been extracted"),
    ],
)
def test_what_holds_no_inner_ear_is_refused_with_the_reason(make, words: str) -> None:
    regions = regions_of(make())
    assert not any(region.evaluable for region in regions.sides.values())
    assert words in " ".join(regions.reasons)


def test_given_landmarks_replace_the_proposals_of_their_side() -> None:
    porus = np.array([25.0, 1.0, 2.0])
    given = {Side.RIGHT: SideLandmarks(porus_mm=porus)}
    aligned = Aligned(
        reference=painted(CASES["plain"]).volume, reference_role=SequenceRole.T2
    )
    regions = find_regions(aligned, RegionsSettings(), read_template(), given=given)
    right, left = regions.sides[Side.RIGHT], regions.sides[Side.LEFT]
    np.testing.assert_array_equal(right.landmarks.porus_mm, porus)
    assert right.landmarks.source is Origin.CONFIRMED
    assert right.landmarks.fundus_mm is not None
    assert left.landmarks.source is Origin.PROPOSED
