"""Tubes in a cistern, drawn with partial volume and blur: geometry known exactly."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Aligned,
    Companion,
    HeadFrame,
    Regions,
    SideLandmarks,
    SideNerves,
    SideRegion,
    TissueLevels,
    Tube,
)
from nvc.model.study import SequenceRole

T2 = {"csf": 1.0, "brain": 0.36, "bone": 0.05, "nerve": 0.36, "artery": 0.04}
TOF = {"csf": 0.15, "brain": 0.37, "bone": 0.06, "nerve": 0.33, "artery": 1.0}
T2["vein"], TOF["vein"] = 0.08, 0.16
FINE = 2
BLUR_VOXELS = 0.35


@dataclass(frozen=True)
class Drawn:
    """One tube: a course of points in mm, its radius and what it is made of."""

    points: np.ndarray
    radius: float
    tissue: str


def course(*points: tuple[float, float, float]) -> np.ndarray:
    """A quadratic or straight course through two or three points, 0.1 mm apart."""
    nodes = np.array(points, dtype=float)
    t = np.linspace(0.0, 1.0, 600)[:, None]
    if len(nodes) == 2:
        return nodes[0] + t * (nodes[1] - nodes[0])
    control = 2.0 * nodes[1] - 0.5 * (nodes[0] + nodes[2])
    return (1 - t) ** 2 * nodes[0] + 2 * t * (1 - t) * control + t**2 * nodes[2]


def draw(
    grid: Grid,
    tubes: list[Drawn],
    levels: dict[str, float],
    rng: np.random.Generator,
    noise: float,
) -> Volume:
    """Draw brain at the middle, bone at the side, and tubes in the fluid between."""
    fine = [np.arange(n * FINE) / FINE + 0.5 / FINE - 0.5 for n in grid.shape]
    places = grid.to_ras_mm(np.stack(np.meshgrid(*fine, indexing="ij"), -1))
    edge = np.mean(grid.voxel_size_mm) / FINE
    image = np.full(places.shape[:-1], levels["csf"], dtype=np.float32)
    brain = np.linalg.norm(places * (1.0, 1.0, 0.5) - (0.0, -10.0, 0.0), axis=-1)
    for tissue, signed in (("brain", brain - 12.0), ("bone", 26.0 - places[..., 0])):
        share = np.clip(0.5 - signed / edge, 0.0, 1.0)
        image += share * (levels[tissue] - image)
    flat, where = image.reshape(-1), places.reshape(-1, 3)
    for tube in tubes:
        reach = tube.radius + 1.0
        low, high = tube.points.min(axis=0) - reach, tube.points.max(axis=0) + reach
        near = np.flatnonzero(np.all((where > low) & (where < high), axis=1))
        gap, _ = cKDTree(tube.points).query(where[near])
        share = np.clip(0.5 - (gap - tube.radius) / edge, 0.0, 1.0)
        flat[near] += share * (levels[tube.tissue] - flat[near])
    image = gaussian_filter(flat.reshape(image.shape), BLUR_VOXELS * FINE)
    i, j, k = grid.shape
    image = image.reshape(i, FINE, j, FINE, k, FINE).mean(axis=(1, 3, 5))
    real, imaginary = rng.normal(0.0, noise, (2, *grid.shape))
    return Volume(grid=grid, voxels=np.hypot(image + real, imaginary))


def grid_of(voxel_mm: float, axes: np.ndarray | None = None) -> Grid:
    """A box around one cerebellopontine angle."""
    affine = np.eye(4)
    affine[:3, :3] = (np.eye(3) if axes is None else axes) * voxel_mm
    shape = (round(38 / voxel_mm), round(30 / voxel_mm), round(30 / voxel_mm))
    middle = affine[:3, :3] @ ((np.array(shape) - 1) / 2)
    affine[:3, 3] = np.array([13.0, -1.0, 0.0]) - middle
    return Grid(shape=shape, voxel_to_ras_mm=affine)


NERVE_RADIUS = 0.8
FACIAL = course((10.0, -3.0, -2.0), (18.0, -1.5, -0.5), (27.0, -1.0, 0.0))
COCHLEAR = FACIAL - np.array([0.0, 2.8, 0.4])
LANDMARKS = SideLandmarks(
    root_exit_point_mm=FACIAL[0],
    root_detachment_mm=FACIAL[60],
    porus_mm=FACIAL[-60],
    fundus_mm=FACIAL[-1] + np.array([8.0, 0.0, 0.0]),
)


@dataclass(frozen=True)
class Case:
    """Everything `find_vessels` needs, and what is true."""

    aligned: Aligned
    regions: Regions
    sides: dict[Side, SideNerves]
    vessels: tuple[Drawn, ...] = field(default_factory=tuple)


def make_case(
    vessels: list[Drawn],
    *,
    seed: int = 0,
    voxel_mm: float = 0.5,
    noise: float = 0.04,
    with_tof: bool = True,
    extra_nerves: list[Drawn] | None = None,
) -> Case:
    """Draw T2 and TOF of the right side with CN VII, CN VIII and the vessels."""
    rng = np.random.default_rng(seed)
    nerves = [
        Drawn(FACIAL, NERVE_RADIUS, "nerve"),
        Drawn(COCHLEAR, 1.0, "nerve"),
        *(extra_nerves or []),
    ]
    tubes = [*nerves, *vessels]
    reference = draw(grid_of(voxel_mm), tubes, T2, rng, noise)
    reference = Volume(grid=reference.grid, voxels=reference.voxels * 700.0)
    companions = {}
    if with_tof:
        angle = np.deg2rad(5.0)
        axes = np.array(
            [
                [1.0, 0.0, 0.0],
                [0.0, np.cos(angle), -np.sin(angle)],
                [0.0, np.sin(angle), np.cos(angle)],
            ]
        )
        tof = draw(grid_of(voxel_mm, axes), tubes, TOF, rng, noise)
        off = np.eye(4)
        off[:3, 3] = (0.15, -0.1, 0.12)
        companions[SequenceRole.TOF] = Companion(
            role=SequenceRole.TOF,
            volume=Volume(grid=tof.grid, voxels=tof.voxels * 300.0),
            reference_to_companion_mm=off,
            residual_mm=0.2,
        )
    found = {
        Side.RIGHT: SideNerves(
            facial=_tracked(FACIAL, NERVE_RADIUS),
            vestibulocochlear=_tracked(COCHLEAR, 1.0),
            landmarks=LANDMARKS,
            confidence=0.9,
        ),
        Side.LEFT: SideNerves(
            facial=None, vestibulocochlear=None, landmarks=SideLandmarks()
        ),
    }
    regions = Regions(
        head=HeadFrame(origin_mm=np.zeros(3), axes=np.eye(3)),
        levels=TissueLevels(csf=700.0, brain=252.0, noise=700.0 * noise),
        sides={
            Side.RIGHT: SideRegion(landmarks=LANDMARKS),
            Side.LEFT: SideRegion(landmarks=SideLandmarks(), evaluable=False),
        },
    )
    aligned = Aligned(
        reference=reference, reference_role=SequenceRole.T2, companions=companions
    )
    return Case(aligned=aligned, regions=regions, sides=found, vessels=tuple(vessels))


def _tracked(points: np.ndarray, radius: float) -> Tube:
    some = points[::20] + np.array([0.05, -0.04, 0.05])
    return Tube(
        points_mm=some,
        radius_mm=np.full(len(some), radius * 1.04),
        position_sd_mm=np.full(len(some), 0.1),
    )


def errors(tube: Tube, drawn: Drawn) -> tuple[np.ndarray, np.ndarray]:
    """Distance of each true point to the found course, and the radius error there."""
    arc = tube.arc_length_mm()
    at = np.arange(0.0, arc[-1], 0.02)
    dense = np.stack([np.interp(at, arc, c) for c in tube.points_mm.T], axis=1)
    gap, near = cKDTree(dense).query(drawn.points)
    return gap, np.interp(at[near], arc, tube.radius_mm) - drawn.radius
