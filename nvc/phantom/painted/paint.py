"""Hard-edged painting: tissue numbers on a fine lattice, averaged into voxels."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numba
import numpy as np
from numpy.typing import NDArray

from nvc.model.grid import Grid
from nvc.phantom.geometry.shapes import Points, Solid
from nvc.phantom.render import Image, add_rician_noise, blur, draw_smooth_field

FINE_MM = 0.25
"""Wanted edge of the fine lattice."""
_SIZES = (8, 2, 1)
"""Edges, in fine points, of the cubes that are tried one after the other."""
_BATCH = 4096
_SLACK = 2.0
"""Distances of blended and squarish solids are good to this factor."""


class Paint(IntEnum):
    """Tissue numbers on the fine lattice."""

    AIR = 0
    SCALP = 1
    BONE = 2
    MARROW = 3
    CSF = 4
    FLUID = 5
    BRAIN = 6
    CORTEX = 7
    NERVE = 8
    ARTERY = 9
    VEIN = 10


@dataclass(frozen=True, slots=True, eq=False)
class Stroke:
    """One solid, head coordinates, and what it is painted with."""

    solid: Solid
    paint: Paint


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How one sequence sees the paints.

    Parameters
    ----------
    level, mottle : tuple of float
        Signal of each `Paint` and depth of its texture, as a fraction.
    texture_mm : float
        Size of the texture's grain.
    bias, noise : float
        Half range of the coil's shading and deviation of each channel.
    banding : float
        Depth of the bands that a balanced sequence shows.
    pulsation : float
        Strength of the arteries' ghosts along the second axis.
    """

    level: tuple[float, ...]
    mottle: tuple[float, ...]
    texture_mm: float
    bias: float
    noise: float
    banding: float
    pulsation: float


@numba.njit(cache=True)
def _fill(canvas, corners, size, paint):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Paint cubes of `size` points from their first corners, shape (N, 3)."""
    for b in range(corners.shape[0]):
        for i in range(corners[b, 0], min(corners[b, 0] + size, canvas.shape[0])):
            for j in range(corners[b, 1], min(corners[b, 1] + size, canvas.shape[1])):
                last = min(corners[b, 2] + size, canvas.shape[2])
                for k in range(corners[b, 2], last):
                    canvas[i, j, k] = paint


@numba.njit(cache=True)
def _average(canvas, parts, table, out):  # type: ignore[no-untyped-def]  # pragma: no cover - compiled
    """Write each voxel's mean of `table` over its fine points."""
    count = parts[0] * parts[1] * parts[2]
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for k in range(out.shape[2]):
                total = 0.0
                for a in range(i * parts[0], (i + 1) * parts[0]):
                    for b in range(j * parts[1], (j + 1) * parts[1]):
                        for c in range(k * parts[2], (k + 1) * parts[2]):
                            total += table[canvas[a, b, c]]
                out[i, j, k] = total / count


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PaintGrid:
    """A grid cut into fine points, each holding one `Paint`.

    Parameters
    ----------
    grid : Grid
        The voxels.
    parts : ndarray, shape (3,)
        Fine points along each edge of a voxel.
    head_from_fine : ndarray, shape (4, 4)
        Maps indices of fine points to head coordinates, mm.
    points : ndarray of uint8
        The paint of each fine point.
    """

    grid: Grid
    parts: NDArray[np.int64]
    head_from_fine: Points
    points: NDArray[np.uint8]

    @classmethod
    def blank(cls, grid: Grid, head_to_ras: Points) -> PaintGrid:
        """Return a canvas of air; `head_to_ras` is the pose in the grid's world."""
        edges = np.array(grid.voxel_size_mm)
        parts = np.maximum(np.rint(edges / FINE_MM).astype(np.int64), 2)
        to_voxel = np.eye(4)
        to_voxel[:3, :3] = np.diag(1.0 / parts)
        to_voxel[:3, 3] = 0.5 / parts - 0.5
        to_head = np.linalg.inv(head_to_ras) @ grid.voxel_to_ras_mm
        return cls(
            grid=grid,
            parts=parts,
            head_from_fine=to_head @ to_voxel,
            points=np.zeros(np.array(grid.shape) * parts, dtype=np.uint8),
        )

    def apply(self, stroke: Stroke) -> None:
        """Paint one solid over what is there; only cubes at its wall are split."""
        corners = self._blocks(stroke.solid)
        for start in range(0, len(corners), _BATCH):
            cubes = corners[start : start + _BATCH]
            for size, part in zip(_SIZES, (*_SIZES[1:], 0), strict=True):
                cubes = self._split(cubes, size, part, stroke)

    def _split(
        self, cubes: NDArray[np.int64], size: int, part: int, stroke: Stroke
    ) -> NDArray[np.int64]:
        """Paint the cubes inside the wall; return the parts of those it may cross."""
        edges = self.head_from_fine[:3, :3]
        half = 0.5 * (size - 1)
        slack = _SLACK * half * float(np.linalg.norm(np.linalg.norm(edges, axis=0)))
        distance = stroke.solid.distance(self._head(cubes + half))
        _fill(self.points, cubes[distance < -slack], size, int(stroke.paint))
        if part == 0:
            return cubes[:0]
        mixed = cubes[np.abs(distance) <= slack]
        steps = np.arange(0, size, part, dtype=np.int64)
        offsets = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
        parts: NDArray[np.int64] = mixed[:, None, :] + offsets.reshape(-1, 3)
        return parts.reshape(-1, 3)

    def _head(self, fine: NDArray[np.generic]) -> Points:
        affine = self.head_from_fine
        at: Points = np.asarray(fine, dtype=float) @ affine[:3, :3].T + affine[:3, 3]
        return at

    def _blocks(self, solid: Solid) -> NDArray[np.int64]:
        """Return first corners, shape (N, 3), of the largest cubes in its box."""
        shape = np.array(self.points.shape)
        low, high = solid.bounds()
        start, stop = np.zeros(3, dtype=np.int64), shape
        if np.isfinite(low).all() and np.isfinite(high).all():
            box = np.stack(np.meshgrid(*np.stack([low, high], axis=1)), axis=-1)
            affine = np.linalg.inv(self.head_from_fine)
            fine = box.reshape(-1, 3) @ affine[:3, :3].T + affine[:3, 3]
            start = np.clip(np.floor(fine.min(axis=0)) - 1, 0, shape).astype(np.int64)
            stop = np.clip(np.ceil(fine.max(axis=0)) + 2, 0, shape).astype(np.int64)
        axes = [
            np.arange(a, b, _SIZES[0], dtype=np.int64)
            for a, b in zip(start, stop, strict=True)
        ]
        return np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, 3)

    def mean(self, table: tuple[float, ...]) -> Image:
        """Return the mean of a value for each `Paint` over every voxel."""
        out = np.empty(self.grid.shape, dtype=np.float32)
        values = np.array(table, dtype=np.float32)
        _average(self.points, self.parts, values, out)
        return out


def develop(canvas: PaintGrid, look: Look, rng: np.random.Generator) -> Image:
    """Turn a painted canvas into what a scanner would show.

    Parameters
    ----------
    canvas : PaintGrid
        With every stroke applied.
    look : Look
        Contrast, texture and faults of the sequence.
    rng : numpy.random.Generator
        Of texture, shading and noise.

    Returns
    -------
    ndarray of float32, shape ``canvas.grid.shape``
    """
    grid = canvas.grid
    grain = draw_smooth_field(rng, grid, look.texture_mm)
    depth = tuple(a * b for a, b in zip(look.level, look.mottle, strict=True))
    image = canvas.mean(look.level) + canvas.mean(depth) * grain
    image = blur(image, 0.8)
    if look.pulsation > 0.0:
        moving = [0.0] * len(Paint)
        moving[Paint.ARTERY] = look.pulsation
        ghosts = canvas.mean(tuple(moving))
        step = grid.shape[1] // int(rng.integers(5, 8))
        image += np.roll(ghosts, step, axis=1) + np.roll(ghosts, -step, axis=1)
    image *= _bands(rng, grid, look.banding)
    shade = np.clip(draw_smooth_field(rng, grid, 90.0), -2.0, 2.0)
    image *= np.float32(1.0) + np.float32(0.5 * look.bias) * shade
    return add_rician_noise(rng, np.asarray(image, dtype=np.float32), look.noise)


def _bands(rng: np.random.Generator, grid: Grid, depth: float) -> Image:
    """Return stripes about 25 mm apart, across the second and a little the first axis.

    Balanced sequences lose signal where the field is off resonance.
    """
    i, j, _ = np.ogrid[: grid.shape[0], : grid.shape[1], : grid.shape[2]]
    first, second, _ = grid.voxel_size_mm
    turn = 2.0 * np.pi / float(rng.uniform(20.0, 32.0))
    phase = (0.4 * i * first + j * second) * turn + rng.uniform(0.0, 2.0 * np.pi)
    stripes: Image = (1.0 - depth * (0.5 + 0.5 * np.cos(phase))).astype(np.float32)
    return stripes
