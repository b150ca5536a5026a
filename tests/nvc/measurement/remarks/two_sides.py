"""A T2 of two sides with known sizes: cistern, petrous bone and canal, no more.

The head's axes are the world's. Brain lies within 12 mm of the middle, CSF from there
to the bone's face at 25 mm, and a round canal of 10 mm runs straight outwards.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    HeadFrame,
    Regions,
    SideLandmarks,
    SideRegion,
    TissueLevels,
)
from nvc.model.study import SequenceRole

BRAIN, CSF, BONE = 400.0, 1000.0, 40.0
PORUS_MM, FUNDUS_MM, CANAL_RADIUS_MM = 25.0, 35.0, 3.0

Paint = Callable[[np.ndarray, np.ndarray], np.ndarray]
"""Changes a picture at points, shape (..., 3)."""


def regions(*, missing: Side | None = None, head: bool = True) -> Regions:
    """Regions of both sides; one may lack its landmarks."""
    sides = {}
    for side in Side:
        if side is missing:
            sides[side] = SideRegion(
                landmarks=SideLandmarks(), evaluable=False, reasons=("no canal",)
            )
            continue
        flip = np.array([side.sign, 1.0, 1.0])
        marks = SideLandmarks(
            root_exit_point_mm=flip * (12.0, -3.0, -4.0),
            root_detachment_mm=flip * (13.0, 0.0, 0.0),
            porus_mm=flip * (PORUS_MM, 0.0, 0.0),
            fundus_mm=flip * (FUNDUS_MM, 0.0, 0.0),
        )
        sides[side] = SideRegion(landmarks=marks)
    frame = HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3)) if head else None
    levels = TissueLevels(csf=CSF, brain=BRAIN, noise=20.0)
    return Regions(head=frame, levels=levels, sides=sides)


def picture(
    *paints: Paint,
    canal_radius_mm: dict[Side, float] | None = None,
    half_mm: tuple[float, float, float] = (42.0, 16.0, 16.0),
    shading: float = 0.0,
) -> Volume:
    """Draw both sides at 0.5 mm; `shading` makes the right brighter than the left."""
    voxel = 0.5
    shape = tuple(int(2 * half / voxel) + 1 for half in half_mm)
    affine = np.diag([voxel, voxel, voxel, 1.0])
    affine[:3, 3] = -0.5 * voxel * (np.array(shape) - 1)
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    points = grid.to_ras_mm(np.stack(np.indices(shape), axis=-1).astype(float))
    x = np.abs(points[..., 0])
    image = np.where(x < 12.0, BRAIN, np.where(x < PORUS_MM, CSF, BONE))
    for side in Side:
        radius = (canal_radius_mm or {}).get(side, CANAL_RADIUS_MM)
        outwards = points[..., 0] * side.sign
        canal = (outwards >= PORUS_MM) & (outwards <= FUNDUS_MM)
        canal &= np.hypot(points[..., 1], points[..., 2]) <= radius
        image = np.where(canal, CSF, image)
    for paint in paints:
        image = paint(points, image)
    image = image * (1.0 + shading * points[..., 0] / half_mm[0])
    image = image + np.random.default_rng(3).normal(0.0, 20.0, shape)
    return Volume(grid=grid, voxels=image.astype(np.float32))


def ball(centre: tuple[float, float, float], diameter_mm: float) -> Paint:
    """Paint tissue as bright as brain."""

    def paint(points: np.ndarray, image: np.ndarray) -> np.ndarray:
        away = np.linalg.norm(points - np.array(centre), axis=-1)
        return np.where(away <= 0.5 * diameter_mm, BRAIN, image)

    return paint


def plug(side: Side, first_mm: float, last_mm: float, radius_mm: float) -> Paint:
    """Fill a canal with tissue between two depths from the porus."""

    def paint(points: np.ndarray, image: np.ndarray) -> np.ndarray:
        depth = points[..., 0] * side.sign - PORUS_MM
        within = np.hypot(points[..., 1], points[..., 2]) <= radius_mm
        return np.where(within & (depth >= first_mm) & (depth <= last_mm), BRAIN, image)

    return paint


def aligned(volume: Volume, role: SequenceRole = SequenceRole.T2) -> Aligned:
    """The reference alone."""
    return Aligned(reference=volume, reference_role=role)
