"""Names for arteries, from calibre, place and what they come from.

A traced course may run from one artery into the next. It is cut where a trunk (BA or
VA) begins or ends, and what is left takes its name from the trunk it comes from:
"AICA-like" says no more than that it does what an AICA does. How sure each name is,
`nvc.segment.arteries.name_certainty` says.

References
----------
Calibres: doi:10.1136/neurintsurg-2012-010412 (VA 2.8 (SD 0.6) mm, BA 3.2 (SD 0.5) mm
across). The vertebral arteries join near the pontomedullary sulcus, where CN VII
leaves; SCA leaves BA near its top (Rhoton).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter
from scipy.spatial import cKDTree

from nvc.segment.arteries.name_certainty import (
    CONNECTED_MM,
    JUNCTION_BELOW_ROOTS_MM,
    MIDLINE_MM,
    SCA_ABOVE_ROOTS_MM,
    SHORTEST_STATIONS,
    TRUNK_RADIUS_MM,
    BranchPoint,
    rate_branch_name,
    rate_trunk_name,
)
from nvc.tubes.curve import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame

VA_ABOVE_ROOTS_MM = 8.0
JUNCTION_LENGTH_MM = 5.0
_REACH_MM = TRUNK_RADIUS_MM + CONNECTED_MM


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
    root_height = float(head.to_head(roots_mm)[:, 2].mean())
    in_head = [head.to_head(points) - (0.0, 0.0, root_height) for points in points_mm]
    parts = [
        _sure(part, places, radius, roots_sd_mm)
        for n, (places, radius) in enumerate(zip(in_head, radius_mm, strict=True))
        for part in _trunks(n, places, radius)
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
            part, in_head[part.course], radius_mm[part.course], trunks, roots_sd_mm
        )
        for part in parts
    ]


def _trunks(
    course: int, places: NDArray[np.float64], radius: NDArray[np.float64]
) -> list[Part]:
    """Cut one course where it is wide enough to be BA or VA."""
    # The median keeps one swollen station from becoming a trunk.
    calibre = median_filter(radius, size=SHORTEST_STATIONS, mode="nearest")
    wide = calibre >= TRUNK_RADIUS_MM
    upper = places[:, 2] >= -JUNCTION_BELOW_ROOTS_MM
    middle = np.abs(places[:, 0]) <= MIDLINE_MM
    # A winding VA may climb to the nerves, not beyond.
    low = places[:, 2] < VA_ABOVE_ROOTS_MM
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
    places: NDArray[np.float64],
    radius: NDArray[np.float64],
    roots_sd_mm: float,
) -> Part:
    """Say how sure a trunk is."""
    if part.name is None:
        return part
    stretch = slice(part.first, part.stop)
    sure = rate_trunk_name(part.name, places[stretch], radius[stretch], roots_sd_mm)
    return replace(part, confidence=sure)


def _branch(
    part: Part,
    places: NDArray[np.float64],
    radius: NDArray[np.float64],
    trunks: dict[str, list[_Trunk]],
    roots_sd_mm: float,
) -> Part:
    """Name a branch after the trunk that one of its ends lies on.

    Near the junction AICA and PICA cannot be told apart by where they begin.
    """
    ends = places[[part.first, part.stop - 1]]
    reached = {name: _nearest(ends, parts) for name, parts in trunks.items()}
    trunk = min(reached, key=lambda name: reached[name].centre_gap)
    found = reached[trunk]
    if found.centre_gap > _REACH_MM:
        return part
    height = float(found.place[2])
    other = trunks["VA" if trunk == "BA" else "BA"]
    junction = _nearest(found.place[None], other).centre_gap
    if height > SCA_ABOVE_ROOTS_MM:
        name = "SCA-like"
    elif junction > JUNCTION_LENGTH_MM:
        name = "AICA-like" if trunk == "BA" else "PICA-like"
    else:
        return part
    if not other:
        # Where the junction is not seen, it lies at its usual height.
        junction = abs(height + JUNCTION_BELOW_ROOTS_MM)
    origin = BranchPoint(
        trunk=trunk,
        trunk_confidence=found.confidence,
        gap_mm=found.gap,
        height_mm=height,
        junction_mm=junction,
        both_ends=found.both_ends,
    )
    calibre = radius[part.first : part.stop]
    sure = rate_branch_name(name, origin, calibre, roots_sd_mm)
    return replace(part, name=name, confidence=sure)


def _nearest(places: NDArray[np.float64], trunks: list[_Trunk]) -> _Reached:
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
    return replace(best, both_ends=bool((gaps <= _REACH_MM).all()))
