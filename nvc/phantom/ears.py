"""Canals, inner ears and air cells of the temporal bones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.phantom.geometry.shapes import Ellipsoid, Points, Solid, Union
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ear:
    """The fluid spaces of one temporal bone, head coordinates.

    Parameters
    ----------
    canal : Solid
        Internal auditory canal with its flared opening.
    fluid : Solid
        Cochlea, vestibule and semicircular canals.
    centre : ndarray, shape (3,)
        Of the vestibule.
    cells : Solid
        Mastoid air cells.
    """

    canal: Solid
    fluid: Solid
    centre: Points
    cells: Solid


def build_ear(rng: Generator, plan: SidePlan, sign: int) -> Ear:
    """Build one ear.

    The canal is 7.1 mm wide at its opening (CT) and 5.9 by 5.7 mm at its middle
    (MRI, n = 3786).
    """
    axis = plan.canal_axis
    length = float(np.linalg.norm(plan.fundus - plan.porus))
    arc = np.array([-4.0, 0.0, 0.2, 0.5, 0.85, 1.0]) * np.array([1.0, *[length] * 5])
    middle = np.array([2.96 + rng.normal(0.0, 0.12), 2.85 + rng.normal(0.0, 0.13)])
    flare = np.array([1.35, 1.2, 1.08, 1.0, 0.82, 0.6])
    course = mirror_points(plan.porus + (arc - 0.6)[:, None] * axis, sign)
    canal = CurvedTube(
        nodes=course,
        sections=flare[:, None] * middle,
        across=np.tile(_level(axis, sign), (len(course), 1)),
    )
    vestibule = plan.fundus + 4.0 * axis + np.array([0.0, -1.2, 0.3])
    vestibule = vestibule + rng.normal(0.0, 0.4, 3)
    fluid: list[Solid] = [
        Ellipsoid(
            centre=mirror_points(vestibule, sign), semi_axes=np.array([2.0, 2.6, 2.4])
        ),
        _cochlea(rng, plan.fundus + np.array([1.2, 4.0, -1.6]), sign),
    ]
    fluid += _semicircular(rng, vestibule, sign)
    return Ear(
        canal=canal,
        fluid=Union(tuple(fluid), 0.3),
        centre=mirror_points(vestibule, sign),
        cells=_cells(rng, vestibule, sign),
    )


def _level(axis: Points, sign: int) -> Points:
    outwards = mirror_points(axis, sign)
    forward = np.array([0.0, 1.0, 0.0])
    return unit(forward - (forward @ outwards) * outwards)


def _cochlea(rng: Generator, centre: Points, sign: int) -> Solid:
    """Two and a half turns around an axis that points forward and outwards."""
    modiolus = unit(np.array([0.55, 0.78, -0.25]) + rng.normal(0.0, 0.05, 3))
    first = unit(np.cross(modiolus, np.array([0.0, 0.0, 1.0])))
    second = np.cross(modiolus, first)
    turn = np.linspace(0.0, 5.0 * np.pi, 90)
    part = turn / turn[-1]
    width = 3.1 - 2.2 * part
    spiral = (
        centre
        + (width * np.cos(turn))[:, None] * first
        + (width * np.sin(turn))[:, None] * second
        + (2.6 * part - 1.0)[:, None] * modiolus
    )
    return CurvedTube.round(mirror_points(spiral, sign), 0.95 - 0.45 * part)


def _semicircular(rng: Generator, vestibule: Points, sign: int) -> list[Solid]:
    rings = (
        (np.array([0.70, 0.68, 0.0]), np.array([0.7, 0.7, 3.0]), 3.2),
        (np.array([0.68, -0.70, 0.1]), np.array([1.8, -2.8, 0.6]), 3.1),
        (np.array([0.0, 0.45, 0.89]), np.array([3.0, -1.0, 0.2]), 2.7),
    )
    solids: list[Solid] = []
    turn = np.linspace(0.0, 2.0 * np.pi, 60)
    for normal, shift, radius in rings:
        normal = unit(normal + rng.normal(0.0, 0.04, 3))
        first = unit(np.cross(normal, np.array([0.3, 0.2, 1.0])))
        second = np.cross(normal, first)
        size = radius * rng.normal(1.0, 0.04)
        ring = (
            vestibule
            + shift
            + size * (np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second)
        )
        solids.append(CurvedTube.round(mirror_points(ring, sign), 0.6))
    return solids


def _cells(rng: Generator, vestibule: Points, sign: int) -> Solid:
    middle = vestibule + np.array([13.0, -12.0, 0.0])
    cells: list[Solid] = []
    for _ in range(int(rng.integers(8, 16))):
        centre = middle + rng.normal(0.0, 1.0, 3) * np.array([4.0, 5.0, 7.0])
        cells.append(
            Ellipsoid(
                centre=mirror_points(centre, sign), semi_axes=rng.uniform(1.2, 3.5, 3)
            )
        )
    return Union(tuple(cells), 0.5)
