"""Where voxels lie (`Grid`) and what they hold (`Volume`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from nibabel.orientations import (
    aff2axcodes,
    apply_orientation,
    inv_ornt_aff,
    io_orientation,
)

from nvc.errors import GeometryError

if TYPE_CHECKING:
    from numpy.typing import NDArray


def _owned(array: NDArray[np.generic], dtype: type) -> NDArray[np.generic]:
    """Return a C-contiguous, read-only array that nobody else can write to."""
    if _is_locked(array) and array.dtype == dtype and array.flags.c_contiguous:
        # The voxels of a volume on another grid.
        return array
    own: NDArray[np.generic] = np.array(array, dtype=dtype, order="C")
    own.flags.writeable = False
    return own


def _is_locked(array: NDArray[np.generic]) -> bool:
    """Tell whether nobody can write to an array, nor to what it is a part of."""
    whole = array if array.base is None else array.base
    return not (
        array.flags.writeable
        or not isinstance(whole, np.ndarray)
        or whole.flags.writeable
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Grid:
    """A regular lattice of voxels in patient space; holds no intensities.

    Parameters
    ----------
    shape : tuple of int
        Number of voxels along (i, j, k).
    voxel_to_ras_mm : ndarray, shape (4, 4)
        Maps zero-based voxel indices (integers are centres) to RAS mm.
    frame_of_reference_uid : str
        DICOM frame of reference, or empty where the format has none.

    Attributes
    ----------
    voxel_size_mm : tuple of float
        Length of a voxel's edge along i, j and k, in mm.
    ras_mm_to_voxel : ndarray, shape (4, 4)
        Inverse of `voxel_to_ras_mm`.
    """

    shape: tuple[int, int, int]
    voxel_to_ras_mm: NDArray[np.float64]
    frame_of_reference_uid: str = ""
    # Kept, not found anew: stages ask for them thousands of times.
    voxel_size_mm: tuple[float, float, float] = field(init=False, repr=False)
    ras_mm_to_voxel: NDArray[np.float64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        affine = np.asarray(self.voxel_to_ras_mm, dtype=float)
        if affine.shape != (4, 4):
            raise GeometryError(f"affine has shape {affine.shape}; expected (4, 4)")
        if not np.isfinite(affine).all() or abs(np.linalg.det(affine)) < 1e-9:
            raise GeometryError("affine is singular or not finite; expected invertible")
        if len(self.shape) != 3 or min(self.shape) < 1:
            raise GeometryError(f"shape is {self.shape}; expected three positive sizes")
        object.__setattr__(self, "shape", tuple(int(n) for n in self.shape))
        object.__setattr__(self, "voxel_to_ras_mm", _owned(affine, float))
        inverse = _owned(np.linalg.inv(affine), float)
        object.__setattr__(self, "ras_mm_to_voxel", inverse)
        i, j, k = np.linalg.norm(affine[:3, :3], axis=0).tolist()
        object.__setattr__(self, "voxel_size_mm", (i, j, k))

    @property
    def axes_ras(self) -> NDArray[np.float64]:
        """Unit vectors of the i, j and k axes as columns, shape (3, 3)."""
        directions = self.voxel_to_ras_mm[:3, :3]
        return np.asarray(directions / np.linalg.norm(directions, axis=0), dtype=float)

    @property
    def axis_codes(self) -> str:
        """Closest anatomical directions of i, j and k, for example ``"LPS"``."""
        return "".join(aff2axcodes(self.voxel_to_ras_mm))

    @property
    def centre_mm(self) -> NDArray[np.float64]:
        """Centre of the lattice, RAS mm, shape (3,)."""
        return self.to_ras_mm((np.array(self.shape, dtype=float) - 1) / 2)

    def to_ras_mm(self, ijk: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map voxel indices to patient space.

        Parameters
        ----------
        ijk : ndarray, shape (..., 3)
            Zero-based, fractional allowed; integers are voxel centres.

        Returns
        -------
        ndarray, shape (..., 3)
            RAS coordinates, mm.

        Examples
        --------
        >>> grid = Grid(shape=(2, 2, 2), voxel_to_ras_mm=np.diag([0.5, 0.5, 1.0, 1.0]))
        >>> grid.to_ras_mm(np.array([[1, 0, 2]])).tolist()
        [[0.5, 0.0, 2.0]]
        """
        return _apply(self.voxel_to_ras_mm, ijk)

    def to_voxel(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Map RAS mm, shape (..., 3), to fractional voxel indices of equal shape."""
        return _apply(self.ras_mm_to_voxel, points_mm)

    def reach_voxels(self, radius_mm: float) -> NDArray[np.float64]:
        """How many voxels a ball reaches along each index axis, shape (3,).

        The planes of a sheared lattice are nearer to each other than its edges are
        long, so that this may be more than radius over edge.
        """
        across = np.linalg.norm(self.ras_mm_to_voxel[:3, :3], axis=1)
        return np.asarray(radius_mm * across, dtype=float)

    def contains(
        self, points_mm: NDArray[np.float64], margin_mm: float = 0.0
    ) -> NDArray[np.bool_]:
        """Tell which RAS points, shape (..., 3), lie at least `margin_mm` inside."""
        ijk = self.to_voxel(points_mm)
        margin = margin_mm / np.array(self.voxel_size_mm)
        upper = np.array(self.shape) - 1 - margin
        return np.all((ijk >= margin) & (ijk <= upper), axis=-1)

    def same_geometry(self, other: Grid, tolerance_mm: float = 1e-3) -> bool:
        """Tell whether every corner voxel of both grids coincides."""
        if self.shape != other.shape:
            return False
        corners = np.stack(np.meshgrid(*[(0, n - 1) for n in self.shape]), axis=-1)
        difference = self.to_ras_mm(corners) - other.to_ras_mm(corners)
        return bool(np.abs(difference).max() <= tolerance_mm)


def _apply(
    affine: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    points = np.asarray(points, dtype=float)
    if points.shape[-1:] != (3,):
        raise GeometryError(f"points have shape {points.shape}; expected (..., 3)")
    moved: NDArray[np.float64] = points @ affine[:3, :3].T + affine[:3, 3]
    return moved


def transform_points(
    affine: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Apply a (4, 4) affine to points of shape (..., 3)."""
    return _apply(affine, points)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Volume:
    """Intensities on a grid; read-only.

    Parameters
    ----------
    grid : Grid
        Where the voxels lie.
    voxels : ndarray, shape ``grid.shape``
        Intensities; copied where anybody could write to them, kept as float32 unless
        integer labels are given.
    """

    grid: Grid
    voxels: NDArray[np.generic] = field(repr=False)

    def __post_init__(self) -> None:
        if self.voxels.shape != self.grid.shape:
            raise GeometryError(
                f"voxels have shape {self.voxels.shape}; expected {self.grid.shape}"
            )
        keep = np.uint8 if self.voxels.dtype == np.uint8 else np.float32
        object.__setattr__(self, "voxels", _owned(self.voxels, keep))

    def canonical(self) -> Volume:
        """Return the same voxels in the order closest to R, A, S; not resampled."""
        to_ras = io_orientation(self.grid.voxel_to_ras_mm)
        affine = self.grid.voxel_to_ras_mm @ inv_ornt_aff(to_ras, self.grid.shape)
        voxels = apply_orientation(self.voxels, to_ras)
        grid = Grid(
            shape=voxels.shape,
            voxel_to_ras_mm=affine,
            frame_of_reference_uid=self.grid.frame_of_reference_uid,
        )
        return Volume(grid=grid, voxels=voxels)

    def stored_like(self, target: Grid) -> Volume:
        """Return these voxels in the storage order of `target`.

        Raises
        ------
        GeometryError
            If `target` is not the same lattice up to permutation and flips.
        """
        own_axes = self.grid.voxel_to_ras_mm[:3, :3]
        to_target = np.rint(target.ras_mm_to_voxel[:3, :3] @ own_axes)
        orientation = np.zeros((3, 2))
        for source in range(3):
            axis = int(np.argmax(np.abs(to_target[:, source])))
            orientation[source] = (axis, np.sign(to_target[axis, source]))
        voxels = apply_orientation(self.voxels, orientation)
        affine = self.grid.voxel_to_ras_mm @ inv_ornt_aff(orientation, self.grid.shape)
        moved = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
        if not moved.same_geometry(target, tolerance_mm=1e-2):
            raise GeometryError("the two grids are not one lattice in different orders")
        return Volume(grid=target, voxels=voxels)
