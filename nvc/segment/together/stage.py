"""Vessels near CN VII: arteries with flow signal, and dark tubes in the cistern."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.model.stages import Vessel
from nvc.model.study import SequenceRole
from nvc.segment.arteries.in_t2 import Artery, refine_in_reference
from nvc.segment.dark.gather import DarkTube
from nvc.segment.dark.searched_box import (
    SearchedBox,
    find_corners,
)
from nvc.segment.together.doubts import find_nearer, say_doubt
from nvc.segment.together.free import measure_free_mm
from nvc.segment.together.traced import leave_out_nerves
from nvc.segment.together.turns import gather_nerves, take_turns
from nvc.segment.together.values import (
    drop_stubs,
    keep_as_traced,
    make_artery_vessels,
    make_dark_vessel,
)
from nvc.tubes.stations.course import Course

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from nvc.model.stages import Aligned, Regions, SideNerves
    from nvc.segment.together.root_refit import RootFinder
    from nvc.segment.together.turns import BoxAndPicture
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.strands import StrandsSettings


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
    free_mm : mapping of Side to float
        How far from CN VII a thin vessel would have shown and none did.
    """

    vessels: tuple[Vessel, ...]
    sides: Mapping[Side, SideNerves]
    assessed: Mapping[Side, bool]
    reasons: Mapping[Side, tuple[str, ...]]
    free_mm: Mapping[Side, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NervesFound:
    """What is known before vessels are looked for.

    Parameters
    ----------
    sides : mapping of Side to SideNerves
        Nerves and landmarks.
    traced : sequence of Course
        Arteries of the angiography.
    roots : RootFinder or None
        Looks for the roots again once vessels near them are known.
    """

    sides: Mapping[Side, SideNerves]
    traced: Sequence[Course] = ()
    roots: RootFinder | None = None


def find_vessels(
    aligned: Aligned,
    regions: Regions,
    nerves: NervesFound,
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
    nerves : NervesFound
        Nerves already found; they are never taken for vessels.
    settings : VesselsSettings
        Sizes and thresholds.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    VesselsFound
        In mm of the working frame.
    """
    report = on_progress or (lambda _fraction: None)
    sides = nerves.sides
    tof = aligned.companions.get(SequenceRole.TOF)
    corners = find_corners(regions, sides, settings.searched)
    if corners is None:
        return _nothing(sides, "no landmark shows where to look for vessels")
    if tof is None and not aligned.csf_is_bright:
        return _nothing(
            sides,
            "no TOF angiography was given, and a T1 alone does not show which thin "
            "bright lines are vessels",
        )
    searched = None
    levels = regions.levels
    if levels is not None and np.isfinite([levels.csf, levels.brain]).all():
        searched = SearchedBox.around(aligned.reference, corners, levels)
    report(0.1)
    reference = None
    if searched is not None and aligned.csf_is_bright:
        reference = (searched, searched.picture(settings.point_spread_voxels))
    known = gather_nerves(sides)
    arteries: list[Artery] = []
    if tof is not None:
        arteries, reference = _fit_arteries(
            leave_out_nerves(list(nerves.traced), known, settings.angiography),
            known,
            reference,
            tof.residual_mm,
            settings,
        )
    report(0.7)
    doubts: Mapping[Side, list[DarkTube]] = {side: [] for side in Side}
    dark: list[DarkTube] = []
    if reference is not None:
        sides, dark, doubts = take_turns(
            reference, sides, arteries, nerves.roots, settings
        )
        known = gather_nerves(sides)
    vessels = make_artery_vessels(arteries, known, regions, settings)
    vessels += [make_dark_vessel(tube, tof, settings.handed_on) for tube in dark]
    report(1.0)
    vessels = drop_stubs(vessels, settings.handed_on)
    around = None if nerves.roots is None else nerves.roots.around
    return _found(
        aligned,
        sides,
        vessels,
        doubts,
        measure_free_mm(around, sides, vessels, settings),
        settings.strands,
    )


def _fit_arteries(
    courses: list[Course],
    nerves: list[Course],
    reference: BoxAndPicture | None,
    residual_mm: float,
    settings: VesselsSettings,
) -> tuple[list[Artery], BoxAndPicture | None]:
    """Fit arteries of the angiography in the reference, where it shows vessels."""
    if reference is None or not nerves:
        return [keep_as_traced(course, residual_mm) for course in courses], reference
    searched, picture = reference
    arteries, picture = refine_in_reference(
        picture, courses, nerves, residual_mm, searched.void, settings
    )
    return arteries, (searched, picture)


def _found(
    aligned: Aligned,
    sides: Mapping[Side, SideNerves],
    vessels: list[Vessel],
    doubts: Mapping[Side, list[DarkTube]],
    free_mm: Mapping[Side, float],
    settings: StrandsSettings,
) -> VesselsFound:
    """Say of each side what may be concluded where no vessel was found."""
    nearest = {side: _nearest_wall_mm(sides[side], vessels) for side in Side}
    nearer = {side: find_nearer(doubts[side], nearest[side]) for side in Side}
    near_mm, chance = settings.doubted_within_mm, settings.missed_chance
    # Where a vessel lies near anyway the side is not clear.
    left_open = {
        side: nearest[side] > near_mm
        and say_doubt(find_nearer(nearer[side], near_mm), chance)
        for side in Side
    }
    return VesselsFound(
        vessels=tuple(vessels),
        sides=sides,
        assessed={side: not left_open[side] for side in Side},
        reasons={
            side: (
                *_limits(aligned, sides, side),
                *(left_open[side] or say_doubt(nearer[side], chance)),
            )
            for side in Side
        },
        free_mm=free_mm,
    )


def _nearest_wall_mm(nerves: SideNerves, vessels: list[Vessel]) -> float:
    if nerves.facial is None:
        return float("inf")
    course = cKDTree(nerves.facial.points_mm)
    walls = [float("inf")]
    for vessel in vessels:
        gap, at = course.query(vessel.tube.points_mm)
        wall = gap - nerves.facial.radius_mm[at] - vessel.tube.radius_mm
        walls.append(float(wall.min()))
    return min(walls)


def _nothing(sides: Mapping[Side, SideNerves], reason: str) -> VesselsFound:
    return VesselsFound(
        vessels=(),
        sides=sides,
        assessed=dict.fromkeys(Side, False),
        reasons=dict.fromkeys(Side, (reason,)),
        free_mm={},
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
