"""A painted head in a scanner: volumes and truth, as the first family gives them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nvc.errors import InputError
from nvc.model.anatomy import VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom.anatomy import Anatomy, stream
from nvc.phantom.geometry.pose import lattice, move_world, reorder, rigid
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.head import Generator
from nvc.phantom.options import PhantomOptions
from nvc.phantom.painted.anatomy import FAMILY, build_anatomy
from nvc.phantom.painted.brain import build_skull
from nvc.phantom.painted.paint import Look, Paint, PaintGrid, Stroke, develop
from nvc.phantom.scene import draw_labels
from nvc.phantom.study import Phantom
from nvc.phantom.truth import describe

SLAB_CENTRE = np.array([0.0, -8.0, 1.0])
"""Middle of a slab, head coordinates: here the canals lie at height zero."""
SCALE = 900.0

T2_LEVELS = (0.02, 0.45, 0.05, 0.25, 1.0, 0.92, 0.42, 0.44, 0.40, 0.03, 0.10)
TOF_LEVELS = (0.01, 0.45, 0.05, 0.28, 0.13, 0.11, 0.36, 0.37, 0.33, 1.0, 0.30)
_MOTTLE = (0.0, 0.12, 0.3, 0.15, 0.0, 0.0, 0.05, 0.10, 0.02, 0.0, 0.0)
"""Signals of the paints in their order, and the depth of their texture."""


def make_painted(options: PhantomOptions) -> Phantom:
    """Draw a painted head from a seed and take its pictures.

    Parameters
    ----------
    options : PhantomOptions
        As for `nvc.phantom.make_phantom`; a T1 is not painted, `csf_flow` is the
        depth of the bands and `point_spread_voxels` is not used.

    Raises
    ------
    InputError
        If a T1 is asked for.
    GeometryError
        If a conflict cannot be laid in this head.
    """
    if options.with_t1:
        raise InputError.of(
            "bad-phantom", "with_t1", "is true; painted heads have no T1."
        )
    anatomy = build_anatomy(options)
    studio = Studio(family=FAMILY, centre=SLAB_CENTRE, look=_look)
    return take_pictures(anatomy, options, studio)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Studio:
    """How pictures of a painted anatomy are taken.

    Parameters
    ----------
    family : int
        Added to the number of a seed's streams.
    centre : ndarray, shape (3,)
        Middle of a slab, head coordinates.
    look : callable
        Draws how a sequence sees the paints.
    """

    family: int
    centre: Points
    look: Callable[[SequenceRole, PhantomOptions], Look]


def take_pictures(anatomy: Anatomy, options: PhantomOptions, studio: Studio) -> Phantom:
    """Lay a head into a scanner and paint every sequence of it."""
    tilt = rigid(options.tilt_deg, stream(options, studio.family + 20).normal(0, 3, 3))
    world = rigid(options.world_deg, options.world_mm)
    motion = rigid(options.motion_deg, options.motion_mm)
    strokes = _strokes(anatomy, stream(options, studio.family + 22))
    volumes: dict[SequenceRole, Volume] = {}
    grids = _grids(options, tilt, motion, studio)
    for number, (role, grid) in enumerate(grids.items()):
        pose = motion @ tilt if role is SequenceRole.TOF else tilt
        canvas = PaintGrid.blank(grid, pose)
        for stroke in strokes:
            canvas.apply(stroke)
        rng = stream(options, studio.family + 30 + number)
        image = develop(canvas, studio.look(role, options), rng)
        whole = np.rint(np.clip(image * SCALE, 0, 32767))
        volumes[role] = _finished(Volume(grid=grid, voxels=whole), world, options)
    t2_grid = grids[SequenceRole.T2]
    labels = Volume(grid=t2_grid, voxels=draw_labels(anatomy, t2_grid, tilt))
    head_to_ras = world @ tilt
    t2_to_tof = world @ motion @ np.linalg.inv(world)
    return Phantom(
        options=options,
        volumes=volumes,
        labels=_finished(labels, world, options),
        truth=describe(anatomy, options, head_to_ras, t2_to_tof),
        anatomy=anatomy,
        head_to_ras=head_to_ras,
    )


def _finished(volume: Volume, world: Points, options: PhantomOptions) -> Volume:
    return move_world(reorder(volume, options.storage_order), world)


def _grids(
    options: PhantomOptions, tilt: Points, motion: Points, studio: Studio
) -> dict[SequenceRole, Grid]:
    rng = stream(options, studio.family + 21)
    centre = studio.centre + rng.normal(0.0, 1.0, 3)
    grids = {
        SequenceRole.T2: lattice(
            tilt[:3, :3] @ centre + tilt[:3, 3],
            options.t2_extent_mm,
            options.t2_voxel_mm,
            options.t2_obliquity_deg,
        )
    }
    if options.with_tof:
        pose = motion @ tilt
        grids[SequenceRole.TOF] = lattice(
            pose[:3, :3] @ centre + pose[:3, 3],
            options.tof_extent_mm,
            options.tof_voxel_mm,
            options.tof_obliquity_deg,
        )
    return grids


def _strokes(anatomy: Anatomy, rng: Generator) -> list[Stroke]:
    """Return what is painted, from the bottom to the top."""
    head, skull = anatomy.head, build_skull(rng)
    ears = [side.ear for side in anatomy.sides.values()]
    strokes = [Stroke(skull.scalp, Paint.SCALP), Stroke(skull.bone, Paint.BONE)]
    strokes += [Stroke(solid, Paint.MARROW) for solid in skull.marrow]
    strokes += [Stroke(solid, Paint.AIR) for solid in skull.air]
    strokes += [Stroke(solid, Paint.CSF) for solid in skull.middle_fossae]
    strokes += [Stroke(solid, Paint.CORTEX) for solid in skull.temporal_lobes]
    strokes += [Stroke(ear.cells, Paint.AIR) for ear in ears]
    strokes += [Stroke(ear.fluid, Paint.FLUID) for ear in ears]
    strokes += [Stroke(ear.canal, Paint.CSF) for ear in ears]
    strokes += [
        Stroke(head.fossa, Paint.CSF),
        Stroke(head.cerebellum, Paint.CORTEX),
        Stroke(head.brainstem, Paint.BRAIN),
        Stroke(head.ventricle, Paint.CSF),
    ]
    strokes += [Stroke(layer.solid, Paint.CORTEX) for layer in anatomy.surroundings]
    for side in anatomy.sides.values():
        nerves = (*side.others.values(), side.vestibulocochlear, side.visible_facial)
        strokes += [Stroke(tube, Paint.NERVE) for tube in nerves]
    for vessel in anatomy.vessels:
        vein = vessel.kind is VesselKind.VEIN
        strokes.append(Stroke(vessel.tube, Paint.VEIN if vein else Paint.ARTERY))
    return strokes


def _look(role: SequenceRole, options: PhantomOptions) -> Look:
    """Draw a scanner's contrast: brain, nerve, vein and marrow vary."""
    is_t2 = role is SequenceRole.T2
    return draw_look(role, options, FAMILY, T2_LEVELS if is_t2 else TOF_LEVELS)


def draw_look(
    role: SequenceRole, options: PhantomOptions, family: int, levels: tuple[float, ...]
) -> Look:
    """Draw a contrast around the signals of the paints in their order."""
    rng = stream(options, family + 23)
    is_t2 = role is SequenceRole.T2
    level = np.array(levels)
    brain, nerve, vein, artery, marrow = rng.uniform(
        [0.85, 0.9, 0.7, 0.5, 0.6], [1.2, 1.1, 2.0, 2.5, 1.6]
    )
    level[[Paint.BRAIN, Paint.CORTEX]] *= brain
    level[Paint.NERVE] *= brain * nerve
    level[Paint.MARROW] *= marrow
    if is_t2:
        level[Paint.VEIN] *= vein
        level[Paint.ARTERY] *= artery
    return Look(
        level=tuple(level.tolist()),
        mottle=_MOTTLE,
        texture_mm=float(rng.uniform(1.2, 2.4)),
        bias=options.bias,
        noise=options.noise,
        banding=options.csf_flow if is_t2 else 0.0,
        pulsation=0.0 if is_t2 else float(rng.uniform(0.01, 0.04)),
    )
