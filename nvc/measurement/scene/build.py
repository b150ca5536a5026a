"""Puts a scene together from the stages' values: which tubes, which voxels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.brain_plane import fit_brain_plane
from nvc.measurement.places.local_course import HALF_LENGTH_MM, cut_local_course
from nvc.measurement.places.nerve_course import find_arc_mm
from nvc.measurement.scene.course_coordinates import place_points
from nvc.measurement.scene.forward import TERMS
from nvc.measurement.scene.look import expect_flow, expect_reference
from nvc.measurement.scene.scene import Scene, TubeInScene, pick_voxels_near
from nvc.model.stages import Tube
from nvc.sampling import crop
from nvc.tubes.curve import interpolate

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext
    from nvc.measurement.scene.look import SequenceLook
    from nvc.measurement.scene.scene import ExpectedIntensity
    from nvc.model.grid import Volume
    from nvc.model.stages import Companion
    from nvc.numerics import Count
    from nvc.settings import MeasureSettings

_NEIGHBOURS_MAX: Count[int] = 3
_FEWEST_VOXELS: Count[int] = 60
_FEWEST_VOXELS_OF_STATION: Count[int] = 40
# A piece as short as a station tells of no more than its bend.
_TERMS_OF_STATION: Count[int] = 3
# A neighbour only explains voxels: it may be shifted and turned.
_TERMS_OF_NEIGHBOUR: Count[int] = 2


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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Place:
    """The image around one place and what to expect in it.

    `half_length_mm` is that of a short piece of tube, None for a whole scene.
    """

    volume: Volume
    centre_mm: NDArray[np.float64]
    look: SequenceLook
    settings: MeasureSettings
    half_length_mm: float | None = None

    @property
    def reach_mm(self) -> float:
        """Farthest voxel from a wall: two voxels past it show its blurred edge."""
        return max(1.0, 2.0 * max(self.volume.grid.voxel_size_mm))

    @property
    def radius_mm(self) -> float:
        """Farthest voxel from the place."""
        if self.half_length_mm is None:
            return self.settings.scene_radius_mm
        # Of a short piece: its corner.
        widest = self.settings.scene.widest_radius_mm
        return float(np.hypot(self.half_length_mm, widest + self.reach_mm))

    @property
    def course_mm(self) -> float:
        """How far to follow a tube each way: past every voxel."""
        return HALF_LENGTH_MM if self.half_length_mm is None else self.radius_mm + 0.5

    @classmethod
    def in_reference(
        cls,
        centre_mm: NDArray[np.float64],
        context: SideContext,
        half_length_mm: float | None = None,
    ) -> _Place:
        """A place in the reference volume."""
        aligned, settings = context.aligned, context.settings
        levels, bright = context.levels, aligned.csf_is_bright
        # Levels of the whole volume need no look at what is nearby.
        nearby = np.empty(0)
        if levels is None:
            nearby = _nearby(aligned.reference, centre_mm, settings)
        return cls(
            volume=aligned.reference,
            centre_mm=centre_mm,
            look=expect_reference(levels, nearby, bright),
            settings=settings,
            half_length_mm=half_length_mm,
        )


def build_reference_scene(
    approach: Approach, context: SideContext, cast: Cast
) -> Scene | None:
    """Build the scene of a place in the reference volume.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.
    context : SideContext
        Image, nerves, vessels and brain.
    cast : Cast
        Whether the vessel is measured here.

    Returns
    -------
    Scene or None
        In the working frame; the measured tubes come first: CN VII, then the vessel.
        None where too few voxels tell of it.
    """
    place = _Place.in_reference(_middle(approach, cast), context)
    tubes = [_nerve(context.course.tube, approach.nerve_arc_mm, place)]
    if cast.vessel:
        vessel = context.segmentation.vessels[approach.vessel].tube
        tubes.append(_vessel(vessel, approach.vessel_arc_mm, place, cast.vessel_sd_mm))
    tubes += _neighbours(_others(approach, context, place.look), place, tubes)
    return _scene(place, tuple(tubes), context.segmentation.brainstem)


def build_station_scene(arc_mm: float, context: SideContext) -> Scene | None:
    """Build the scene of a short piece of CN VII alone, for its section and centre.

    Parameters
    ----------
    arc_mm : float
        Place along the context's course.
    context : SideContext
        Image, nerves, vessels and brain.

    Returns
    -------
    Scene or None
        In the working frame; None where too few voxels tell of it.
    """
    course, settings = context.course, context.settings.scene
    centre = interpolate(arc_mm, course.arc_mm, course.tube.points_mm)
    place = _Place.in_reference(centre, context, settings.station_half_mm)
    nerve = _nerve(course.tube, arc_mm, place)
    stretch = settings.station_stretch_sd
    tubes = [replace(nerve, terms=_TERMS_OF_STATION, stretch_sd=stretch)]
    tubes += _neighbours(_others(None, context, place.look), place, tubes)
    scene = _scene(place, tuple(tubes), context.segmentation.brainstem)
    if scene is None:
        return None
    arc = place_points(scene.points_mm, tubes[0].course, centre)[:, 0]
    near = np.abs(arc) <= settings.station_half_mm
    if near.sum() < _FEWEST_VOXELS_OF_STATION:
        return None
    return replace(
        scene,
        index=scene.index[near],
        points_mm=scene.points_mm[near],
        intensity=scene.intensity[near],
    )


def build_companion_scene(
    approach: Approach, context: SideContext, companion: Companion
) -> Scene | None:
    """Build the scene of the vessel alone in the sequence that shows it.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.
    context : SideContext
        The vessels.
    companion : Companion
        That sequence, and how the working frame maps to it.

    Returns
    -------
    Scene or None
        In the companion's frame; None where too few voxels tell of it.
    """
    centre = companion.to_companion_mm(approach.vessel_mm)
    settings = context.settings
    place = _Place(
        volume=companion.volume,
        centre_mm=centre,
        look=expect_flow(_nearby(companion.volume, centre, settings)),
        settings=settings,
    )
    vessel = _moved(context.segmentation.vessels[approach.vessel].tube, companion)
    tubes = [_vessel(vessel, approach.vessel_arc_mm, place, 0.0)]
    others = (
        (_moved(other.tube, companion), place.look.vessel)
        for number, other in enumerate(context.segmentation.vessels)
        if number != approach.vessel and other.seen_in is companion.role
    )
    tubes += _neighbours(others, place, tubes)
    return _scene(place, tuple(tubes), None)


def _scene(
    place: _Place, tubes: tuple[TubeInScene, ...], brain: Volume | None
) -> Scene | None:
    """Choose the voxels and close the scene."""
    index, points, values = pick_voxels_near(
        place.volume,
        place.centre_mm,
        tubes,
        radius_mm=place.radius_mm,
        reach_mm=place.reach_mm,
    )
    plane = fit_brain_plane(brain, place.centre_mm, place.settings.surface)
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
        centre_mm=place.centre_mm,
        tubes=tubes,
        surface=plane,
        grid=place.volume.grid,
        background=place.look.background,
        brain_contrast=place.look.brain,
    )


def _middle(approach: Approach, cast: Cast) -> NDArray[np.float64]:
    """Half-way between the walls, or the nerve's wall where only it is measured."""
    wall, other = approach.facing_walls_mm
    return np.asarray((wall + other) / 2) if cast.vessel else wall


def _nearby(
    volume: Volume, centre_mm: NDArray[np.float64], settings: MeasureSettings
) -> NDArray[np.float64]:
    box = crop(volume, centre_mm, settings.scene_radius_mm + 1.0)
    return np.asarray(box.voxels, dtype=float)


def _nerve(tube: Tube, at_mm: float, place: _Place) -> TubeInScene:
    return TubeInScene(
        course=cut_local_course(tube, at_mm, place.course_mm),
        contrast=place.look.nerve,
        stretch_sd=place.settings.nerve_stretch_sd,
        terms=TERMS,
    )


def _vessel(tube: Tube, at_mm: float, place: _Place, more_sd_mm: float) -> TubeInScene:
    course = cut_local_course(tube, at_mm, place.course_mm)
    sd = float(np.hypot(course.position_sd_mm, more_sd_mm))
    return TubeInScene(
        course=replace(course, position_sd_mm=sd),
        contrast=place.look.vessel,
        stretch_sd=place.settings.vessel_stretch_sd,
        terms=TERMS,
    )


def _others(
    approach: Approach | None, context: SideContext, look: SequenceLook
) -> Iterator[tuple[Tube, ExpectedIntensity]]:
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
            yield vessel.tube.part(beyond), look.vessel


def _neighbours(
    others: Iterable[tuple[Tube, ExpectedIntensity]],
    place: _Place,
    measured: list[TubeInScene],
) -> list[TubeInScene]:
    """Pick the structures that pass through a scene beside the measured tubes."""
    taken = [tube.course.points_mm for tube in measured]
    found: list[TubeInScene] = []
    for tube, expected in others:
        if len(found) == _NEIGHBOURS_MAX:
            break
        neighbour = _neighbour(tube, place, expected, taken)
        if neighbour is not None:
            found.append(neighbour)
    return found


def _neighbour(
    tube: Tube,
    place: _Place,
    contrast: ExpectedIntensity,
    taken: list[NDArray[np.float64]],
) -> TubeInScene | None:
    """Return a tube that passes through the scene, unless another already is it."""
    if len(tube.points_mm) < 2:
        return None
    away = np.linalg.norm(tube.points_mm - place.centre_mm, axis=1) - tube.radius_mm
    if away.min() > place.radius_mm - 0.5:
        return None
    at = find_arc_mm(tube.points_mm, tube.arc_length_mm(), place.centre_mm)
    at = float(np.clip(at, 0.0, tube.arc_length_mm()[-1]))
    course = cut_local_course(tube, at, place.course_mm)
    for points in taken:
        apart = course.points_mm[:, None] - points[None]
        nearest = np.linalg.norm(apart, axis=-1).min(axis=1)
        # Two names of one structure lie within each other.
        if np.mean(nearest < course.radius_mm) > 0.5:
            return None
    return TubeInScene(
        course=course,
        contrast=contrast,
        stretch_sd=0.0,
        terms=_TERMS_OF_NEIGHBOUR,
        is_neighbour=True,
    )


def _moved(tube: Tube, companion: Companion) -> Tube:
    return replace(tube, points_mm=companion.to_companion_mm(tube.points_mm))
