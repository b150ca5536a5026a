"""A real head in a scanner that it never lay in: volumes and truth."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from nvc.errors import InputError
from nvc.model.anatomy import Side, VesselKind
from nvc.model.grid import Grid, Volume
from nvc.model.study import SequenceRole
from nvc.phantom.anatomy import Anatomy, SideAnatomy, stream
from nvc.phantom.geometry.closeness import measure_closeness
from nvc.phantom.geometry.pose import lattice, move_world, reorder, rigid
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.geometry.tube import CurvedTube
from nvc.phantom.head import Head, unit
from nvc.phantom.options import PhantomOptions
from nvc.phantom.recoloured.fields import HIGH_MM, LOW_MM, STEP_MM, Field, Lattice
from nvc.phantom.recoloured.fossa import (
    Fossa,
    enclose,
    find_fossa,
    measure_wall,
    sharpen,
)
from nvc.phantom.recoloured.levels import Levels, clean, find_levels
from nvc.phantom.recoloured.nerves import fit_course
from nvc.phantom.recoloured.paint import Coloured, draw_colours, paint, scan
from nvc.phantom.recoloured.reading import HeadReading
from nvc.phantom.recoloured.sides import RealSide, build_side, draw_vessels, in_head
from nvc.phantom.recoloured.vessels import lay_trunk
from nvc.phantom.scene import draw_labels
from nvc.phantom.study import Phantom
from nvc.phantom.truth import describe
from nvc.phantom.vessels import PhantomVessel

FAMILY = 9000
"""Added to the number of a seed's streams: this family draws its own numbers."""
SLAB_CENTRE = np.array([0.0, -16.0, -1.0])
"""Middle of a slab, head coordinates: from here the cerebellum fits in."""
SCALE = 900.0
ACQUIRED_MM = 0.6
NERVE_PART = 0.7
NERVE_FULL = (0.32, 0.85)
"""Least and greatest tissue that a nerve's signal is that of brain from."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Ground:
    """What is the same in all studies of one head."""

    head_to_ras: Points
    ras_to_head: Points
    levels: Levels
    fossa: Fossa
    room: Field
    nerve_full: float
    trunks: dict[str, CurvedTube]


@lru_cache(maxsize=1)
def _ground(volume: Volume, reading: HeadReading) -> _Ground:
    """Read a head's tissue; the last head is kept."""
    pose = find_head_pose(reading)
    back = np.asarray(np.linalg.inv(pose), dtype=float)
    source = clean(volume, pose, LOW_MM, HIGH_MM)
    grid = Lattice.between(LOW_MM, HIGH_MM, STEP_MM)
    wall = measure_wall(reading, grid, pose)
    pons = _moved(reading.brain_mm, back)
    levels = find_levels(source, grid, wall.values < -1.5, pons)
    seeds = np.concatenate([pons[None], _moved(reading.temporal_mm, back)])
    room = enclose(wall, find_fossa(wall, levels, pons).tissue, seeds)
    levels = find_levels(source, grid, room.values < -1.5, pons)
    fossa = find_fossa(wall, levels, pons)
    trunks = {
        name: lay_trunk(_moved(trunk.points_mm, back), trunk.radius_mm, fossa)
        for name, trunk in reading.trunks.items()
    }
    return _Ground(
        head_to_ras=pose,
        ras_to_head=back,
        levels=levels,
        fossa=fossa,
        room=room,
        nerve_full=_nerve_full(reading, fossa, back),
        trunks=trunks,
    )


def _nerve_full(reading: HeadReading, fossa: Fossa, ras_to_head: Points) -> float:
    """Return the tissue from which on a nerve is as dark as brain: the paler CN VII's.

    In the middle of a blurred nerve `NERVE_PART` of the way is reached.
    """
    found = []
    for side in Side:
        own = in_head(reading.sides[side], ras_to_head)
        fit = fit_course(own.facial, fossa.tissue, fossa.brain, own.eighth)
        found.append(fit.level / NERVE_PART)
    return float(np.clip(np.mean(found), *NERVE_FULL))


def find_head_pose(reading: HeadReading) -> Points:
    """Return the pose, shape (4, 4), of head coordinates in the T1's RAS mm.

    Right is from one fundus to the other, the origin between both pori.
    """
    left, right = reading.sides[Side.LEFT], reading.sides[Side.RIGHT]
    across = unit(right.fundus - left.fundus)
    up = np.array([0.0, 0.0, 1.0])
    up = unit(up - (up @ across) * across)
    pose = np.eye(4)
    pose[:3, 0], pose[:3, 1], pose[:3, 2] = across, np.cross(up, across), up
    pose[:3, 3] = 0.5 * (left.porus + right.porus)
    return pose


def _moved(points: Points, motion: Points) -> Points:
    own: Points = points @ motion[:3, :3].T + motion[:3, 3]
    return own


def make_recoloured(
    volume: Volume, reading: HeadReading, options: PhantomOptions
) -> Phantom:
    """Colour a real head anew and take its pictures.

    Parameters
    ----------
    volume : Volume
        A T1-weighted head, RAS mm.
    reading : HeadReading
        What was read of it by eye.
    options : PhantomOptions
        As for `nvc.phantom.make_phantom`. CN VII is the head's own, so that it can
        neither be pressed in nor pushed aside; `tilt_deg`, `csf_flow` and
        `point_spread_voxels` are not used, and there is no T1.

    Raises
    ------
    InputError
        If a deformation, a vertebral artery at the nerve or a T1 is asked for.
    GeometryError
        If a conflict cannot be laid in this head.
    """
    _check(options)
    ground = _ground(volume, reading)
    sides = {
        side: build_side(
            stream(options, FAMILY + 10 + number),
            side,
            in_head(reading.sides[side], ground.ras_to_head),
            ground.fossa,
            sharpen(ground.fossa.tissue, ground.nerve_full),
        )
        for number, side in enumerate(Side)
    }
    anatomy = _anatomy(ground, sides, options)
    pose = ground.head_to_ras
    motion = rigid(options.motion_deg, options.motion_mm)
    motion[:3, 3] += pose[:3, 3] - motion[:3, :3] @ pose[:3, 3]
    grids = _grids(options, pose, motion)
    world = rigid(options.world_deg, options.world_mm)
    volumes: dict[SequenceRole, Volume] = {}
    scene = _scene(ground, anatomy)
    for number, (role, grid) in enumerate(grids.items()):
        own = motion @ pose if role is SequenceRole.TOF else pose
        colours = draw_colours(stream(options, FAMILY + 20), role)
        acquired = max(ACQUIRED_MM, *grid.voxel_size_mm[:2])
        rng = stream(options, FAMILY + 30 + number)
        image = scan(rng, paint(scene, grid, own, colours), grid, colours, acquired)
        whole = np.rint(np.clip(image * SCALE, 0, 32767))
        volumes[role] = _finished(Volume(grid=grid, voxels=whole), world, options)
    t2_grid = grids[SequenceRole.T2]
    labels = Volume(grid=t2_grid, voxels=draw_labels(anatomy, t2_grid, pose))
    back = np.linalg.inv(world)
    return Phantom(
        options=options,
        volumes=volumes,
        labels=_finished(labels, world, options),
        truth=describe(anatomy, options, world @ pose, world @ motion @ back),
        anatomy=anatomy,
        head_to_ras=world @ pose,
    )


def _check(options: PhantomOptions) -> None:
    for side in Side:
        conflict = options.conflict(side)
        if conflict.indentation_mm > 0.0 or conflict.deviation_mm > 0.0:
            raise InputError.of(
                "bad-phantom", side.value, "deforms CN VII; a real head's is as it is."
            )
        if conflict.vessel == "va":
            raise InputError.of(
                "bad-phantom", side.value, "asks for a VA; expected aica, pica or vein."
            )
    if options.with_t1:
        raise InputError.of("bad-phantom", "with_t1", "is true; there is no T1.")


def _finished(volume: Volume, world: Points, options: PhantomOptions) -> Volume:
    return move_world(reorder(volume, options.storage_order), world)


def _grids(
    options: PhantomOptions, pose: Points, motion: Points
) -> dict[SequenceRole, Grid]:
    rng = stream(options, FAMILY + 21)
    centre = SLAB_CENTRE + rng.normal(0.0, 1.0, 3)
    middle = _moved(centre, pose)
    grids = {
        SequenceRole.T2: lattice(
            middle, options.t2_extent_mm, options.t2_voxel_mm, options.t2_obliquity_deg
        )
    }
    if options.with_tof:
        grids[SequenceRole.TOF] = lattice(
            _moved(centre, motion @ pose),
            options.tof_extent_mm,
            options.tof_voxel_mm,
            options.tof_obliquity_deg,
        )
    return grids


def _anatomy(
    ground: _Ground, sides: dict[Side, RealSide], options: PhantomOptions
) -> Anatomy:
    vessels = [
        PhantomVessel(name=name, kind=VesselKind.ARTERY, tube=tube)
        for name, tube in ground.trunks.items()
    ]
    for number, (side, parts) in enumerate(sides.items()):
        rng = stream(options, FAMILY + number)
        drawn, _ = draw_vessels(
            rng, side, parts.bed, options.conflict(side), ground.trunks
        )
        vessels += drawn
    fossa = ground.fossa
    return Anatomy(
        surroundings=(),
        head=Head(
            fossa=fossa.wall,
            brainstem=fossa.brain,
            cerebellum=fossa.brain,
            ventricle=fossa.wall,
        ),
        sides={side: _side(parts, vessels) for side, parts in sides.items()},
        vessels=tuple(vessels),
    )


def _side(parts: RealSide, vessels: list[PhantomVessel]) -> SideAnatomy:
    bed = parts.bed
    found = [(measure_closeness(bed.facial, bed.span, v.tube), v.name) for v in vessels]
    closest, name = min(found, key=lambda item: item[0].gap_mm)
    return SideAnatomy(
        plan=parts.plan,
        ear=parts.ear,
        facial=bed.facial,
        vestibulocochlear=bed.eighth,
        thin=(),
        others={},
        places=bed.places,
        closest=closest,
        closest_vessel=name,
        indentation_mm=0.0,
        deviation_mm=0.0,
    )


def _scene(ground: _Ground, anatomy: Anatomy) -> Coloured:
    sides = anatomy.sides.values()
    ears = [side.ear for side in sides]
    vein = VesselKind.VEIN
    return Coloured(
        levels=ground.levels,
        nerve_full=ground.nerve_full,
        room=ground.room,
        brain=ground.fossa.brain,
        canals=tuple(ear.canal for ear in ears),
        ears=tuple(ear.fluid for ear in ears),
        facials=tuple(side.visible_facial for side in sides),
        eighths=tuple(side.vestibulocochlear for side in sides),
        trunks=tuple(ground.trunks.values()),
        arteries=tuple(v.tube for v in anatomy.vessels if v.kind is not vein),
        veins=tuple(v.tube for v in anatomy.vessels if v.kind is vein),
    )
