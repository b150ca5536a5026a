"""Labels drawn elsewhere become the tubes and landmarks they were drawn from."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.errors import GeometryError, InputError
from nvc.model.anatomy import Side, Structure, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Aligned, Origin, Regions, SideLandmarks, SideRegion
from nvc.model.study import SequenceRole
from nvc.segment.labels.read import segment_from_labels
from nvc.settings import NerveSettings

NERVE_RADIUS_MM = 0.9
ARTERY_RADIUS_MM = 0.7
PONS_RADIUS_MM = 9.0


def nerve_course(sign: float) -> np.ndarray:
    """A gently bent course from the pons (centre 0, 0, 0) to 22 mm lateral."""
    x = np.linspace(7.0, 22.0, 301)
    return np.stack([sign * x, 0.02 * (x - 7) ** 2, 0.1 * (x - 7)], axis=-1)


def artery_course() -> np.ndarray:
    y = np.linspace(-8.0, 8.0, 301)
    return np.stack([14.0 + 0.05 * y**2, y, 3.0 + 0 * y], axis=-1)


def oblique_grid(degrees: float, voxel_mm: tuple[float, float, float]) -> Grid:
    angle = np.deg2rad(degrees)
    turn = np.array(
        [
            [np.cos(angle), -np.sin(angle), 0],
            [np.sin(angle), np.cos(angle), 0],
            [0, 0, 1],
        ]
    )
    tilt = np.array(
        [
            [1, 0, 0],
            [0, np.cos(angle), -np.sin(angle)],
            [0, np.sin(angle), np.cos(angle)],
        ]
    )
    shape = tuple(
        round(extent / size)
        for extent, size in zip((52, 24, 16), voxel_mm, strict=True)
    )
    affine = np.eye(4)
    affine[:3, :3] = turn @ tilt @ np.diag(voxel_mm)
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    return Grid(shape=shape, voxel_to_ras_mm=affine)


def distance_to(points: np.ndarray, course: np.ndarray) -> np.ndarray:
    from scipy.spatial import cKDTree

    return cKDTree(course).query(points)[0]


def draw(grid: Grid, *, brainstem: bool = True, artery: bool = True) -> Volume:
    index = np.stack(np.indices(grid.shape), axis=-1)
    points = grid.to_ras_mm(index.astype(float))
    voxels = np.zeros(grid.shape, dtype=np.uint8)
    for side, label in ((Side.LEFT, Structure.CN7_LEFT), (Side.RIGHT, 2)):
        near = distance_to(points, nerve_course(side.sign)) < NERVE_RADIUS_MM
        voxels[near] = label
    if artery:
        near = distance_to(points, artery_course()) < ARTERY_RADIUS_MM
        voxels[near] = Structure.ARTERY
    if brainstem:
        pons = np.linalg.norm(points[..., :2], axis=-1) < PONS_RADIUS_MM
        voxels[pons] = Structure.BRAINSTEM
    return Volume(grid=grid, voxels=voxels)


def read(labels: Volume, regions: Regions | None = None):
    reference = Volume(grid=labels.grid, voxels=np.zeros(labels.grid.shape))
    aligned = Aligned(reference=reference, reference_role=SequenceRole.T2)
    regions = regions or Regions(head=None, levels=None, sides={})
    return segment_from_labels(labels, aligned, regions, NerveSettings())


@pytest.mark.parametrize("voxel_mm", [(0.5, 0.5, 0.5), (0.4, 0.4, 0.8)])
@pytest.mark.parametrize("degrees", [0.0, 12.0])
def test_courses_and_calibres_follow_the_labels(degrees, voxel_mm):
    found = read(draw(oblique_grid(degrees, voxel_mm)))
    for side in Side:
        tube = found.sides[side].facial
        middle = slice(len(tube.points_mm) // 5, -len(tube.points_mm) // 5)
        off = distance_to(tube.points_mm[middle], nerve_course(side.sign))
        claimed = tube.position_sd_mm[0]
        assert np.median(off) < claimed
        assert off.max() < 2 * claimed
        assert tube.radius_mm[middle] == pytest.approx(NERVE_RADIUS_MM, abs=0.08)
        # From the brainstem outwards.
        assert side.sign * (tube.points_mm[-1, 0] - tube.points_mm[0, 0]) > 10
    (artery,) = found.vessels
    assert artery.kind is VesselKind.ARTERY
    off = distance_to(artery.tube.points_mm, artery_course())
    assert np.median(off) < artery.tube.position_sd_mm[0] / 2
    assert np.median(artery.tube.radius_mm) == pytest.approx(ARTERY_RADIUS_MM, abs=0.06)


def test_root_points_lie_where_the_nerve_leaves_the_brain():
    found = read(draw(oblique_grid(5.0, (0.5, 0.5, 0.5))))
    for side in Side:
        marks = found.sides[side].landmarks
        course = nerve_course(side.sign)
        depth = np.linalg.norm(course[:, :2], axis=1) - PONS_RADIUS_MM
        leaves = course[np.argmax(depth > 0)]
        # The course leaves the brain at an angle, and its sections lean with it.
        along = np.gradient(course, axis=0)
        along /= np.linalg.norm(along, axis=1, keepdims=True)
        outward = np.pad(course[:, :2], ((0, 0), (0, 1)))
        outward /= np.linalg.norm(outward, axis=1, keepdims=True)
        lean = np.sqrt(1.0 - np.sum(along * outward, axis=1) ** 2)
        detaches = course[np.argmax(depth - NERVE_RADIUS_MM * lean > 0.3)]
        assert np.linalg.norm(marks.root_exit_point_mm - leaves) < 0.8
        assert np.linalg.norm(marks.root_detachment_mm - detaches) < 0.6


def test_without_a_brainstem_the_root_detachment_is_unknown():
    found = read(draw(oblique_grid(0.0, (0.5, 0.5, 0.5)), brainstem=False))
    nerves = found.sides[Side.LEFT]
    assert nerves.landmarks.root_detachment_mm is None
    assert any("brainstem" in reason for reason in nerves.reasons)
    assert abs(nerves.facial.points_mm[0, 0]) < abs(nerves.facial.points_mm[-1, 0])


def test_vessels_count_as_looked_for_only_where_one_was_drawn():
    found = read(draw(oblique_grid(0.0, (0.5, 0.5, 0.5))))
    assert found.vessels_assessed == {Side.LEFT: False, Side.RIGHT: True}
    found = read(draw(oblique_grid(0.0, (0.5, 0.5, 0.5)), artery=False))
    assert not any(found.vessels_assessed.values())


def test_confirmed_landmarks_are_kept():
    placed = np.array([12.0, 0.5, 0.5])
    region = SideRegion(
        landmarks=SideLandmarks(root_detachment_mm=placed, source=Origin.CONFIRMED)
    )
    regions = Regions(head=None, levels=None, sides={Side.RIGHT: region})
    found = read(draw(oblique_grid(0.0, (0.5, 0.5, 0.5))), regions)
    marks = found.sides[Side.RIGHT].landmarks
    assert np.array_equal(marks.root_detachment_mm, placed)
    assert marks.source is Origin.CONFIRMED


def test_exchanged_sides_are_refused():
    labels = draw(oblique_grid(0.0, (0.5, 0.5, 0.5)))
    swap = np.array([0, 2, 1, 4, 3, 5, 6, 7, 8], dtype=np.uint8)
    crossed = Volume(grid=labels.grid, voxels=swap[labels.voxels])
    with pytest.raises(InputError, match="patient's right"):
        read(crossed)


def test_a_missing_nerve_says_so():
    labels = draw(oblique_grid(0.0, (0.5, 0.5, 0.5)))
    without = np.where(labels.voxels == Structure.CN7_LEFT, 0, labels.voxels)
    found = read(Volume(grid=labels.grid, voxels=without.astype(np.uint8)))
    assert found.sides[Side.LEFT].facial is None
    assert "CN7_LEFT" in found.sides[Side.LEFT].reasons[0]
    assert found.sides[Side.RIGHT].facial is not None


def test_unknown_values_and_other_lattices_are_refused():
    labels = draw(oblique_grid(0.0, (0.5, 0.5, 0.5)))
    strange = np.array(labels.voxels)
    strange[0, 0, 0] = 77
    with pytest.raises(InputError, match="77"):
        read(Volume(grid=labels.grid, voxels=strange))
    other = oblique_grid(3.0, (0.5, 0.5, 0.5))
    aligned = Aligned(
        reference=Volume(grid=other, voxels=np.zeros(other.shape)),
        reference_role=SequenceRole.T2,
    )
    empty = Regions(head=None, levels=None, sides={})
    with pytest.raises(GeometryError, match="lattice"):
        segment_from_labels(labels, aligned, empty, NerveSettings())
