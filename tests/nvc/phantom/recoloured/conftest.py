"""A small cistern with known walls: a round brainstem in a round room."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.phantom.geometry.courses import smooth_course
from nvc.phantom.geometry.shapes import Ellipsoid, Outside, Solid
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.recoloured.fields import Field, Lattice
from nvc.phantom.recoloured.fossa import Fossa
from nvc.phantom.recoloured.vessels import Bed

LATTICE = Lattice.between(np.full(3, -31.0), np.full(3, 31.0), 0.6)
STEM = CurvedTube.round(np.array([[0.0, 0.0, -60.0], [0.0, 0.0, 60.0]]), 10.0)
ROOM = Ellipsoid(centre=np.zeros(3), semi_axes=np.full(3, 28.0))


def ball(radius_mm: float, centre: tuple[float, float, float]) -> Ellipsoid:
    """Return a ball."""
    return Ellipsoid(centre=np.array(centre), semi_axes=np.full(3, radius_mm))


def sampled(solid: Solid) -> Field:
    """Return a solid's distances on the lattice."""
    values = solid.distance(LATTICE.points().reshape(-1, 3))
    return Field(
        lattice=LATTICE, values=values.reshape(LATTICE.shape).astype(np.float32)
    )


@pytest.fixture(scope="session")
def facial() -> CurvedTube:
    """CN VII, 1.6 mm across, straight from the stem to the room's wall."""
    points = np.array([[8.0, 0.0, 0.0], [18.0, 0.0, 0.0], [29.0, 0.0, 0.0]])
    return CurvedTube.round(smooth_course(points, 0.25), 0.8)


@pytest.fixture(scope="session")
def bed(facial: CurvedTube) -> Bed:
    """The right side of the cistern."""
    brain, wall = sampled(STEM), sampled(ROOM)
    points = np.array([[8.0, -4.0, -2.0], [18.0, -3.5, -2.0], [29.0, -3.0, -1.0]])
    return Bed(
        sign=1,
        fossa=Fossa(wall=wall, brain=brain, grey=brain, tissue=brain),
        canal=ball(3.0, (29.0, 0.0, 0.0)),
        facial=facial,
        eighth=CurvedTube.round(smooth_course(points, 0.25), 0.9),
        places=(2.0, 4.0, 19.0),
    )


@pytest.fixture(scope="session")
def outside_brain_and_bone() -> tuple[Solid, Solid]:
    """The exact solids that the cistern's fields stand for."""
    return STEM, Outside(ROOM)
