"""How alike a head and a part of the template are under a pose.

The part is divided into blocks, and in each of them the head may be any rising linear
function of the template: shading by the coil and another contrast then cost nothing.
What remains is compared as Gaussian noise would be, so that the evidence for a pose is
a logarithm of odds: minus half of log(1 - r^2) for each sample, r being the block's
correlation. That is the mutual information of two Gaussian signals.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.grid import transform_points
from nvc.settings.groups.atlas import PoseSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.regions.head.mni152 import Template
    from nvc.sampling import Sampler


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Glance:
    """What a head shows of a region under one pose; B blocks of N voxels in all.

    Parameters
    ----------
    gain : ndarray, shape (B,)
        Slope of head against template; 0 where the block says nothing for the pose.
    residual : ndarray, shape (N,)
        What the template does not explain; 0 outside the volume.
    variance : ndarray, shape (B,)
        Of the residual.
    evidence : float
        Nats per voxel of the region, at least 0.
    covered : float
        Part of the region that lies inside the volume, 0 to 1.
    """

    gain: NDArray[np.float64]
    residual: NDArray[np.float64]
    variance: NDArray[np.float64]
    evidence: float
    covered: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Region:
    """A part of the template, its N voxels sorted into B blocks.

    Parameters
    ----------
    shape : tuple of int
        Of the template's lattice.
    voxel_mm3 : float
        Volume of one voxel.
    ijk : ndarray of int, shape (N, 3)
        Where the voxels lie in the lattice.
    points_mm : ndarray, shape (N, 3)
        MNI mm.
    values : ndarray, shape (N,)
        Intensities less their block's mean.
    block : ndarray of int, shape (N,)
        Rises from 0.
    first, count : ndarray of int, shape (B,)
        Where each block begins, and its size.
    spread : ndarray, shape (B,)
        Sum of squares of `values`.
    slopes : ndarray, shape (N, 12)
        Change of intensity with each of the parameters of `pose.change`, less what the
        block's gain and offset would take up.
    curvature : ndarray, shape (B, 12, 12)
        Products of the slopes, summed.
    pivot_mm : ndarray, shape (3,)
        About which changes turn and stretch, MNI mm.
    seen_min : float
        Part of a block that must be seen for the block to count.
    independent_mm3 : float
        Volume that is one sample when the image is weighed against a prior.
    """

    shape: tuple[int, ...]
    voxel_mm3: float
    ijk: NDArray[np.int64]
    points_mm: NDArray[np.float64]
    values: NDArray[np.float64]
    block: NDArray[np.int64]
    first: NDArray[np.int64]
    count: NDArray[np.int64]
    spread: NDArray[np.float64]
    slopes: NDArray[np.float32]
    curvature: NDArray[np.float64]
    pivot_mm: NDArray[np.float64]
    seen_min: float
    independent_mm3: float

    @classmethod
    def of(
        cls,
        template: Template,
        mask: NDArray[np.bool_],
        block_mm: float,
        pivot_mm: NDArray[np.float64],
        settings: PoseSettings | None = None,
    ) -> Region:
        """Prepare the part of a template inside a mask of its shape."""
        settings = settings or PoseSettings()
        step = template.image.grid.voxel_size_mm[0]
        image = np.asarray(template.image.voxels, dtype=np.float64)
        points = template.points_mm(mask)
        block = _blocks(
            points, block_mm, settings.block_share_min * (block_mm / step) ** 3
        )
        order = np.argsort(block, kind="stable")
        block = block[order]
        first = np.searchsorted(block, np.arange(block[-1] + 1))
        count = np.bincount(block)
        slope = [np.gradient(image, step, axis=axis)[mask] for axis in range(3)]
        gradient = np.stack(slope, axis=-1)
        slopes = _slopes(gradient[order], points[order] - pivot_mm)
        values = image[mask][order]
        values -= (np.add.reduceat(values, first) / count)[block]
        spread = np.maximum(np.add.reduceat(values**2, first), 1e-9)
        slopes -= (np.add.reduceat(slopes, first) / count[:, None])[block]
        share = np.add.reduceat(slopes * values[:, None], first) / spread[:, None]
        slopes -= values[:, None] * share[block]
        parts = np.split(slopes, first[1:])
        return cls(
            shape=image.shape,
            voxel_mm3=step**3,
            ijk=np.argwhere(mask)[order],
            points_mm=points[order],
            values=values,
            block=block,
            first=first,
            count=count,
            spread=spread,
            slopes=slopes.astype(np.float32),
            curvature=np.stack([part.T @ part for part in parts]),
            pivot_mm=pivot_mm,
            seen_min=settings.block_seen_min,
            independent_mm3=settings.independent_mm3,
        )

    def look(self, head: Sampler, mni_to_lattice: NDArray[np.float64]) -> Glance:
        """Compare a head, in lattice mm, with the region under a pose."""
        seen = head(transform_points(mni_to_lattice, self.points_mm)).astype(np.float64)
        inside = np.isfinite(seen)
        counted = np.add.reduceat(inside.astype(float), self.first)
        known, spread = self.values, self.spread
        seen = np.where(inside, seen, 0.0)
        part = np.maximum(counted, 1.0)
        seen = (seen - (np.add.reduceat(seen, self.first) / part)[self.block]) * inside
        if not inside.all():
            known = known * inside
            known = known - (np.add.reduceat(known, self.first) / part)[self.block]
            known = known * inside
            spread = np.maximum(np.add.reduceat(known**2, self.first), 1e-9)
        gain = np.add.reduceat(seen * known, self.first) / spread
        residual = seen - gain[self.block] * known
        whole = np.add.reduceat(seen**2, self.first)
        rest = np.add.reduceat(residual**2, self.first)
        tells = (gain > 0) & (whole > 0) & (counted > self.seen_min * self.count)
        # No block is explained wholly, and none may stand for all the others.
        unexplained = np.clip(rest / np.maximum(whole, 1e-12), 1e-3, 1.0)
        nats = -0.5 * counted * np.log(unexplained) * tells
        return Glance(
            gain=gain * tells,
            residual=residual,
            variance=np.maximum(rest / part, 1e-12),
            evidence=float(nats.sum() / self.count.sum()),
            covered=float(inside.mean()),
        )

    def count_independent(self, look: Glance) -> float:
        """Return how many samples the residual's voxels are worth.

        Neighbours share what the template does not explain (other gyri, another
        skull). A signal whose neighbours correlate by rho is worth (1 - rho) / (1 +
        rho) of its samples along each axis (Bartlett 1946, doi:10.2307/2983611).
        """
        lattice = np.full(self.shape, np.nan)
        lattice[tuple(self.ijk.T)] = look.residual
        share = 1.0
        for axis in range(3):
            along = np.moveaxis(lattice, axis, 0)
            one, other = along[1:], along[:-1]
            both = np.isfinite(one) & np.isfinite(other)
            norm = np.sqrt(np.sum(one[both] ** 2) * np.sum(other[both] ** 2))
            rho = float(one[both] @ other[both]) / norm if norm > 0 else 1.0
            rho = min(max(rho, 0.0), 1.0)
            share *= (1 - rho) / (1 + rho)
        return share * float(self.count.sum())


def _blocks(
    points: NDArray[np.float64], block_mm: float, least: float
) -> NDArray[np.int64]:
    """Number cubes of space from 0, shape (N,); small ones join the nearest."""
    cell = np.floor(points / block_mm).astype(np.int64)
    _, block = np.unique(cell, axis=0, return_inverse=True)
    block = block.ravel()
    count = np.bincount(block)
    sums = [np.bincount(block, points[:, axis]) for axis in range(3)]
    middle = np.stack(sums, axis=-1) / count[:, None]
    kept = np.flatnonzero(count >= min(least, count.max()))
    apart = np.linalg.norm(middle[:, None] - middle[kept][None], axis=-1)
    nearest: NDArray[np.int64] = np.argmin(apart, axis=1)[block]
    return nearest


def _slopes(
    gradient: NDArray[np.float64], arm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Change of intensity with shift, turn and stretch about the pivot, (N, 12)."""
    turn = np.cross(arm, gradient)
    stretch = gradient * arm
    shear = [
        gradient[:, a] * arm[:, b] + gradient[:, b] * arm[:, a]
        for a, b in ((0, 1), (0, 2), (1, 2))
    ]
    return np.column_stack([gradient, turn, stretch, *shear])
