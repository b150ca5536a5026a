"""CN VII and the dark vessels by it, each looked for with the other known.

A nerve that is drawn along a vessel hides it, and a vessel that is not known pulls at
the nerve. So they take turns, until what the vessels change of the nerves is too little
to change the vessels.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d
from scipy.spatial import cKDTree

from nvc.model.anatomy import Side
from nvc.segment.dark.gather import DarkTube
from nvc.segment.dark.search import find_dark_tubes
from nvc.segment.together.nerve_refit import refit_beside_vessels
from nvc.tubes.curve import nearest_index, runs
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.known import NERVE_CONTRAST, extend_nerves, find_beyond

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.stages import SideNerves
    from nvc.numerics import Count, Step
    from nvc.segment.arteries.in_t2 import Artery
    from nvc.segment.dark.searched_box import SearchedBox
    from nvc.segment.together.root_refit import RootFinder
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.vessels import TurnsSettings
    from nvc.tubes.stations.values import Picture

    BoxAndPicture = tuple[SearchedBox, Picture]

_MOST_TURNS: Count[int] = 3
"""One for a root that a vessel misled, one for the vessels, one for what they moved."""

_BY_ROOT_MM: Step[float] = 0.5
"""Between the places around the attached segment that are looked at."""

_LEAST_STATIONS: Count[int] = 4
_FEWEST_SHOWN: Count[int] = 3


def take_turns(
    reference: BoxAndPicture,
    sides: Mapping[Side, SideNerves],
    arteries: list[Artery],
    roots: RootFinder | None,
    settings: VesselsSettings,
) -> tuple[dict[Side, SideNerves], list[DarkTube], dict[Side, list[DarkTube]]]:
    """Find dark vessels around CN VII, and CN VII beside all vessels.

    Parameters
    ----------
    reference : tuple of SearchedBox and Picture
        The reference.
    sides : mapping of Side to SideNerves
        As they were followed.
    arteries : list of Artery
        Of the angiography, in mm of the working frame.
    roots : RootFinder or None
        Looks for roots again where vessels lie on them.
    settings : VesselsSettings
        Sizes and thresholds.

    Returns
    -------
    sides : dict of Side to SideNerves
        With CN VII fitted beside the vessels.
    dark : list of DarkTube
        Those that are vessels.
    doubts : dict of Side to list of DarkTube
        Those that may be.
    """
    limits = settings.turns
    known = [artery.course for artery in arteries]
    shown = _shown_in_reference(arteries)
    now, found = dict(sides), list[Course]()
    dark: list[DarkTube] = []
    doubts: dict[Side, list[DarkTube]] = {side: [] for side in Side}
    is_misled = False
    for turn in range(_MOST_TURNS):
        before = now
        now = _roots_again(roots, reference, now, shown + found)
        now = _beside(reference, now, known + found, limits)
        if turn and not is_misled and not _has_moved(before, now, limits.moved_mm):
            break
        # The attached segment may be drawn along a vessel, which then hides it.
        is_misled = turn == 0 and any(
            _is_void_by_root(reference[0], nerves, known, limits)
            for nerves in now.values()
        )
        nerves = gather_nerves(now, attached=not is_misled)
        dark, doubts = _dark_tubes(reference, now, (nerves, known), settings)
        found = [tube.course for tube in dark]
        if is_misled:
            found = [
                part for one in found for part in _not_the_nerve(one, now, reference[0])
            ]
        elif not found:
            break
    else:
        now = _beside(reference, now, known + found, limits)
    return now, dark, doubts


def gather_nerves(
    sides: Mapping[Side, SideNerves], *, attached: bool = True
) -> list[Course]:
    """Return every nerve that was found, both sides, as known tubes.

    Parameters
    ----------
    sides : mapping of Side to SideNerves
        As they were found.
    attached : bool
        Whether CN VII is known from its root exit or from its detachment on.
    """
    facial, eighth = [], []
    for nerves in sides.values():
        if nerves.facial is not None:
            first = 0 if attached else _detachment(nerves)
            facial.append(nerves.facial.part(slice(first, None)))
        if nerves.vestibulocochlear is not None:
            eighth.append(nerves.vestibulocochlear)
    return extend_nerves(facial, from_exit=True) + extend_nerves(eighth)


def _detachment(nerves: SideNerves) -> int:
    """Index of the root detachment on CN VII."""
    assert nerves.facial is not None
    return _nearest(nerves.facial.points_mm, nerves.landmarks.root_detachment_mm, 0)


def _not_the_nerve(
    course: Course, sides: Mapping[Side, SideNerves], searched: SearchedBox
) -> list[Course]:
    """Cut away what may be the attached segment itself.

    Where a tube runs as that was drawn, only what is as dark as a vessel without any
    fit is one.
    """
    level = uniform_filter1d(np.nan_to_num(searched.scaled(course.points_mm)), 3)
    attached = [
        nerves.facial.part(slice(_detachment(nerves) + 1))
        for nerves in sides.values()
        if nerves.facial is not None
    ]
    kept = searched.is_void(level) | find_beyond(course.points_mm, attached)
    return [course.cut(a, b) for a, b in runs(kept, least=_LEAST_STATIONS)]


def _is_void_by_root(
    searched: SearchedBox,
    nerves: SideNerves,
    known: list[Course],
    settings: TurnsSettings,
) -> bool:
    """Tell whether something as dark as a vessel lies by the attached segment.

    What known vessels explain does not count.
    """
    if nerves.facial is None:
        return False
    attached = nerves.facial.points_mm[: _detachment(nerves) + 1]
    away = np.array(list(product((-1, 0, 1), repeat=3)), float)
    away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1.0)
    off_mm = np.arange(_BY_ROOT_MM, settings.width_mm + 1e-6, _BY_ROOT_MM)
    at = attached[:, None, None] + away[:, None] * off_mm[:, None]
    dark = searched.is_void(searched.scaled(at)) & find_beyond(at, known, _BY_ROOT_MM)
    return bool(dark.any(axis=(1, 2)).sum() >= settings.dark_stations_min)


def _shown_in_reference(arteries: list[Artery]) -> list[Course]:
    """Stretches that the reference itself shows, with their contrast there."""
    return [
        artery.course.cut(a, b)
        for artery in arteries
        for a, b in runs(
            artery.in_reference & (artery.course.contrast < 0.0), least=_FEWEST_SHOWN
        )
    ]


def _roots_again(
    roots: RootFinder | None,
    reference: BoxAndPicture,
    sides: Mapping[Side, SideNerves],
    vessels: list[Course],
) -> dict[Side, SideNerves]:
    if roots is None or not vessels:
        return dict(sides)
    return {
        side: roots.again(side, nerves, reference[1], vessels)
        for side, nerves in sides.items()
    }


def _has_moved(
    before: Mapping[Side, SideNerves],
    after: Mapping[Side, SideNerves],
    moved_mm: float,
) -> bool:
    """Tell whether a CN VII lies so differently that it may hide other vessels."""
    for side, nerves in after.items():
        old, new = before[side].facial, nerves.facial
        if old is None or new is None:
            continue
        apart, _ = cKDTree(old.points_mm).query(new.points_mm)
        if apart.max() > moved_mm:
            return True
    return False


def _dark_tubes(
    reference: BoxAndPicture,
    sides: Mapping[Side, SideNerves],
    known: tuple[list[Course], list[Course]],
    settings: VesselsSettings,
) -> tuple[list[DarkTube], dict[Side, list[DarkTube]]]:
    """Dark tubes that are vessels, and of each side those that may be; none else."""
    facials = _facials(sides)
    doubts: dict[Side, list[DarkTube]] = {side: [] for side in Side}
    certain: list[DarkTube] = []
    for tube in find_dark_tubes(*reference, list(facials.values()), *known, settings):
        if tube.is_certain:
            certain.append(tube)
        else:
            doubts[list(facials)[tube.facial]].append(tube)
    return certain, doubts


def _beside(
    reference: BoxAndPicture,
    sides: Mapping[Side, SideNerves],
    known: list[Course],
    settings: TurnsSettings,
) -> dict[Side, SideNerves]:
    """Fit CN VII of both sides again beside the vessels that are known."""
    searched, picture = reference
    # Where an artery shows in the angiography alone its contrast is that of there.
    dark = [
        replace(c, contrast=np.where(c.contrast > 0.0, searched.void - 1.0, c.contrast))
        for c in known
    ]
    return {
        side: refit_beside_vessels(picture, nerve, dark, settings)
        for side, nerve in sides.items()
    }


def _facials(sides: Mapping[Side, SideNerves]) -> dict[Side, Course]:
    """CN VII from the root exit to the porus, where it was found."""
    found = {}
    for side, nerve in sides.items():
        if nerve.facial is None:
            continue
        points, marks = nerve.facial.points_mm, nerve.landmarks
        stop = _nearest(points, marks.porus_mm, len(points) - 1) + 1
        if stop > 2:
            found[side] = Course(
                points_mm=points[:stop],
                radius_mm=nerve.facial.radius_mm[:stop],
                contrast=np.full(stop, NERVE_CONTRAST),
            )
    return found


def _nearest(
    points: NDArray[np.float64], mark: NDArray[np.float64] | None, otherwise: int
) -> int:
    return otherwise if mark is None else nearest_index(points, mark)
