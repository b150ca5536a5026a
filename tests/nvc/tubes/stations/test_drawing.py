import numpy as np

from nvc.model.grid import Volume
from nvc.model.stages import TissueLevels
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.drawing import draw_tubes, take_out
from nvc.tubes.stations.picture import make_picture
from tests.nvc.segment.tube_scene import grid_of

LEVELS = TissueLevels(csf=900.0, brain=300.0, noise=10.0)
SPAN = LEVELS.csf - LEVELS.brain


def tube(y_mm, contrast=-1.5, radius=0.8):
    x = np.arange(2.0, 24.0, 0.5)
    points = np.stack([x, y_mm + 0.1 * x, 0.05 * x], axis=1)
    return Course(
        points_mm=points,
        radius_mm=np.full(len(x), radius),
        contrast=np.full(len(x), contrast),
    )


def scene():
    grid = grid_of(0.5)
    fluid = Volume(grid=grid, voxels=np.full(grid.shape, LEVELS.csf, np.float32))
    picture = make_picture(fluid, LEVELS.brain, SPAN, LEVELS.noise, 1.15)
    index = np.moveaxis(np.indices(grid.shape, dtype=float), 0, -1)
    return grid, picture, grid.to_ras_mm(index)


def test_a_drawn_tube_is_as_dark_as_it_is_said_to_be_and_no_wider():
    _, picture, places = scene()
    vessel = tube(0.0, radius=1.5)
    taken = draw_tubes(picture, places, [vessel])
    gap = np.linalg.norm(places[..., None, :] - vessel.points_mm[10:30], axis=-1).min(
        axis=-1
    )
    assert np.allclose(taken[gap < 0.4], -1.5, atol=0.05)
    middle = np.abs(places[..., 0] - 12.0) < 3.0
    assert np.abs(taken[middle & (gap > 3.0)]).max() < 0.02


def test_what_a_vessel_takes_is_given_back_and_nerves_stay():
    grid, picture, places = scene()
    vessel, nerve = tube(0.0), tube(1.7, contrast=-1.0)
    both = draw_tubes(picture, places, [vessel]) + draw_tubes(picture, places, [nerve])
    before = LEVELS.csf + SPAN * both
    image = Volume(grid=grid, voxels=before.astype(np.float32))
    after = take_out(image, LEVELS, picture, [vessel]).voxels
    alone = LEVELS.csf + SPAN * draw_tubes(picture, places, [nerve])
    assert np.abs(after - alone).max() < 1.0
    assert after.max() <= LEVELS.csf + 1e-3
    np.testing.assert_array_equal(image.voxels, before.astype(np.float32))


def test_a_vessel_outside_the_volume_changes_nothing():
    grid, picture, _ = scene()
    image = Volume(grid=grid, voxels=np.full(grid.shape, 500.0, np.float32))
    away = Course(
        points_mm=tube(0.0).points_mm + 500.0,
        radius_mm=tube(0.0).radius_mm,
        contrast=tube(0.0).contrast,
    )
    after = take_out(image, LEVELS, picture, [away])
    np.testing.assert_array_equal(after.voxels, image.voxels)
