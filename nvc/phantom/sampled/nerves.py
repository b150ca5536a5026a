"""Cranial nerves: CN VII from its root to the fundus, and what runs beside it.

Points of one side are planned outwards-anterior-superior and mirrored.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from nvc.phantom.geometry.courses import resample
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube, perpendiculars, tangents
from nvc.phantom.head import mirror_points, unit
from nvc.phantom.sampled.fossa import carve
from nvc.phantom.sampled.lattice import Generator, LevelSet

STEP_MM = 0.2
EMBEDDED = 0.25
"""Depth of the attached nerve's middle below the surface it would lie on, in radii."""
FLAT = 0.74
"""Half width across the brainstem of the attached nerve, in radii."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Measures:
    """Lengths and directions of one side's CN VII.

    Parameters
    ----------
    attached_mm, free_mm : float
        Root exit to detachment, detachment to porus, as laid; the wall lifts off the
        brainstem some millimetre farther out, and that place is the detachment.
    radius_mm : float
        1.5 to 2.0 mm across.
    exit, lie, leave : ndarray, shape (3,)
        Where it is meant to leave the brainstem, and its directions on the pons and
        through the cistern.
    canal : ndarray, shape (3,)
        Unit direction from porus to fundus.
    canal_mm : float
        Its length.
    """

    attached_mm: float
    free_mm: float
    radius_mm: float
    exit: Points
    lie: Points
    leave: Points
    canal: Points
    canal_mm: float


def draw_measures(rng: Generator) -> Measures:
    """Draw one side.

    Root exit to lateral transition zone 8 mm (Tomii 2003), of which 1.6 to 3.5 mm lie
    past the detachment (JKNS 2014), and attached lengths up to 10 mm (Neurographics
    2015): 7 (SD 1.4) mm attached. Free length 12.4 (SD 1.9) mm (Gupta 2023); canal
    9.8 mm (CT).
    """

    def aim(mean: tuple[float, float, float], spread: float) -> Points:
        return unit(np.array(mean) + rng.normal(0.0, spread, 3))

    return Measures(
        attached_mm=float(np.clip(rng.normal(6.3, 1.3), 4.0, 9.0)),
        free_mm=float(np.clip(rng.normal(12.4, 1.9), 9.0, 17.0)),
        radius_mm=float(rng.uniform(0.75, 1.0)),
        exit=np.array([10.8, -5.5, 1.3]) + rng.normal(0.0, 0.5, 3),
        lie=aim((0.60, 0.45, 0.62), 0.10),
        leave=aim((0.90, 0.27, 0.26), 0.08),
        canal=aim((1.0, -0.03, 0.02), 0.09),
        canal_mm=float(np.clip(rng.normal(9.8, 0.9), 7.8, 12.0)),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FacialCourse:
    """CN VII's course, head coordinates.

    Parameters
    ----------
    nodes : ndarray, shape (N, 3)
        Evenly spaced, from within the brainstem to the fundus.
    radius : float
        Of a round section of equal area, mm.
    normals : ndarray, shape (N, 3)
        Away from the brainstem, as far as the nerve lies on it.
    attached : ndarray, shape (N,)
        1 where it lies on the brainstem, 0 where it is free.
    places : tuple of float
        Root exit, root detachment and porus along it, mm.
    """

    nodes: Points
    radius: float
    normals: Points
    attached: Points
    places: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Laid:
    """CN VII, the canal that it leads to, and the brainstem that makes way for it.

    Parameters
    ----------
    root : FacialCourse
        The nerve.
    porus, fundus : ndarray, shape (3,)
        Ends of the canal's axis, head coordinates, mm.
    stem : LevelSet
        The brainstem without what the free nerve would run into.
    """

    root: FacialCourse
    porus: Points
    fundus: Points
    stem: LevelSet


def lay_root(
    rng: Generator, own: Measures, sign: int, pons: LevelSet, stem: LevelSet
) -> Laid:
    """Lay CN VII over the pons and on to where its length puts the canal.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the sway of its course.
    own : Measures
        What was drawn.
    sign : int
        +1 right, -1 left.
    pons, stem : LevelSet
        What it lies on, and all of the brainstem.
    """
    lie, leave = mirror_points(own.lie, sign), mirror_points(own.leave, sign)
    surface = _walk(own, mirror_points(own.exit, sign), lie, pons, stem)
    inside = _root_within(surface[0], stem)
    last = surface[-1]
    axis = mirror_points(own.canal, sign)
    entry = last + own.free_mm * leave
    # Within the canal CN VII lies before and above the axis.
    aside = mirror_points(np.array([0.0, 0.75, 0.95]), sign)
    porus = entry - aside
    fundus = porus + own.canal_mm * axis
    first = last + 2.2 * unit(leave + 0.5 * pons.slope(last[None])[0])
    middle = 0.5 * (first + entry) + rng.normal(0.0, 0.35, 3)
    ways = [last, first, middle, entry, entry + 0.5 * own.canal_mm * axis]
    ways.append(fundus + 0.9 * aside - 0.6 * axis)
    free = _spline(np.array(ways), start=unit(surface[-1] - surface[-2]))
    nodes = _smooth(np.concatenate([inside, np.array(surface), free[1:]]))
    stem = _make_way(nodes[len(inside) + len(surface) - 1 :], own.radius_mm, stem)
    root = _measured_root(resample(nodes, STEP_MM), own, entry, stem, axis)
    return Laid(root=root, porus=porus, fundus=fundus, stem=stem)


def _walk(
    own: Measures, start: Points, lie: Points, pons: LevelSet, stem: LevelSet
) -> list[Points]:
    """Walk over the pons from where the brainstem lets the nerve out."""
    level = (FLAT - EMBEDDED) * own.radius_mm
    here = _settle(start - 1.0 * lie, pons, level)
    surface: list[Points] = []
    for _ in range(200):
        if surface or stem.distance(here[None])[0] > level - 0.1:
            surface.append(here)
        if (len(surface) - 1) * STEP_MM > own.attached_mm:
            break
        out = pons.slope(here[None])[0]
        here = _settle(here + STEP_MM * unit(lie - (lie @ out) * out), pons, level)
    return surface


def _make_way(free: Points, radius_mm: float, stem: LevelSet) -> LevelSet:
    """Clear the brainstem off the free nerve, farther the farther it is."""
    along = STEP_MM * np.arange(len(free))
    width = radius_mm * np.interp(along, [0.0, 1.5], [FLAT - EMBEDDED, 1.0])
    return carve(
        stem, CurvedTube.round(free, width + np.minimum(0.35 * along, 3.0)), 0.0
    )


def _measured_root(
    nodes: Points, own: Measures, entry: Points, stem: LevelSet, axis: Points
) -> FacialCourse:
    """Find where the smoothed course leaves, lifts off and enters the canal."""
    arc = _length(nodes) * np.linspace(0.0, 1.0, len(nodes))
    height = stem.distance(nodes)
    level = (FLAT - EMBEDDED) * own.radius_mm
    out = int(np.argmax(height > level - 0.25))
    lift = int(np.flatnonzero(height < own.radius_mm + 0.05).max())
    short = np.flatnonzero((nodes - entry) @ axis < 0.0)
    mouth = int(short[short >= lift].max()) + 1
    ease = np.clip((arc[lift] + 1.0 - arc) / 2.0, 0.0, 1.0)
    return FacialCourse(
        nodes=nodes,
        radius=own.radius_mm,
        normals=stem.slope(nodes),
        attached=ease * ease * (3.0 - 2.0 * ease),
        places=(float(arc[out]), float(arc[lift]), float(arc[mouth])),
    )


def _length(nodes: Points) -> float:
    return float(np.linalg.norm(np.diff(nodes, axis=0), axis=1).sum())


def _settle(point: Points, stem: LevelSet, level_mm: float) -> Points:
    """Move a point to a height above the surface."""
    for _ in range(12):
        lacking = level_mm - stem.distance(point[None])[0]
        point = point + 0.8 * lacking * stem.slope(point[None])[0]
    return point


def _root_within(start: Points, stem: LevelSet) -> Points:
    """Return the short stretch inside the brainstem, from within outwards."""
    inwards = -stem.slope(start[None])[0]
    inwards = unit(inwards + np.array([0.0, -0.2, 0.5]))
    return start + inwards * np.arange(2.4, 0.0, -STEP_MM)[:, None]


def _spline(ways: Points, start: Points) -> Points:
    """Return an evenly spaced course through points that sets out along `start`."""
    chord = np.concatenate(
        [[0.0], np.cumsum(np.linalg.norm(np.diff(ways, axis=0), axis=1))]
    )
    curve = CubicSpline(chord, ways, bc_type=((1, start), (2, np.zeros(3))))
    fine: Points = curve(np.linspace(0.0, chord[-1], 400))
    return resample(fine, STEP_MM)


def _smooth(nodes: Points) -> Points:
    """Round the corners; the ends stay."""
    nodes = nodes.copy()
    for _ in range(14):
        middle = 0.25 * (nodes[:-2] + nodes[2:]) + 0.5 * nodes[1:-1]
        nodes[1:-1] = middle
    return nodes


def make_tube(root: FacialCourse) -> CurvedTube:
    """Return CN VII untouched: flat on the pons, round beyond."""
    share = 1.0 - (1.0 - FLAT) * root.attached
    along = tangents(root.nodes)
    across = root.normals - (root.normals * along).sum(axis=1, keepdims=True) * along
    usual = perpendiculars(root.nodes, int(np.argmax(root.attached)), across[0])
    across = np.where(root.attached[:, None] > 0.0, across, usual)
    across /= np.maximum(np.linalg.norm(across, axis=1, keepdims=True), 1e-9)
    sections = root.radius * np.stack([share, 1.0 / share], axis=1)
    return CurvedTube(
        nodes=np.ascontiguousarray(root.nodes),
        sections=np.ascontiguousarray(sections),
        across=np.ascontiguousarray(across),
    )
