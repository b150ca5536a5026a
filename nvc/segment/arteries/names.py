"""Names for arteries, from calibre, place and what they come from.

A traced course may run from one artery into the next. It is cut where a trunk (BA or
VA) begins or ends, and what is left takes its name from the trunk it comes from:
"AICA-like" says no more than that it does what an AICA does. How sure each name is,
`nvc.segment.arteries.name_certainty` says.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter
from scipy.spatial import cKDTree

from nvc.segment.arteries.name_certainty import (
    SHORTEST_STATIONS,
    BranchPoint,
    rate_branch_name,
    rate_trunk_name,
)
from nvc.settings.groups.vessels import NamesSettings
from nvc.tubes.curve import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of one course.

    Parameters
    ----------
    course : int
        Index of the course.
    first, stop : int
        Its stations; neighbouring stretches share one, so that nothing is lost.
    name : str or None
        ``"BA"``, ``"VA"``, ``"AICA-like"``, ``"PICA-like"``, ``"SCA-like"`` or None.
    confidence : float or None
        0 to 1: that the name is right; None without one.
    """

    course: int
    first: int
    stop: int
    name: str | None
    confidence: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Trunk:
    """A stretch of BA or VA, its places in the head frame above the root exits."""

    places: NDArray[np.float64]
    radius: NDArray[np.float64]
    confidence: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Reached:
    """What of a trunk lies nearest: gap to its wall and to its centreline, mm."""

    gap: float = float("inf")
    centre_gap: float = float("inf")
    place: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    confidence: float = 0.0
    both_ends: bool = False


def name_parts(
    points_mm: list[NDArray[np.float64]],
    radius_mm: list[NDArray[np.float64]],
    head: HeadFrame | None,
    roots_mm: NDArray[np.float64],
    roots_sd_mm: float = 2.0,
    settings: NamesSettings | None = None,
) -> list[Part]:
    """Cut courses into named stretches.

    Parameters
    ----------
    points_mm : list of ndarray, shape (N, 3)
        Courses, mm of the working frame.
    radius_mm : list of ndarray, shape (N,)
        Calibres.
    head : HeadFrame or None
        Without it nothing is named.
    roots_mm : ndarray, shape (K, 3)
        Root exits of CN VII, K of 0 to 2; without them nothing is named.
    roots_sd_mm : float
        Error of their height, one sigma.
    settings : NamesSettings, optional
        Where names begin.

    Returns
    -------
    list of Part
        In the order of the courses.
    """
    if head is None or not len(roots_mm):
        return [
            Part(course=n, first=0, stop=len(points), name=None)
            for n, points in enumerate(points_mm)
        ]
    settings = settings or NamesSettings()
    root_height = float(head.to_head(roots_mm)[:, 2].mean())
    in_head = [head.to_head(points) - (0.0, 0.0, root_height) for points in points_mm]
    parts = [
        _sure(part, (places, radius), roots_sd_mm, settings)
        for n, (places, radius) in enumerate(zip(in_head, radius_mm, strict=True))
        for part in _trunks(n, places, radius, settings)
    ]
    trunks: dict[str, list[_Trunk]] = {"BA": [], "VA": []}
    for part in parts:
        if part.name is not None and part.confidence is not None:
            stretch = slice(part.first, part.stop)
            trunks[part.name].append(
                _Trunk(
                    places=in_head[part.course][stretch],
                    radius=radius_mm[part.course][stretch],
                    confidence=part.confidence,
                )
            )
    return [
        part
        if part.name
        else _branch(
            part,
            (in_head[part.course], radius_mm[part.course]),
            trunks,
            roots_sd_mm,
            settings,
        )
        for part in parts
    ]


def _trunks(
    course: int,
    places: NDArray[np.float64],
    radius: NDArray[np.float64],
    settings: NamesSettings,
) -> list[Part]:
    """Cut one course where it is wide enough to be BA or VA."""
    # The median keeps one swollen station from becoming a trunk.
    calibre = median_filter(radius, size=SHORTEST_STATIONS, mode="nearest")
    wide = calibre >= settings.trunk_radius_mm
    upper = places[:, 2] >= -settings.junction_below_roots_mm
    middle = np.abs(places[:, 0]) <= settings.midline_mm
    # A winding VA may climb to the nerves, not beyond.
    low = places[:, 2] < settings.va_above_roots_max_mm
    kind = np.where(wide & upper & middle, 2, np.where(wide & low, 1, 0))
    names = {0: None, 1: "VA", 2: "BA"}
    cuts: list[list[int]] = []
    for value in (0, 1, 2):
        cuts += [[a, b, value] for a, b in runs(kind == value)]
    cuts.sort()
    merged: list[list[int]] = []
    for first, stop, value in cuts:
        if merged and (stop - first < SHORTEST_STATIONS or merged[-1][2] == value):
            merged[-1][1] = stop
        else:
            merged.append([first, stop, value])
    return [
        Part(
            course=course,
            first=max(first - 1, 0) if n else first,
            stop=stop,
            name=names[value],
        )
        for n, (first, stop, value) in enumerate(merged)
    ]


def _sure(
    part: Part,
    course: tuple[NDArray[np.float64], NDArray[np.float64]],
    roots_sd_mm: float,
    settings: NamesSettings,
) -> Part:
    """Say how sure a trunk is."""
    if part.name is None:
        return part
    places, radius = (values[part.first : part.stop] for values in course)
    sure = rate_trunk_name(part.name, places, radius, roots_sd_mm, settings)
    return replace(part, confidence=sure)


def _branch(
    part: Part,
    course: tuple[NDArray[np.float64], NDArray[np.float64]],
    trunks: dict[str, list[_Trunk]],
    roots_sd_mm: float,
    settings: NamesSettings,
) -> Part:
    """Name a branch after the trunk that one of its ends lies on.

    Near the junction AICA and PICA cannot be told apart by where they begin.
    """
    places, radius = course
    reach = settings.trunk_radius_mm + settings.connected_mm
    ends = places[[part.first, part.stop - 1]]
    reached = {name: _nearest(ends, parts, reach) for name, parts in trunks.items()}
    trunk = min(reached, key=lambda name: reached[name].centre_gap)
    found = reached[trunk]
    if found.centre_gap > reach:
        return part
    height = float(found.place[2])
    other = trunks["VA" if trunk == "BA" else "BA"]
    junction = _nearest(found.place[None], other, reach).centre_gap
    if height > settings.sca_above_roots_mm:
        name = "SCA-like"
    elif junction > settings.junction_length_mm:
        name = "AICA-like" if trunk == "BA" else "PICA-like"
    else:
        return part
    if not other:
        # Where the junction is not seen, it lies at its usual height.
        junction = abs(height + settings.junction_below_roots_mm)
    origin = BranchPoint(
        trunk=trunk,
        trunk_confidence=found.confidence,
        gap_mm=found.gap,
        height_mm=height,
        junction_mm=junction,
        both_ends=found.both_ends,
    )
    calibre = radius[part.first : part.stop]
    sure = rate_branch_name(name, origin, calibre, roots_sd_mm, settings)
    return replace(part, name=name, confidence=sure)


def _nearest(
    places: NDArray[np.float64], trunks: list[_Trunk], reach_mm: float
) -> _Reached:
    """Find what of the trunks lies nearest to places, and whether all reach them."""
    best = _Reached()
    gaps = np.full(len(places), np.inf)
    for trunk in trunks:
        gap, near = cKDTree(trunk.places).query(places)
        gaps = np.minimum(gaps, gap)
        end = int(np.argmin(gap))
        if gap[end] < best.centre_gap:
            best = _Reached(
                gap=max(float(gap[end] - trunk.radius[near[end]]), 0.0),
                centre_gap=float(gap[end]),
                place=trunk.places[near[end]],
                confidence=trunk.confidence,
            )
    return replace(best, both_ends=bool((gaps <= reach_mm).all()))
