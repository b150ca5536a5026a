"""A bright spot at a known place, in volumes of every storage order."""

from __future__ import annotations

import numpy as np
from nibabel.orientations import aff2axcodes, axcodes2ornt, inv_ornt_aff, ornt_transform

from nvc.model.grid import Grid, Volume

SPOT_MM = np.array([12.0, 8.0, -5.0])  # right, anterior, inferior


def rotation(axis: int, degrees: float) -> np.ndarray:
    angle = np.deg2rad(degrees)
    turned = np.eye(3)
    i, j = [n for n in range(3) if n != axis]
    turned[[i, j], [i, j]] = np.cos(angle)
    turned[i, j], turned[j, i] = -np.sin(angle), np.sin(angle)
    return turned


def spot_volume(codes: str, axes: np.ndarray) -> Volume:
    """Return a Gaussian blob at `SPOT_MM`, stored in the order `codes`."""
    size = np.array([0.6, 0.7, 0.8])
    affine = np.eye(4)
    affine[:3, :3] = axes * size
    affine[:3, 3] = axes @ np.array([-20.0, -21.0, -24.0])
    shape = np.array([66, 60, 60])
    to_codes = ornt_transform(axcodes2ornt("RAS"), axcodes2ornt(codes))
    affine = affine @ inv_ornt_aff(to_codes, shape)
    stored = tuple(shape[np.argsort(to_codes[:, 0])].tolist())
    assert "".join(aff2axcodes(affine)) == codes
    grid = Grid(shape=stored, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.moveaxis(np.indices(stored, dtype=float), 0, -1))
    squared = ((points - SPOT_MM) ** 2).sum(axis=-1)
    return Volume(grid=grid, voxels=np.exp(-squared / (2 * 1.5**2)))
