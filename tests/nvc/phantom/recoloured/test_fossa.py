"""Walls between planes that were read, and brain told from what is thin."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.anatomy import Side
from nvc.phantom.recoloured.fields import Field, Lattice
from nvc.phantom.recoloured.fossa import FAINT, measure_wall, sharpen
from nvc.phantom.recoloured.reading import HeadReading, Wall

LATTICE = Lattice.between(np.full(3, -15.0), np.full(3, 15.0), 0.6)


def _reading(half: tuple[float, float]) -> HeadReading:
    """A room between two planes 20 mm apart, square, open behind."""
    walls = [
        Wall(
            height_mm=height,
            points_mm=np.array([[-w, -8.0], [-w, 8.0], [w, 8.0], [w, -8.0]]),
        )
        for height, w in zip((-10.0, 10.0), half, strict=True)
    ]
    return HeadReading(
        head="box",
        digest="",
        brain_mm=np.zeros(3),
        temporal_mm=np.zeros((2, 3)),
        walls=tuple(walls),
        trunks={},
        sides=dict.fromkeys(Side),  # type: ignore[arg-type]
    )


def test_the_wall_lies_where_it_was_read() -> None:
    wall = measure_wall(_reading((8.0, 8.0)), LATTICE, np.eye(4))
    points = np.array([[8.0, 0.0, 0.0], [6.0, 0.0, 3.0], [0.0, 8.0, -5.0], [9, 0, 0]])
    assert wall.distance(points) == pytest.approx([0.0, -2.0, 0.0, 1.0], abs=0.3)


def test_between_planes_it_runs_straight() -> None:
    wall = measure_wall(_reading((4.0, 12.0)), LATTICE, np.eye(4))
    on_it = np.array([[6.0, 0.0, -5.0], [8.0, 0.0, 0.0], [10.0, 0.0, 5.0]])
    assert wall.distance(on_it) == pytest.approx(np.zeros(3), abs=0.35)


def test_faint_is_fluid_and_a_pale_nerve_is_full() -> None:
    values = np.array([0.0, FAINT, 0.28, 0.5, 1.0], dtype=np.float32)
    tissue = Field(lattice=LATTICE, values=values)
    found = sharpen(tissue, 0.5).values
    assert found == pytest.approx([0.0, 0.0, 0.5, 1.0, 1.0], abs=1e-3)
