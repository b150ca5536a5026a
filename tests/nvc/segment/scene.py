"""A small cerebellopontine angle drawn with soft walls: geometry known exactly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from scipy.spatial import cKDTree

from nvc.model.grid import Grid, Volume
from nvc.model.stages import HeadFrame, SideLandmarks, TissueLevels

BRAIN_CENTRE = np.array([0.0, -18.0, 2.0])
BRAIN_RADIUS = 17.0
VOID = -0.6


@dataclass(frozen=True)
class Scene:
    volume: Volume
    levels: TissueLevels
    head: HeadFrame
    facial: np.ndarray
    vestibulocochlear: np.ndarray
    radius: tuple[float, float]
    seeds: SideLandmarks


def brain_distance(points: np.ndarray) -> np.ndarray:
    return np.linalg.norm(points - BRAIN_CENTRE, axis=-1) - BRAIN_RADIUS


def line(start, end, bend=0.0) -> np.ndarray:
    t = np.linspace(0, 1, 400)[:, None]
    start, end = np.asarray(start, float), np.asarray(end, float)
    return start + t * (end - start) + bend * np.sin(np.pi * t) * np.array([0, 0, 1.0])


def attached_course(length_mm=8.0, radius=0.8) -> np.ndarray:
    """CN VII that lies on the brain for a while, then leaves it for the canal.

    It rises out of the brain below, runs up the ball half sunk in it, and leaves at
    the place where the straight nerve would.
    """
    leave = np.array([9.0, -4.0, 0.5]) - BRAIN_CENTRE
    leave /= np.linalg.norm(leave)
    down = np.array([-0.35, -0.2, -0.9])
    down -= (down @ leave) * leave
    down /= np.linalg.norm(down)
    along = np.arange(-length_mm - 3.0, 0.0, 0.25)
    sunk = np.interp(along, [-length_mm - 3, -length_mm, 2 - length_mm], [-2, 0, 0.7])
    angle = along / BRAIN_RADIUS
    rays = np.cos(angle)[:, None] * leave - np.sin(angle)[:, None] * down
    lying = BRAIN_CENTRE + (BRAIN_RADIUS + radius * sunk)[:, None] * rays
    free = line(lying[-1], [38.0, 2.0, 1.5])[6:]
    course = np.concatenate([lying, free])
    for k in range(3):
        course[3:-3, k] = gaussian_filter1d(course[:, k], 3)[3:-3]
    return course


def draw(
    *,
    voxel_mm=(0.5, 0.5, 0.5),
    noise=0.0,
    affine_axes=None,
    csf_is_bright=True,
    seed=0,
    facial=None,
    vessel=None,
    bone_behind_mm=None,
) -> Scene:
    """Right side only: a ball of brain, two nerves to the right, bone beyond.

    `facial` replaces the straight course of CN VII, from inside the brain outwards;
    `vessel` is the course and the radius of a flow void; `bone_behind_mm` a wall of
    bone in front of CN VII all along, this far from its middle.
    """
    axes = np.eye(3) if affine_axes is None else affine_axes
    shape = tuple(
        int(np.ceil(s / v)) for s, v in zip((56, 40, 36), voxel_mm, strict=True)
    )
    affine = np.eye(4)
    affine[:3, :3] = axes * np.array(voxel_mm)
    affine[:3, 3] = axes @ (
        np.array([14.0, -6.0, 2.0]) - (np.array(shape) - 1) / 2 * np.array(voxel_mm)
    )
    grid = Grid(shape=shape, voxel_to_ras_mm=affine)
    root = np.array([9.0, -4.0, 0.5])
    if facial is None:
        facial = line(root - [3.0, 3.0, 0.0], [38.0, 2.0, 1.5], bend=0.8)
    eighth = line(root - [2.0, 4.5, 1.5], [38.0, 0.4, 0.2], bend=0.5)
    radius = (0.8, 0.9)
    index = np.stack(np.meshgrid(*[np.arange(n) for n in shape], indexing="ij"), -1)
    # Rigid scenes: the geometry lives in the frame of `axes`.
    points = grid.to_ras_mm(index.astype(float)) @ axes
    soft = float(np.mean(voxel_mm))

    def inside(distance):
        return np.clip(0.5 - distance / soft, 0, 1)

    brain = inside(brain_distance(points))
    nerves = np.zeros(shape)
    for course, r in zip((facial, eighth), radius, strict=True):
        d = cKDTree(course).query(points, distance_upper_bound=4.0)[0]
        nerves = np.maximum(nerves, inside(np.minimum(d, 9.0) - r))
    n = 1.0 - np.maximum(brain, nerves)
    if csf_is_bright:
        beyond = points[..., 0] - 28.0
        axis = (facial[-200:] + eighth[-200:]) / 2
        canal = cKDTree(axis).query(points, distance_upper_bound=6.0)[0] - 3.0
        bone = inside(-beyond) * (1 - inside(canal))
        if bone_behind_mm is not None:
            wall = np.interp(points[..., 0], facial[:, 0], facial[:, 1])
            front = inside(wall + bone_behind_mm - points[..., 1])
            front = front * inside(6.0 - brain_distance(points))
            bone = np.maximum(bone, front * (1 - inside(canal)))
        n = n * (1 - bone) - 0.7 * bone
    if vessel is not None:
        gap = cKDTree(vessel[0]).query(points, distance_upper_bound=6.0)[0]
        share = inside(np.minimum(gap, 9.0) - vessel[1])
        n += share * (VOID - n)
    n = gaussian_filter(n, 0.4)
    levels = TissueLevels(csf=1000.0, brain=400.0, noise=max(noise, 0.005) * 1000)
    if not csf_is_bright:
        levels = TissueLevels(csf=40.0, brain=400.0, noise=max(noise, 0.005) * 400)
    values = levels.brain + n * (levels.csf - levels.brain)
    rng = np.random.default_rng(seed)
    scale = max(levels.csf, levels.brain)
    values = values + noise * scale * rng.normal(size=shape)
    world = axes.T
    return Scene(
        volume=Volume(grid=grid, voxels=values.astype(np.float32)),
        levels=levels,
        head=HeadFrame(origin_mm=axes @ np.array([0.0, -12.0, 2.0]), axes=axes),
        facial=facial @ world,
        vestibulocochlear=eighth @ world,
        radius=radius,
        seeds=SideLandmarks(
            root_exit_point_mm=axes @ np.array([5.0, -7.0, -4.0]),
            root_detachment_mm=axes @ np.array([11.0, -5.0, 0.0]),
            porus_mm=axes @ np.array([28.0, 0.5, 1.0]),
            fundus_mm=axes @ np.array([37.0, 1.0, 1.0]),
        ),
    )
