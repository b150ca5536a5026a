"""Vessels near CN VII: arteries with flow signal, and dark tubes in the cistern."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.model.grid import transform_points
from nvc.model.stages import Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.sampling import crop
from nvc.segment.nerve_beside import beside_vessels
from nvc.segment.vessel_approach import Facial
from nvc.segment.vessel_course import Course
from nvc.segment.vessel_dark import find_dark_tubes
from nvc.segment.vessel_judge import STRANGER_GAP_MM, Certainty, DarkTube
from nvc.segment.vessel_known import NERVE_CONTRAST, nerve_courses
from nvc.segment.vessel_place import Place, brain_points, corners_of, tissue_of
from nvc.segment.vessel_t2 import Artery, refine_in_reference
from nvc.segment.vessel_tof import trace_arteries
from nvc.segment.vessel_values import (
    arteries_as_vessels,
    dark_as_vessel,
    only_traced,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.model.stages import Aligned, Companion, Regions, SideNerves
    from nvc.segment.vessel_scene import Picture
    from nvc.settings import VesselsSettings

LEAST_OPEN = 0.12
"""Fraction of the surroundings that must be CSF for a tube to lie in the cistern."""


ESTIMATED_SD_MM = 0.9
"""A course that the image shows is better known than that."""

WIDE_MM = 0.9
FAT_LEVEL = 0.25
"""The middle of so wide a vessel is free of blur: no brighter than brain in T2."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class VesselsFound:
    """Vessels of both sides and what may be concluded where there are none.

    Parameters
    ----------
    vessels : tuple of Vessel
        All in the searched box.
    sides : mapping of Side to SideNerves
        Nerves, fitted again beside the vessels.
    assessed : mapping of Side to bool
        False: no vessel then means "not assessed".
    reasons : mapping of Side to tuple of str
        What limits each side.
    """

    vessels: tuple[Vessel, ...]
    sides: Mapping[Side, SideNerves]
    assessed: Mapping[Side, bool]
    reasons: Mapping[Side, tuple[str, ...]]


def find_vessels(
    aligned: Aligned,
    regions: Regions,
    sides: Mapping[Side, SideNerves],
    brainstem: Volume | None,
    settings: VesselsSettings,
    on_progress: Callable[[float], None] | None = None,
) -> VesselsFound:
    """Find the vessels around both facial nerves.

    Parameters
    ----------
    aligned : Aligned
        Reference and companions.
    regions : Regions
        Landmarks, head directions and tissue levels.
    sides : mapping of Side to SideNerves
        Nerves already found; they are never taken for vessels.
    brainstem : Volume or None
        Mask of brain on the reference's grid.
    settings : VesselsSettings
        Sizes and thresholds.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    VesselsFound
        In the reference's RAS mm.
    """
    report = on_progress or (lambda _fraction: None)
    tof = aligned.companions.get(SequenceRole.TOF)
    corners = corners_of(regions, sides)
    if corners is None:
        return _nothing(sides, "no landmark shows where to look for vessels")
    if tof is None and not aligned.csf_is_bright:
        return _nothing(
            sides,
            "no TOF angiography was given, and a T1 alone does not show which thin "
            "bright lines are vessels",
        )
    place = None
    levels = regions.levels
    if levels is not None and np.isfinite([levels.csf, levels.brain]).all():
        place = Place.around(aligned.reference, corners, levels)
    report(0.1)
    scene = None
    if place is not None and aligned.csf_is_bright:
        scene = (place, place.picture(settings.point_spread_voxels))
    nerves = nerve_courses(_nerve_tubes(sides))
    arteries: list[Artery] = []
    if tof is not None:
        courses = _arteries(tof, corners, (place, brainstem), nerves, settings)
        report(0.5)
        if scene is None or not nerves:
            arteries = [only_traced(course, tof.residual_mm) for course in courses]
        else:
            arteries, picture = refine_in_reference(
                scene[1], courses, nerves, tof.residual_mm, scene[0].void, settings
            )
            scene = (scene[0], picture)
    report(0.7)
    doubts: dict[Side, list[DarkTube]] = {side: [] for side in Side}
    dark: list[DarkTube] = []
    if scene is not None:
        known = [artery.course for artery in arteries]
        sides = _beside(scene, sides, known)
        nerves = nerve_courses(_nerve_tubes(sides))
        dark, doubts = _dark_tubes(scene, sides, (nerves, known), settings)
        if dark:
            sides = _beside(scene, sides, known + [tube.course for tube in dark])
    vessels = arteries_as_vessels(arteries, nerves, regions, settings)
    vessels += [dark_as_vessel(tube, tof) for tube in dark]
    report(1.0)
    return _found(aligned, sides, vessels, doubts)


def _found(
    aligned: Aligned,
    sides: Mapping[Side, SideNerves],
    vessels: list[Vessel],
    doubts: Mapping[Side, list[DarkTube]],
) -> VesselsFound:
    """Say of each side what may be concluded where no vessel was found."""
    tof = aligned.companions.get(SequenceRole.TOF)
    return VesselsFound(
        vessels=tuple(vessels),
        sides=sides,
        assessed={
            side: _is_assessed(doubts[side], tof) or _is_near(sides[side], vessels)
            for side in Side
        },
        reasons={
            side: (*_limits(aligned, sides, side), *_doubt(doubts[side]))
            for side in Side
        },
    )


def _dark_tubes(
    scene: tuple[Place, Picture],
    sides: Mapping[Side, SideNerves],
    known: tuple[list[Course], list[Course]],
    settings: VesselsSettings,
) -> tuple[list[DarkTube], dict[Side, list[DarkTube]]]:
    """Dark tubes that are vessels, and of each side those that may be; none else."""
    facials = _facials(sides)
    doubts: dict[Side, list[DarkTube]] = {side: [] for side in Side}
    certain: list[DarkTube] = []
    for tube in find_dark_tubes(*scene, list(facials.values()), *known, settings):
        if tube.certainty is Certainty.UNRESOLVED:
            doubts[list(facials)[tube.facial]].append(tube)
        else:
            certain.append(tube)
    return certain, doubts


def _beside(
    scene: tuple[Place, Picture], sides: Mapping[Side, SideNerves], known: list[Course]
) -> dict[Side, SideNerves]:
    """Fit CN VII of both sides again beside the vessels that are known."""
    place, picture = scene
    # Where an artery shows in the angiography alone its contrast is that of there.
    dark = [
        replace(c, contrast=np.where(c.contrast > 0.0, place.void - 1.0, c.contrast))
        for c in known
    ]
    return {side: beside_vessels(picture, nerve, dark) for side, nerve in sides.items()}


def _nerve_tubes(sides: Mapping[Side, SideNerves]) -> list[Tube]:
    """Every nerve that was found, both sides."""
    both = [(side.facial, side.vestibulocochlear) for side in sides.values()]
    return [tube for pair in both for tube in pair if tube is not None]


def _is_assessed(doubts: list[DarkTube], tof: Companion | None) -> bool:
    """Tell whether no vessel found means that there is none.

    An unresolved line next to the nerve may be an artery where none shows flow; a grey
    tube as thick as a vein may be one, which no angiography shows.
    """
    near = [tube for tube in doubts if tube.facial_gap_mm <= STRANGER_GAP_MM]
    return not any(tof is None or tube.forbids_clear for tube in near)


def _is_near(nerves: SideNerves, vessels: list[Vessel]) -> bool:
    """Tell whether a vessel lies by CN VII anyway, so that the side is not clear."""
    if nerves.facial is None:
        return False
    course = cKDTree(nerves.facial.points_mm)
    for vessel in vessels:
        gap, at = course.query(vessel.tube.points_mm)
        wall = gap - nerves.facial.radius_mm[at] - vessel.tube.radius_mm
        if wall.min() <= STRANGER_GAP_MM:
            return True
    return False


def _doubt(doubts: list[DarkTube]) -> tuple[str, ...]:
    """Name the unresolved line that matters most."""
    if not doubts:
        return ()
    tube = min(doubts, key=lambda one: (not one.forbids_clear, one.facial_gap_mm))
    line = "grey tube" if tube.forbids_clear else "thin dark line"
    gap = max(tube.facial_gap_mm, 0.0)
    return (f"a {line} {gap:.1f} mm from CN VII cannot be told from a nerve",)


def _nothing(sides: Mapping[Side, SideNerves], reason: str) -> VesselsFound:
    return VesselsFound(
        vessels=(),
        sides=sides,
        assessed=dict.fromkeys(Side, False),
        reasons=dict.fromkeys(Side, (reason,)),
    )


def _limits(
    aligned: Aligned, sides: Mapping[Side, SideNerves], side: Side
) -> tuple[str, ...]:
    """Say what the sequences at hand cannot show on a side."""
    reasons: list[str] = []
    tof = aligned.companions.get(SequenceRole.TOF)
    nerves = sides.get(side)
    facial = None if nerves is None else nerves.facial
    if tof is None:
        reasons.append("no TOF angiography: arteries and veins cannot be told apart")
    elif (
        facial is not None
        and not tof.grid_in_reference.contains(facial.points_mm, 1.0).all()
    ):
        reasons.append("the angiography does not cover all of CN VII")
    if not aligned.csf_is_bright:
        reasons.append("veins are not resolved without a T2 cisternography")
    return tuple(reasons)


def _arteries(
    tof: Companion,
    corners: NDArray[np.float64],
    scene: tuple[Place | None, Volume | None],
    nerves: list[Course],
    settings: VesselsSettings,
) -> list[Course]:
    """Arteries of the angiography that run in the cistern, reference RAS mm."""
    place, brainstem = scene
    box = crop(tof.volume, tof.to_companion_mm(corners), 0.0)
    if min(box.grid.shape) < 5:
        return []
    tissue, brain = tissue_of(tof, box, *brain_points(place, brainstem))
    courses, _ = trace_arteries(box, tissue, brain, settings)
    to_reference = np.asarray(np.linalg.inv(tof.reference_to_companion_mm), float)
    found = []
    for course in courses:
        points = transform_points(to_reference, course.points_mm)
        if place is not None and not _in_cistern(place, points, course.radius_mm):
            continue
        if _is_nerve(points, nerves):
            continue
        found.append(replace(course, points_mm=points))
    return found


def traced_arteries(
    aligned: Aligned,
    regions: Regions,
    sides: Mapping[Side, SideNerves],
    brainstem: Volume | None,
    settings: VesselsSettings,
) -> list[Course]:
    """Trace the arteries of the angiography before CN VII is known.

    Parameters
    ----------
    aligned, regions, sides, brainstem, settings
        As in `find_vessels`.

    Returns
    -------
    list of Course
        Reference RAS mm; empty without an angiography.
    """
    tof = aligned.companions.get(SequenceRole.TOF)
    corners = corners_of(regions, sides)
    levels = regions.levels
    if tof is None or corners is None or levels is None:
        return []
    place = Place.around(aligned.reference, corners, levels)
    return _arteries(tof, corners, (place, brainstem), [], settings)


def _facials(sides: Mapping[Side, SideNerves]) -> dict[Side, Facial]:
    """CN VII from the root exit to the porus, where it was found."""
    found = {}
    for side, nerve in sides.items():
        if nerve.facial is None:
            continue
        points, marks = nerve.facial.points_mm, nerve.landmarks
        stop = _nearest(points, marks.porus_mm, len(points) - 1) + 1
        # What is drawn from anatomy alone is no place to find anything beside.
        first = int(np.argmax(nerve.facial.position_sd_mm < ESTIMATED_SD_MM))
        if stop - first > 2:
            course = Course(
                points_mm=points[first:stop],
                radius_mm=nerve.facial.radius_mm[first:stop],
                contrast=np.full(stop - first, NERVE_CONTRAST),
            )
            hidden = np.linalg.norm(np.diff(points[: first + 1], axis=0), axis=1)
            found[side] = Facial(course=course, from_exit_mm=float(hidden.sum()))
    return found


def _nearest(
    points: NDArray[np.float64], mark: NDArray[np.float64] | None, otherwise: int
) -> int:
    if mark is None:
        return otherwise
    return int(np.argmin(np.linalg.norm(points - mark, axis=1)))


def _is_nerve(points: NDArray[np.float64], nerves: list[Course]) -> bool:
    """Tell whether most of a course runs inside a known nerve."""
    inside = np.zeros(len(points), dtype=bool)
    for nerve in nerves:
        gap, near = cKDTree(nerve.points_mm).query(points)
        inside |= gap < 0.7 * nerve.radius_mm[near]
    return bool(inside.mean() > 0.5)


def _in_cistern(
    place: Place, points: NDArray[np.float64], radius: NDArray[np.float64]
) -> bool:
    """Tell whether a tube has CSF around it, and no fat or the like in it."""
    fraction = np.nan_to_num(place.open_fraction(points, radius))
    inside = place.scaled(points[radius > WIDE_MM])
    inside = inside[np.isfinite(inside)]
    filled = len(inside) > 3 and np.median(inside) > FAT_LEVEL
    return bool(np.mean(fraction) >= LEAST_OPEN) and not filled
