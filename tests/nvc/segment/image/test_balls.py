"""Opening by a ball, of masks whose radii are known."""

from __future__ import annotations

import numpy as np

from nvc.segment.image.balls import fit_ball, roll_ball

RIGHT, FRONT, UP = np.indices((21, 21, 21)) - 10
AWAY = np.sqrt(RIGHT**2 + FRONT**2 + UP**2)


def test_a_ball_fits_where_it_is_held_and_nowhere_in_a_rod():
    held = AWAY <= 6.0
    assert fit_ball(held, 4.0)[10, 10, 10]
    assert not fit_ball(held, 7.0).any()
    rod = np.hypot(RIGHT, FRONT) <= 2.0
    assert not fit_ball(rod, 3.0).any()
    assert fit_ball(rod, 2.0)[10, 10].all()


def test_what_lies_beyond_the_faces_counts_as_held():
    slab = UP <= -5
    assert fit_ball(slab, 4.0)[:, :, 0].all()


def test_a_ball_covers_what_lies_within_its_radius_of_a_middle():
    middles = AWAY == 0.0
    np.testing.assert_array_equal(roll_ball(middles, 5.0), AWAY <= 5.0)
