"""Arteries of the angiography, before any nerve is known.

They are what is known best: an angiography shows nothing else as bright.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.grid import transform_points
from nvc.model.study import SequenceRole
from nvc.sampling import crop
from nvc.segment.arteries.tof import trace_arteries
from nvc.segment.dark.searched_box import (
    SearchedBox,
    find_corners,
    learn_tissue,
    pick_brain_and_csf,
)
from nvc.tubes.curve import is_mostly

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.model.stages import Aligned, Companion, Regions
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.vessels import AngiographySettings
    from nvc.tubes.stations.course import Course


def trace_before_nerves(
    aligned: Aligned,
    regions: Regions,
    brainstem: Volume | None,
    settings: VesselsSettings,
) -> list[Course]:
    """Trace the arteries of the angiography that run in the cistern.

    Parameters
    ----------
    aligned : Aligned
        Reference and companions.
    regions : Regions
        Landmarks, head directions and tissue levels.
    brainstem : Volume or None
        Mask of brain on the reference's grid.
    settings : VesselsSettings
        Sizes and thresholds.

    Returns
    -------
    list of Course
        In mm of the working frame; empty without an angiography.
    """
    tof = aligned.companions.get(SequenceRole.TOF)
    corners = find_corners(regions, {}, settings.searched)
    levels = regions.levels
    if tof is None or corners is None or levels is None:
        return []
    if not np.isfinite([levels.csf, levels.brain]).all():
        return []
    searched = SearchedBox.around(aligned.reference, corners, levels)
    return _trace(tof, corners, (searched, brainstem), settings)


def leave_out_nerves(
    courses: list[Course], nerves: list[Course], settings: AngiographySettings
) -> list[Course]:
    """Leave out courses that run mostly inside a known nerve.

    Parameters
    ----------
    courses, nerves : list of Course
        In mm of the working frame.
    settings : AngiographySettings
        What is inside a nerve.
    """
    share = settings.inside_nerve
    return [one for one in courses if not _is_nerve(one.points_mm, nerves, share)]


def _trace(
    tof: Companion,
    corners: NDArray[np.float64],
    within: tuple[SearchedBox, Volume | None],
    settings: VesselsSettings,
) -> list[Course]:
    """Arteries of the angiography that run in the cistern, mm of the working frame."""
    searched, brainstem = within
    box = crop(tof.volume, tof.to_companion_mm(corners), 0.0)
    if min(box.grid.shape) < 5:
        return []
    places = pick_brain_and_csf(searched, brainstem, settings.searched)
    tissue, brain = learn_tissue(tof, box, *places)
    courses, _ = trace_arteries(box, tissue, brain, settings)
    to_reference = np.asarray(np.linalg.inv(tof.reference_to_companion_mm), float)
    found = []
    for course in courses:
        points = transform_points(to_reference, course.points_mm)
        if _in_cistern(searched, points, course.radius_mm, settings.angiography):
            found.append(replace(course, points_mm=points))
    return found


def _is_nerve(points: NDArray[np.float64], nerves: list[Course], share: float) -> bool:
    """Tell whether most of a course runs inside a known nerve."""
    inside = np.zeros(len(points), dtype=bool)
    for nerve in nerves:
        gap, near = cKDTree(nerve.points_mm).query(points)
        inside |= gap < share * nerve.radius_mm[near]
    return is_mostly(inside)


def _in_cistern(
    searched: SearchedBox,
    points: NDArray[np.float64],
    radius: NDArray[np.float64],
    settings: AngiographySettings,
) -> bool:
    """Tell whether a tube has CSF around it, and no fat or the like in it."""
    fraction = searched.open_fraction(points, radius, settings.open_gap_mm)
    inside = searched.scaled(points[radius > settings.fat_radius_mm])
    inside = inside[np.isfinite(inside)]
    levels = searched.levels
    bright = 1.0 if levels.csf > levels.brain else -1.0
    filled = len(inside) > 3 and bright * np.median(inside) > settings.fat_level
    is_open = np.mean(np.nan_to_num(fraction)) >= settings.open_min
    return bool(is_open) and not filled
