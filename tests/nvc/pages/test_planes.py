import numpy as np
import pytest

from nvc.pages.planes import (
    lay_across,
    lay_along,
    lay_axial,
    name_direction,
)

HERE = np.array([20.0, -5.0, 3.0])
AXES = np.eye(3)


def unit(*values):
    direction = np.array(values, dtype=float)
    return direction / np.linalg.norm(direction)


def assert_square(plane):
    frame = np.stack([plane.right, plane.up])
    np.testing.assert_allclose(frame @ frame.T, np.eye(2), atol=1e-9)


def test_axial_shows_the_patients_right_at_the_left():
    letters = lay_axial(HERE, AXES, 40.0).letters(AXES)
    assert letters == {"left": "R", "right": "L", "top": "A", "bottom": "P"}


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("beside", "top"), [((0, 0, -1), "S"), ((0, -1, 0.1), "A"), ((0, 1, 1.5), "S")]
)
def test_along_is_upright_on_both_sides(sign, beside, top):
    course = unit(sign, 0.3, 0.0)
    plane = lay_along(HERE, course, unit(*beside), AXES, 20.0)
    assert_square(plane)
    assert plane.letters(AXES)["left"].startswith("R")
    assert plane.letters(AXES)["top"].startswith(top)
    *_, away = plane.project(HERE + 3 * course)
    assert away == pytest.approx(0.0, abs=1e-9)


def test_along_a_nerve_that_climbs_the_brainstem_keeps_superior_up():
    course, beside = unit(0.3, 0.1, 0.95), unit(1, 0.2, 0)
    plane = lay_along(HERE, course, beside, AXES, 20.0)
    assert plane.letters(AXES) == {"left": "R", "right": "L", "top": "S", "bottom": "I"}


def test_along_holds_the_direction_to_the_vessel():
    course, beside = unit(1, 0.5, 0.1), unit(0.2, 0.7, -0.9)
    plane = lay_along(HERE, course, beside, AXES, 20.0)
    *_, away = plane.project(HERE + 3 * beside)
    assert away == pytest.approx(0.0, abs=1e-9)


def test_along_with_the_vessel_straight_ahead_still_works():
    assert_square(lay_along(HERE, unit(1, 0, 0), unit(1, 0, 0), AXES, 20.0))


@pytest.mark.parametrize(
    ("course", "left"), [((1, 0.2, 0), "A"), ((-1, 0.2, 0), "A"), ((0.2, 1, 0), "R")]
)
def test_across_is_sagittal_or_coronal_with_superior_up(course, left):
    plane = lay_across(HERE, unit(*course), AXES, 12.0)
    assert_square(plane)
    assert plane.right @ unit(*course) == pytest.approx(0.0, abs=1e-9)
    assert plane.letters(AXES)["left"].startswith(left)
    assert plane.letters(AXES)["top"] == "S"


def test_pixels_lie_where_project_puts_them():
    plane = lay_across(HERE, unit(1, 0.4, 0.2), AXES, 12.0)
    points = plane.points_mm(0.5)
    assert points.shape == (24, 24, 3)
    x, y, away = np.moveaxis(plane.project(points), -1, 0)
    np.testing.assert_allclose(away, 0.0, atol=1e-9)
    np.testing.assert_allclose(x[0], np.arange(24) * 0.5 - 5.75, atol=1e-9)
    assert y[0, 0] == pytest.approx(5.75)  # the top row is the highest
    assert y[-1, 0] == pytest.approx(-5.75)


@pytest.mark.parametrize(
    ("direction", "letters"),
    [
        ((1, 0, 0), "R"),
        ((0, -1, 0.2), "P"),
        ((0.8, 0.8, 0), "RA"),
        ((0, 0.5, -0.9), "I"),
        ((0, 0.6, -0.8), "IA"),
    ],
)
def test_letters_follow_the_axes_of_the_patient(direction, letters):
    assert name_direction(unit(*direction), AXES) == letters


def test_letters_do_not_depend_on_how_the_world_is_turned():
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    for direction in np.random.default_rng(3).normal(size=(20, 3)):
        turned = name_direction(turn @ direction, turn @ AXES)
        assert turned == name_direction(direction, AXES)
