"""Where CN VII lifts off the brain: the root detachment point."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from nvc.segment.root_surface import fit_root_surface

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.model.stages import Tube
    from nvc.segment.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings

Surface = Callable[[NDArray[np.float64]], NDArray[Any]]


def detachment_arc(
    course: Tube, surface: Surface, porus_arc_mm: float, gap_mm: float
) -> float | None:
    """Arc length from the canal end at which the nerve reaches the brain.

    Parameters
    ----------
    course : Tube
        From the canal (first) to the brain (last).
    surface : callable
        Signed distance to the brain in mm at RAS points (N, 3), positive outside.
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
    wall = surface(course.points_mm).astype(float) - course.radius_mm
    wall = np.where(np.isfinite(wall), wall, np.inf)
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


def refined_detachment(
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
    outer, middle, inner = np.stack(
        [np.interp(near, arc, axis) for axis in course.points_mm.T], axis=-1
    )
    along = (outer - inner) / max(float(np.linalg.norm(outer - inner)), 1e-6)
    sheet = fit_root_surface(around, nerves, middle, along, settings)
    if sheet is None:
        return rough_mm, 0.0

    def surface(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(sheet.covers(points), sheet(points), around.brain(points))

    fine = detachment_arc(course, surface, near[0] - 1.5, settings.surface_gap_mm)
    lower = float(
        np.mean([sheet(p) - around.brain(p[None])[0] for p in (middle, inner)])
    )
    return rough_mm if fine is None else fine, lower if np.isfinite(lower) else 0.0
