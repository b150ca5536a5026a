"""Landmarks, rootlets, flocculus and choroid plexus of a stretched side."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nvc.phantom.geometry.courses import smooth_course
from nvc.phantom.geometry.shapes import Ellipsoid, Points, Solid, Union
from nvc.phantom.geometry.tube import CurvedTube, interpolate
from nvc.phantom.head import Generator, SidePlan, mirror_points, unit
from nvc.phantom.painted.sides import build_other_nerves, plan_side
from nvc.phantom.painted.solids import SCALED_ABOUT
from nvc.phantom.stretched.stretch import SideStretch

STALK_MM = np.array([22.0, -19.0, -3.0])
"""Where the flocculus hangs on the cerebellum."""
ROOTLET_MM = (0.25, 0.45)
"""Range of a rootlet's radius."""


def plan_stretched(rng: Generator, stretch: SideStretch, fullness: float) -> SidePlan:
    """Draw one side's landmarks; the canal lies as far out as the free course asks.

    Root exit and detachment go with the size of the brain.
    """
    usual = plan_side(rng)
    leave, detachment = (
        SCALED_ABOUT + fullness * (point - SCALED_ABOUT)
        for point in (usual.exit, usual.detachment)
    )
    outwards = unit(np.array([0.92, 0.30 + rng.normal(0.0, 0.08), stretch.rise]))
    porus = detachment + stretch.free_mm * outwards
    length = float(np.linalg.norm(usual.fundus - usual.porus))
    return SidePlan(
        exit=leave,
        detachment=detachment,
        porus=porus,
        fundus=porus + length * usual.canal_axis,
        petrous_normal=usual.petrous_normal,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Makes what lies about CN VII on one side; equal numbers, equal solids.

    Parameters
    ----------
    seed : tuple of int
        Of its own random numbers.
    stretch : SideStretch
        What there is.
    """

    seed: tuple[int, ...]
    stretch: SideStretch

    def solids(
        self, plan: SidePlan, sign: int, facial: CurvedTube
    ) -> tuple[Solid, ...]:
        """Return flocculus and choroid plexus where there are any."""
        rng = np.random.default_rng([*self.seed, 1])
        found: list[Solid] = []
        if self.stretch.flocculus_mm is not None:
            found.append(self._flocculus(rng, plan, sign, facial))
        if self.stretch.plexus:
            found.append(self._plexus(rng, plan, sign, facial))
        return tuple(found)

    def _flocculus(
        self, rng: Generator, plan: SidePlan, sign: int, facial: CurvedTube
    ) -> Solid:
        """Return leaves that lie against the nerves from behind."""
        at = _along(facial, plan, sign, float(rng.uniform(0.2, 0.55)))
        towards = mirror_points(
            unit(np.array([0.1, -0.85, rng.uniform(-0.5, 0.3)])), sign
        )
        semi = float(rng.uniform(0.7, 1.1)) * np.array([4.5, 3.5, 3.5])
        reach = facial.sections.max() + (self.stretch.flocculus_mm or 0.0)
        # The way out of the ellipsoid towards the nerve, found along that line.
        out = 1.0 / float(np.linalg.norm(towards / semi))
        middle = at + (reach + out) * towards
        leaves: list[Solid] = [Ellipsoid(centre=middle, semi_axes=semi)]
        for _ in range(3):
            shift = rng.normal(0.0, 1.5, 3) + 1.5 * towards
            leaves.append(
                Ellipsoid(centre=middle + shift, semi_axes=semi * rng.uniform(0.6, 0.9))
            )
        stalk = np.stack([middle, mirror_points(STALK_MM, sign)])
        leaves.append(CurvedTube.round(stalk, 2.0))
        return Apart(Union(tuple(leaves), 0.4), facial, reach - facial.sections.max())

    def _plexus(
        self, rng: Generator, plan: SidePlan, sign: int, facial: CurvedTube
    ) -> Solid:
        """Return a cluster of tufts below and behind the root."""
        root = mirror_points(plan.detachment, sign)
        tufts: list[Solid] = []
        for _ in range(int(rng.integers(4, 8))):
            away = np.array([rng.uniform(-1.0, 4.0), rng.uniform(-7.0, -3.5), 0.0])
            away[2] = rng.uniform(-5.0, -1.0)
            size = rng.uniform(0.6, 1.4, 3)
            tufts.append(
                Ellipsoid(centre=root + mirror_points(away, sign), semi_axes=size)
            )
        return Apart(Union(tuple(tufts)), facial, 0.15)

    def rootlets(self, plan: SidePlan, sign: int) -> dict[str, CurvedTube]:
        """Return CN V, VI and a fan of rootlets of IX to XI."""
        rng = np.random.default_rng([*self.seed, 2])
        nerves = build_other_nerves(plan, sign)
        kept = {name: nerves[name] for name in ("CN5", "CN6")}
        goal = plan.porus + np.array([-0.5, -2.5, -self.stretch.bundle_mm])
        for number in range(self.stretch.rootlets):
            part = number / max(self.stretch.rootlets - 1, 1)
            start = np.array([8.5, -10.0 - 1.5 * part, -7.0 - 9.0 * part])
            end = goal + np.array([0.0, -0.8, -3.0]) * part
            middle = 0.5 * (start + end) + rng.normal(0.0, 0.5, 3)
            course = smooth_course(np.stack([start, middle, end]), 0.4)
            name = ("CN9", "CN10", "CN11")[min(number * 3 // self.stretch.rootlets, 2)]
            kept[f"{name}-{number}"] = CurvedTube.round(
                mirror_points(course, sign), float(rng.uniform(*ROOTLET_MM))
            )
        return kept


def _along(facial: CurvedTube, plan: SidePlan, sign: int, part: float) -> Points:
    """Return a place on CN VII between detachment and porus."""
    ends = mirror_points(np.stack([plan.detachment, plan.porus]), sign)
    near = [int(np.argmin(np.linalg.norm(facial.nodes - end, axis=1))) for end in ends]
    arc = facial.arc
    at = arc[near[0]] + part * (arc[near[1]] - arc[near[0]])
    place: Points = interpolate(arc, facial.nodes, np.array([at]))[0]
    return place


@dataclass(frozen=True, slots=True, eq=False)
class Apart:
    """A solid without what lies nearer to a tube than `gap_mm`."""

    solid: Solid
    tube: CurvedTube
    gap_mm: float

    def distance(self, points: Points) -> Points:
        """Return distances to what is left."""
        own = self.solid.distance(points)
        return np.maximum(own, self.gap_mm - self.tube.distance(points))

    def bounds(self) -> Points:
        """Return the solid's box."""
        return self.solid.bounds()
