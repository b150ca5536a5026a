"""What lies around the posterior fossa: cerebrum, skull, face and scalp."""

from __future__ import annotations

import numpy as np

from nvc.phantom import tissues
from nvc.phantom.geometry.shapes import (
    Ellipsoid,
    HalfSpace,
    Intersection,
    Offset,
    Outside,
    Solid,
    Union,
)
from nvc.phantom.head import Generator, ellipsoid, unit
from nvc.phantom.tissues import Layer

PETROUS_DEPTH_MM = 17.0
"""Thickness of the petrous pyramid between the two fossae."""


def build_surroundings(
    rng: Generator, fossa: Solid, petrous: tuple[HalfSpace, HalfSpace]
) -> list[Layer]:
    """Return the layers beneath the posterior fossa, from the outside inwards.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the anatomy.
    fossa : Solid
        The posterior fossa.
    petrous : tuple of HalfSpace
        The bone behind the petrous face of each side; the middle fossae lie beyond.
    """
    outline = ellipsoid(rng, (0.0, 12.0, 20.0), (80.0, 101.0, 115.0), 0.015)
    scalp = float(rng.uniform(4.5, 7.5))
    neck = ellipsoid(rng, (0.0, -30.0, -58.0), (60.0, 52.0, 42.0))
    marrow = Ellipsoid(
        centre=np.array([0.0, 16.5, 2.0]),
        semi_axes=np.array([10.0, 4.0, 20.0]),
        axes=np.array([[1.0, 0.0, 0.0], [0.0, 0.93, 0.37], [0.0, -0.37, 0.93]]),
    )
    skull = Offset(outline, -scalp - 1.8)
    bone = [
        Layer(solid=outline, tissue=tissues.SKIN),
        Layer(solid=Offset(outline, -1.8), tissue=tissues.FAT),
        Layer(solid=neck, tissue=tissues.MUSCLE),
        Layer(solid=skull, tissue=tissues.BONE),
        *_face(rng),
        Layer(solid=marrow, tissue=tissues.MARROW),
    ]
    return bone + _cerebral(rng, fossa, petrous, skull)


def _cerebral(
    rng: Generator,
    fossa: Solid,
    petrous: tuple[HalfSpace, HalfSpace],
    skull: Solid,
) -> list[Layer]:
    """Return the dura of the posterior fossa, the cerebral room and what fills it."""
    floors: list[Solid] = [
        HalfSpace(
            point=np.array([0.0, 0.0, 23.0]), normal=unit(np.array([0.0, 0.1, -1.0]))
        )
    ]
    for plane, sign in zip(petrous, (1.0, -1.0), strict=True):
        pole = ellipsoid(rng, (sign * 40.0, 26.0, 20.0), (23.0, 30.0, 22.0))
        beyond = Offset(plane, -PETROUS_DEPTH_MM)
        floors.append(Intersection((pole, beyond), 4.0))
    sella = Ellipsoid(
        centre=np.array([0.0, 24.0, 18.0]), semi_axes=np.array([15.0, 14.0, 14.0])
    )
    room = Intersection(
        (
            ellipsoid(rng, (0.0, 15.0, 60.0), (66.0, 82.0, 62.0), 0.015),
            Offset(skull, -5.0),
            Union(tuple(floors), 4.0),
            Outside(sella),
            Outside(Offset(fossa, 0.8)),
        ),
        1.5,
    )
    cistern = Ellipsoid(
        centre=np.array([0.0, -3.0, 37.0]), semi_axes=np.array([21.0, 20.0, 13.0])
    )
    fissure = Ellipsoid(
        centre=np.array([0.0, 15.0, 100.0]), semi_axes=np.array([1.6, 90.0, 45.0])
    )
    cerebrum = Intersection(
        (Offset(room, -2.2), Outside(cistern), Outside(fissure)), 1.5
    )
    ventricles = [
        Ellipsoid(
            centre=np.array([sign * 11.0, 12.0, 68.0]),
            semi_axes=np.array([6.0, 30.0, 9.0]),
        )
        for sign in (1.0, -1.0)
    ]
    return [
        Layer(solid=Offset(fossa, 0.7), tissue=tissues.DURA),
        Layer(solid=room, tissue=tissues.CSF),
        Layer(solid=cerebrum, tissue=tissues.GREY),
        Layer(solid=Offset(cerebrum, -5.0), tissue=tissues.WHITE),
        Layer(solid=Union(tuple(ventricles)), tissue=tissues.CSF),
        Layer(solid=cistern, tissue=tissues.CSF),
    ]


def _face(rng: Generator) -> list[Layer]:
    """Return soft parts of the face, sinuses, and orbits."""
    face = ellipsoid(rng, (0.0, 74.0, -18.0), (44.0, 34.0, 46.0))
    drawn = [Layer(solid=face, tissue=tissues.MUSCLE)]
    sinuses = (
        ((0.0, 34.0, 10.0), (10.0, 11.0, 9.0)),
        ((0.0, 62.0, 8.0), (9.0, 17.0, 12.0)),
        ((24.0, 68.0, -14.0), (12.0, 14.0, 14.0)),
        ((-24.0, 68.0, -14.0), (12.0, 14.0, 14.0)),
    )
    for centre, semi in sinuses:
        cavity = ellipsoid(rng, centre, semi, 0.08)
        drawn.append(Layer(solid=Offset(cavity, 1.5), tissue=tissues.MUCOSA))
        drawn.append(Layer(solid=cavity, tissue=tissues.AIR))
    for sign in (1.0, -1.0):
        socket = ellipsoid(rng, (sign * 29.0, 68.0, 20.0), (16.0, 26.0, 16.0))
        globe = ellipsoid(rng, (sign * 31.0, 79.0, 20.0), (12.0, 12.0, 12.0), 0.02)
        drawn.append(Layer(solid=socket, tissue=tissues.FAT))
        drawn.append(Layer(solid=globe, tissue=tissues.VITREOUS))
    return drawn
