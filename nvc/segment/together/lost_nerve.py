"""CN VII of a side where it was lost, looked for again without the vessels.

A vessel that lies on CN VII may lead its course astray. What the angiography shows as
arteries is taken out of the image first; where the nerve is still not found, or there
is no angiography, what the image itself shows as flow voids along the way from the
canal to the root.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.segment.dark.by_nerve import Facial
from nvc.segment.dark.judge import Certainty
from nvc.segment.dark.search import find_dark_tubes
from nvc.segment.dark.searched_box import SearchedBox, find_corners
from nvc.segment.together.cleared import take_out_arteries
from nvc.segment.together.stage import trace_before_nerves
from nvc.tubes.curve import resample_with
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.drawing import take_out
from nvc.tubes.stations.known import NERVE_CONTRAST

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Aligned, Regions, SideLandmarks, SideNerves
    from nvc.segment.nerves.side import Followed
    from nvc.settings import Settings

TAKEN_OUT = (
    "CN VII was followed only after the vessels beside it were taken out of the "
    "image: check its course"
)

_STEP_MM = 0.5
_RADIUS_MM = 0.75
"""Of CN VII, which is 1.5 to 2 mm thick."""

Follow = Callable[[Volume], "dict[Side, Followed]"]


def look_again_without_vessels(
    aligned: Aligned,
    regions: Regions,
    found: tuple[dict[Side, Followed], Volume],
    settings: Settings,
    follow: Follow,
) -> dict[Side, Followed]:
    """Look again for a CN VII that was lost.

    Parameters
    ----------
    aligned, regions : Aligned, Regions
        Of the head.
    found : tuple of dict and Volume
        What was found of both sides; mask of the brain.
    settings : Settings
        Of nerves and vessels.
    follow : callable
        Follows the nerves of both sides in another reference.

    Returns
    -------
    dict of Side to Followed
        With the sides that were found now; they say so.
    """
    followed, brainstem = found
    if not aligned.csf_is_bright or regions.levels is None:
        return followed
    for cleared in (_without_arteries, _without_voids):
        sides = {side: one.nerves for side, one in followed.items()}
        lost = _lost(sides, regions)
        if not lost:
            break
        reference = cleared(aligned, regions, (sides, brainstem), settings)
        if reference is None:
            continue
        again = follow(reference)
        followed = {
            side: _said(again[side])
            if side in lost and again[side].nerves.facial is not None
            else followed[side]
            for side in Side
        }
    return followed


def _lost(sides: dict[Side, SideNerves], regions: Regions) -> list[Side]:
    return [
        side
        for side in Side
        if sides[side].facial is None and regions.sides[side].evaluable
    ]


def _said(found: Followed) -> Followed:
    nerves = found.nerves
    return replace(found, nerves=replace(nerves, reasons=(*nerves.reasons, TAKEN_OUT)))


def _without_arteries(
    aligned: Aligned,
    regions: Regions,
    found: tuple[dict[Side, SideNerves], Volume],
    settings: Settings,
) -> Volume | None:
    """The reference without the arteries of the angiography; None without any."""
    sides, brainstem = found
    arteries = trace_before_nerves(aligned, regions, sides, brainstem, settings.vessels)
    if not arteries or regions.levels is None:
        return None
    return take_out_arteries(aligned.reference, arteries, regions.levels.csf)


def _without_voids(
    aligned: Aligned,
    regions: Regions,
    found: tuple[dict[Side, SideNerves], Volume],
    settings: Settings,
) -> Volume | None:
    """The reference without the flow voids by the lost nerves; None without any."""
    sides, _ = found
    corners = find_corners(regions, sides)
    ways = [_way(regions.sides[side].landmarks) for side in _lost(sides, regions)]
    facials = [Facial(course=way) for way in ways if way is not None]
    if corners is None or regions.levels is None or not facials:
        return None
    searched = SearchedBox.around(aligned.reference, corners, regions.levels)
    picture = searched.picture(settings.vessels.point_spread_voxels)
    tubes = find_dark_tubes(searched, picture, facials, [], [], settings.vessels)
    voids = [tube.course for tube in tubes if tube.certainty is Certainty.VOID]
    if not voids:
        return None
    return take_out(aligned.reference, regions.levels, picture, voids)


def _way(landmarks: SideLandmarks) -> Course | None:
    """The straight way along which CN VII is expected."""
    marks: list[NDArray[np.float64]] = [
        mark
        for mark in (
            landmarks.root_exit_point_mm,
            landmarks.root_detachment_mm,
            landmarks.porus_mm,
        )
        if mark is not None
    ]
    if len(marks) < 2:
        return None
    points, _ = resample_with(np.stack(marks), np.zeros((len(marks), 1)), _STEP_MM)
    return Course(
        points_mm=points,
        radius_mm=np.full(len(points), _RADIUS_MM),
        contrast=np.full(len(points), NERVE_CONTRAST),
    )
