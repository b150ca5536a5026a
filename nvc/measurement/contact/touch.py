"""How a vessel lies on the nerve: over what length and area, and at which angle."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.contact.tube_wall import measure_wall_distance_mm, sample_wall
from nvc.measurement.gap.gap import TUBE_FIT
from nvc.measurement.gap.interval import believe, compute_unresolved_mm
from nvc.model.findings import Touch
from nvc.settings.groups.measure import PlacesSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.gap.gap import Gap
    from nvc.measurement.gap.walls import Walls
    from nvc.numerics import Count
    from nvc.settings import MeasureSettings
    from nvc.tubes.wall_gap import WalledTube

_ANGLES: Count[int] = 90


def measure_touch(gap: Gap, *, beside_brain: bool, settings: MeasureSettings) -> Touch:
    """Describe how the vessel of a measured gap lies on the nerve.

    Parameters
    ----------
    gap : Gap
        With both walls.
    beside_brain : bool
        Whether the place lies where the nerve runs along the brainstem; only there
        the vessel's distance from the brainstem is given.
    settings : MeasureSettings
        Up to which gap was looked, and over what a tube heads.

    Returns
    -------
    Touch
        Length and area only where both walls were fitted to the image: of walls
        known less well, nearly all would count as touching.
    """
    length, is_least, area = None, False, None
    if gap.method == TUBE_FIT:
        within = compute_unresolved_mm(gap.sd_mm, gap.voxel_mm)
        length, is_least, area = measure_touching_part(gap.walls, within)
    to_brain = measure_vessel_to_brain_mm(gap.walls) if beside_brain else None
    around = None
    if to_brain is not None and gap.walls.brain is not None:
        sd = float(np.hypot(gap.sd_mm, gap.walls.brain.sd_mm))
        around = believe(
            to_brain, sd, voxel_mm=gap.voxel_mm, search_mm=settings.search_distance_mm
        )
    return Touch(
        length_mm=length,
        length_is_least=is_least,
        area_mm2=area,
        crossing_angle_deg=measure_crossing_angle_deg(
            gap.walls, settings.places.crossing_half_mm
        ),
        vessel_to_brainstem_mm=around.distance_mm if around else None,
        vessel_to_brainstem_ci_mm=around.interval_mm if around else None,
    )


def measure_touching_part(walls: Walls, within_mm: float) -> tuple[float, bool, float]:
    """Measure the part of the nerve's wall that lies close to the vessel's.

    Parameters
    ----------
    walls : Walls
        Nerve and vessel, mm of the working frame.
    within_mm : float
        What counts as close, mm between the walls.

    Returns
    -------
    length_mm : float
        Along the nerve, the unbroken stretch around the closest place.
    is_least : bool
        Whether that stretch reaches an end of the part looked at.
    area_mm2 : float
        Of that stretch's wall.
    """
    points = sample_wall(walls.nerve, _ANGLES)
    distance = measure_wall_distance_mm(points, walls.vessel)
    close = distance <= within_mm
    nearest = int(np.argmin(distance.min(axis=1)))
    touching: NDArray[np.bool_] = np.asarray(close.any(axis=1))
    if not touching[nearest]:
        return 0.0, False, 0.0
    first, last = nearest, nearest
    while first > 0 and touching[first - 1]:
        first -= 1
    while last < len(touching) - 1 and touching[last + 1]:
        last += 1
    along = _spacing(walls.nerve.course_mm)
    around = (np.roll(points, -1, axis=1) - np.roll(points, 1, axis=1)) / 2
    element = np.linalg.norm(around, axis=-1) * along[:, None]
    # A step between two angles counts as far as the limit reaches into it.
    change = np.abs(np.roll(distance, -1, axis=1) - np.roll(distance, 1, axis=1)) / 2
    share = np.clip(0.5 + (within_mm - distance) / np.maximum(change, 1e-9), 0, 1)
    part = slice(first, last + 1)
    return (
        float(along[part].sum()),
        first == 0 or last == len(touching) - 1,
        float((element * share)[part].sum()),
    )


def measure_crossing_angle_deg(
    walls: Walls, half_mm: float = PlacesSettings().crossing_half_mm
) -> float | None:
    """Measure the angle between both courses where they are nearest.

    Parameters
    ----------
    walls : Walls
        Nerve and vessel, mm of the working frame.
    half_mm : float
        Either way, over which both head.

    Returns
    -------
    float or None
        0 to 90 degrees; None where a course is too short to have a direction.
    """
    apart = walls.nerve.course_mm[:, None] - walls.vessel.course_mm[None]
    flat = int(np.argmin(np.linalg.norm(apart, axis=-1)))
    i, j = np.unravel_index(flat, apart.shape[:2])
    one = _direction(walls.nerve, int(i), half_mm)
    other = _direction(walls.vessel, int(j), half_mm)
    if one is None or other is None:
        return None
    across = float(np.linalg.norm(np.cross(one, other)))
    return float(np.degrees(np.arctan2(across, abs(float(one @ other)))))


def measure_vessel_to_brain_mm(walls: Walls) -> float | None:
    """Measure the least height of the vessel's wall over the brain.

    Parameters
    ----------
    walls : Walls
        Vessel and brain, mm of the working frame.

    Returns
    -------
    float or None
        mm, negative where the wall lies inside; None without a surface near by.
    """
    if walls.brain is None:
        return None
    points = sample_wall(walls.vessel, _ANGLES).reshape(-1, 3)
    height = walls.brain.depth_mm(points)[:, 0]
    offset = points - walls.brain.origin_mm
    beside = np.hypot(*(offset @ walls.brain.axes[:, :2]).T)
    near = beside <= walls.brain.patch_mm
    return float(height[near].min()) if near.any() else None


def _spacing(course_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Length of course that every point stands for, shape (K,)."""
    return np.linalg.norm(np.gradient(course_mm, axis=0), axis=1)


def _direction(tube: WalledTube, at: int, half_mm: float) -> NDArray[np.float64] | None:
    course = tube.course_mm
    away = np.linalg.norm(course - course[at], axis=1)
    near = np.flatnonzero(away <= half_mm)
    step = course[near[-1]] - course[near[0]]
    size = float(np.linalg.norm(step))
    return None if size < 1e-6 else np.asarray(step / size)
