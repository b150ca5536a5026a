"""A skull base painted voxel by voxel: cruder than the phantom, and other anatomy.

Sizes are those of adults: canals 5.8 mm wide and some 10 mm long, pori 50-55 mm
apart, vestibules 75-85 mm apart.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from scipy.spatial.transform import Rotation

from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume

Array = NDArray[np.float64]
CSF, BRAIN, BONE, FAT, FLOW = 1.0, 0.35, 0.05, 0.6, 0.04


@dataclass(frozen=True, kw_only=True)
class Paint:
    """What to paint."""

    seed: int = 1
    voxel_mm: tuple[float, float, float] = (0.7, 0.7, 0.7)
    extent_mm: tuple[float, float, float] = (140.0, 110.0, 40.0)
    tilt_deg: float = 8.0
    noise: float = 0.04
    shading: float = 0.2
    filled: Side | None = None
    """A side whose canal and cistern a mass fills."""
    without: Side | None = None
    """A side without canal and labyrinth."""
    centre_mm: tuple[float, float, float] = (0.0, -6.0, 2.0)


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Places of one side, RAS mm."""

    porus_mm: Array
    fundus_mm: Array
    ear_mm: Array
    root_mm: Array


@dataclass(frozen=True, kw_only=True)
class PaintedHead:
    """The picture and its truth."""

    volume: Volume
    sides: dict[Side, Truth]
    axes: Array
    """Columns: the head's right, anterior and superior, in RAS."""


@dataclass
class _Canvas:
    """Voxels, their places in the head, and a brush with soft edges."""

    grid: Grid
    head_to_ras: Array
    image: NDArray[np.float32] = field(init=False)

    def __post_init__(self) -> None:
        self.image = np.zeros(self.grid.shape, dtype=np.float32)

    def paint(
        self,
        distance: Callable[[Array], Array],
        value: float,
        middle: tuple[float, float, float] | Array = (0.0, 0.0, 0.0),
        reach_mm: float = 400.0,
    ) -> None:
        """Fill where a signed distance in head mm is negative."""
        centre = self.head_to_ras[:3, :3] @ np.asarray(middle) + self.head_to_ras[:3, 3]
        size = np.array(self.grid.voxel_size_mm)
        at = self.grid.to_voxel(centre)
        low = np.clip(np.floor(at - reach_mm / size - 1), 0, self.grid.shape).astype(
            int
        )
        high = np.clip(np.ceil(at + reach_mm / size + 2), 0, self.grid.shape).astype(
            int
        )
        if np.any(high <= low):
            return
        box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        ijk = np.stack(
            np.meshgrid(*[np.arange(s.start, s.stop) for s in box], indexing="ij"),
            axis=-1,
        )
        to_head = np.linalg.inv(self.head_to_ras) @ self.grid.voxel_to_ras_mm
        points = ijk @ to_head[:3, :3].T + to_head[:3, 3]
        share = np.clip(0.5 - distance(points) / float(size.mean()), 0, 1)
        self.image[box] += (share * (value - self.image[box])).astype(np.float32)

    def cord(self, start: Array, end: Array, radius: float, value: float) -> None:
        """Paint a rod with round ends."""
        middle = (np.asarray(start) + end) / 2
        reach = float(np.linalg.norm(np.asarray(end) - start)) / 2 + radius + 1
        self.paint(lambda p: rod(p, start, end, radius), value, middle, reach)

    def ball(self, centre: Array, radii: tuple[float, ...], value: float) -> None:
        """Paint an ellipsoid."""
        self.paint(lambda p: oval(p, centre, radii), value, centre, max(radii) + 1)


def oval(points: Array, centre: Array, radii: tuple[float, ...]) -> Array:
    """Return roughly the signed distance to an ellipsoid."""
    offset = points - np.asarray(centre, dtype=float)
    scaled = np.linalg.norm(offset / np.array(radii), axis=-1)
    length = np.linalg.norm(offset, axis=-1)
    return (scaled - 1) * np.where(
        scaled > 1e-6, length / np.maximum(scaled, 1e-6), min(radii)
    )


def rod(points: Array, start: Array, end: Array, radius: float) -> Array:
    """Return the signed distance to a rod with round ends."""
    way = np.asarray(end, dtype=float) - start
    share = np.clip((points - start) @ way / (way @ way), 0, 1)
    return np.linalg.norm(points - start - share[..., None] * way, axis=-1) - radius


def tube(points: Array, start: Array, end: Array, radius: float) -> Array:
    """Return the signed distance to a rod with flat ends."""
    way = np.asarray(end, dtype=float) - start
    length = float(np.linalg.norm(way))
    along = (points - start) @ (way / length)
    aside = np.linalg.norm(points - start - along[..., None] * (way / length), axis=-1)
    return np.maximum(aside - radius, np.maximum(-along, along - length))


def hoop(
    points: Array, centre: Array, normal: Array, sizes: tuple[float, float]
) -> Array:
    """Return the signed distance to a ring of two radii."""
    unit = np.asarray(normal, dtype=float) / np.linalg.norm(normal)
    offset = points - centre
    height = offset @ unit
    wide = np.sqrt(np.maximum((offset**2).sum(-1) - height**2, 0))
    return np.hypot(wide - sizes[0], height) - sizes[1]


def paint_head(paint: Paint) -> PaintedHead:
    """Paint a skull base with brainstem, canals and labyrinths."""
    rng = np.random.default_rng(paint.seed)
    turn = Rotation.from_euler(
        "xyz", rng.uniform(-paint.tilt_deg, paint.tilt_deg, 3), degrees=True
    ).as_matrix()
    shape = tuple(
        round(e / v) for e, v in zip(paint.extent_mm, paint.voxel_mm, strict=True)
    )
    affine = np.diag([*paint.voxel_mm, 1.0])
    affine[:3, 3] = -affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    pose = np.eye(4)
    pose[:3, :3] = turn
    pose[:3, 3] = -turn @ np.array(paint.centre_mm) + rng.uniform(-3, 3, 3)
    canvas = _Canvas(grid=Grid(shape=shape, voxel_to_ras_mm=affine), head_to_ras=pose)
    _paint_head_and_brain(canvas, rng)
    sides = {side: _paint_side(canvas, side, rng, paint) for side in Side}
    _paint_stem(canvas, sides, rng)
    truth = {
        side: Truth(
            **{
                name: turn @ getattr(found, name) + pose[:3, 3]
                for name in ("porus_mm", "fundus_mm", "ear_mm", "root_mm")
            }
        )
        for side, found in sides.items()
    }
    voxels = _scanned(canvas.image, paint, rng)
    return PaintedHead(
        volume=Volume(grid=canvas.grid, voxels=voxels), sides=truth, axes=turn
    )


def _paint_head_and_brain(canvas: _Canvas, rng: np.random.Generator) -> None:
    """Scalp, skull, posterior fossa and cerebellum."""
    middle = np.array([0.0, -8.0, 25.0])
    canvas.paint(lambda p: oval(p, middle, (78, 98, 115)), FAT)
    canvas.paint(lambda p: oval(p, middle, (73, 93, 110)), 0.2)
    canvas.paint(lambda p: oval(p, middle, (70, 88, 105)), BONE)
    canvas.paint(lambda p: oval(p, np.array([0, -30, 0]), (56, 44, 36)), CSF)
    width = rng.uniform(27, 32)
    for sign in (1, -1):
        canvas.ball(np.array([sign * 24, -37, 0.0]), (width, 27, 25), BRAIN)
        canvas.ball(np.array([sign * 31, 70, 8.0]), (12, 12, 12), CSF)
    # Clivus and skull base in front.
    canvas.paint(
        lambda p: np.maximum(19 - 0.9 * p[..., 1] - 0.35 * p[..., 2], p[..., 2] - 16),
        BONE,
    )


def _paint_side(
    canvas: _Canvas, side: Side, rng: np.random.Generator, paint: Paint
) -> Truth:
    """Petrous bone, canal and labyrinth of one side; truth in head mm."""
    flip = np.array([side.sign, 1.0, 1.0])
    porus = np.array([26.0, 0.5, 1.0]) + rng.uniform(-1, 1, 3)
    yaw, nod = np.deg2rad(rng.uniform((-12, -8), (15, 8)))
    axis = np.array([np.cos(yaw) * np.cos(nod), np.sin(yaw), np.sin(nod)])
    axis /= np.linalg.norm(axis)
    fundus = porus + rng.uniform(9, 12) * axis
    out = np.array([-0.72, -0.68, rng.uniform(-0.1, 0.2)])
    out /= np.linalg.norm(out)

    def bone(points: Array) -> Array:
        own = points * flip
        return np.maximum.reduce(
            [
                (own - porus) @ out,
                (own - [30, 22, 0]) @ np.array([-0.55, 0.83, 0.2]),
                own[..., 2] - porus[2] - 7.5,
                -own[..., 2] - 18,
                own[..., 0] - 64,
            ]
        )

    canvas.paint(bone, BONE, porus * flip + [side.sign * 15, 0, 0], 50)
    radius = rng.uniform(2.3, 3.2)
    ear = fundus + 4.0 * axis + [0, -1, 0]
    if paint.without is not side:
        ends = (porus * flip, fundus * flip)
        canvas.paint(lambda p: tube(p, *ends, radius), CSF, ends[0], 25)
        mouth = (porus - 6 * axis) * flip, (porus + 0.5 * axis) * flip
        canvas.cord(*mouth, radius + 0.4, CSF)
        _paint_labyrinth(canvas, ear, fundus, flip)
    if paint.filled is side:
        canvas.cord(*ends, 4.0, 0.4)
        canvas.ball(porus * flip, (9, 9, 8), 0.4)
    root = np.array([15.5, -3.5, -1.0])
    return Truth(
        porus_mm=porus * flip,
        fundus_mm=fundus * flip,
        ear_mm=ear * flip,
        root_mm=root * flip,
    )


def _paint_labyrinth(canvas: _Canvas, ear: Array, fundus: Array, flip: Array) -> None:
    """Vestibule, three semicircular canals and a cochlea of two turns."""
    canvas.ball(ear * flip, (2.2, 2.6, 2.4), CSF)
    for normal, offset in (
        ((0.1, 0.1, 1.0), (2.6, -3.0, 0.0)),
        ((0.7, 0.7, 0.1), (0.0, -0.5, 4.2)),
        ((0.7, -0.7, 0.1), (1.5, -4.0, 1.0)),
    ):
        centre = (ear + offset) * flip
        across = np.array(normal) * flip
        canvas.paint(
            lambda p, c=centre, n=across: hoop(p, c, n, (3.3, 0.6)), CSF, centre, 5
        )
    for size, step in ((3.0, 0.0), (1.8, 1.0)):
        centre = (fundus + np.array([0.5 + step, 4.8 + step, -1.0])) * flip
        across = np.array([0.6, 0.8, 0.0]) * flip
        canvas.paint(
            lambda p, c=centre, n=across, r=size: hoop(p, c, n, (r, 0.7)),
            CSF,
            centre,
            5,
        )


def _paint_stem(
    canvas: _Canvas, sides: dict[Side, Truth], rng: np.random.Generator
) -> None:
    """Brainstem, fourth ventricle, nerves and arteries."""
    pons = np.array([0.0, 1.5, 9.0])
    canvas.ball(pons, (rng.uniform(15, 17), rng.uniform(12.5, 14.5), 15), BRAIN)
    canvas.cord(np.array([0.0, -4, -2]), np.array([0.0, -16, -34]), 8.5, BRAIN)
    for side, truth in sides.items():
        sign = side.sign
        canvas.cord(
            np.array([sign * 8, -3, 7.0]), np.array([sign * 24, -22, 5.0]), 7.5, BRAIN
        )
        canvas.ball(np.array([sign * 23, -11, -1.0]), (5, 5, 4), BRAIN)
        for radius, apart in ((0.8, [0, 1.1, 1.0]), (1.1, [0, -1.1, -0.8])):
            start = truth.root_mm + np.array([0, min(apart[1], 0) * 2.3, 0])
            canvas.cord(start, truth.porus_mm + apart, radius, BRAIN)
            canvas.cord(truth.porus_mm + apart, truth.fundus_mm + apart, radius, BRAIN)
        canvas.cord(np.array([0.0, 17, 0]), np.array([sign * 18, 5, -4.0]), 0.6, FLOW)
    canvas.ball(np.array([0, -18, 8.0]), (8, 4, 9), CSF)
    canvas.cord(np.array([0.0, 7, -6]), np.array([0.0, 18, 20]), 1.7, FLOW)


def _scanned(
    image: NDArray[np.float32], paint: Paint, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Blur a little, shade and add noise of magnitude."""
    blurred = ndimage.gaussian_filter(image, 0.45)
    ramps = [np.linspace(-1, 1, n) for n in image.shape]
    slope = rng.uniform(-1, 1, 3) * paint.shading
    shade = 1 + sum(
        s * r.reshape([-1 if a == axis else 1 for a in range(3)])
        for axis, (s, r) in enumerate(zip(slope, ramps, strict=True))
    )
    real = blurred * shade + paint.noise * rng.standard_normal(image.shape)
    other = paint.noise * rng.standard_normal(image.shape)
    return (800 * np.hypot(real, other)).astype(np.float32)
