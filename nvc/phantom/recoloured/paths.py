"""Ways through the cistern: the cheapest one between two places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage
from skimage.graph import MCP_Geometric

from nvc.phantom.geometry.shapes import Points
from nvc.phantom.recoloured.fields import Lattice
from nvc.phantom.render import Image

TIGHT_MM = 0.5
"""Clearance at which a way costs three times as much as in the open."""
NODE_MM = 2.4
"""Distance of the points that are kept of a way; a spline runs through them."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Room:
    """Where a vessel's centre may lie, and how tight it is there.

    Parameters
    ----------
    lattice : Lattice
        Head coordinates.
    clearance : ndarray of float32, shape ``lattice.shape``
        Distance that is left to whatever it must not touch, mm; negative is barred.
    """

    lattice: Lattice
    clearance: Image

    def search(self, start: Points) -> Search:
        """Measure the cost of the way from a place, shape (3,), to every other."""
        cost = 1.0 + 3.0 * np.exp(-np.maximum(self.clearance, 0.0) / TIGHT_MM)
        cost = np.where(self.clearance >= 0.0, cost, -1.0)
        begin = self.nearest(start)
        cost[begin] = max(cost[begin], 1.0)
        finder = MCP_Geometric(cost)
        totals, _ = finder.find_costs([begin])
        return Search(room=self, finder=finder, totals=totals)

    def nearest(self, point: Points) -> tuple[int, int, int]:
        """Return the open lattice point nearest to a place."""
        at = self.lattice.index(point)
        free = np.argwhere(self.clearance >= 0.0)
        if len(free) == 0:
            free = np.zeros((1, 3), dtype=np.int64)
        i, j, k = free[int(np.argmin(((free - at) ** 2).sum(axis=1)))].tolist()
        return i, j, k


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Search:
    """All ways from one place."""

    room: Room
    finder: MCP_Geometric
    totals: Image

    def cost_at(self, points: Points) -> Image:
        """Return the cost of the way to points, shape (N, 3); infinite if barred."""
        index = np.rint(self.room.lattice.index(points)).astype(int)
        index = np.clip(index, 0, np.array(self.room.lattice.shape) - 1)
        found: Image = self.totals[index[:, 0], index[:, 1], index[:, 2]]
        return found

    def reaches(self, point: Points) -> bool:
        """Tell whether there is a way to the open place nearest to a point."""
        return bool(np.isfinite(self.totals[self.room.nearest(point)]))

    def way_to(self, goal: Points) -> Points:
        """Return the way to a place, shape (N, 3), thinned to a smooth course."""
        lattice = self.room.lattice
        steps = np.array(self.finder.traceback(self.room.nearest(goal)), dtype=float)
        way = lattice.low_mm + lattice.step_mm * steps
        smooth = ndimage.gaussian_filter1d(way, 1.5, axis=0, mode="nearest")
        gap = np.linalg.norm(np.diff(smooth, axis=0), axis=1)
        arc = np.concatenate([[0.0], np.cumsum(gap)])
        count = max(int(arc[-1] / NODE_MM), 1)
        at = np.linspace(0.0, arc[-1], count + 1)
        kept: Points = np.stack(
            [np.interp(at, arc, smooth[:, c]) for c in range(3)], axis=1
        )
        return kept


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AroundNerve:
    """Distances from every lattice point around CN VII, for vessels of any calibre.

    Parameters
    ----------
    lattice : Lattice
        Head coordinates.
    walls : ndarray of float32
        To brain and bone.
    facial, eighth : ndarray of float32
        To the walls of CN VII and CN VIII.
    grey : ndarray of float32
        To anything but fluid.
    """

    lattice: Lattice
    walls: Image
    facial: Image
    eighth: Image
    grey: Image

    def room(self, radius_mm: float, keep_mm: float) -> Room:
        """Return where the centre of a vessel may run that keeps off CN VII."""
        left = np.minimum(self.walls - 0.15, self.facial - keep_mm)
        left = np.minimum(left, self.eighth - 0.15) - radius_mm
        # What is thin and grey (other nerves, real vessels) is passed, not run through.
        crossed = (left > 0.0) & (self.grey < radius_mm)
        left = np.where(crossed, 0.1 * left, left)
        return Room(lattice=self.lattice, clearance=left.astype(np.float32))
