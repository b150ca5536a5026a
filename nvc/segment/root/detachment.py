"""Where CN VII lifts off the brain: the root detachment point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nvc.segment.root.surface_fit import fit_root_surface
from nvc.tubes.curve import interpolate, runs
from nvc.tubes.frames import rings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.model.stages import Tube
    from nvc.numerics import Count
    from nvc.segment.image.brain_surface import BrainSurface
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings

Surface = Callable[[NDArray[np.float64]], NDArray[Any]]

_AROUND: Count[int] = 24
"""Places on a section's wall: the nearest is met to 1 % of the radius."""


def measure_wall_gap_mm(course: Tube, surface: Surface) -> NDArray[np.float64]:
    """Distance to the brain of each section's nearest place, shape (N,).

    A nerve leaves the brain at an angle: its sections are tilted against the surface,
    and reach less than a radius towards it.

    Parameters
    ----------
    course : Tube
        N >= 2 centres.
    surface : callable
        As in `find_detachment`.

    Returns
    -------
    ndarray
        mm; infinite where the surface is not known.
    """
    ring = course.radius_mm[:, None] * rings(course.points_mm, _AROUND)
    places = (course.points_mm + ring).reshape(-1, 3)
    gap = surface(places).astype(float).reshape(_AROUND, -1)
    return np.where(np.isfinite(gap), gap, np.inf).min(axis=0)


def find_detachment(
    course: Tube,
    surface: Surface,
    first_mm: float,
    expected_mm: float,
    gap_mm: float,
    is_stem: NDArray[np.bool_] | bool = True,
) -> float | None:
    """Arc length from the canal end at which the nerve reaches the brainstem.

    Parameters
    ----------
    course : Tube
        From the canal (first) to the brain (last).
    surface : callable
        Signed distance to the brain in mm at points (N, 3), positive outside.
    first_mm : float
        Arc length from which on is searched.
    expected_mm : float
        Arc length at which the nerve is expected to arrive.
    gap_mm : float
        The wall counts as arrived within this distance of the surface.
    is_stem : ndarray, shape (N,), optional
        Whether the brain beside each centre may be the brainstem: see `faces_aside`.

    Returns
    -------
    float or None
        None where the course never arrives.

    Notes
    -----
    The flocculus may touch the nerve, or lie against it for some millimetres, after
    which it is free again or has come to the brainstem: a nerve detaches once, and of
    several arrivals the one nearest to where it is expected is the root's. An arrival,
    and what is free before it, is as long as the nerve is thick; shorter where it comes
    free of what cannot be the brainstem.
    """
    arc = course.arc_length_mm()
    wall = measure_wall_gap_mm(course, surface)
    near = (wall <= gap_mm) & (arc >= first_mm)
    stem = np.broadcast_to(is_stem, near.shape)
    thick_mm = 2.0 * float(np.median(course.radius_mm))
    count = max(int(thick_mm * (len(arc) - 1) / float(arc[-1])), 1)
    bridged = np.zeros_like(near)
    for begin, stop in runs(near, bridge=count):
        bridged[begin:stop] = True
    arrivals = []
    for begin, stop in runs(bridged & (near | stem)):
        lies_from = begin + int(np.argmax(near[begin:stop]))
        start = _first_on_stem(stem[lies_from:stop], count)
        if start is None:
            continue
        start += lies_from
        onward = near[start:stop]
        if onward[: count + 1].all() and (stop == len(arc) or len(onward) > count):
            arrivals.append(_arc_of_arrival(arc, wall, start, gap_mm))
    off = [abs(arrival - expected_mm) for arrival in arrivals]
    return arrivals[int(np.argmin(off))] if arrivals else None


def _first_on_stem(stem: NDArray[np.bool_], least: int) -> int | None:
    """Where a nerve that lies on the brain has come to the brainstem; None if nowhere.

    At once where it came from the fluid to the brainstem, whatever the brain does
    farther on; else where that goes on for so many centres.
    """
    if stem[0]:
        return 0
    return next((start for start, _ in runs(stem, least=least)), None)


def faces_aside(
    brain: BrainSurface,
    points_mm: NDArray[np.float64],
    lateral: NDArray[np.float64],
    settings: NerveSettings,
) -> NDArray[np.bool_]:
    """Tell where the brain beside places (N, 3) faces sideways, as the brainstem does.

    A nerve leaves the brainstem's side. The flocculus and the cerebellum's folia, which
    it may lie against or between before that, face forwards or the brainstem.

    Parameters
    ----------
    brain : BrainSurface
        Brainstem and cerebellum.
    points_mm : ndarray, shape (N, 3)
        Places beside it, mm of the working frame.
    lateral : ndarray, shape (3,)
        Unit vector away from the midline on this side.
    settings : NerveSettings
        How much it has to.
    """
    return np.asarray(brain.outward(points_mm) @ lateral >= settings.stem_aside_min)


def _arc_of_arrival(
    arc: NDArray[np.float64], wall: NDArray[np.float64], start: int, gap_mm: float
) -> float:
    """Arc length before station `start` at which the wall comes as near as that."""
    before = max(start - 1, 0)
    if not np.isfinite(wall[before]):
        return float(arc[start])
    drop = max(float(wall[before] - wall[start]), 1e-9)
    share = np.clip((wall[before] - gap_mm) / drop, 0.0, 1.0)
    return float(arc[before] + share * (arc[start] - arc[before]))


def refine_detachment(
    around: Surroundings,
    course: Tube,
    nerves: Sequence[Tube],
    rough_mm: float,
    is_stem: NDArray[np.bool_],
    settings: NerveSettings,
) -> tuple[float, float]:
    """Arc length at which CN VII reaches the brain, and how far that lies lower.

    The thresholded surface says roughly where; the fitted one decides.

    Parameters
    ----------
    around : Surroundings
        Image and thresholded surface.
    course : Tube
        CN VII from the canal (first) to the brain (last).
    nerves : sequence of Tube
        CN VII and its neighbours.
    rough_mm : float
        Arc length along `course` where it roughly arrives.
    is_stem : ndarray, shape (N,)
        As in `find_detachment`.
    settings : NerveSettings
        Sizes and limits.

    Returns
    -------
    arc_mm : float
        `rough_mm` where no surface could be fitted.
    lower_mm : float
        How far the fitted surface lies below the thresholded one there.
    """
    arc = course.arc_length_mm()
    near = np.array([rough_mm - 1.5, rough_mm, rough_mm + 1.5])
    outer, middle, inner = interpolate(near, arc, course.points_mm)
    along = (outer - inner) / max(float(np.linalg.norm(outer - inner)), 1e-6)
    sheet = fit_root_surface(around, nerves, middle, along, settings)
    if sheet is None:
        return rough_mm, 0.0

    def surface(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(sheet.covers(points), sheet(points), around.brain(points))

    fine = find_detachment(
        course, surface, near[0] - 1.5, rough_mm, settings.surface_gap_mm, is_stem
    )
    lower = float(
        np.mean([sheet(p) - around.brain(p[None])[0] for p in (middle, inner)])
    )
    return rough_mm if fine is None else fine, lower if np.isfinite(lower) else 0.0
