"""The large parts of a head: skull, cavities, brainstem, cerebellum, canals.

Coordinates are the head's own: right, anterior and superior in mm from the midline
pontomedullary sulcus. Parts of one side are laid out with the first axis pointing
outwards (lateral) and mirrored with `mirror_points`. Positions follow the ICBM 2009a
template read by eye; sizes are quoted where they are used.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.phantom.geometry.shapes import (
    Ellipsoid,
    HalfSpace,
    Intersection,
    Offset,
    Outside,
    Points,
    Solid,
    Union,
)
from nvc.phantom.geometry.tube import CurvedTube

Generator = np.random.Generator


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SidePlan:
    """Landmarks of one side, outwards-anterior-superior mm, and what hangs on them.

    Parameters
    ----------
    exit, detachment : ndarray, shape (3,)
        Where CN VII is meant to leave the brainstem and to lift off the pons.
    porus, fundus : ndarray, shape (3,)
        Ends of the axis of the internal auditory canal.
    petrous_normal : ndarray, shape (3,)
        Of the petrous bone's posterior face, pointing into the fossa.
    """

    exit: Points
    detachment: Points
    porus: Points
    fundus: Points
    petrous_normal: Points

    @property
    def canal_axis(self) -> Points:
        """Unit direction from the porus to the fundus."""
        return unit(self.fundus - self.porus)

    def petrous(self, sign: int) -> HalfSpace:
        """Return the bone behind the petrous face, head coordinates."""
        return HalfSpace(
            point=mirror_points(self.porus, sign),
            normal=mirror_points(self.petrous_normal, sign),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Head:
    """Solids of the posterior fossa, head coordinates.

    Parameters
    ----------
    fossa : Solid
        The room inside the dura.
    brainstem, cerebellum : Solid
        What CN VII may touch.
    ventricle : Solid
        The fourth.
    """

    fossa: Solid
    brainstem: Solid
    cerebellum: Solid
    ventricle: Solid

    @property
    def brain(self) -> Solid:
        """Brainstem and cerebellum together."""
        return Union((self.brainstem, self.cerebellum))


def unit(vector: Points) -> Points:
    """Return a vector of length one."""
    scaled: Points = vector / np.linalg.norm(vector)
    return scaled


def mirror_points(points: Points, sign: int) -> Points:
    """Turn outwards-anterior-superior into right-anterior-superior, or back."""
    return np.asarray(points, dtype=float) * np.array([sign, 1.0, 1.0])


def plan_side(rng: Generator) -> SidePlan:
    """Draw the landmarks of one side.

    Attached length 8-10 mm; free length 12.4 (SD 1.9) mm (Gupta 2023); canal 9.8 mm
    long; inner ears about 80 mm apart.
    """
    leave = np.array([10.6, -5.0, 1.5]) + rng.normal(0.0, 0.7, 3)
    along = unit(np.array([0.53, 0.50, 0.66]) + rng.normal(0.0, 0.06, 3))
    detachment = leave + rng.uniform(8.0, 9.8) * along
    free = float(np.clip(rng.normal(12.4, 1.9), 9.5, 16.0))
    outwards = unit(np.array([0.92, 0.16, 0.28]) + rng.normal(0.0, 0.07, 3))
    porus = detachment + 0.97 * free * outwards
    axis = unit(np.array([1.0, rng.normal(-0.02, 0.10), rng.normal(0.0, 0.06)]))
    fundus = porus + float(np.clip(rng.normal(9.8, 0.8), 8.0, 11.5)) * axis
    azimuth = np.deg2rad(rng.normal(46.0, 4.0))
    normal = unit(
        np.array([-np.sin(azimuth), -np.cos(azimuth), rng.normal(0.10, 0.05)])
    )
    return SidePlan(
        exit=leave,
        detachment=detachment,
        porus=porus,
        fundus=fundus,
        petrous_normal=normal,
    )


def _jitter(rng: Generator, values: tuple[float, ...], sd: float) -> Points:
    return np.array(values) * rng.normal(1.0, sd, len(values)).clip(0.85, 1.15)


def ellipsoid(
    rng: Generator, centre: tuple[float, ...], semi: tuple[float, ...], sd: float = 0.03
) -> Ellipsoid:
    """Return an upright ellipsoid, its place and half lengths varied a little.

    Coordinates that are zero stay zero: middle parts stay in the middle.
    """
    return Ellipsoid(
        centre=np.array(centre) + rng.normal(0.0, 0.5, 3) * (np.array(centre) != 0.0),
        semi_axes=_jitter(rng, semi, sd),
    )


def _pair(solid: Ellipsoid, mirror: bool) -> Ellipsoid:
    if not mirror:
        return solid
    return Ellipsoid(
        centre=mirror_points(solid.centre, -1),
        semi_axes=solid.semi_axes,
        axes=solid.axes,
    )


def build_head(rng: Generator, plans: dict[int, SidePlan]) -> Head:
    """Build the large solids around both sides' landmarks.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the anatomy.
    plans : dict of int to SidePlan
        By sign of the first axis: +1 right, -1 left.
    """
    clivus = HalfSpace(
        point=np.array([0.0, 11.8 + rng.normal(0.0, 0.8), 13.0]),
        normal=unit(np.array([0.0, 0.93, -0.37])),
    )
    fossa = _fossa(rng, plans, clivus)
    return Head(
        fossa=fossa,
        brainstem=_brainstem(rng, plans),
        cerebellum=_cerebellum(rng, plans, fossa),
        ventricle=ellipsoid(rng, (0.0, -20.5, 9.0), (6.5, 3.6, 11.0), 0.08),
    )


def _fossa(rng: Generator, plans: dict[int, SidePlan], clivus: HalfSpace) -> Solid:
    bowl = ellipsoid(rng, (0.0, -30.0, 4.0), (57.0, 46.0, 39.0), 0.02)
    faces = [Outside(plan.petrous(sign)) for sign, plan in plans.items()]
    room = Intersection((bowl, clivus, *faces), 4.0)
    canal = CurvedTube.round(
        np.array([[0.0, -15.0, -18.0], [0.0, -19.0, -40.0], [0.0, -22.0, -90.0]]), 14.0
    )
    return Union((room, canal), 2.0)


def _bed(plan: SidePlan, sign: int) -> CurvedTube:
    """Return the swelling of the pons on which CN VII lies, from exit to detachment."""
    along = unit(plan.detachment - plan.exit)
    length = float(np.linalg.norm(plan.detachment - plan.exit))
    inwards = np.array([-0.72, -0.12, 0.68])
    inwards = unit(inwards - (inwards @ along) * along)
    radius = 6.0
    arc = np.array([-3.0, 0.0, 0.5 * length, length - 0.8])
    course = plan.exit + arc[:, None] * along + radius * inwards
    return CurvedTube.round(mirror_points(course, sign), radius)


def _brainstem(rng: Generator, plans: dict[int, SidePlan]) -> Solid:
    """Pons 34 mm wide and 27 mm high, medulla 20 to 13 mm wide, peduncles."""
    pons = ellipsoid(rng, (0.0, -6.0, 13.5), (17.0, 12.5, 13.5), 0.04)
    medulla = CurvedTube(
        nodes=np.array(
            [
                [0.0, -7.5, 3.0],
                [0.0, -9.5, -8.0],
                [0.0, -13.0, -22.0],
                [0.0, -20.0, -70.0],
            ]
        ),
        sections=np.array([[10.6, 7.6], [9.6, 7.0], [7.2, 6.2], [6.5, 5.0]])
        * rng.normal(1.0, 0.03),
        across=np.tile([1.0, 0.0, 0.0], (4, 1)),
    )
    peduncle = ellipsoid(rng, (18.0, -17.0, 13.0), (9.0, 11.0, 8.0), 0.05)
    beds = [_bed(plan, sign) for sign, plan in plans.items()]
    midbrain = CurvedTube(
        nodes=np.array([[0.0, -8.0, 22.0], [0.0, -7.0, 34.0], [0.0, -2.0, 54.0]]),
        sections=np.array([[14.0, 11.0], [16.5, 10.0], [24.0, 14.0]])
        * rng.normal(1.0, 0.03),
        across=np.tile([1.0, 0.0, 0.0], (3, 1)),
    )
    upper = Union((pons, *beds, peduncle, _pair(peduncle, True), midbrain), 3.0)
    return Union((upper, medulla), 1.0)


def _cerebellum(rng: Generator, plans: dict[int, SidePlan], fossa: Solid) -> Solid:
    parts: list[Solid] = [ellipsoid(rng, (0.0, -46.0, 13.0), (13.0, 22.0, 26.0))]
    for sign in plans:
        lobe = ellipsoid(rng, (28.0, -42.0, 2.0), (33.0, 31.0, 33.0), 0.02)
        middle = tuple(np.array([20.5, -11.5, 4.0]) + rng.normal(0.0, 0.8, 3))
        flocculus = ellipsoid(rng, middle, (5.0, 3.6, 3.4), 0.10)
        stalk = Ellipsoid(
            centre=flocculus.centre + np.array([1.0, -5.0, 0.5]),
            semi_axes=np.array([3.0, 6.0, 2.4]),
        )
        parts += [_pair(solid, sign < 0) for solid in (lobe, flocculus, stalk)]
    room = Offset(fossa, -float(rng.uniform(1.6, 3.2)))
    return Intersection((Union(tuple(parts), 1.5), room), 3.0)
