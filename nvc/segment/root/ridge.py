"""How high an attached nerve stands out of the brain, and where that ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import gaussian_filter
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings

HIDING = -0.2
"""Where a vessel took this much of the step from brain to CSF, what was given back is
not known well enough to show a nerve."""

GONE = 0.4
"""Of the radius: a ridge lower than this is gone."""

HIDDEN_MM = 4.0
"""A vertebral artery is 3 to 4 mm wide; behind more than that lies something else."""

BACK_RADII = 2.0
"""The end of a ridge bends the course that is laid along it: this much is laid anew."""

TURNS_DEG = np.arange(-36.0, 37.0, 3.0)
TURN_SD_DEG = 15.0
"""An attached nerve runs straight; over its last 4 mm it may turn by this much, which
a pons of 17 mm radius does."""

HEADING_MM = 3.0
"""Length of course that tells where a nerve heads: twice its thickness."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Crest:
    """A course on the brain, N centres.

    Parameters
    ----------
    foot : ndarray, shape (N, 3)
        Below each centre, on the brain's surface.
    outward : ndarray, shape (N, 3)
        Unit vectors away from the brain.
    depth_mm, height_mm : ndarray, shape (N,)
        Of the centre, and of what stands out there, over the surface.
    known : ndarray of bool, shape (N,)
        Where nothing hides it.
    """

    foot: NDArray[np.float64]
    outward: NDArray[np.float64]
    depth_mm: NDArray[np.float64]
    height_mm: NDArray[np.float64]
    known: NDArray[np.bool_]


def settle_on_ridge(
    around: Surroundings,
    neighbour: Tube,
    course: NDArray[np.float64],
    sizes_mm: tuple[float, float],
    settings: NerveSettings,
) -> tuple[NDArray[np.float64], float]:
    """Put the centre one radius under the ridge's crest, and find where it sinks in.

    Parameters
    ----------
    around, neighbour : Surroundings, Tube
        As in `follow_attached`.
    course : ndarray, shape (N, 3)
        From the detachment along the ridge.
    sizes_mm : tuple of float
        Radius of the nerve where it detaches; and how far below the thresholded
        surface the brain really ends.
    settings : NerveSettings
        Step between centres and the level of a void.

    Returns
    -------
    course : ndarray, shape (N, 3)
        Corrected centres.
    standing : float
        Where the centre passes the brain's surface, in stations from the first.
    """
    radius, skin = sizes_mm
    seen = _crest(around, neighbour, course, radius, settings)
    crest = gaussian_filter(seen.height_mm, 1.5, mode="nearest")
    standing = find_last_standing(crest, seen.known, (radius, skin), settings.step_mm)
    # The free nerve's last centre is known better than this one.
    blend = np.clip(np.arange(len(course)) / 4.0, 0.0, 1.0)
    centre = np.clip(crest - radius, 0.0, radius)
    centre = seen.depth_mm + blend * (centre - seen.depth_mm)
    return seen.foot + centre[:, None] * seen.outward, standing


def go_straight_on(
    around: Surroundings,
    neighbour: Tube,
    found: tuple[NDArray[np.float64], float],
    sizes_mm: tuple[float, float],
    settings: NerveSettings,
) -> tuple[NDArray[np.float64], float]:
    """Lay the end of a ridge anew, straight on along it instead of towards a seed.

    A path that must end near a seed leaves the ridge for it where the ridge gets low,
    and the nerve seems to end there. From where it is certain yet, the straight way
    that stands out most and farthest is taken.

    Parameters
    ----------
    around, neighbour, sizes_mm, settings
        As in `settle_on_ridge`.
    found : tuple
        What `settle_on_ridge` has returned.

    Returns
    -------
    tuple
        As `settle_on_ridge`; what was found where nothing reaches farther.
    """
    course, standing = found
    radius, step = sizes_mm[0], settings.step_mm
    sure = int(standing) - round(BACK_RADII * radius / step)
    behind = sure - round(HEADING_MM / step)
    if behind < 0:
        return found
    base = course[: sure + 1]
    rest_mm = settings.attached_mm + settings.beyond_exit_mm - sure * step
    away = np.arange(step, rest_mm, step)
    outward = around.brain.outward(base[-1:])[0]
    heading = base[-1] - base[behind]
    heading = heading - (heading @ outward) * outward
    length = float(np.linalg.norm(heading))
    if length < HEADING_MM / 2.0 or len(away) < 2:
        return found
    turn = np.deg2rad(TURNS_DEG)[:, None]
    aside = np.cross(outward, heading)
    ways = (np.cos(turn) * heading + np.sin(turn) * aside) / length
    rays = base[-1] + away[None, :, None] * ways[:, None, :]
    seen = _crest(around, neighbour, rays.reshape(-1, 3), radius, settings)
    height = seen.height_mm.reshape(rays.shape[:2]) / radius
    known = seen.known.reshape(rays.shape[:2])
    shown = step * np.array([_shown(h, k) for h, k in zip(height, known, strict=True)])
    shown -= 0.5 * (TURNS_DEG / TURN_SD_DEG) ** 2 * radius
    onward = np.concatenate([base, rays[int(np.argmax(shown))]])
    straight = settle_on_ridge(around, neighbour, onward, sizes_mm, settings)
    return straight if straight[1] > standing else found


def _shown(height: NDArray[np.float64], known: NDArray[np.bool_]) -> float:
    """How much of a ridge stands out before it is gone: sum over stations, in radii."""
    end = _gone_at((height < GONE) & known)
    return float(np.clip(height - GONE, 0.0, 1.0)[:end][known[:end]].sum())


def _gone_at(gone: NDArray[np.bool_]) -> int:
    """First of two stations in a row without a ridge; their number if there is none."""
    both = np.flatnonzero(gone[:-1] & gone[1:])
    return int(both[0]) if both.size else len(gone)


def _crest(
    around: Surroundings,
    neighbour: Tube,
    course: NDArray[np.float64],
    radius: float,
    settings: NerveSettings,
) -> _Crest:
    """Measure what stands out of the brain at every centre of a course."""
    depth = around.brain(course).astype(float)
    outward = around.brain.outward(course)
    # Past the outline's box, and deep in the brain, nothing stands out.
    on_it = np.isfinite(depth) & (np.linalg.norm(outward, axis=1) > 0.5)
    depth = np.where(on_it, depth, 0.0)
    foot = course - depth[:, None] * outward
    heights = np.arange(0.0, 3.0 * radius + 0.5, 0.1)
    lines = foot[:, None, :] + heights[None, :, None] * outward[:, None, :]
    n = np.nan_to_num(around.scale(lines).astype(float), nan=1.0)
    off = weigh_off_tube(neighbour, lines)
    # A vessel across the nerve hides its ridge, which goes on behind it.
    low = heights <= 2.0 * radius
    hidden = (n[:, low] < 0.5 * settings.void_level).any(axis=1)
    if around.taken is not None:
        taken = np.nan_to_num(around.taken(lines[:, low]), nan=0.0)
        hidden |= (taken < HIDING).any(axis=1)
    deficit = np.clip(1.0 - n, 0.0, 1.0) * off
    # Beyond the first CSF above the nerve lie other things.
    under = np.cumprod(deficit > 0.25, axis=1)
    height = (deficit * under).sum(axis=1) * 0.1
    return _Crest(
        foot=foot,
        outward=outward,
        depth_mm=depth,
        height_mm=np.where(on_it, np.minimum(height, 2.0 * radius), 0.0),
        # Where CN VIII lies in the way nothing can be said.
        known=~on_it | (off[:, heights <= radius].mean(axis=1) > 0.8) & ~hidden,
    )


def find_last_standing(
    crest_mm: NDArray[np.float64],
    known: NDArray[np.bool_],
    sizes_mm: tuple[float, float],
    step_mm: float,
) -> float:
    """Where the nerve's centre leaves the brain, walking in, in stations.

    A nerve that dives stands out by less than its radius shortly before its ridge is
    gone: there its centre passes the surface. One that lies in a groove stands out by
    less all along, and ends with its ridge.

    Parameters
    ----------
    crest_mm : ndarray, shape (N,)
        What stands out of the brain, from the detachment on.
    known : ndarray of bool, shape (N,)
        Where nothing hides it.
    sizes_mm : tuple of float
        Radius of the nerve; and how far below the thresholded surface the brain
        really ends.
    step_mm : float
        Between stations.

    Returns
    -------
    float
        0 where no ridge shows at all.
    """
    radius, skin = sizes_mm
    end = min(_gone_at((crest_mm < GONE * radius) & known), len(crest_mm) - 1)
    # What is hidden counts only where the ridge shows again soon behind it.
    shown = np.flatnonzero((crest_mm[: end + 1] >= GONE * radius) & known[: end + 1])
    lost = np.flatnonzero(np.diff(shown) * step_mm > HIDDEN_MM)
    shown = shown[: int(lost[0]) + 1] if lost.size else shown
    end = min(end, int(shown[-1]) + 1) if shown.size else 0
    over = crest_mm[: end + 1] + skin - radius
    high = np.flatnonzero(over >= 0.0)
    if high.size == 0 or (end - high[-1]) * step_mm > 2.0 * radius:
        return float(end)
    last = int(high[-1])
    if last == end:
        return float(end)
    return last + float(over[last] / (over[last] - over[last + 1]))


def weigh_off_tube(tube: Tube, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 within a tube, 1 from half a millimetre beyond its wall.

    Parameters
    ----------
    tube : Tube
        Such as another nerve.
    points : ndarray, shape (..., 3)
        mm of the working frame.
    """
    distance, nearest = cKDTree(tube.points_mm).query(points)
    beyond = distance - tube.radius_mm[nearest]
    clear: NDArray[np.float64] = np.clip(beyond / 0.5, 0.0, 1.0)
    return clear
