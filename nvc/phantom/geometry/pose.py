"""Rigid motions and lattices of the scanner."""

from __future__ import annotations

import numpy as np
from nibabel.orientations import (
    apply_orientation,
    axcodes2ornt,
    inv_ornt_aff,
    io_orientation,
    ornt_transform,
)

from nvc.model.grid import Grid, Volume
from nvc.phantom.geometry.shapes import Points

Triple = tuple[float, float, float]


def rigid(turn_deg: Triple, shift_mm: Points | Triple) -> Points:
    """Return a (4, 4) motion: turns about the R, A and S axes, then a shift."""
    affine = np.eye(4)
    for axis, angle in enumerate(np.deg2rad(turn_deg)):
        first, second = (axis + 1) % 3, (axis + 2) % 3
        turn = np.eye(4)
        turn[first, first] = turn[second, second] = np.cos(angle)
        turn[second, first] = np.sin(angle)
        turn[first, second] = -np.sin(angle)
        affine = turn @ affine
    affine[:3, 3] = shift_mm
    return affine


def lattice(
    centre_mm: Points, extent_mm: Triple, voxel_mm: Triple, turn_deg: Triple
) -> Grid:
    """Return a grid around a centre, its axes near R, A and S."""
    shape = tuple(
        max(round(size / edge), 1)
        for size, edge in zip(extent_mm, voxel_mm, strict=True)
    )
    affine = rigid(turn_deg, (0.0, 0.0, 0.0)) @ np.diag([*voxel_mm, 1.0])
    middle = 0.5 * (np.array(shape) - 1.0)
    affine[:3, 3] = centre_mm - affine[:3, :3] @ middle
    return Grid(shape=(shape[0], shape[1], shape[2]), voxel_to_ras_mm=affine)


def reorder(volume: Volume, codes: str) -> Volume:
    """Return the same voxels in another storage order; nothing is resampled."""
    own = io_orientation(volume.grid.voxel_to_ras_mm)
    change = ornt_transform(own, axcodes2ornt(codes))
    affine = volume.grid.voxel_to_ras_mm @ inv_ornt_aff(change, volume.grid.shape)
    voxels = apply_orientation(volume.voxels, change)
    return Volume(grid=Grid(shape=voxels.shape, voxel_to_ras_mm=affine), voxels=voxels)


def move_world(volume: Volume, motion: Points) -> Volume:
    """Return the same voxels in a rigidly moved world."""
    affine = motion @ volume.grid.voxel_to_ras_mm
    grid = Grid(shape=volume.grid.shape, voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=volume.voxels)
