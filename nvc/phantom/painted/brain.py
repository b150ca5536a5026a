"""Skull, cavities and brain of the painted family, head coordinates.

Coordinates as in `nvc.phantom.head`; the levels differ: here the canals, not the
pontomedullary sulcus, lie at height zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.phantom.geometry.shapes import (
    HalfSpace,
    Intersection,
    Outside,
    Points,
    Solid,
    Union,
)
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Generator, Head, SidePlan, mirror_points, unit
from nvc.phantom.painted.solids import Scaled, SuperEllipsoid


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Skull:
    """What lies around the posterior fossa.

    Parameters
    ----------
    scalp, bone : Solid
        The whole head, and what the scalp covers.
    middle_fossae, temporal_lobes : tuple of Solid
        Rooms above the petrous bones and the brain in them.
    marrow, air : tuple of Solid
        Clivus and petrous apices; nose and throat.
    """

    scalp: Solid
    bone: Solid
    middle_fossae: tuple[Solid, ...]
    temporal_lobes: tuple[Solid, ...]
    marrow: tuple[Solid, ...]
    air: tuple[Solid, ...]


def blob(
    rng: Generator,
    centre: tuple[float, float, float],
    semi: tuple[float, float, float],
    power: float,
    spread_mm: float = 0.0,
) -> SuperEllipsoid:
    """Return a super-ellipsoid whose size varies by some 4 %."""
    return SuperEllipsoid(
        centre=np.array(centre) + rng.normal(0.0, 1.0, 3) * spread_mm,
        semi_axes=np.array(semi) * rng.normal(1.0, 0.04, 3).clip(0.88, 1.12),
        power=power,
    )


def other_side(solid: SuperEllipsoid) -> SuperEllipsoid:
    """Return the mirror image at the midline."""
    return SuperEllipsoid(
        centre=mirror_points(solid.centre, -1),
        semi_axes=solid.semi_axes,
        power=solid.power,
    )


def build_head(
    rng: Generator,
    plans: dict[int, SidePlan],
    fullness: float = 1.0,
    clivus_mm: float = 0.0,
) -> Head:
    """Draw fossa and brain around the canals of both sides.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the anatomy.
    plans : dict of int to SidePlan
        By sign: +1 right, -1 left; only canals and petrous faces are used.
    fullness : float
        Size of the brain as a share of the usual; more makes the cisterns narrow.
    clivus_mm : float
        How far in front of its usual place the clivus lies.
    """
    bowl = blob(rng, (0.0, -34.0, 4.0), (54.0, 50.0, 42.0), 2.3)
    clivus = HalfSpace(
        point=np.array([0.0, 14.0 + clivus_mm + rng.normal(0.0, 0.8), 0.0]),
        normal=unit(np.array([0.0, 1.0, 0.25])),
    )
    faces = [Outside(plan.petrous(sign)) for sign, plan in plans.items()]
    room = Intersection((bowl, clivus, *faces))
    spine = CurvedTube.round(
        np.array([[0.0, -13.0, -22.0], [0.0, -16.0, -45.0], [0.0, -18.0, -90.0]]), 13.0
    )
    stem = Scaled(_brainstem(rng), fullness)
    lobes = Scaled(_cerebellum(rng), fullness)
    return Head(
        fossa=Union((room, spine)),
        brainstem=stem,
        cerebellum=Intersection((lobes, _shrunk(bowl, 2.5), *_inset(plans))),
        ventricle=blob(rng, (0.0, -23.0, 3.0), (5.0, 3.5, 9.0), 2.0, 0.5),
    )


def _shrunk(solid: SuperEllipsoid, by_mm: float) -> SuperEllipsoid:
    return SuperEllipsoid(
        centre=solid.centre, semi_axes=solid.semi_axes - by_mm, power=solid.power
    )


def _inset(plans: dict[int, SidePlan]) -> list[Solid]:
    """Return the room 1.5 mm off the petrous faces: a cleft of CSF stays open."""
    return [
        HalfSpace(
            point=mirror_points(plan.porus + 1.5 * plan.petrous_normal, sign),
            normal=-mirror_points(plan.petrous_normal, sign),
        )
        for sign, plan in plans.items()
    ]


def _brainstem(rng: Generator) -> Solid:
    """Pons 33 mm wide and 26 mm high with flat sides, medulla 19 mm wide below."""
    pons = blob(rng, (0.0, -6.0, 8.0), (16.5, 12.0, 13.0), 2.6, 0.0)
    wide, deep = rng.normal(9.5, 0.5), rng.normal(7.5, 0.4)
    lower = np.array([[wide, deep], [wide, deep], [0.9 * wide, 0.9 * deep], [7.0, 6.0]])
    medulla = CurvedTube(
        nodes=np.array(
            [
                [0.0, -9.5, 0.0],
                [0.0, -11.0, -7.0],
                [0.0, -14.0, -26.0],
                [0.0, -17.0, -90.0],
            ]
        ),
        sections=lower,
        across=np.tile([1.0, 0.0, 0.0], (4, 1)),
    )
    midbrain = blob(rng, (0.0, -6.0, 27.0), (15.0, 11.0, 12.0), 2.4)
    peduncle = blob(rng, (17.0, -17.0, 7.0), (8.0, 10.0, 7.0), 2.0, 0.4)
    return Union((pons, medulla, midbrain, peduncle, other_side(peduncle)))


def _cerebellum(rng: Generator) -> Solid:
    parts: list[Solid] = [blob(rng, (0.0, -42.0, 6.0), (12.0, 20.0, 24.0), 2.2)]
    for sign in (1, -1):
        lobe = blob(rng, (25.0, -38.0, 0.0), (25.0, 24.0, 25.0), 2.2)
        size = float(rng.uniform(0.7, 1.2))
        middle = np.array([21.0, -14.0, -3.0]) + rng.normal(0.0, 0.8, 3)
        flocculus = SuperEllipsoid(
            centre=middle, semi_axes=size * np.array([4.5, 4.0, 3.5]), power=2.0
        )
        both = (lobe, flocculus)
        parts += both if sign > 0 else [other_side(solid) for solid in both]
    return Union(tuple(parts))


def build_skull(rng: Generator) -> Skull:
    """Draw the rest of the head: what a wide field of view sees around the fossa."""
    lobe = blob(rng, (43.0, 24.0, 26.0), (19.0, 22.0, 15.0), 2.3, 1.0)
    room = _shrunk(lobe, -2.0)
    apex = blob(rng, (17.0, 19.0, 3.0), (6.0, 5.0, 5.0), 2.0, 1.0)
    throat = blob(rng, (0.0, 42.0, -22.0), (14.0, 12.0, 22.0), 2.5, 1.0)
    return Skull(
        scalp=blob(rng, (0.0, 2.0, 20.0), (78.0, 98.0, 112.0), 2.3),
        bone=blob(rng, (0.0, 2.0, 20.0), (70.0, 90.0, 104.0), 2.3),
        middle_fossae=(room, other_side(room)),
        temporal_lobes=(lobe, other_side(lobe)),
        marrow=(
            blob(rng, (0.0, 24.0, 2.0), (9.0, 6.0, 14.0), 2.4),
            apex,
            other_side(apex),
        ),
        air=(throat, *_mastoid(rng, 1), *_mastoid(rng, -1)),
    )


def _mastoid(rng: Generator, sign: int) -> list[Solid]:
    centres: Points = np.array([50.0, -12.0, -2.0]) + rng.normal(
        0.0, 1.0, (10, 3)
    ) * np.array([3.0, 4.0, 6.0])
    return [
        SuperEllipsoid(
            centre=mirror_points(centre, sign),
            semi_axes=rng.uniform(1.0, 3.0, 3),
            power=2.0,
        )
        for centre in centres
    ]
