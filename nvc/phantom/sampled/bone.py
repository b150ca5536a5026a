"""What lies outside the dura: bone, marrow, air cells, temporal lobes, sinuses, fat."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nvc.model.anatomy import VesselKind
from nvc.phantom.geometry.courses import resample, smooth_course
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import mirror_points
from nvc.phantom.sampled.blobs import Blob, melt, smooth_max
from nvc.phantom.sampled.fossa import Opening
from nvc.phantom.sampled.lattice import (
    SHAPE,
    Generator,
    LevelSet,
    Values,
    draw_noise,
    find_axes,
)
from nvc.phantom.sampled.picture.signals import Matter
from nvc.phantom.vessels import PhantomVessel

Labels = NDArray[np.uint8]
Place = tuple[float, float, float]


def _pair(blob: Blob) -> list[Blob]:
    return [blob, blob.mirrored()]


def build_outside(
    rng: Generator, room: LevelSet, ears: Sequence[Points], openings: Sequence[Opening]
) -> Labels:
    """Return `Matter` on the lattice; within the dura it means nothing.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of cells, marrow and shapes.
    room : LevelSet
        Inside the dura.
    ears : sequence of ndarray
        Middles of the inner ears, mm.
    openings : sequence of Opening
        Of both petrous bones.
    """
    wall = room.values
    coarse, fine = draw_noise(rng, 7.0), draw_noise(rng, 1.1)
    labels = np.full(SHAPE, Matter.BONE, dtype=np.uint8)
    labels[(wall > 2.0) & (coarse + 0.5 * fine > 0.1)] = Matter.MARROW
    soft = melt(
        [
            Blob((0.0, 38.0, -34.0), (90.0, 60.0, 27.0), 2.6),
            *_pair(Blob((60.0, -20.0, -38.0), (40.0, 60.0, 26.0), 2.4)),
        ],
        3.0,
    )
    tissue = np.where(coarse > 0.5, Matter.FAT, Matter.MUSCLE)
    below = (soft < 0.0) & (wall > 4.0)
    labels[below] = tissue[below]
    _lay_lobes(rng, labels, wall)
    air = melt(
        [
            Blob((0.0, 33.0, 14.0), (12.0, 12.0, 11.0), 3.0),
            Blob((0.0, 34.0, -20.0), (13.0, 13.0, 12.0), 3.0),
        ],
        1.0,
    )
    labels[(air + 1.5 * coarse < 0.0) & (wall > 2.5)] = Matter.AIR
    head = melt([Blob((0.0, -4.0, 8.0), (77.0, 96.0, 120.0), 2.2)], 1.0)
    labels[(head > -6.5) & (wall > 6.0)] = Matter.FAT
    for ear, opening in zip(ears, openings, strict=True):
        _lay_cells(rng, labels, wall, ear, opening)
    labels[head + 0.5 * coarse > 0.0] = Matter.AIR
    return labels


def _lay_lobes(rng: Generator, labels: Labels, wall: Values) -> None:
    """Lay temporal and occipital lobes with their CSF beyond the dura."""
    lobes = _pair(Blob((39.0, 22.0, 36.0), (25.0, 33.0, 26.0), 2.6))
    lobes += _pair(Blob((30.0, -40.0, 56.0), (34.0, 42.0, 30.0), 2.4))
    folded = np.float32(0.6) - np.float32(3.5) * np.abs(draw_noise(rng, 4.0))
    middle = smooth_max(melt(lobes, 3.0), np.float32(1.0) - wall, 1.5)
    labels[middle < 0.0] = Matter.FLUID
    brain = np.maximum(middle + 1.4, np.minimum(folded, middle + 9.0))
    labels[brain < 0.0] = Matter.GREY
    labels[brain < -3.0] = Matter.WHITE


def _away(point: Points) -> Values:
    """Return the lattice's distances from a point, mm."""
    x, y, z = (a - np.float32(c) for a, c in zip(find_axes(), point, strict=True))
    away: Values = np.sqrt(x * x + y * y + z * z)
    return away


def _lay_cells(
    rng: Generator, labels: Labels, wall: Values, ear: Points, opening: Opening
) -> None:
    """Lay the middle ear, the ear canal and air cells; some cells hold fluid."""
    sign = float(np.sign(ear[0]))
    apart = _away(ear)
    canal = _away(opening.porus + 0.5 * (opening.fundus - opening.porus))
    solid = (apart > 8.0) & (canal > 7.5) & (wall > 1.4)

    def side(centre: Place, semi: Place) -> Values:
        blob = Blob(centre, semi, 2.0)
        return melt([blob if sign > 0 else blob.mirrored()], 1.0)

    size = float(rng.uniform(0.75, 1.15))
    mastoid = side((56.0, -14.0, 2.0), (15.0 * size, 17.0 * size, 20.0 * size))
    field = np.minimum(mastoid, side((45.0, -4.0, 12.0), (9.0, 8.0, 5.0)))
    if rng.uniform() < 0.35:
        field = np.minimum(field, side((17.0, 16.0, 7.0), (6.0, 6.0, 5.0)))
    cell, kind = draw_noise(rng, 1.0), draw_noise(rng, 4.0)
    cells = (field + cell < 0.0) & (cell > -0.55) & solid
    wet = float(rng.choice([1.2, 2.2], p=(0.3, 0.7)))
    labels[cells] = np.where(kind > wet, Matter.FLUID, Matter.AIR)[cells]
    out, ahead, up = abs(float(ear[0])), float(ear[1]), float(ear[2])
    cavity = side((out + 8.5, ahead + 4.5, up - 2.0), (3.5, 6.0, 7.0))
    tube = side((out + 26.0, ahead + 3.0, up - 3.0), (18.0, 3.5, 4.0))
    labels[(np.minimum(cavity, tube) < 0.0) & (apart > 6.0)] = Matter.AIR


def lay_neighbours(rng: Generator) -> list[PhantomVessel]:
    """Lay carotid arteries and the sigmoid sinuses on to the jugular bulbs."""
    carotid = [
        [25.0, 12.0, -36.0],
        [25.5, 12.5, -14.0],
        [25.0, 14.5, -4.0],
        [19.0, 20.0, 1.0],
        [11.5, 26.0, 6.0],
        [10.0, 29.0, 18.0],
        [9.0, 38.0, 22.0],
    ]
    sinus = [
        [38.0, -58.0, 20.0],
        [51.0, -40.0, 16.0],
        [50.0, -28.0, 4.0],
        [42.0, -20.0, -9.0],
        [33.0, -9.0, -14.0],
        [28.0, 1.0, -14.0],
        [26.0, 3.0, -34.0],
    ]
    laid = []
    for sign, side in ((1, "right"), (-1, "left")):
        for name, ways, low, high, kind in (
            ("ICA", carotid, 2.0, 2.6, VesselKind.ARTERY),
            ("SIG", sinus, 2.4, 4.2, VesselKind.VEIN),
        ):
            own = np.array(ways) + rng.normal(0.0, 0.6, (len(ways), 3))
            course = resample(smooth_course(mirror_points(own, sign), 0.5), 0.5)
            tube = CurvedTube.round(course, float(rng.uniform(low, high)))
            laid.append(PhantomVessel(name=f"{name}_{side}", kind=kind, tube=tube))
    return laid
