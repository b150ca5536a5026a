"""The gap between surfaces: for given labels, and where no fit holds.

The surface is the half level of a field that is 1 inside and 0 outside, drawn by
marching cubes without any smoothing, which would shift walls by 0.25-0.4 mm.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.measurement.gap.from_centrelines import find_wall_points
from nvc.measurement.gap.gap import SURFACE, Gap
from nvc.measurement.gap.walls import take_walls_of_tubes
from nvc.measurement.scene.look import expect_reference
from nvc.model.anatomy import (
    FACIAL_LABEL,
    VESSEL_LABEL,
)
from nvc.sampling import crop
from nvc.tubes.curve import sample_tube
from nvc.tubes.mesh import find_mesh_gap, mesh_surface

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext
    from nvc.model.grid import Grid, Volume
    from nvc.model.stages import Tube
    from nvc.settings.groups.measure import SurfaceSettings


def measure_gap_from_surfaces(approach: Approach, context: SideContext) -> Gap | None:
    """Measure between the surfaces of nerve and vessel near one place.

    Given labels are used where there are any; else the partial volume of each
    voxel, told apart by which tube's wall is nearer.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.
    context : SideContext
        Labels or images, tubes and levels.

    Returns
    -------
    Gap or None
        None where either surface does not show near the place.
    """
    if context.segmentation.labels is not None:
        fields = _label_fields(approach, context)
        share = context.settings.surface.label_sd
    else:
        vessel = context.segmentation.vessels[approach.vessel]
        if vessel.seen_in is not context.aligned.reference_role:
            return None
        fields = _partial_volumes(approach, context)
        share = context.settings.surface.field_sd
    grid, nerve_field, vessel_field = fields
    first, second = (
        mesh_surface(nerve_field, grid),
        mesh_surface(vessel_field, grid),
    )
    if first is None or second is None:
        return None
    gap, nerve_wall, vessel_wall = find_mesh_gap(first, second)
    expected = find_wall_points(approach)
    strayed = [
        float(np.linalg.norm(found - known))
        for found, known in zip((nerve_wall, vessel_wall), expected, strict=True)
    ]
    # In an image, elsewhere means that a wall does not show here but fragments do.
    is_drawn = context.segmentation.labels is not None
    if not is_drawn and max(strayed) > context.settings.farthest_shift_mm:
        return None
    edges = context.aligned.reference.grid.voxel_size_mm
    return Gap(
        gap_mm=gap,
        sd_mm=share * float(np.mean(edges)),
        nerve_wall_mm=nerve_wall,
        vessel_wall_mm=vessel_wall,
        vessel_diameter_mm=2 * approach.vessel_radius_mm,
        voxel_mm=max(edges),
        method=SURFACE,
        seen_in=context.aligned.reference_role,
        walls=take_walls_of_tubes(
            approach, context.course.tube, context.segmentation, context.settings
        ),
    )


def _label_fields(
    approach: Approach, context: SideContext
) -> tuple[Grid, NDArray[np.float64], NDArray[np.float64]]:
    labels = context.segmentation.labels
    if labels is None:
        raise ValueError("no labels were given")
    box, points, near = _box(labels, approach, context.settings.surface)
    voxels = np.asarray(box.voxels)
    vessel = context.segmentation.vessels[approach.vessel]
    mine = _wall_distance(points, vessel.tube)
    others = [
        _wall_distance(points, other.tube)
        for number, other in enumerate(context.segmentation.vessels)
        if number != approach.vessel
    ]
    own = np.all([mine <= other for other in others], axis=0) if others else True
    nerve = (voxels == FACIAL_LABEL[context.side]) & near
    drawn = (voxels == VESSEL_LABEL[vessel.kind]) & near & own
    return box.grid, nerve.astype(float), drawn.astype(float)


def _partial_volumes(
    approach: Approach, context: SideContext
) -> tuple[Grid, NDArray[np.float64], NDArray[np.float64]]:
    box, points, near = _box(
        context.aligned.reference, approach, context.settings.surface
    )
    values = np.asarray(box.voxels, dtype=float)
    look = expect_reference(context.levels, values, context.aligned.csf_is_bright)
    vessel = context.segmentation.vessels[approach.vessel].tube
    to_nerve = _wall_distance(points, context.course.tube)
    to_vessel = _wall_distance(points, vessel)
    above = values - look.background.mean
    # A voxel belongs to the nearer tube, and to none far from both.
    within = context.settings.surface.belongs_mm
    nerve = (to_nerve <= to_vessel) & (to_nerve < within) & near
    artery = (to_vessel < to_nerve) & (to_vessel < within) & near
    return (
        box.grid,
        np.where(nerve, np.clip(above / look.nerve.mean, 0, 1), 0.0),
        np.where(artery, np.clip(above / look.vessel.mean, 0, 1), 0.0),
    )


def _box(
    volume: Volume, approach: Approach, settings: SurfaceSettings
) -> tuple[Volume, NDArray[np.float64], NDArray[np.bool_]]:
    """Voxels around a place, their points, and which are within reach of it."""
    middle = (approach.nerve_mm + approach.vessel_mm) / 2
    reach = settings.box_mm + max(approach.nerve_radius_mm, approach.vessel_radius_mm)
    box = crop(volume, middle, reach)
    index = np.moveaxis(np.indices(box.grid.shape, dtype=float), 0, -1)
    points = box.grid.to_ras_mm(index)
    return box, points, np.linalg.norm(points - middle, axis=-1) <= reach


def _wall_distance(points: NDArray[np.float64], tube: Tube) -> NDArray[np.float64]:
    """Distance of points to a tube's wall, negative inside."""
    arc = tube.arc_length_mm()
    fine = np.linspace(0, arc[-1], max(2, round(float(arc[-1]) / 0.1)))
    dense = sample_tube(tube, fine)
    distance, nearest = cKDTree(dense.points_mm).query(points)
    return np.asarray(distance - dense.radius_mm[nearest])
