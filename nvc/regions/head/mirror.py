"""The mid-sagittal plane as the best mirror of the whole image.

It rests on brain and skull together and so is independent of where the inner ears
were found.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, optimize

from nvc.sampling import sample_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Volume

_POINTS = 30_000
"""Places compared; more changes the plane by less than 0.1 mm."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MirrorPlane:
    """A plane about which the image is nearly its own mirror image.

    Parameters
    ----------
    point_mm : ndarray, shape (3,)
        On the plane, RAS mm.
    rightward : ndarray, shape (3,)
        Unit normal.
    likeness : float
        Correlation of the image with its mirror image, -1 to 1.
    """

    point_mm: NDArray[np.float64]
    rightward: NDArray[np.float64]
    likeness: float

    def height_of(self, point_mm: NDArray[np.float64]) -> float:
        """Return the signed distance of a point, mm; positive to the right."""
        return float((point_mm - self.point_mm) @ self.rightward)


def find_mirror_plane(coarse: Volume) -> MirrorPlane:
    """Find the plane of best mirror symmetry.

    Parameters
    ----------
    coarse : Volume
        At about 2-3 mm, canonical storage order.

    Returns
    -------
    MirrorPlane
        With a low likeness where the image has no symmetry.
    """
    values = np.asarray(coarse.voxels, dtype=np.float32)
    top = float(np.percentile(values, 99))
    if top <= 0:
        return _plane(coarse, np.zeros(3), -1.0)
    smooth = ndimage.gaussian_filter(np.clip(values / top, 0, 1), 0.7)
    size = np.array(coarse.grid.voxel_size_mm)
    points = np.argwhere(np.ones(values.shape, dtype=bool)) * size
    points = points[:: max(1, len(points) // _POINTS)]
    here = smooth[tuple((points / size).round().astype(int).T)]
    centre = (np.array(values.shape) - 1) / 2 * size

    def unlikeness(parameters: NDArray[np.float64]) -> float:
        normal, offset = _normal(parameters), parameters[2]
        height = (points - centre) @ normal - offset
        mirrored = (points - 2 * height[:, None] * normal) / size
        inside = np.all((mirrored >= 0) & (mirrored <= np.array(values.shape) - 1), 1)
        if inside.mean() < 0.5:
            return 1.0
        there = sample_array(smooth, mirrored[inside].T)
        return -_correlation(here[inside], there)

    steps = (-0.17, 0.0, 0.17)
    starts = [
        np.array([yaw, roll, offset])
        for yaw in steps
        for roll in steps
        for offset in (-12.0, -6.0, 0.0, 6.0, 12.0)
    ]
    starts.sort(key=unlikeness)
    simplex = np.array([[0, 0, 0], [0.06, 0, 0], [0, 0.06, 0], [0, 0, 3.0]])
    results = [
        optimize.minimize(
            unlikeness,
            start,
            method="Nelder-Mead",
            options={
                "initial_simplex": start + simplex,
                "xatol": 2e-3,
                "fatol": 1e-5,
                "maxfev": 120,
            },
        )
        for start in starts[:2]
    ]
    best = min(results, key=lambda result: float(result.fun))
    return _plane(coarse, np.asarray(best.x, dtype=float), -float(best.fun))


def _normal(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit normal for a yaw and a roll in radians."""
    normal = np.array([1.0, np.tan(parameters[0]), np.tan(parameters[1])])
    return np.asarray(normal / np.linalg.norm(normal))


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation; 0 for a constant."""
    a, b = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def _plane(
    coarse: Volume, parameters: NDArray[np.float64], likeness: float
) -> MirrorPlane:
    """Express lattice parameters in patient space."""
    size = np.array(coarse.grid.voxel_size_mm)
    centre = (np.array(coarse.grid.shape) - 1) / 2 * size
    normal = _normal(parameters)
    on_plane = coarse.grid.to_ras_mm((centre + parameters[2] * normal) / size)
    # A plane's normal maps like a displacement, since the axes are orthogonal.
    ahead = coarse.grid.to_ras_mm((centre + (parameters[2] + 1) * normal) / size)
    return MirrorPlane(
        point_mm=on_plane,
        rightward=(ahead - on_plane) / np.linalg.norm(ahead - on_plane),
        likeness=likeness,
    )
