"""Where the course of CN VII was lost, and how it goes on from there.

The first course is the cheapest of all; where a vessel lies against the nerve, or the
seed of the root is far off, the cheapest way leaves the nerve and runs through fluid.
A nerve does not: from the last place where it was seen it is followed plane by plane,
straight on but for what each plane shows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d

from nvc.segment.image.planes import lay_planes
from nvc.segment.nerves.sections import SectionPrior, fit_sections

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings

_CONTRAST_SD = 0.1
_BACK_MM = 2.0
"""A course that goes astray is bent the wrong way some way before it shows."""
_DIRECTION_MM = 3.0
_LEAST_SHARE = 0.75
"""Of the usual radius."""
_WORSE = 1.5
"""Noise makes every place less certain; one that is lost is worse than the others."""
_NOISE_SDS = 2.5
"""Four of the mean of three samples along the nerve, which lie in some two voxels."""


def is_seen(
    around: Surroundings, course: Tube, settings: NerveSettings
) -> NDArray[np.bool_]:
    """Tell at which points of a course a nerve is seen, shape (N,).

    A place counts where the image itself tells the centre, and the centre is neither
    fluid nor as dark as a vessel; and inside the brain, where nothing can be seen.
    In a noisy image both ask for more.
    """
    level = np.nan_to_num(around.scale(course.points_mm).astype(float), nan=1.0)
    depth = np.nan_to_num(around.brain(course.points_mm).astype(float), nan=9.0)
    sd = course.position_sd_mm
    clear_mm = float(np.percentile(sd, 25.0))
    seen = sd < max(settings.lost_sd_mm, _WORSE * clear_mm)
    seen &= level < settings.level_max
    calm = uniform_filter1d(level, 3, mode="nearest")
    # Nerves differ between people, and shading between places: this one is the scale.
    own = np.flatnonzero(seen & (depth > 0.0))
    if own.size:
        usual = float(np.median(calm[own[: max(own.size // 2, 1)]]))
        darker_by = max(settings.darker_by, _NOISE_SDS * around.scale.noise)
        limit = min(usual - darker_by, settings.too_dark)
        seen &= calm > limit
    return np.asarray(seen | (depth <= 0.0))


def find_last_trusted(
    around: Surroundings, course: Tube, settings: NerveSettings
) -> int | None:
    """Return the last trusted point before the course is lost, or None.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    course : Tube
        CN VII from the canal (first) towards the brainstem (last).
    settings : NerveSettings
        What counts as lost, and over which length.
    """
    seen = is_seen(around, course, settings)
    least = max(2, round(settings.lost_mm / settings.step_mm))
    back = round(_BACK_MM / settings.step_mm)
    for first in range(len(seen) - least):
        begun = seen[:first].sum() > 2 * back
        if begun and not seen[first : first + least].any():
            return max(first - back, 0)
    return None


def track_onward(
    around: Surroundings,
    course: Tube,
    other_mm: NDArray[np.float64],
    where: tuple[int, float],
    settings: NerveSettings,
) -> NDArray[np.float64]:
    """Follow CN VII onwards from a trusted point, plane by plane.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    course : Tube
        CN VII from the canal on; kept up to the last trusted point.
    other_mm : ndarray, shape (N, 3)
        CN VIII, mm of the working frame.
    where : tuple of int and float
        Last trusted point; and how far the nerve may turn aside within one step, mm.
    settings : NerveSettings
        Sizes, weights, and how far to follow.

    Returns
    -------
    ndarray, shape (M, 3)
        The whole course at equal steps; it ends a little inside the brain.
    """
    step = settings.step_mm
    start, aside_sd_mm = where
    points = list(course.points_mm[: start + 1])
    reach = max(2, round(_DIRECTION_MM / step))
    heading = _heading(points, reach)
    expected = SectionPrior(
        (settings.contrast, settings.contrast), _CONTRAST_SD, aside_sd_mm
    )
    usual = float(np.median(course.radius_mm[max(0, start - 2 * reach) : start + 1]))
    inside = 0
    for _ in range(round(settings.onward_max_mm / step)):
        ahead = points[-1] + step * heading
        stack = lay_planes(
            np.stack([points[-1], ahead]),
            around.head.axes,
            step_mm=step,
            half_width_mm=settings.fit_half_width_mm,
            spacing_mm=settings.fit_spacing_mm,
        )
        depth = float(np.nan_to_num(around.brain(ahead[None])[0], nan=9.0))
        if depth > 0.0:
            disc = fit_sections(around, stack, other_mm, expected, settings)[-1].facial
            # Half hidden, or the rim of something else: straight on.
            if disc.radius_mm > _LEAST_SHARE * usual:
                last = np.array([len(stack.origins_mm) - 1])
                ahead = stack.to_ras_mm(last, np.array([disc.centre]))[0]
        points.append(ahead)
        heading = _heading(points, reach)
        inside = inside + 1 if depth < -settings.surface_gap_mm else 0
        if inside * step >= settings.beyond_root_mm / 2:
            break
    return np.array(points)


def _heading(points: list[NDArray[np.float64]], reach: int) -> NDArray[np.float64]:
    """Unit vector along the last `reach` steps."""
    last = points[-1] - points[max(len(points) - 1 - reach, 0)]
    return np.asarray(last / np.linalg.norm(last))
