"""The only interpolation code: volumes at places in mm, arrays at indices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numba
import numpy as np
from scipy import ndimage

from nvc.model.grid import Grid, Volume

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sampler:
    """Samples a box of a volume at points in mm, by cubic B-spline or linearly.

    The spline coefficients are computed once, so that sampling interpolates the
    original voxels exactly once (Unser 1999, doi:10.1109/79.799930).

    Parameters
    ----------
    grid : Grid
        Lattice of the box.
    coefficients : ndarray, shape ``grid.shape``
        B-spline coefficients, or the intensities themselves for order 0 and 1.
    order : int
        0 nearest, 1 linear, 3 cubic.
    outside : float
        Value given to points beyond the box.
    """

    grid: Grid
    coefficients: NDArray[np.float32]
    order: int
    outside: float

    @classmethod
    def over(
        cls, volume: Volume, *, order: int = 3, outside: float = float("nan")
    ) -> Sampler:
        """Prepare a whole volume for sampling."""
        voxels = np.asarray(volume.voxels, dtype=np.float32)
        if order > 1:
            voxels = ndimage.spline_filter(voxels, order=order, output=np.float32)
        return cls(grid=volume.grid, coefficients=voxels, order=order, outside=outside)

    def __call__(self, points_mm: NDArray[np.float64]) -> NDArray[np.float32]:
        """Return intensities at points in mm of shape (..., 3), shape (...)."""
        ijk = self.grid.to_voxel(points_mm)
        values = np.empty(ijk.shape[:-1], dtype=np.float32)
        at = np.ascontiguousarray(ijk.reshape(-1, 3))
        _interpolate(
            self.coefficients, at, self.order, self.outside, values.reshape(-1)
        )
        return values

    def onto(
        self, grid: Grid, to_volume_mm: NDArray[np.float64] | None = None
    ) -> NDArray[np.float32]:
        """Return the volume on a whole grid: the same as at its points, but quicker.

        Parameters
        ----------
        grid : Grid
            Any other lattice.
        to_volume_mm : ndarray, shape (4, 4), optional
            From the grid's RAS mm to the volume's, where their worlds differ.

        Returns
        -------
        ndarray, shape ``grid.shape``
        """
        to_ras = grid.voxel_to_ras_mm
        if to_volume_mm is not None:
            to_ras = to_volume_mm @ to_ras
        to_voxel = np.linalg.inv(self.grid.voxel_to_ras_mm) @ to_ras
        values = ndimage.affine_transform(
            self.coefficients,
            to_voxel[:3, :3],
            to_voxel[:3, 3],
            output_shape=grid.shape,
            order=self.order,
            mode="nearest",
            prefilter=False,
            output=np.float32,
        )
        i, j, k = np.ogrid[tuple(slice(0, n) for n in grid.shape)]
        for row, size in zip(to_voxel[:3], self.grid.shape, strict=True):
            place = row[0] * i + (row[1] * j + (row[2] * k + row[3]))
            values[(place < -0.5) | (place > size - 0.5)] = self.outside
        return np.asarray(values, dtype=np.float32)


@numba.njit(cache=True)
def _interpolate(  # type: ignore[no-untyped-def]
    coefficients, ijk, order, outside, values
):
    """Interpolate at places in voxels, shape (N, 3), as `scipy.ndimage` does.

    To the last digit, in a third of the time: there is one number of axes, and one way
    in which an image goes on beyond its edge ("nearest").
    """
    weight, index = np.empty((3, 4)), np.empty((3, 4), np.int64)
    for n in range(ijk.shape[0]):
        is_inside = True
        for axis in range(3):
            last, x = coefficients.shape[axis] - 1, ijk[n, axis]
            # What is no number lies nowhere.
            if not -0.5 <= x <= last + 0.5:
                is_inside = False
                break
            _weigh(x, last, order, weight[axis], index[axis])
        if not is_inside:
            values[n] = outside
            continue
        total = 0.0
        for i in range(order + 1):
            for j in range(order + 1):
                line = coefficients[index[0, i], index[1, j]]
                for k in range(order + 1):
                    part = line[index[2, k]] * weight[0, i] * weight[1, j]
                    total += part * weight[2, k]
        values[n] = total


@numba.njit(cache=True)
def _weigh(x, last, order, weight, index):  # type: ignore[no-untyped-def]
    """Weights of the coefficients about a place along one axis, and which they are."""
    below = int(np.floor(x + 0.5)) if order == 0 else int(np.floor(x))
    t = x - below
    if order == 0:
        weight[0] = 1.0
    elif order == 1:
        weight[0], weight[1] = 1.0 - t, t
    else:
        u = 1.0 - t
        weight[1] = (t * t * (t - 2.0) * 3.0 + 4.0) / 6.0
        weight[2] = (u * u * (u - 2.0) * 3.0 + 4.0) / 6.0
        weight[0] = u * u * u / 6.0
        weight[3] = 1.0 - weight[0] - weight[1] - weight[2]
    for k in range(order + 1):
        index[k] = min(max(below + k - order // 2, 0), last)


def sample_array(
    values: NDArray[Any],
    indices: NDArray[np.float64],
    *,
    order: int = 1,
    mode: str = "constant",
    outside: float = 0.0,
) -> NDArray[Any]:
    """Interpolate a bare array at fractional indices.

    Parameters
    ----------
    values : ndarray, shape (n1, ..., nd)
        Anything on a lattice.
    indices : ndarray, shape (d, ...)
        Fractional, zero-based; whole numbers are the array's own places.
    order : int
        0 nearest, 1 linear, 3 cubic.
    mode : str
        What lies beyond the array, as in `scipy.ndimage`: "constant" is `outside`,
        "nearest" goes on with the edge.
    outside : float
        Value beyond the array in mode "constant".

    Returns
    -------
    ndarray, shape (...)
        Of the type of `values`.
    """
    return ndimage.map_coordinates(
        values, indices, order=order, mode=mode, cval=outside
    )


def resample_array(
    values: NDArray[Any],
    step: NDArray[np.float64],
    first: NDArray[np.float64],
    shape: tuple[int, ...],
    *,
    order: int = 1,
    mode: str = "constant",
) -> NDArray[Any]:
    """Interpolate a bare array on a coarser or finer lattice along its own axes.

    Parameters
    ----------
    values : ndarray, shape (n1, ..., nd)
        Anything on a lattice; nothing is smoothed before.
    step : ndarray, shape (d,)
        Distance of the new places along each axis, in indices of `values`.
    first : ndarray, shape (d,)
        Index of the first new place, fractional.
    shape : tuple of int
        Of the result.
    order, mode
        As in `sample_array`, with 0 beyond the array in mode "constant".

    Returns
    -------
    ndarray, shape `shape`
        Of the type of `values`.
    """
    return ndimage.affine_transform(
        values, step, first, output_shape=shape, order=order, mode=mode
    )


def crop(volume: Volume, points_mm: NDArray[np.float64], margin_mm: float) -> Volume:
    """Cut the box of voxels that holds the points, shape (N, 3), and a margin.

    Nothing is interpolated; the box is clipped to the volume.
    """
    ijk = volume.grid.to_voxel(np.asarray(points_mm, dtype=float).reshape(-1, 3))
    margin = margin_mm / np.array(volume.grid.voxel_size_mm)
    limit = np.array(volume.grid.shape)
    low = np.clip(np.floor(ijk.min(axis=0) - margin), 0, limit - 1).astype(int)
    high = np.clip(np.ceil(ijk.max(axis=0) + margin), 0, limit - 1).astype(int) + 1
    box = tuple(slice(a, b) for a, b in zip(low, high, strict=True))
    affine = volume.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = volume.grid.to_ras_mm(low.astype(float))
    cut = volume.voxels[box]
    return Volume(grid=Grid(shape=cut.shape, voxel_to_ras_mm=affine), voxels=cut)


def block_mean(volume: Volume, target_mm: float) -> Volume:
    """Average whole blocks of voxels, so that edges come close to `target_mm`.

    Nothing is interpolated; voxels that do not fill a last block are left out.

    Parameters
    ----------
    volume : Volume
        Intensities.
    target_mm : float
        Wanted voxel size, mm; an axis that is already coarser stays as it is.

    Returns
    -------
    Volume
        On the coarser lattice, in the same world.
    """
    sizes = zip(volume.grid.voxel_size_mm, volume.grid.shape, strict=True)
    block = [min(max(1, round(target_mm / size)), count) for size, count in sizes]
    kept = [n // b for n, b in zip(volume.grid.shape, block, strict=True)]
    coarse = np.asarray(volume.voxels, dtype=np.float32)
    for axis, (b, n) in enumerate(zip(block, kept, strict=True)):
        if b > 1:
            whole = coarse[(slice(None),) * axis + (slice(n * b),)]
            split = (*whole.shape[:axis], n, b, *whole.shape[axis + 1 :])
            coarse = whole.reshape(split).mean(axis=axis + 1)
    affine = volume.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = volume.grid.to_ras_mm((np.array(block, dtype=float) - 1) / 2)
    affine[:3, :3] *= np.array(block, dtype=float)
    return Volume(grid=Grid(shape=coarse.shape, voxel_to_ras_mm=affine), voxels=coarse)
