"""Where CN VII lifts off the brain: the root detachment point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nvc.segment.root.surface_fit import fit_root_surface
from nvc.tubes.curve import interpolate
from nvc.tubes.frames import rings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.model.stages import Tube
    from nvc.numerics import Count
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
    course: Tube, surface: Surface, porus_arc_mm: float, gap_mm: float
) -> float | None:
    """Arc length from the canal end at which the nerve reaches the brain.

    Parameters
    ----------
    course : Tube
        From the canal (first) to the brain (last).
    surface : callable
        Signed distance to the brain in mm at points (N, 3), positive outside.
    porus_arc_mm : float
        Arc length of the porus; only what lies beyond it is searched.
    gap_mm : float
        The wall counts as arrived within this distance of the surface.

    Returns
    -------
    float or None
        None where the course never arrives.

    Notes
    -----
    A passing touch (the flocculus may lie against the nerve) does not count: the
    wall has to stay near for as long as the nerve is thick.
    """
    arc = course.arc_length_mm()
    wall = measure_wall_gap_mm(course, surface)
    near = (wall <= gap_mm) & (arc >= porus_arc_mm)
    for start in np.flatnonzero(near):
        stays = arc <= arc[start] + 2 * course.radius_mm[start]
        if near[(arc >= arc[start]) & stays].all():
            if start == 0 or not np.isfinite(wall[start - 1]):
                return float(arc[start])
            drop = wall[start - 1] - wall[start]
            share = (wall[start - 1] - gap_mm) / drop if drop > 1e-9 else 1.0
            step = arc[start] - arc[start - 1]
            return float(arc[start - 1] + np.clip(share, 0, 1) * step)
    return None


def refine_detachment(
    around: Surroundings,
    course: Tube,
    nerves: Sequence[Tube],
    rough_mm: float,
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

    fine = find_detachment(course, surface, near[0] - 1.5, settings.surface_gap_mm)
    lower = float(
        np.mean([sheet(p) - around.brain(p[None])[0] for p in (middle, inner)])
    )
    return rough_mm if fine is None else fine, lower if np.isfinite(lower) else 0.0
