import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from scipy.stats import ncx2

from nvc.model.grid import Grid, Volume
from nvc.tubes.disc import blur_disc, tabulate_disc
from nvc.tubes.stations.course import Course, Expectation, lay_stations
from nvc.tubes.stations.fit import fit_stations
from nvc.tubes.stations.known import make_neighbours
from nvc.tubes.stations.picture import make_picture, measure_spread
from nvc.tubes.stations.values import no_neighbours

BLUR_MM = 0.22
LENGTH = np.arange(-4.0, 4.01, 0.5)[:, None]


def test_blurred_disc_is_the_marcum_q_function():
    rng = np.random.default_rng(0)
    for _ in range(300):
        spread, radius = rng.uniform(0.15, 0.4), rng.uniform(0.1, 2.5)
        distance, step = rng.uniform(0.01, 3.5), 1e-5

        def true(d, r, s=spread):
            return ncx2.cdf((r / s) ** 2, 2, (d / s) ** 2)

        value, by_d, by_r = blur_disc(distance, radius, spread, tabulate_disc())
        assert value == pytest.approx(true(distance, radius), abs=4e-3)
        slope = true(distance + step, radius) - true(distance - step, radius)
        assert by_d == pytest.approx(slope / (2 * step), abs=1e-4)
        slope = true(distance, radius + step) - true(distance, radius - step)
        assert by_r == pytest.approx(slope / (2 * step), abs=1e-4)


def drawn(tubes, size, seed=0, noise=0.03):
    """Dark tubes in fluid of 1: exact discs, blurred finely, then sampled."""
    fine, count = 4, (28, 28, 24)
    axes = [
        (np.arange(n * fine) + 0.5) / fine * e - 0.5 * n * e
        for n, e in zip(count, size, strict=True)
    ]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), -1)
    image = np.ones(places.shape[:-1])
    for centre, direction, radius, level in tubes:
        away = places - centre
        along = away @ direction
        gap = np.sqrt(np.maximum((away**2).sum(-1) - along**2, 0.0))
        share = np.clip(0.5 - (gap - radius) / (np.mean(size) / fine), 0, 1)
        image += share * (level - image)
    image = gaussian_filter(image, [BLUR_MM * fine / e for e in size])
    image = image[fine // 2 :: fine, fine // 2 :: fine, fine // 2 :: fine]
    rng = np.random.default_rng(seed)
    affine = np.diag([*size, 1.0])
    offset = [axis[fine // 2] for axis in axes]
    affine[:3, 3] = offset
    grid = Grid(shape=image.shape, voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=image + rng.normal(0, noise, image.shape))


def picture(volume, noise=0.03):
    ready = make_picture(volume, 0.0, 1.0, noise, 1.0)
    return ready._replace(spread_mm2=np.eye(3) * BLUR_MM**2)


def unit(*v):
    return np.array(v) / np.linalg.norm(v)


def guess(centre, direction, radius, contrast=-1.3):
    points = centre + LENGTH * direction
    count = len(points)
    return Course(
        points_mm=points,
        radius_mm=np.full(count, radius),
        contrast=np.full(count, contrast),
    )


def offsets(fitted, centre, direction):
    away = fitted.centre_mm - centre
    away -= np.outer(away @ direction, direction)
    return np.linalg.norm(away, axis=1)


@pytest.mark.parametrize("size", [(0.5, 0.5, 0.5), (0.4, 0.4, 0.7)])
@pytest.mark.parametrize("radius", [0.4, 0.7, 1.2])
def test_lone_tube_is_measured_within_its_own_error(radius, size):
    direction, centre = unit(0.3, 0.4, 1.0), np.array([0.1, -0.15, 0.05])
    volume = drawn([(centre, direction, radius, -0.4)], size)
    course = guess(centre + np.array([0.2, -0.1, 0.0]), direction, radius * 1.25)
    ready = picture(volume)
    fit = fit_stations(
        ready, lay_stations(ready, course, Expectation()), no_neighbours()
    )
    assert np.median(offsets(fit, centre, direction)) < 0.03
    assert np.median(fit.radius_mm) == pytest.approx(radius, abs=0.06)
    assert np.median(fit.contrast) == pytest.approx(-1.4, abs=0.2)
    assert fit.gain.min() > 100


def test_tube_that_touches_a_nerve_keeps_its_centre_and_calibre():
    along, across = unit(1.0, 0.1, 0.0), unit(-0.1, 1.0, 0.2)
    apart = unit(*np.cross(along, across))
    nerve_centre, radius = np.array([0.0, 0.0, -0.6]), 0.5
    centre = nerve_centre + apart * (0.8 + radius)
    size = (0.5, 0.5, 0.5)
    volume = drawn(
        [(nerve_centre, along, 0.8, 0.0), (centre, across, radius, -0.4)], size
    )
    ready = picture(volume)
    nerve = guess(nerve_centre + 0.08 * apart, along, 0.84, -1.0)
    stations = lay_stations(ready, guess(centre, across, 0.6), Expectation())
    beside = fit_stations(ready, stations, make_neighbours([nerve], 0.15, 0.15))
    middle = slice(7, 10)
    assert offsets(beside, centre, across)[middle].max() < 0.04
    assert np.abs(beside.radius_mm[middle] - radius).max() < 0.05


def test_tube_of_which_only_the_wide_end_comes_near_is_a_neighbour():
    volume = drawn([], (0.5, 0.5, 0.5))
    ready = picture(volume)
    along = np.arange(-9.0, -2.9, 0.5)
    flaring = Course(
        points_mm=along[:, None] * unit(1, 0, 0),
        radius_mm=np.where(along < along[-1], 0.1, 2.0),
        contrast=np.full(len(along), -1.0),
    )
    stations = lay_stations(
        ready, guess(np.zeros(3), unit(0, 0, 1), 0.5), Expectation()
    )
    fit = fit_stations(ready, stations, make_neighbours([flaring], 0.15, 0.15))
    assert np.isfinite(fit.centre_mm).all()


def test_empty_fluid_gains_nothing():
    volume = drawn([], (0.5, 0.5, 0.5))
    ready = picture(volume)
    course = guess(np.zeros(3), unit(0, 0.2, 1), 0.5)
    fit = fit_stations(
        ready, lay_stations(ready, course, Expectation()), no_neighbours()
    )
    assert fit.gain.max() < 25


def test_stations_outside_the_image_are_marked():
    volume = drawn([], (0.5, 0.5, 0.5))
    ready = picture(volume)
    course = guess(np.full(3, 60.0), unit(0, 0, 1), 0.5)
    fit = fit_stations(
        ready, lay_stations(ready, course, Expectation()), no_neighbours()
    )
    assert not fit.voxels.any()


@pytest.mark.parametrize("assumed", [0.7, 1.0, 1.5])
def test_point_spread_is_measured_whatever_was_assumed(assumed):
    direction, centre = unit(0.2, 0.1, 1.0), np.zeros(3)
    volume = drawn([(centre, direction, 1.0, -0.4)], (0.5, 0.5, 0.5))
    ready = picture(volume)
    wrong = ready._replace(spread_mm2=ready.spread_mm2 * assumed**2)
    course = guess(centre, direction, 1.0, -1.4)
    stations = lay_stations(wrong, course, Expectation())
    course = Course(
        points_mm=course.points_mm,
        radius_mm=course.radius_mm,
        contrast=course.contrast,
        fitted=fit_stations(wrong, stations, no_neighbours()),
    )
    found = measure_spread(wrong, [course], no_neighbours())
    assert np.sqrt(found.spread_mm2[0, 0]) == pytest.approx(BLUR_MM, rel=0.12)
