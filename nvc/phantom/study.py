"""Puts a head into a scanner and takes its pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom.anatomy import Anatomy, build_anatomy, stream
from nvc.phantom.geometry.pose import Triple, lattice, move_world, reorder, rigid
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.options import PhantomOptions
from nvc.phantom.scene import draw, draw_labels
from nvc.phantom.truth import describe

SLAB_CENTRE = np.array([0.0, -12.0, 8.0])
"""Middle of a slab, head coordinates: between the canals, towards the cerebellum."""
HEAD_CENTRE = np.array([0.0, 12.0, 25.0])
SCALE = 1000.0
"""Stored intensity of CSF in T2, an artery in TOF, fat in T1."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Phantom:
    """A study with its truth.

    Parameters
    ----------
    options : PhantomOptions
        What was asked.
    volumes : dict of SequenceRole to Volume
        In the asked storage order, each in its own world.
    labels : Volume
        uint8 `nvc.model.anatomy.Structure` values on the T2's grid.
    truth : dict
        JSON-safe; every point RAS mm of the T2's world (see `truth.describe`).
    anatomy : Anatomy
        The geometry itself, head coordinates.
    head_to_ras : ndarray, shape (4, 4)
        Pose of the head in the T2's world.
    """

    options: PhantomOptions
    volumes: dict[SequenceRole, Volume]
    labels: Volume
    truth: dict[str, Any]
    anatomy: Anatomy
    head_to_ras: Points


def make_phantom(options: PhantomOptions) -> Phantom:
    """Draw a head from a seed and render it.

    Storage order and motion of the world change affines and the order of voxels
    only; the voxel values stay the same.

    Raises
    ------
    GeometryError
        If a conflict cannot be laid in this head.
    """
    anatomy = build_anatomy(options)
    tilt = _jittered(options)
    world = rigid(options.world_deg, options.world_mm)
    motion = rigid(options.motion_deg, options.motion_mm)
    volumes: dict[SequenceRole, Volume] = {}
    grids = _grids(options, tilt, motion)
    for number, (role, grid) in enumerate(grids.items()):
        pose = motion @ tilt if role is SequenceRole.TOF else tilt
        rng = stream(options, 10 + number)
        image = draw(anatomy, grid, pose, role, options, rng)
        whole = np.rint(np.clip(image * SCALE, 0, 32767))
        volumes[role] = _finish(Volume(grid=grid, voxels=whole), world, options)
    labels = draw_labels(anatomy, grids[SequenceRole.T2], tilt)
    label_volume = Volume(grid=grids[SequenceRole.T2], voxels=labels)
    head_to_ras = world @ tilt
    t2_to_tof = world @ motion @ np.linalg.inv(world)
    return Phantom(
        options=options,
        volumes=volumes,
        labels=_finish(label_volume, world, options),
        truth=describe(anatomy, options, head_to_ras, t2_to_tof),
        anatomy=anatomy,
        head_to_ras=head_to_ras,
    )


def _finish(volume: Volume, world: Points, options: PhantomOptions) -> Volume:
    return move_world(reorder(volume, options.storage_order), world)


def _jittered(options: PhantomOptions) -> Points:
    """Return the pose of the head: the asked tilt, and a shift drawn from the seed."""
    shift = stream(options, 6).normal(0.0, 3.0, 3)
    return rigid(options.tilt_deg, shift)


def _grids(
    options: PhantomOptions, tilt: Points, motion: Points
) -> dict[SequenceRole, Grid]:
    rng = stream(options, 7)
    asked: dict[SequenceRole, tuple[Triple, Triple, Triple]] = {
        SequenceRole.T2: (
            options.t2_extent_mm,
            options.t2_voxel_mm,
            options.t2_obliquity_deg,
        )
    }
    if options.with_tof:
        asked[SequenceRole.TOF] = (
            options.tof_extent_mm,
            options.tof_voxel_mm,
            options.tof_obliquity_deg,
        )
    if options.with_t1:
        asked[SequenceRole.T1] = (options.t1_extent_mm, options.t1_voxel_mm, (0, 0, 0))
    grids = {}
    for role, (extent, voxel, turn) in asked.items():
        middle = HEAD_CENTRE if extent[2] > 120.0 else SLAB_CENTRE
        pose = motion @ tilt if role is SequenceRole.TOF else tilt
        centre = pose[:3, :3] @ middle + pose[:3, 3] + rng.normal(0.0, 1.0, 3)
        grids[role] = lattice(centre, extent, voxel, turn)
    return grids
