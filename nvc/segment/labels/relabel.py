"""A segmentation whose labels were painted over: only what was touched is redone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cc3d
import numpy as np
from scipy import ndimage

from nvc.errors import GeometryError
from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESSEL_KIND,
    VESTIBULOCOCHLEAR_LABEL,
    Side,
    Structure,
)
from nvc.model.grid import Grid, Volume
from nvc.model.stages import Segmentation, Tube, Vessel
from nvc.segment.labels.tubes import lies_by, trace_branches, trace_course
from nvc.settings.groups.nerve import DrawnSettings
from nvc.tubes.curve import is_mostly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.study import SequenceRole


def relabel(
    segmentation: Segmentation,
    before: Volume,
    after: Volume,
    role: SequenceRole,
    *,
    ends_stand: bool = False,
    settings: DrawnSettings | None = None,
) -> Segmentation:
    """Redo the nerves and vessels whose labels differ between two volumes.

    Parameters
    ----------
    segmentation : Segmentation
        Keeps what was not touched.
    before, after : Volume
        uint8 `Structure` values on the reference's canonical grid: what the reader
        saw, `segmentation` or the same as it was measured, and what was left of it.
    role : SequenceRole
        The sequence that was painted on.
    ends_stand : bool
        Whether `before` showed vessels as joined, so that a gap that is left in one is
        meant (`Vessel.ends_stand`).
    settings : DrawnSettings, optional
        Which courses are one vessel, and where a reader has looked.

    Returns
    -------
    Segmentation
        Tubes of untouched structures are the same objects; landmarks stay.

    Raises
    ------
    GeometryError
        If the two do not lie on one grid.
    """
    settings = settings or DrawnSettings()
    if not before.grid.same_geometry(after.grid):
        raise GeometryError("the painted labels lie on another grid")
    old, new = np.asarray(before.voxels), np.asarray(after.voxels)
    changed = old != new
    if not changed.any():
        return segmentation
    touched = {int(v) for v in np.unique(old[changed])}
    touched |= {int(v) for v in np.unique(new[changed])}
    sides = {}
    for side, nerves in segmentation.sides.items():
        facial, eighth = nerves.facial, nerves.vestibulocochlear
        if FACIAL_LABEL[side] in touched:
            facial = _redone(new == FACIAL_LABEL[side], before.grid, facial)
            nerves = replace(nerves, exit_within_mm=0.0, before_exit_mm=None)
        if VESTIBULOCOCHLEAR_LABEL[side] in touched:
            eighth = _redone(new == VESTIBULOCOCHLEAR_LABEL[side], before.grid, eighth)
        sides[side] = replace(nerves, facial=facial, vestibulocochlear=eighth)
    vessels = segmentation.vessels
    if touched & {int(value) for value in VESSEL_KIND}:
        where = (before.grid, role, ends_stand, settings)
        vessels = _vessels(segmentation.vessels, old, new, where)
    redone = replace(segmentation, sides=sides, vessels=vessels)
    if Structure.BRAINSTEM in touched:
        mask = (new == Structure.BRAINSTEM).astype(np.uint8)
        redone = replace(redone, brainstem=Volume(grid=before.grid, voxels=mask))
    names = ", ".join(
        Structure(value).name.replace("_", " ").lower()
        for value in sorted(touched - {int(Structure.BACKGROUND)})
    )
    return replace(
        redone,
        vessels_assessed=_assessed(redone, settings),
        reasons=(*segmentation.reasons, f"the reader painted labels: {names}"),
    )


def _redone(mask: NDArray[np.bool_], grid: Grid, old: Tube | None) -> Tube | None:
    """Return the course through a mask, running the same way as the old one."""
    if not mask.any():
        return None
    box = ndimage.find_objects(mask.astype(np.uint8))[0]
    affine = grid.voxel_to_ras_mm.copy()
    affine[:3, 3] = grid.to_ras_mm(np.array([axis.start for axis in box], dtype=float))
    part = mask[box]
    tube = trace_course(part, Grid(shape=part.shape, voxel_to_ras_mm=affine))
    if tube is None or old is None:
        return tube
    ends = np.linalg.norm(tube.points_mm[[0, -1]] - old.points_mm[0], axis=1)
    if ends[0] <= ends[1]:
        return tube
    return Tube(
        points_mm=tube.points_mm[::-1],
        radius_mm=tube.radius_mm[::-1],
        position_sd_mm=tube.position_sd_mm[::-1],
    )


def _vessels(
    vessels: tuple[Vessel, ...],
    old: NDArray[np.generic],
    new: NDArray[np.generic],
    where: tuple[Grid, SequenceRole, bool, DrawnSettings],
) -> tuple[Vessel, ...]:
    """Redo every connected piece of a kind that a change touches."""
    grid, role, ends_stand, settings = where
    near = ndimage.binary_dilation(old != new, structure=np.ones((3, 3, 3)))
    redo = np.zeros(new.shape, dtype=bool)
    gone = np.isin(old, [int(v) for v in VESSEL_KIND]) & ~np.isin(
        new, [int(v) for v in VESSEL_KIND]
    )
    drawn: list[Vessel] = []
    for value, kind in VESSEL_KIND.items():
        pieces = cc3d.connected_components((new == value).astype(np.uint8))
        hit = np.unique(pieces[near & (pieces > 0)])
        mask = np.isin(pieces, hit) & (pieces > 0)
        redo |= mask
        drawn += [
            Vessel(
                tube=tube,
                kind=kind,
                seen_in=role,
                confidence=1.0,
                ends_stand=ends_stand,
            )
            for tube in trace_branches(mask, grid)
        ]
    dropped = [one for one in vessels if _lies_in(one.tube, redo | gone, grid)]
    kept = [one for one in vessels if not any(one is other for other in dropped)]
    return (*kept, *(_named(one, dropped, settings) for one in drawn))


def _lies_in(tube: Tube, mask: NDArray[np.bool_], grid: Grid) -> bool:
    ijk = np.rint(grid.to_voxel(tube.points_mm)).astype(int)
    held = np.all((ijk >= 0) & (ijk < np.array(grid.shape)), axis=1)
    inside = mask[tuple(ijk[held].T)]
    return is_mostly(inside)


def _named(drawn: Vessel, dropped: list[Vessel], settings: DrawnSettings) -> Vessel:
    """Keep the name of the vessel that was redrawn, where it still is one."""
    for one in dropped:
        apart = drawn.tube.points_mm[:, None] - one.tube.points_mm[None]
        nearest = np.linalg.norm(apart, axis=-1).min(axis=1)
        if float(np.median(nearest)) < settings.same_vessel_mm:
            return replace(
                drawn,
                name=one.name,
                name_confidence=one.name_confidence,
                seen_in=one.seen_in,
            )
    return drawn


def _assessed(segmentation: Segmentation, settings: DrawnSettings) -> dict[Side, bool]:
    assessed = dict(segmentation.vessels_assessed)
    for side, nerves in segmentation.sides.items():
        if assessed.get(side, False) or nerves.facial is None:
            continue
        for vessel in segmentation.vessels:
            is_by = lies_by(nerves.facial, vessel.tube, settings.looked_within_mm)
            if vessel.confidence == 1.0 and is_by:
                assessed[side] = True
    return assessed
