"""From solids to voxels: coverage with partial volume, point spread and noise."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nvc.model.grid import Grid
from nvc.phantom.geometry.shapes import Points, Solid

Image = NDArray[np.float32]
Box = tuple[slice, slice, slice]
_BLOCK = 4
_BATCH = 4096
_SLACK = 1.4
"""Distances of blended and ellipsoidal solids are good to this factor."""


def measure_coverage(
    solid: Solid, grid: Grid, head_to_ras: Points, samples: int = 2
) -> tuple[Box, Image] | None:
    """Return which share of every voxel a solid fills.

    The lattice is walked in blocks; only blocks that the wall may cross are looked
    at voxel by voxel, and only voxels that it does cross are sampled finely.

    Parameters
    ----------
    solid : Solid
        In head coordinates.
    grid : Grid
        The lattice.
    head_to_ras : ndarray, shape (4, 4)
        Pose of the head in the lattice's world, rigid.
    samples : int
        Fine samples along each edge of a voxel.

    Returns
    -------
    tuple of slice, ndarray
        The box of voxels and the shares in it, 0 to 1; None where it misses the grid.
    """
    to_head = np.linalg.inv(head_to_ras) @ grid.voxel_to_ras_mm
    box = _box(solid, grid, to_head)
    if box is None:
        return None
    low = np.array([part.start for part in box])
    shape = tuple(part.stop - part.start for part in box)
    counts = [-(-n // _BLOCK) for n in shape]
    padded = np.zeros([n * _BLOCK for n in counts], dtype=np.float32)
    corner = np.stack(
        np.meshgrid(*[np.arange(n) * _BLOCK for n in counts], indexing="ij"), axis=-1
    ).reshape(-1, 3)
    edges = to_head[:3, :3]
    centre = _map(to_head, corner + low + 0.5 * (_BLOCK - 1))
    reach = 0.5 * _BLOCK * float(np.linalg.norm(edges.sum(axis=1)))
    reach = max(reach, 0.5 * _BLOCK * float(np.sqrt((edges**2).sum())))
    distance = solid.distance(centre)
    blocks = padded.reshape(
        counts[0], _BLOCK, counts[1], _BLOCK, counts[2], _BLOCK
    ).transpose(0, 2, 4, 1, 3, 5)
    full = corner[distance < -_SLACK * reach] // _BLOCK
    blocks[full[:, 0], full[:, 1], full[:, 2]] = 1.0
    mixed = corner[np.abs(distance) <= _SLACK * reach]
    inner = np.stack(
        np.meshgrid(*[np.arange(_BLOCK)] * 3, indexing="ij"), axis=-1
    ).reshape(-1, 3)
    for start in range(0, len(mixed), _BATCH):
        some = mixed[start : start + _BATCH]
        ijk = (some[:, None, :] + low + inner).reshape(-1, 3)
        share = _shares(solid, _map(to_head, ijk), edges, samples)
        index = some // _BLOCK
        blocks[index[:, 0], index[:, 1], index[:, 2]] = share.reshape(
            -1, _BLOCK, _BLOCK, _BLOCK
        )
    return box, padded[: shape[0], : shape[1], : shape[2]]


def _shares(solid: Solid, points: Points, edges: Points, samples: int) -> Image:
    distance = solid.distance(points)
    half = 0.5 * float(np.sqrt((edges**2).sum()))
    share = (distance < 0.0).astype(np.float32)
    crossed = np.flatnonzero(np.abs(distance) < _SLACK * half)
    if len(crossed):
        places = (np.arange(samples) + 0.5) / samples - 0.5
        offsets = np.stack(
            np.meshgrid(places, places, places, indexing="ij"), axis=-1
        ).reshape(-1, 3)
        fine = points[crossed][:, None, :] + offsets @ edges.T
        width = float(np.cbrt(abs(np.linalg.det(edges)))) / samples
        inside = np.clip(0.5 - solid.distance(fine.reshape(-1, 3)) / width, 0.0, 1.0)
        share[crossed] = inside.reshape(len(crossed), -1).mean(axis=1)
    return share


def _map(affine: Points, points: NDArray[Any]) -> Points:
    moved: Points = np.asarray(points, dtype=float) @ affine[:3, :3].T + affine[:3, 3]
    return moved


def _box(solid: Solid, grid: Grid, to_head: Points) -> Box | None:
    low, high = solid.bounds()
    whole = (slice(0, grid.shape[0]), slice(0, grid.shape[1]), slice(0, grid.shape[2]))
    if not (np.isfinite(low).all() and np.isfinite(high).all()):
        return whole
    corners = np.stack(np.meshgrid(*np.stack([low, high], axis=1)), axis=-1)
    to_voxel = np.asarray(np.linalg.inv(to_head), dtype=float)
    ijk = _map(to_voxel, corners.reshape(-1, 3))
    start = np.clip(np.floor(ijk.min(axis=0)) - 1, 0, grid.shape).astype(int)
    stop = np.clip(np.ceil(ijk.max(axis=0)) + 2, 0, grid.shape).astype(int)
    if (stop <= start).any():
        return None
    i, j, k = (slice(int(a), int(b)) for a, b in zip(start, stop, strict=True))
    return i, j, k


def blur(image: Image, width_voxels: float) -> Image:
    """Blur by a Gaussian of this full width at half maximum, in voxels."""
    if width_voxels <= 0.0:
        return image
    sigma = width_voxels / np.sqrt(8.0 * np.log(2.0))
    blurred: Image = ndimage.gaussian_filter(image, sigma, mode="nearest", truncate=3.0)
    return blurred


def draw_smooth_field(rng: np.random.Generator, grid: Grid, scale_mm: float) -> Image:
    """Return a random field of unit deviation that varies over `scale_mm`."""
    size = np.array(grid.shape) * np.array(grid.voxel_size_mm) / scale_mm
    counts = np.maximum(np.ceil(size).astype(int) + 4, 4)
    field = rng.standard_normal(counts, dtype=np.float32)
    axes = [
        (np.arange(n) - 0.5 * (n - 1)) * edge / scale_mm + 0.5 * (m - 1)
        for n, edge, m in zip(grid.shape, grid.voxel_size_mm, counts, strict=True)
    ]
    for axis, at in enumerate(axes):
        field = _along(field, at, axis)
    unit_field: Image = field / np.float32(max(float(field.std()), 1e-9))
    return unit_field


def _along(coefficients: Image, at: Points, axis: int) -> Image:
    """Evaluate cubic B-spline coefficients at places along one axis."""
    base = np.floor(at).astype(int)
    part = at - base
    weights = (
        (1.0 - part) ** 3 / 6.0,
        (3.0 * part**3 - 6.0 * part**2 + 4.0) / 6.0,
        (-3.0 * part**3 + 3.0 * part**2 + 3.0 * part + 1.0) / 6.0,
        part**3 / 6.0,
    )
    matrix = np.zeros((len(at), coefficients.shape[axis]), dtype=np.float32)
    rows = np.arange(len(at))
    for shift, weight in enumerate(weights):
        column = np.clip(base + shift - 1, 0, matrix.shape[1] - 1)
        np.add.at(matrix, (rows, column), weight.astype(np.float32))
    moved = np.moveaxis(np.tensordot(matrix, coefficients, axes=(1, axis)), 0, axis)
    return np.asarray(moved, dtype=np.float32)


def add_rician_noise(rng: np.random.Generator, image: Image, deviation: float) -> Image:
    """Return the magnitude of the image with noise in both channels."""
    if deviation <= 0.0:
        return image
    real = image + rng.standard_normal(image.shape, dtype=np.float32) * deviation
    other = rng.standard_normal(image.shape, dtype=np.float32) * deviation
    return np.asarray(np.hypot(real, other), dtype=np.float32)
