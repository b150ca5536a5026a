"""Nerves, vessels and landmarks from a label volume made elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.errors import GeometryError, InputError
from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESSEL_KIND,
    VESTIBULOCOCHLEAR_LABEL,
    Side,
    Structure,
)
from nvc.model.grid import Grid, Volume
from nvc.model.stages import (
    Origin,
    Segmentation,
    SideLandmarks,
    SideNerves,
    Tube,
    Vessel,
)
from nvc.sampling import sample_array
from nvc.segment.labels.tubes import lies_by, trace_branches, trace_course
from nvc.segment.root.detachment import measure_wall_gap_mm

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Aligned, Regions
    from nvc.settings import NerveSettings


def segment_from_labels(
    labels: Volume, aligned: Aligned, regions: Regions, settings: NerveSettings
) -> Segmentation:
    """Turn labels into the same values that our own segmentation makes.

    Parameters
    ----------
    labels : Volume
        uint8, canonical order, on the reference's lattice; `Structure` values.
    aligned : Aligned
        The reference the labels were drawn on.
    regions : Regions
        Landmarks that were given or found; the root points are derived from the
        labels unless they were confirmed.
    settings : NerveSettings
        `surface_gap_mm` defines the root detachment.

    Returns
    -------
    Segmentation
        With ``labels`` set.

    Raises
    ------
    GeometryError
        If the labels are not on the reference's lattice.
    InputError
        If left and right are exchanged, or a value is not a `Structure`.
    """
    grid = aligned.reference.grid
    if not labels.grid.same_geometry(grid, tolerance_mm=0.05):
        raise GeometryError("labels lie on another lattice than the reference")
    voxels = np.asarray(labels.voxels)
    _check_values(voxels)
    brainstem = voxels == Structure.BRAINSTEM
    surface = _surface_distance(brainstem, grid) if brainstem.any() else None
    tubes = {side: trace_course(voxels == FACIAL_LABEL[side], grid) for side in Side}
    others = {
        side: trace_course(voxels == VESTIBULOCOCHLEAR_LABEL[side], grid)
        for side in Side
    }
    _check_sides(tubes, regions, grid)
    sides = {
        side: _side(tubes, others, side, (regions, surface, grid), settings)
        for side in Side
    }
    vessels = _vessels(voxels, aligned)
    assessed = {side: _looked(sides[side].facial, vessels, settings) for side in Side}
    reasons = () if brainstem.any() else ("the labels hold no brainstem (value 8)",)
    return Segmentation(
        sides=sides,
        vessels=vessels,
        brainstem=Volume(grid=grid, voxels=brainstem.astype(np.uint8)),
        labels=labels,
        vessels_assessed=assessed,
        reasons=reasons,
    )


def _vessels(voxels: NDArray[np.generic], aligned: Aligned) -> tuple[Vessel, ...]:
    return tuple(
        Vessel(tube=tube, kind=kind, seen_in=aligned.reference_role, confidence=1.0)
        for value, kind in VESSEL_KIND.items()
        for tube in trace_branches(voxels == value, aligned.reference.grid)
    )


def _check_values(voxels: NDArray[np.generic]) -> None:
    known = [int(value) for value in Structure]
    strange = sorted({int(value) for value in np.unique(voxels)} - set(known))
    if strange:
        raise InputError.of(
            "label-value",
            "labels",
            f"value {strange[0]} is not known; expected 0 to {max(known)}.",
        )


def _check_sides(tubes: dict[Side, Tube | None], regions: Regions, grid: Grid) -> None:
    """Refuse labels whose left lies on the patient's right."""
    right_mm = {
        side: _rightwards(tube.points_mm.mean(axis=0), regions, grid)
        for side, tube in tubes.items()
        if tube is not None
    }
    crossed = len(right_mm) == 2 and right_mm[Side.LEFT] > right_mm[Side.RIGHT]
    if regions.head is not None:
        crossed |= any(side.sign * value < 0 for side, value in right_mm.items())
    if crossed:
        raise InputError.of(
            "label-side",
            "labels",
            "CN VII left lies on the patient's right.",
            "Exchange the values 1 and 2 (and 3 and 4).",
        )


def _rightwards(point_mm: NDArray[np.float64], regions: Regions, grid: Grid) -> float:
    """Distance to the patient's right of the midline, or of the grid's centre."""
    if regions.head is not None:
        return float(regions.head.to_head(point_mm)[0])
    return float((point_mm - grid.centre_mm) @ grid.axes_ras[:, 0])


def _side(
    tubes: dict[Side, Tube | None],
    others: dict[Side, Tube | None],
    side: Side,
    place: tuple[Regions, NDArray[np.float64] | None, Grid],
    settings: NerveSettings,
) -> SideNerves:
    regions, surface, grid = place
    region = regions.sides.get(side)
    given = region.landmarks if region is not None else SideLandmarks()
    tube, other = tubes[side], others[side]
    if tube is None:
        name = FACIAL_LABEL[side].name
        return SideNerves(
            facial=None,
            vestibulocochlear=other,
            landmarks=given,
            reasons=(f"the labels hold no {name} (value {FACIAL_LABEL[side].value})",),
        )
    tube = _outwards(tube, given, place)
    if other is not None:
        other = _outwards(other, given, place)
    landmarks, reasons = _landmarks(tube, given, surface, grid, settings)
    return SideNerves(
        facial=tube,
        vestibulocochlear=other,
        landmarks=landmarks,
        confidence=1.0,
        reasons=reasons,
    )


def _outwards(
    tube: Tube,
    given: SideLandmarks,
    place: tuple[Regions, NDArray[np.float64] | None, Grid],
) -> Tube:
    """Order a tube from the brainstem outwards."""
    regions, surface, grid = place
    ends = tube.points_mm[[0, -1]]
    if surface is not None:
        inward = _sample(surface, grid, ends)
    elif given.porus_mm is not None:
        inward = -np.linalg.norm(ends - given.porus_mm, axis=1)
    else:
        inward = np.abs([_rightwards(end, regions, grid) for end in ends])
    if inward[0] <= inward[1]:
        return tube
    return Tube(
        points_mm=tube.points_mm[::-1],
        radius_mm=tube.radius_mm[::-1],
        position_sd_mm=tube.position_sd_mm[::-1],
    )


def _landmarks(
    tube: Tube,
    given: SideLandmarks,
    surface: NDArray[np.float64] | None,
    grid: Grid,
    settings: NerveSettings,
) -> tuple[SideLandmarks, tuple[str, ...]]:
    """Keep confirmed landmarks; derive the root points from the labels otherwise."""
    if given.source is Origin.CONFIRMED and given.root_detachment_mm is not None:
        return given, ()
    root_exit = root_detachment = None
    reasons: tuple[str, ...] = ()
    if surface is None:
        reasons = ("the root detachment needs the brainstem in the labels (value 8)",)
    else:
        depth = _sample(surface, grid, tube.points_mm)
        root_exit = _root_exit(tube, depth)
        if root_exit is None:
            reasons = ("the labelled nerve ends before it reaches the brainstem",)
        gap = measure_wall_gap_mm(tube, lambda points: _sample(surface, grid, points))
        root_detachment = _root_detachment(tube, gap, settings.surface_gap_mm)
    confirmed = given.source is Origin.CONFIRMED
    landmarks = SideLandmarks(
        root_exit_point_mm=(
            given.root_exit_point_mm
            if confirmed and given.root_exit_point_mm is not None
            else root_exit
        ),
        root_detachment_mm=root_detachment,
        porus_mm=given.porus_mm,
        fundus_mm=given.fundus_mm,
        source=given.source,
    )
    return landmarks, reasons


def _root_exit(tube: Tube, depth_mm: NDArray[np.float64]) -> NDArray[np.float64] | None:
    """Where the centreline leaves the brainstem; its start where it begins outside."""
    inside = np.flatnonzero(depth_mm <= 0)
    if inside.size and inside[-1] + 1 < len(depth_mm):
        last = int(inside[-1])
        share = depth_mm[last] / (depth_mm[last] - depth_mm[last + 1])
        step = tube.points_mm[last + 1] - tube.points_mm[last]
        return np.asarray(tube.points_mm[last] + share * step)
    # Labels of nerve and brainstem exclude each other: the nerve's label starts at
    # the surface, so its first centre lies about one radius away from it.
    if not inside.size and depth_mm[0] <= 2 * tube.radius_mm[0]:
        return np.asarray(tube.points_mm[0])
    return None


def _root_detachment(
    tube: Tube, wall_mm: NDArray[np.float64], gap_mm: float
) -> NDArray[np.float64] | None:
    """First place, walking in from the porus, whose wall is near the brain."""
    wall = wall_mm - gap_mm
    near = np.flatnonzero(wall <= 0)
    if not near.size:
        return None
    last = int(near[-1])
    if last + 1 == len(wall):
        return np.asarray(tube.points_mm[last])
    share = wall[last] / (wall[last] - wall[last + 1])
    return np.asarray(
        tube.points_mm[last] + share * (tube.points_mm[last + 1] - tube.points_mm[last])
    )


def _surface_distance(mask: NDArray[np.bool_], grid: Grid) -> NDArray[np.float64]:
    """Signed distance of every voxel to a mask's surface, mm; negative inside."""
    spacing = grid.voxel_size_mm
    outside = ndimage.distance_transform_edt(~mask, sampling=spacing)
    inside = ndimage.distance_transform_edt(mask, sampling=spacing)
    # Distances run between voxel centres; the surface lies half a voxel before.
    half = 0.5 * float(np.mean(spacing))
    return np.where(mask, half - inside, outside - half)


def _sample(
    field: NDArray[np.float64], grid: Grid, points_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    ijk = grid.to_voxel(points_mm)
    return np.asarray(sample_array(field, ijk.T, mode="nearest"), dtype=float)


def _looked(
    nerve: Tube | None, vessels: tuple[Vessel, ...], settings: NerveSettings
) -> bool:
    """Whether a vessel was drawn near this nerve, so that vessels were looked for."""
    reach_mm = settings.drawn.looked_within_mm
    return nerve is not None and any(
        lies_by(nerve, vessel.tube, reach_mm) for vessel in vessels
    )
