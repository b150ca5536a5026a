"""Names for arteries, from calibre, place and what they come from.

A traced course may run from one artery into the next. It is cut where a trunk (BA or
VA) begins or ends, and what is left takes its name from the trunk it comes from:
"AICA-like" says no more than that it does what an AICA does.

References
----------
Calibres: doi:10.1136/neurintsurg-2012-010412 (VA 2.8 (SD 0.6) mm, BA 3.2 (SD 0.5) mm
across). The vertebral arteries join near the pontomedullary sulcus, where CN VII
leaves; SCA leaves BA near its top (Rhoton).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter
from scipy.spatial import cKDTree

from nvc.segment.vessel_known import runs

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame

TRUNK_RADIUS_MM = 1.0
MIDLINE_MM = 7.0
JUNCTION_BELOW_ROOTS_MM = 2.0
SCA_ABOVE_ROOTS_MM = 14.0
"""BA is some 27 mm long; AICA leaves its lower, SCA its upper end."""

VA_ABOVE_ROOTS_MM = 8.0
JUNCTION_LENGTH_MM = 5.0
CONNECTED_MM = 2.0
SHORTEST_STATIONS = 7


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
    """

    course: int
    first: int
    stop: int
    name: str | None


def name_parts(
    points_mm: list[NDArray[np.float64]],
    radius_mm: list[NDArray[np.float64]],
    head: HeadFrame | None,
    roots_mm: NDArray[np.float64],
) -> list[Part]:
    """Cut courses into named stretches.

    Parameters
    ----------
    points_mm : list of ndarray, shape (N, 3)
        Courses, RAS mm of the reference.
    radius_mm : list of ndarray, shape (N,)
        Calibres.
    head : HeadFrame or None
        Without it nothing is named.
    roots_mm : ndarray, shape (K, 3)
        Root exits of CN VII, K of 0 to 2; without them nothing is named.

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
        part
        for n, (places, radius) in enumerate(zip(in_head, radius_mm, strict=True))
        for part in _trunks(n, places, radius)
    ]
    trunks = {
        name: [in_head[p.course][p.first : p.stop] for p in parts if p.name == name]
        for name in ("BA", "VA")
    }
    return [
        part if part.name else _branch(part, in_head[part.course], trunks)
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


def _branch(
    part: Part,
    places: NDArray[np.float64],
    trunks: dict[str, list[NDArray[np.float64]]],
) -> Part:
    """Name a branch after the trunk that one of its ends lies on.

    Near the junction AICA and PICA cannot be told apart by where they begin.
    """
    ends = places[[part.first, part.stop - 1]]
    gaps = {name: _nearest(ends, parts) for name, parts in trunks.items()}
    trunk = min(gaps, key=lambda name: gaps[name][0])
    gap, origin = gaps[trunk]
    other = "VA" if trunk == "BA" else "BA"
    name = None
    if gap <= TRUNK_RADIUS_MM + CONNECTED_MM:
        if origin[2] > SCA_ABOVE_ROOTS_MM:
            name = "SCA-like"
        elif _nearest(origin[None], trunks[other])[0] > JUNCTION_LENGTH_MM:
            name = "AICA-like" if trunk == "BA" else "PICA-like"
    return Part(course=part.course, first=part.first, stop=part.stop, name=name)


def _nearest(
    places: NDArray[np.float64], stretches: list[NDArray[np.float64]]
) -> tuple[float, NDArray[np.float64]]:
    """Least distance from places to stretches, and the point reached."""
    best = (float("inf"), np.zeros(3))
    for stretch in stretches:
        gap, near = cKDTree(stretch).query(places)
        end = int(np.argmin(gap))
        if gap[end] < best[0]:
            best = (float(gap[end]), stretch[near[end]])
    return best
