"""Walls that were read and the brain that shows: what is where, as distances."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.path import Path as Outline
from numpy.typing import NDArray
from scipy import ndimage

from nvc.phantom.geometry.shapes import Points
from nvc.phantom.recoloured.fields import Field, Lattice, signed_distance
from nvc.phantom.recoloured.levels import Levels
from nvc.phantom.recoloured.reading import HeadReading, Wall
from nvc.phantom.render import Image

BEHIND_MM = 22.0
"""How far an outline is carried on behind its ends, into the cerebellum."""
BRAIN_FROM = 0.5
"""Tissue from this level on is brain: half of the way from CSF."""
THIN_MM = 1.3
"""What is thinner than twice this is no brain but a nerve or a vessel."""
LEAVES_MM = 1.2
"""Deviation of the Gaussian that evens the cerebellum's leaves."""
FAINT = 0.06
"""Tissue below this is the T1's noise in fluid."""
CORE_MM = 2.0
"""Half width of the bridges that are cut before brain is told from muscle."""
FURROW_MM = 3.0
PIAL_MM = 1.2
"""Half width of the furrows that are filled, and the fluid around the brain."""
GRID_MM = 0.5
_PAD_MM = 40.0


def measure_wall(reading: HeadReading, lattice: Lattice, head_to_ras: Points) -> Field:
    """Return the distance to the wall of the posterior fossa, negative inside.

    Between two planes that were read the in-plane distances are interpolated.
    """
    outlines = [_closed(wall) for wall in reading.walls]
    low = np.min([o.min(axis=0) for o in outlines], axis=0) - _PAD_MM
    high = np.max([o.max(axis=0) for o in outlines], axis=0) + _PAD_MM
    planes = np.stack([_in_plane(outline, low, high) for outline in outlines])
    heights = np.array([wall.height_mm for wall in reading.walls])
    points = lattice.points() @ head_to_ras[:3, :3].T + head_to_ras[:3, 3]
    floor = np.interp(points[..., 2], heights, np.arange(len(heights)))
    index = np.stack(
        [
            floor,
            (points[..., 0] - low[0]) / GRID_MM,
            (points[..., 1] - low[1]) / GRID_MM,
        ]
    )
    level = ndimage.map_coordinates(planes, index, order=1, mode="nearest")
    everywhere = np.ones(lattice.shape, dtype=bool)
    distance = signed_distance(level, lattice.step_mm, everywhere)
    return Field(lattice=lattice, values=distance)


def _closed(wall: Wall) -> Points:
    """Carry an outline on behind its ends, narrowing."""
    points = wall.points_mm
    middle = 0.5 * (points[0, 0] + points[-1, 0])
    behind = [
        (middle + 0.6 * (end[0] - middle), end[1] - BEHIND_MM)
        for end in (points[-1], points[0])
    ]
    return np.concatenate([points, np.array(behind)])


def _in_plane(outline: Points, low: Points, high: Points) -> Image:
    """Return signed distances to an outline on a plane's own lattice."""
    axes = [np.arange(a, b, GRID_MM) for a, b in zip(low, high, strict=True)]
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    inside = Outline(outline).contains_points(places.reshape(-1, 2))
    inside = inside.reshape(places.shape[:2])
    away = np.full(places.shape[:2], np.inf)
    for start, end in zip(outline, np.roll(outline, -1, axis=0), strict=True):
        step = end - start
        part = ((places - start) @ step) / max(float(step @ step), 1e-12)
        nearest = start + np.clip(part, 0.0, 1.0)[..., None] * step
        away = np.minimum(away, np.linalg.norm(places - nearest, axis=-1))
    return np.where(inside, -away, away).astype(np.float32)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fossa:
    """The posterior fossa of a real head, head coordinates.

    Parameters
    ----------
    wall : Field
        Distance to the wall, negative inside.
    brain : Field
        Distance to brainstem and cerebellum, negative inside them.
    grey : Field
        Distance to anything but fluid, nerves and small vessels as well.
    tissue : Field
        0 CSF to 1 brain.
    """

    wall: Field
    brain: Field
    grey: Field
    tissue: Field


def find_fossa(wall: Field, levels: Levels, pons: Points) -> Fossa:
    """Tell brain from what is thin, and measure how far it is."""
    lattice = wall.lattice
    step = lattice.step_mm
    tissue = levels.tissue(lattice.points())
    solid = (tissue > BRAIN_FROM) & (wall.values < 0.5)
    core = step * ndimage.distance_transform_edt(solid) > THIN_MM
    named, _ = ndimage.label(core)
    core = named == _name_at(named, lattice, pons)
    grown = step * ndimage.distance_transform_edt(~core) < THIN_MM + 0.7 * step
    level = np.float32(BRAIN_FROM) - tissue
    everywhere = wall.values < 1.0
    return Fossa(
        wall=wall,
        brain=Field(
            lattice=lattice, values=signed_distance(level, step, grown & solid)
        ),
        grey=Field(lattice=lattice, values=signed_distance(level, step, everywhere)),
        tissue=Field(lattice=lattice, values=tissue),
    )


def sharpen(tissue: Field, full: float) -> Field:
    """Return tissue as it is coloured outside the brain: 1 from `full` on.

    A thin nerve is paler than brain in a T1; here it gets the signal of brain.
    """
    part = np.clip((tissue.values - FAINT) / (full - FAINT), 0.0, 1.0)
    return Field(lattice=tissue.lattice, values=part.astype(np.float32))


def enclose(wall: Field, tissue: Field, seeds: Points) -> Field:
    """Return the distance to all that holds brain or fluid, negative inside.

    Within the read wall that is everything. Beyond it (behind and above) it is the
    brain that hangs together with a seed, shape (N, 3), the furrows in it, and
    `PIAL_MM` of fluid around it.
    """
    lattice, step = wall.lattice, wall.lattice.step_mm
    even = ndimage.gaussian_filter(tissue.values, LEAVES_MM / step)
    core = step * ndimage.distance_transform_edt(even > BRAIN_FROM) > CORE_MM
    named, _ = ndimage.label(core)
    names = [name for seed in seeds if (name := _name_at(named, lattice, seed)) > 0]
    core = np.isin(named, names)
    away = step * ndimage.distance_transform_edt(~core)
    wide = away < CORE_MM + FURROW_MM
    room = step * ndimage.distance_transform_edt(wide) > FURROW_MM - PIAL_MM
    outer = step * ndimage.distance_transform_edt(~room)
    inner = step * ndimage.distance_transform_edt(room)
    far = np.maximum(outer - 0.5 * step, 0.0) - np.maximum(inner - 0.5 * step, 0.0)
    values = np.minimum(ndimage.gaussian_filter(far, 1.0), wall.values)
    return Field(lattice=lattice, values=values.astype(np.float32))


def _name_at(named: NDArray[np.int32], lattice: Lattice, point: Points) -> int:
    i, j, k = np.rint(lattice.index(point)).astype(int).tolist()
    found: int = int(named[i, j, k])
    return found
