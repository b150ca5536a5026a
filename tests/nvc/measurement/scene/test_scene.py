"""Which voxels a scene looks at, and where they lie."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.places.local_course import cut_local_course
from nvc.measurement.scene.scene import ExpectedIntensity, TubeInScene, pick_voxels_near
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Tube

RADIUS_MM, REACH_MM, TUBE_MM = 3.0, 0.8, 0.9
CENTRE_MM = np.array([12.0, -7.0, 4.0])
AFFINES = {
    "upright": np.diag([0.5, 0.6, 0.4]),
    "flipped": np.diag([-0.5, 0.6, -0.4]),
    "sheared": np.array([[0.5, 0.35, 0.0], [0.0, 0.6, 0.1], [0.0, 0.0, 0.4]]),
}


def volume(edges: np.ndarray, shape: tuple[int, int, int] = (40, 36, 44)) -> Volume:
    affine = np.eye(4)
    affine[:3, :3] = edges
    affine[:3, 3] = CENTRE_MM + 0.1 - edges @ (np.array(shape) / 2)
    voxels = np.random.default_rng(3).normal(size=shape)
    return Volume(grid=Grid(shape=shape, voxel_to_ras_mm=affine), voxels=voxels)


def tube(*, length_mm: float = 20.0) -> TubeInScene:
    """A straight tube through the centre, along x."""
    x = np.linspace(-10.0, length_mm - 10.0, 41)
    course = Tube(
        points_mm=CENTRE_MM + np.stack([x, 0 * x, 0 * x], axis=-1),
        radius_mm=np.full(41, TUBE_MM),
        position_sd_mm=np.full(41, 0.1),
    )
    return TubeInScene(
        course=cut_local_course(course, 10.0),
        contrast=ExpectedIntensity(mean=-0.5, sd=0.1),
        stretch_sd=0.1,
        terms=3,
    )


def brute_force(image: Volume, *, end_mm: float = np.inf) -> np.ndarray:
    index = np.stack(np.indices(image.grid.shape), axis=-1).reshape(-1, 3)
    away = image.grid.to_ras_mm(index.astype(float)) - CENTRE_MM
    wall = np.hypot(away[:, 1], away[:, 2]) - TUBE_MM
    near = (np.linalg.norm(away, axis=1) <= RADIUS_MM) & (np.abs(wall) <= REACH_MM)
    return index[near & (away[:, 0] <= end_mm)]


@pytest.mark.parametrize("edges", AFFINES.values(), ids=AFFINES.keys())
def test_the_voxels_near_the_wall_are_those_of_a_search_through_all(edges):
    image = volume(edges)
    index, points, values = pick_voxels_near(
        image, CENTRE_MM, [tube()], radius_mm=RADIUS_MM, reach_mm=REACH_MM
    )
    np.testing.assert_array_equal(index, brute_force(image))
    np.testing.assert_allclose(
        points, image.grid.to_ras_mm(index.astype(float)) - CENTRE_MM, atol=1e-9
    )
    np.testing.assert_array_equal(values, image.voxels[tuple(index.T)])


def test_past_the_end_of_a_measured_tube_nothing_is_looked_at():
    image = volume(AFFINES["upright"])
    index, _, _ = pick_voxels_near(
        image, CENTRE_MM, [tube(length_mm=11.0)], radius_mm=RADIUS_MM, reach_mm=REACH_MM
    )
    np.testing.assert_array_equal(index, brute_force(image, end_mm=1.0))


def test_a_place_outside_the_image_has_no_voxels():
    image = volume(AFFINES["upright"])
    far = [tube()]
    index, points, values = pick_voxels_near(
        image, CENTRE_MM + 100.0, far, radius_mm=RADIUS_MM, reach_mm=REACH_MM
    )
    assert len(index) == len(points) == len(values) == 0
