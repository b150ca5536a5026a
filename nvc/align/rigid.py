"""Rigid transforms between two volumes' own axes, and back to patient space.

Registration runs in *lattice coordinates*: millimetres along a volume's own i, j
and k axes from its first voxel. A rotation of both affines, or another storage
order of the same voxels, then cannot change the result.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk

from nvc.model.grid import Grid, Volume

if TYPE_CHECKING:
    from numpy.typing import NDArray


def lattice_to_ras_mm(grid: Grid) -> NDArray[np.float64]:
    """Return the (4, 4) rigid map from lattice coordinates to RAS mm.

    The axes are the closest orthonormal ones, so that a tiny shear in a header
    does not leave the rigid motions.
    """
    u, _, vt = np.linalg.svd(grid.axes_ras)
    affine = np.eye(4)
    affine[:3, :3] = u @ vt
    affine[:3, 3] = grid.voxel_to_ras_mm[:3, 3]
    return affine


def lattice_centre_mm(grid: Grid) -> NDArray[np.float64]:
    """Return the centre of a grid in its own lattice coordinates, shape (3,)."""
    return (np.array(grid.shape) - 1) / 2 * np.array(grid.voxel_size_mm)


def make_lattice_image(volume: Volume, origin: NDArray[np.float64]) -> sitk.Image:
    """Return an ITK image whose physical space is lattice coordinates.

    Parameters
    ----------
    volume : Volume
        Voxels.
    origin : ndarray, shape (3,)
        Lattice coordinates of the first voxel, mm.
    """
    image = sitk.GetImageFromArray(
        np.ascontiguousarray(np.asarray(volume.voxels, dtype=np.float32).T)
    )
    image.SetSpacing(volume.grid.voxel_size_mm)
    image.SetOrigin([float(x) for x in origin])
    return image


def to_euler(
    affine: NDArray[np.float64], centre: NDArray[np.float64]
) -> sitk.Euler3DTransform:
    """Return a (4, 4) rigid map as an Euler transform about `centre`, shape (3,)."""
    transform = sitk.Euler3DTransform()
    transform.SetCenter([float(x) for x in centre])
    transform.SetMatrix(affine[:3, :3].ravel().tolist(), 1e-6)
    shift = affine[:3, :3] @ centre + affine[:3, 3] - centre
    transform.SetTranslation([float(x) for x in shift])
    return transform


def to_matrix(transform: sitk.Euler3DTransform) -> NDArray[np.float64]:
    """Return an Euler transform as a (4, 4) map."""
    matrix = np.array(transform.GetMatrix()).reshape(3, 3)
    centre = np.array(transform.GetCenter())
    affine = np.eye(4)
    affine[:3, :3] = matrix
    affine[:3, 3] = np.array(transform.GetTranslation()) + centre - matrix @ centre
    return affine


def measure_rotation_deg(affine: NDArray[np.float64]) -> float:
    """Return the rotation angle of a (4, 4) rigid map, degrees."""
    cosine = (np.trace(affine[:3, :3]) - 1) / 2
    return float(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))
