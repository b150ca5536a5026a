"""From a T1's brightness to tissue: 0 is CSF, 1 is brain."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.restoration import denoise_nl_means

from nvc.model.grid import Grid, Volume
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.recoloured.fields import Field, Lattice
from nvc.phantom.render import Image

MARGIN_MM = 6.0
MOST_SHADING = (0.55, 1.3)
"""The darkest and the brightest place that the coil makes of brain like the pons."""
SHADING_MM = 12.0
"""Deviation of the Gaussian that the coil's shading is averaged with."""
CLEAN_SHARE = 0.015
"""Noise below this share of brain is left: denoising would only soften the nerves."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Cleaned:
    """A T1's own voxels without their noise, ready to be sampled.

    Parameters
    ----------
    grid : Grid
        Of the box that was kept.
    coefficients : ndarray of float32
        Cubic B-spline coefficients.
    head_to_ras : ndarray, shape (4, 4)
        Pose of the head in the T1's world.
    """

    grid: Grid
    coefficients: Image
    head_to_ras: Points

    def at(self, points: Points) -> Image:
        """Return the T1 at points, shape (..., 3), head coordinates."""
        ras = points @ self.head_to_ras[:3, :3].T + self.head_to_ras[:3, 3]
        index = np.moveaxis(self.grid.to_voxel(ras), -1, 0)
        found: Image = ndimage.map_coordinates(
            self.coefficients,
            index,
            output=np.float32,
            order=3,
            prefilter=False,
            mode="nearest",
        )
        return found


def clean(volume: Volume, head_to_ras: Points, low: Points, high: Points) -> Cleaned:
    """Cut a T1 to a box in head coordinates, and denoise it by non-local means."""
    corners = np.stack(np.meshgrid(*np.stack([low, high], axis=1)), axis=-1)
    ras = corners.reshape(-1, 3) @ head_to_ras[:3, :3].T + head_to_ras[:3, 3]
    index = volume.grid.to_voxel(ras)
    pad = MARGIN_MM / np.array(volume.grid.voxel_size_mm)
    shape = np.array(volume.grid.shape)
    start = np.clip(np.floor(index.min(axis=0) - pad), 0, shape - 2).astype(int)
    stop = np.clip(np.ceil(index.max(axis=0) + pad), start + 2, shape).astype(int)
    box = tuple(slice(a, b) for a, b in zip(start, stop, strict=True))
    voxels = np.asarray(volume.voxels[box], dtype=np.float32)
    affine = volume.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = volume.grid.to_ras_mm(start.astype(float))
    scale = float(np.percentile(voxels, 90.0))
    noise = _noise(voxels / scale, volume.grid.voxel_size_mm)
    if noise > CLEAN_SHARE:
        voxels = denoise_nl_means(
            voxels / scale,
            patch_size=3,
            patch_distance=2,
            h=0.7 * noise,
            sigma=noise,
            fast_mode=True,
        )
    coefficients = ndimage.spline_filter(voxels, order=3, output=np.float32)
    i, j, k = voxels.shape
    grid = Grid(shape=(i, j, k), voxel_to_ras_mm=affine)
    return Cleaned(grid=grid, coefficients=coefficients, head_to_ras=head_to_ras)


def _noise(voxels: Image, edges_mm: tuple[float, float, float]) -> float:
    """Return the deviation of what changes within a millimetre along all three axes."""
    part = voxels
    for axis, edge in enumerate(edges_mm):
        step = max(round(1.0 / edge), 1)
        moved = np.roll(part, step, axis=axis)
        part = (part - moved) / np.float32(np.sqrt(2.0))
    return float(np.median(np.abs(part)) / 0.6745)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Levels:
    """How bright CSF and brain are in a T1, and how the coil shades it.

    Parameters
    ----------
    source : Cleaned
        The T1.
    shading : Field
        Factor, 1 at the pons.
    csf, brain : float
        Levels at the pons.
    """

    source: Cleaned
    shading: Field
    csf: float
    brain: float

    def tissue(self, points: Points) -> Image:
        """Return 0 for CSF to 1 for brain at points, shape (..., 3)."""
        shade = self.shading.distance(points.reshape(-1, 3)).reshape(points.shape[:-1])
        raw = self.source.at(points) / shade
        part: Image = ((raw - self.csf) / (self.brain - self.csf)).astype(np.float32)
        return part


def find_levels(
    source: Cleaned, lattice: Lattice, inside: NDArray[np.bool_], pons: Points
) -> Levels:
    """Measure levels and shading within the posterior fossa.

    Parameters
    ----------
    source : Cleaned
        The T1.
    lattice : Lattice
        Where it is looked at.
    inside : ndarray of bool, shape ``lattice.shape``
        Well within the wall.
    pons : ndarray, shape (3,)
        A point in the pons, head coordinates.
    """
    points = lattice.points()
    raw = source.at(points)
    near = ((points - pons) ** 2).sum(axis=-1) < 4.0**2
    brain = float(np.median(raw[near]))
    shade = np.ones_like(raw)
    for _ in range(3):
        shade = _shading(raw, shade, inside, brain, lattice.step_mm)
        shade = np.clip(shade / float(np.median(shade[near])), *MOST_SHADING)
    even = raw / shade
    fluid = even[inside & (even < 0.55 * brain)]
    csf = float(np.percentile(fluid, 35.0))
    return Levels(
        source=source,
        shading=Field(lattice=lattice, values=shade.astype(np.float32)),
        csf=csf,
        brain=brain,
    )


def _shading(
    raw: Image, before: Image, inside: NDArray[np.bool_], brain: float, step_mm: float
) -> Image:
    """Return the local mean of brain, one where there is none, from an estimate."""
    even = raw / before
    tissue = inside & (even > 0.6 * brain) & (even < 1.3 * brain)
    sigma = SHADING_MM / step_mm
    weight = ndimage.gaussian_filter(tissue.astype(np.float32), sigma, truncate=2.5)
    total = ndimage.gaussian_filter(np.where(tissue, raw, 0.0), sigma, truncate=2.5)
    mean: Image = (total + 0.02 * brain) / (weight + 0.02) / brain
    return mean
