"""Distances found on a lattice agree with a ball's own."""

from __future__ import annotations

import numpy as np

from nvc.phantom.recoloured.fields import Field, Lattice, signed_distance

LATTICE = Lattice.between(np.full(3, -12.0), np.full(3, 12.0), 0.6)


def test_distances_to_a_ball() -> None:
    points = LATTICE.points()
    level = (np.linalg.norm(points, axis=-1) - 6.3).astype(np.float32)
    everywhere = np.ones(LATTICE.shape, dtype=bool)
    # A level of another slope: only where it is zero may matter.
    found = signed_distance(np.float32(0.2) * level, 0.6, everywhere)
    field = Field(lattice=LATTICE, values=found)
    rng = np.random.default_rng(1)
    ways = rng.normal(size=(300, 3))
    ways /= np.linalg.norm(ways, axis=1, keepdims=True)
    for true, most in ((0.0, 0.06), (0.4, 0.1), (-0.4, 0.1), (3.0, 0.5), (-3.0, 0.5)):
        error = field.distance((6.3 + true) * ways) - true
        assert np.abs(error).max() < most


def test_what_does_not_count_is_outside() -> None:
    level = np.full(LATTICE.shape, -1.0, dtype=np.float32)
    within = np.zeros(LATTICE.shape, dtype=bool)
    within[:10] = True
    found = signed_distance(level, 0.6, within)
    assert (found[:8] < 0.0).all()
    assert (found[12:] > 0.0).all()
