"""Heads made of the template itself, whose landmarks are therefore known."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from nvc.io.template import read_template
from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume, transform_points
from nvc.regions.head.mni152 import coarsen_template, place_on_side
from nvc.regions.t1.template_seeds import AtlasSeeds, seed_from_template
from nvc.settings.anatomy import (
    MNI_FUNDUS,
    MNI_PORUS,
    MNI_ROOT_DETACHMENT,
    MNI_ROOT_EXIT,
)
from nvc.settings.atlas import AtlasSettings

LANDMARKS = {
    "root_exit_point_mm": MNI_ROOT_EXIT,
    "root_detachment_mm": MNI_ROOT_DETACHMENT,
    "porus_mm": MNI_PORUS,
    "fundus_mm": MNI_FUNDUS,
}


def turn(axis: int, degrees: float) -> np.ndarray:
    """Rotation about one axis as a (4, 4) matrix."""
    a, b = [i for i in range(3) if i != axis]
    matrix = np.eye(4)
    angle = np.radians(degrees)
    matrix[a, a] = matrix[b, b] = np.cos(angle)
    matrix[a, b], matrix[b, a] = -np.sin(angle), np.sin(angle)
    return matrix


def template_head(*, scalp: bool = True, seed: int = 0) -> Volume:
    """The template's brain with skull, scalp and noise, 2 mm, MNI world."""
    template = coarsen_template(read_template(), 2.0, 6.0).image
    pad = 20
    brain = np.pad(np.asarray(template.voxels), pad)
    distance = ndimage.distance_transform_edt(brain == 0) * 2.0
    if scalp:
        brain = np.where((distance > 10) & (distance < 16), 0.8, brain)
    noise = np.random.default_rng(seed).normal(0, 0.03, brain.shape)
    affine = template.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = template.grid.to_ras_mm(np.full(3, -float(pad)))
    voxels = 100 * np.abs(brain + noise)
    grid = Grid(shape=brain.shape, voxel_to_ras_mm=affine)
    return Volume(grid=grid, voxels=voxels.astype(np.float32))


def moved_content(volume: Volume, move: np.ndarray) -> Volume:
    """The same lattice with the head moved on it by a (4, 4) matrix in its world."""
    affine = volume.grid.voxel_to_ras_mm
    back = np.linalg.inv(affine) @ np.linalg.inv(move) @ affine
    voxels = ndimage.affine_transform(
        np.asarray(volume.voxels), back[:3, :3], back[:3, 3], order=1
    )
    return Volume(grid=volume.grid, voxels=voxels)


def with_voxels(volume: Volume, voxels: np.ndarray) -> Volume:
    """Other voxels on a volume's lattice, or on one grown or cut at its upper ends."""
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=volume.grid.voxel_to_ras_mm)
    return Volume(grid=grid, voxels=np.ascontiguousarray(voxels, dtype=np.float32))


def on_shoulders(volume: Volume) -> Volume:
    """The head with a neck and shoulders below it, as bright as brain."""
    below = 60
    voxels = np.pad(np.asarray(volume.voxels), ((40, 40), (0, 0), (below, 0)))
    rng = np.random.default_rng(5)
    texture = ndimage.gaussian_filter(rng.normal(0, 1, voxels.shape), 3)
    texture = 70 * (1 + 0.35 * texture / texture.std())
    middle = (np.array(voxels.shape) - 1) / 2
    i, j, k = np.indices(voxels.shape, sparse=True)
    neck = (i - middle[0]) ** 2 + (j - middle[1]) ** 2 < 28**2
    body = (neck & (k >= 30) & (k < below + 12)) | ((k < 30) & (j > 20) & (j < 110))
    affine = volume.grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = volume.grid.to_ras_mm(np.array([-40.0, 0.0, -float(below)]))
    grid = Grid(shape=voxels.shape, voxel_to_ras_mm=affine)
    voxels = np.where(body, np.maximum(voxels, texture), voxels)
    return Volume(grid=grid, voxels=voxels.astype(np.float32))


def errors_mm(seeds: AtlasSeeds, move: np.ndarray) -> dict[str, float]:
    """Distance of every seed from the template's landmark moved likewise."""
    return {
        f"{side} {name}": float(
            np.linalg.norm(
                getattr(seeds.sides[side].landmarks, name)
                - transform_points(move, place_on_side(point, side))
            )
        )
        for side in Side
        for name, point in LANDMARKS.items()
    }


def propose(volume: Volume, settings: AtlasSettings | None = None) -> AtlasSeeds:
    """Seeds of a T1 stored in any order."""
    return seed_from_template(
        volume.canonical(),
        read_template(),
        csf_is_bright=False,
        settings=settings or AtlasSettings(),
    )
