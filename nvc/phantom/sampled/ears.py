"""The inner ear as fluid, and the openings of the petrous bone."""

from __future__ import annotations

import numpy as np

from nvc.phantom.ears import Ear
from nvc.phantom.geometry.courses import resample, smooth_course
from nvc.phantom.geometry.shapes import Points, Union
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import mirror_points, unit
from nvc.phantom.sampled.fossa import Opening
from nvc.phantom.sampled.lattice import Generator

CANAL_HALF_MM = (2.96, 2.85)
"""Half width of the canal's middle: 5.93 by 5.70 mm across (MRI, n = 3786)."""
MOUTH = 1.22
"""Its opening's width over its middle's: 7.1 mm (CT)."""


def open_bone(rng: Generator, sign: int, ends: tuple[Points, Points]) -> Opening:
    """Lay internal auditory canal, Meckel's cave and jugular foramen of one side."""
    porus, fundus = ends
    axis = unit(fundus - porus)
    length = float(np.linalg.norm(fundus - porus))
    arc = length * np.array([-0.35, -0.05, 0.12, 0.5, 0.8, 0.97]) + 0.3
    half = np.array(CANAL_HALF_MM) * np.clip(rng.normal(1.0, 0.06, 2), 0.88, 1.12)
    width = np.array([MOUTH + 0.12, MOUTH, 1.08, 1.0, 0.85, 0.68])
    level = unit(np.cross(axis, [0.0, 0.0, 1.0]))
    canal = CurvedTube(
        nodes=porus + arc[:, None] * axis,
        sections=width[:, None] * half,
        across=np.tile(level, (len(arc), 1)),
    )
    azimuth = np.deg2rad(rng.normal(45.0, 3.5))
    normal = np.array([-np.sin(azimuth), -np.cos(azimuth), rng.normal(0.12, 0.05)])
    cave = np.array([[19.5, 14.0, 16.5], [21.5, 19.0, 17.0], [23.5, 24.0, 15.5]])
    jugular = np.array([[-2.5, -3.0, -8.0], [0.5, -0.5, -10.0], [3.0, 1.5, -14.0]])
    return Opening(
        porus=porus,
        fundus=fundus,
        face_normal=unit(mirror_points(normal, sign)),
        canal=canal,
        cave=CurvedTube.round(
            mirror_points(cave + rng.normal(0.0, 0.5, 3), sign),
            rng.uniform(0.85, 1.15) * np.array([2.2, 2.8, 2.2]),
        ),
        jugular=CurvedTube.round(
            porus + mirror_points(jugular, sign),
            rng.uniform(0.8, 1.25) * np.array([2.4, 2.6, 2.8]),
        ),
    )


def build_labyrinth(
    rng: Generator, sign: int, opening: Opening
) -> tuple[Ear, list[CurvedTube]]:
    """Build cochlea, vestibule and semicircular canals beyond the fundus.

    The cochlea turns two and a half times, 7 mm across its base and 4 mm high, its
    apex forwards, outwards and down. The canals are rings of 3.0 to 3.4 mm radius: the
    anterior across the petrous ridge, the posterior along it, the lateral level with
    its front 25 degrees up. Their lumen is 1.0 to 1.3 mm wide.
    """
    axis = mirror_points(unit(opening.fundus - opening.porus), sign)
    fundus = mirror_points(opening.fundus, sign)
    size = float(np.clip(rng.normal(1.0, 0.05), 0.9, 1.1))
    sway = rng.normal(0.0, 0.3, 3)
    vestibule = fundus + 4.6 * size * axis + np.array([0.0, -1.6, 0.2]) + sway
    base = fundus + 1.6 * axis + np.array([0.0, 3.2, -1.0]) + sway
    parts = [_cochlea(base, size)]
    sac = vestibule + np.array([[-0.6, 1.5, -1.0], [0.0, 0.0, 0.0], [0.3, -1.4, 0.8]])
    parts.append((sac, size * np.array([1.4, 1.9, 1.5])))
    ridge = unit(np.array([-0.7, 0.7, 0.0]))
    outwards = unit(np.array([0.7, 0.7, 0.0]))
    up = np.array([0.0, 0.0, 1.0])
    lean = unit(np.array([0.0, np.cos(np.deg2rad(25.0)), np.sin(np.deg2rad(25.0))]))
    rings = (
        (vestibule + 2.9 * up + 0.8 * outwards, outwards, up),
        (vestibule - 3.6 * ridge * 0.8 - 0.6 * up, ridge, up),
        (vestibule + np.array([2.6, -1.6, 0.6]), np.array([1.0, 0.0, 0.0]), lean),
    )
    for middle, first, second in rings:
        turn = np.linspace(-np.pi, np.pi, 60)
        radius = size * rng.uniform(3.0, 3.4)
        ring = middle + radius * (
            np.cos(turn)[:, None] * first + np.sin(turn)[:, None] * second
        )
        parts.append((ring, np.array([rng.uniform(0.5, 0.65)])))
    tubes = [
        CurvedTube.round(
            mirror_points(course, sign),
            np.interp(
                np.linspace(0.0, 1.0, len(course)),
                np.linspace(0.0, 1.0, len(radii)),
                radii,
            ),
        )
        for course, radii in parts
    ]
    ear = Ear(
        canal=opening.canal,
        fluid=Union(tuple(tubes)),
        centre=mirror_points(vestibule, sign),
        cells=tubes[1],
    )
    return ear, tubes


def _cochlea(base: Points, size: float) -> tuple[Points, Points]:
    """Return the spiral's course and radii."""
    apex = unit(np.array([0.62, 0.66, -0.35]))
    first = unit(np.cross(apex, [0.0, 0.0, 1.0]))
    second = np.cross(apex, first)
    turn = np.linspace(0.0, 5.0 * np.pi, 90)
    part = turn / turn[-1]
    wide = size * (2.9 - 1.9 * part)
    course = (
        base
        + (3.2 * size * part)[:, None] * apex
        + (wide * np.cos(turn))[:, None] * first
        + (wide * np.sin(turn))[:, None] * second
    )
    smooth = resample(smooth_course(course, 0.3), 0.3)
    return smooth, size * np.array([1.0, 0.9, 0.8, 0.7, 0.6])
