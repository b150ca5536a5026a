"""Arteries put together again from the stretches that a segmentation cut them into."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from nvc.model.anatomy import VesselKind
from nvc.tubes.curve import arc_length, course_length, interpolate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame, Vessel
    from nvc.numerics import Step, Tolerance
    from nvc.settings import RemarksSettings

STEP_MM: Step[float] = 0.25
_MEETING_MM: Tolerance[float] = 0.05
"""Stretches of one course share a station; others do not come this close."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lumen:
    """One artery in even steps.

    Parameters
    ----------
    name : ndarray of str, shape (N,)
        Of the stretch at each station, empty where it has none.
    points_mm : ndarray, shape (N, 3)
        mm of the working frame.
    diameter_mm : ndarray, shape (N,)
        Calibre.
    """

    name: NDArray[np.str_]
    points_mm: NDArray[np.float64]
    diameter_mm: NDArray[np.float64]

    def part(self, first: int, stop: int) -> Lumen:
        """Return the stations from one to before another."""
        return Lumen(
            name=self.name[first:stop],
            points_mm=self.points_mm[first:stop],
            diameter_mm=self.diameter_mm[first:stop],
        )

    def is_long(self, length_mm: float) -> bool:
        """Tell whether it is at least this long."""
        return (len(self.name) - 1) * STEP_MM >= length_mm


def find_basilar_stretches(
    vessels: Sequence[Vessel], head: HeadFrame, settings: RemarksSettings
) -> list[Sequence[Vessel]]:
    """Return the stretches of BA, with those that lost its name far aside.

    Between two named stretches all belong to it; beyond the last one, those that are
    as wide as a trunk and lie higher (a VA lies lower).

    Parameters
    ----------
    vessels : sequence of Vessel
        With names, in the working frame; stretches of one course in order.
    head : HeadFrame
        Its third axis tells heights.
    settings : RemarksSettings
        What is as wide as a trunk, and rises as one.

    Returns
    -------
    list of sequence of Vessel
        One for every course that holds a named stretch.
    """
    found: list[Sequence[Vessel]] = []
    for course in join_stretches([v for v in vessels if v.kind is VesselKind.ARTERY]):
        named = [n for n, stretch in enumerate(course) if stretch.name == "BA"]
        if not named:
            continue
        first = _beyond(course, named[0], -1, (head, settings))
        last = _beyond(course, named[-1], 1, (head, settings))
        found.append(course[first : last + 1])
    return found


def _beyond(
    course: Sequence[Vessel],
    end: int,
    step: int,
    known: tuple[HeadFrame, RemarksSettings],
) -> int:
    """Return the last stretch beyond one end that may still be the basilar artery's."""
    head, settings = known
    last = end
    at = end + step
    while 0 <= at < len(course) and _diameter(course[at]) >= settings.trunk_min_mm:
        is_higher = _height(course[at], head) > _height(course[end], head)
        rises = _rises(head, course[at].tube.points_mm, settings)
        if is_higher and rises and course[at].name != "VA":
            last = at
        at += step
    return last


def _rises(
    head: HeadFrame, points_mm: NDArray[np.float64], settings: RemarksSettings
) -> bool:
    """Tell whether a stretch goes up at least as BA does."""
    length = course_length(points_mm)
    height = head.to_head(points_mm)[:, 2]
    return abs(float(height[-1] - height[0])) >= settings.basilar_rise_min * length


def _diameter(vessel: Vessel) -> float:
    return 2.0 * float(np.median(vessel.tube.radius_mm))


def _height(vessel: Vessel, head: HeadFrame) -> float:
    return float(head.to_head(vessel.tube.points_mm)[:, 2].mean())


def join_stretches(arteries: Sequence[Vessel]) -> list[list[Vessel]]:
    """Put stretches together that one course was cut into.

    Parameters
    ----------
    arteries : sequence of Vessel
        Stretches of one course follow each other, and share a station.

    Returns
    -------
    list of list of Vessel
        Every course's stretches, in order.
    """
    courses: list[list[Vessel]] = []
    for vessel in arteries:
        start = vessel.tube.points_mm[0]
        last = courses[-1][-1].tube.points_mm if courses else None
        if last is not None and np.linalg.norm(last[-1] - start) < _MEETING_MM:
            courses[-1].append(vessel)
        else:
            courses.append([vessel])
    return courses


def sample_evenly(course: Sequence[Vessel]) -> Lumen:
    """Sample a course in steps of `STEP_MM`.

    Parameters
    ----------
    course : sequence of Vessel
        Stretches in order, mm of the working frame.

    Returns
    -------
    Lumen
    """
    points = np.concatenate([stretch.tube.points_mm for stretch in course])
    radius = np.concatenate([stretch.tube.radius_mm for stretch in course])
    name = np.concatenate(
        [np.full(len(s.tube.radius_mm), s.name or "") for s in course]
    )
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    kept = np.concatenate([[True], steps > 1e-6])
    points, radius, name = points[kept], radius[kept], name[kept]
    arc = arc_length(points)
    at = np.arange(0.0, arc[-1] + 1e-9, STEP_MM)
    return Lumen(
        name=name[np.searchsorted(arc, at).clip(0, len(name) - 1)],
        points_mm=interpolate(at, arc, points),
        diameter_mm=2.0 * np.interp(at, arc, radius),
    )


def take_running_median(
    values: NDArray[np.float64], length_mm: float
) -> NDArray[np.float64]:
    """Take the running median along an evenly sampled course.

    Parameters
    ----------
    values : ndarray, shape (N,)
        `STEP_MM` apart.
    length_mm : float
        Over which length.

    Returns
    -------
    ndarray, shape (N,)
    """
    size = max(2 * round(0.5 * length_mm / STEP_MM) + 1, 1)
    return np.asarray(median_filter(values, size=size, mode="nearest"), dtype=float)


def rebuild_basilar(
    vessels: Sequence[Vessel], head: HeadFrame, settings: RemarksSettings
) -> Lumen | None:
    """Put the basilar artery together by height, whichever courses it lies on.

    Its branches cut the basilar artery into several courses; by its height they are
    one again.

    Parameters
    ----------
    vessels : sequence of Vessel
        With names, in the working frame.
    head : HeadFrame
        Its third axis tells heights.
    settings : RemarksSettings
        What is as wide as a trunk, and rises as one.

    Returns
    -------
    Lumen or None
        A station every `STEP_MM` of height; None where it was not found.
    """
    stretches = [
        part
        for course in find_basilar_stretches(vessels, head, settings)
        for part in course
    ]
    if not stretches:
        return None
    parts = [sample_evenly([stretch]) for stretch in stretches]
    points = np.concatenate([part.points_mm for part in parts])
    diameter = np.concatenate([part.diameter_mm for part in parts])
    step = np.rint(head.to_head(points)[:, 2] / STEP_MM).astype(int)
    steps = np.unique(step)
    whole = np.arange(steps[0], steps[-1] + 1)
    # A course that only crosses swells and thins: the widest station is the trunk's.
    level = [diameter[step == value].max() for value in steps]
    places = np.array([points[step == value].mean(axis=0) for value in steps])
    return Lumen(
        name=np.full(len(whole), "BA"),
        points_mm=interpolate(whole, steps, places),
        diameter_mm=np.interp(whole, steps, level),
    )


def find_wide_elsewhere(
    vessels: Sequence[Vessel],
    head: HeadFrame,
    above_mm: float,
    settings: RemarksSettings,
) -> list[Lumen]:
    """Return stretches as wide as a trunk that rise above a height and are not BA.

    Parameters
    ----------
    vessels : sequence of Vessel
        With names.
    head : HeadFrame
        Its third axis tells heights.
    above_mm : float
        Superior coordinate from which on no vertebral artery is expected.
    settings : RemarksSettings
        What is as wide as a trunk, and where a basilar artery may lie.

    Returns
    -------
    list of Lumen
        In the working frame.
    """
    basilar = {
        id(part)
        for course in find_basilar_stretches(vessels, head, settings)
        for part in course
    }
    found = []
    for vessel in vessels:
        if vessel.kind is not VesselKind.ARTERY or id(vessel) in basilar:
            continue
        whole = sample_evenly([vessel])
        kept = whole.diameter_mm >= settings.trunk_min_mm
        places = head.to_head(whole.points_mm)
        kept &= places[:, 2] >= above_mm
        kept &= np.abs(places[:, 0]) <= settings.basilar_within_mm
        if kept.any():
            first, last = np.flatnonzero(kept)[[0, -1]]
            part = whole.part(int(first), int(last) + 1)
            if _rises(head, part.points_mm, settings):
                found.append(part)
    return found
