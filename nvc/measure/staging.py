"""Puts a scene together from the stages' values: which tubes, which voxels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measure.brain_surface import brain_plane
from nvc.measure.expected import flow_look, reference_look
from nvc.measure.local_course import HALF_LENGTH_MM, local_course
from nvc.measure.location import arc_of
from nvc.measure.scene import Scene, TubeInScene, placed, voxels_near
from nvc.model.stages import Tube
from nvc.sampling import crop

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from nvc.measure.candidates import Approach
    from nvc.measure.expected import Look
    from nvc.measure.gap import SideContext
    from nvc.measure.scene import Expected
    from nvc.model.grid import Volume
    from nvc.model.stages import Companion

_SCENE_RADIUS_MM = 4.0
_NEIGHBOURS_MAX = 3
# Sections: a nerve may be flattened 1 : 1.5, an artery's pressure keeps it round.
_NERVE_STRETCH_SD, _VESSEL_STRETCH_SD = 0.2, 0.08
_FEWEST_VOXELS = 60
# A groove is about as long as the vessel is wide; longer pieces average it away.
_STATION_HALF_LENGTH_MM = 0.8
_FEWEST_VOXELS_OF_STATION = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """Whether the vessel is part of a scene in the reference; CN VII always is.

    Parameters
    ----------
    vessel : bool
        Whether the vessel is measured here too.
    vessel_sd_mm : float
        Further doubt about where the vessel lies (registration).
    """

    vessel: bool = True
    vessel_sd_mm: float = 0.0


def reference_scene(
    approach: Approach, context: SideContext, cast: Cast
) -> Scene | None:
    """Stage a place in the reference volume; None where too few voxels tell of it.

    The measured tubes come first: CN VII, then the vessel.
    """
    volume = context.aligned.reference
    centre = _middle(approach, cast)
    look = reference_look(
        context.levels, _nearby(volume, centre), context.aligned.csf_is_bright
    )
    vessel = context.segmentation.vessels[approach.vessel].tube
    tubes = [_tube(context.course.tube, approach.nerve_arc_mm, look.nerve)]
    if cast.vessel:
        tubes.append(_vessel(vessel, approach.vessel_arc_mm, look, cast.vessel_sd_mm))
    tubes += _neighbours(_others(approach, context, look), centre, tubes)
    return _scene(volume, centre, tuple(tubes), look, context.segmentation.brainstem)


def station_scene(arc_mm: float, context: SideContext) -> Scene | None:
    """Stage a short piece of CN VII alone, to see its section and centre there."""
    volume, course = context.aligned.reference, context.course
    columns = [
        np.interp(arc_mm, course.arc_mm, course.tube.points_mm[:, k]) for k in range(3)
    ]
    centre = np.array(columns)
    look = reference_look(
        context.levels, _nearby(volume, centre), context.aligned.csf_is_bright
    )
    tubes = [_tube(course.tube, arc_mm, look.nerve)]
    tubes += _neighbours(_others(None, context, look), centre, tubes)
    scene = _scene(volume, centre, tuple(tubes), look, context.segmentation.brainstem)
    if scene is None:
        return None
    arc = placed(scene.points_mm, tubes[0].course, centre)[:, 0]
    near = np.abs(arc) <= _STATION_HALF_LENGTH_MM
    if near.sum() < _FEWEST_VOXELS_OF_STATION:
        return None
    return replace(
        scene,
        index=scene.index[near],
        points_mm=scene.points_mm[near],
        intensity=scene.intensity[near],
    )


def companion_scene(
    approach: Approach, context: SideContext, companion: Companion
) -> Scene | None:
    """Stage the vessel alone in the sequence that shows it, in that one's world."""
    volume = companion.volume
    vessel = _moved(context.segmentation.vessels[approach.vessel].tube, companion)
    centre = companion.to_companion_mm(approach.vessel_mm)
    look = flow_look(_nearby(volume, centre))
    tubes = [_vessel(vessel, approach.vessel_arc_mm, look, 0.0)]
    others = (
        (_moved(other.tube, companion), look.vessel)
        for number, other in enumerate(context.segmentation.vessels)
        if number != approach.vessel and other.seen_in is companion.role
    )
    tubes += _neighbours(others, centre, tubes)
    return _scene(volume, centre, tuple(tubes), look, None)


def _scene(
    volume: Volume,
    centre_mm: NDArray[np.float64],
    tubes: tuple[TubeInScene, ...],
    look: Look,
    brain: Volume | None,
) -> Scene | None:
    """Choose the voxels and close the scene."""
    # Two voxels past the wall show its whole blurred edge.
    reach = max(1.0, 2.0 * max(volume.grid.voxel_size_mm))
    index, points, values = voxels_near(
        volume, centre_mm, tubes, radius_mm=_SCENE_RADIUS_MM, reach_mm=reach
    )
    plane = brain_plane(brain, centre_mm)
    if brain is not None and plane is None:
        # Brain without a describable surface: leave its voxels out.
        outside = np.asarray(brain.voxels)[tuple(index.T)] == 0
        index, points, values = index[outside], points[outside], values[outside]
    if len(values) < _FEWEST_VOXELS:
        return None
    return Scene(
        index=index,
        points_mm=points,
        intensity=values,
        centre_mm=centre_mm,
        tubes=tubes,
        surface=plane,
        grid=volume.grid,
        background=look.background,
        brain_contrast=look.brain,
    )


def _middle(approach: Approach, cast: Cast) -> NDArray[np.float64]:
    """Half-way between the walls, or the nerve's wall where only it is measured."""
    apart = approach.vessel_mm - approach.nerve_mm
    direction = apart / max(float(np.linalg.norm(apart)), 1e-9)
    wall = approach.nerve_mm + approach.nerve_radius_mm * direction
    if not cast.vessel:
        return wall
    other = approach.vessel_mm - approach.vessel_radius_mm * direction
    return np.asarray((wall + other) / 2)


def _nearby(volume: Volume, centre_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    box = crop(volume, centre_mm, _SCENE_RADIUS_MM + 1.0)
    return np.asarray(box.voxels, dtype=float)


def _tube(tube: Tube, at_mm: float, contrast: Expected) -> TubeInScene:
    return TubeInScene(
        course=local_course(tube, at_mm),
        contrast=contrast,
        stretch_sd=_NERVE_STRETCH_SD,
    )


def _vessel(tube: Tube, at_mm: float, look: Look, more_sd_mm: float) -> TubeInScene:
    course = local_course(tube, at_mm)
    sd = float(np.hypot(course.position_sd_mm, more_sd_mm))
    return TubeInScene(
        course=replace(course, position_sd_mm=sd),
        contrast=look.vessel,
        stretch_sd=_VESSEL_STRETCH_SD,
    )


def _others(
    approach: Approach | None, context: SideContext, look: Look
) -> Iterator[tuple[Tube, Expected]]:
    """Every structure that may pass through the scene and is not measured in it."""
    segmentation = context.segmentation
    eighth = segmentation.sides[context.side].vestibulocochlear
    if eighth is not None:
        yield eighth, look.nerve
    for number, vessel in enumerate(segmentation.vessels):
        if approach is None or number != approach.vessel:
            yield vessel.tube, look.vessel
            continue
        # A loop may come back: what lies beyond the stretch counts as another tube.
        arc = vessel.tube.arc_length_mm()
        for beyond in (
            arc < approach.vessel_arc_mm - HALF_LENGTH_MM,
            arc > approach.vessel_arc_mm + HALF_LENGTH_MM,
        ):
            yield _part(vessel.tube, beyond), look.vessel


def _part(tube: Tube, keep: NDArray[np.bool_]) -> Tube:
    return Tube(
        points_mm=tube.points_mm[keep],
        radius_mm=tube.radius_mm[keep],
        position_sd_mm=tube.position_sd_mm[keep],
    )


def _neighbours(
    others: Iterable[tuple[Tube, Expected]],
    centre_mm: NDArray[np.float64],
    measured: list[TubeInScene],
) -> list[TubeInScene]:
    """Pick the structures that pass through a scene beside the measured tubes."""
    taken = [tube.course.points_mm for tube in measured]
    found: list[TubeInScene] = []
    for tube, expected in others:
        if len(found) == _NEIGHBOURS_MAX:
            break
        neighbour = _neighbour(tube, centre_mm, expected, taken)
        if neighbour is not None:
            found.append(neighbour)
    return found


def _neighbour(
    tube: Tube,
    centre_mm: NDArray[np.float64],
    contrast: Expected,
    taken: list[NDArray[np.float64]],
) -> TubeInScene | None:
    """Return a tube that passes through the scene, unless another already is it."""
    if len(tube.points_mm) < 2:
        return None
    away = np.linalg.norm(tube.points_mm - centre_mm, axis=1) - tube.radius_mm
    if away.min() > _SCENE_RADIUS_MM - 0.5:
        return None
    at = arc_of(tube.points_mm, tube.arc_length_mm(), centre_mm)
    course = local_course(tube, float(np.clip(at, 0.0, tube.arc_length_mm()[-1])))
    for points in taken:
        apart = course.points_mm[:, None] - points[None]
        nearest = np.linalg.norm(apart, axis=-1).min(axis=1)
        # Two names of one structure lie within each other.
        if np.mean(nearest < course.radius_mm) > 0.5:
            return None
    return TubeInScene(
        course=course,
        contrast=contrast,
        stretch_sd=_NERVE_STRETCH_SD,
        is_neighbour=True,
    )


def _moved(tube: Tube, companion: Companion) -> Tube:
    return replace(tube, points_mm=companion.to_companion_mm(tube.points_mm))
