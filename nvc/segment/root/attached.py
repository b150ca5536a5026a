"""Where CN VII meets the brainstem: root detachment, attached segment, root exit."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter
from skimage.graph import route_through_array

from nvc.model.stages import Tube
from nvc.segment.image.planes import lay_planes
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.root.ridge import go_straight_on, settle_on_ridge, weigh_off_tube
from nvc.settings.nerve import NerveSettings
from nvc.tubes.curve import resample, unit
from nvc.tubes.smoothing import smooth_course

EXIT_ESTIMATED = (
    "the attached segment does not stand out from the pons as far as the root exit: "
    "that point is estimated from anatomy"
)

FARTHEST_SDS = 2.0
"""An exit farther than this from where it is expected is not believed."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Root:
    """The nerve between brainstem and detachment.

    Parameters
    ----------
    attached : Tube
        From the root exit point (first) to the detachment (last).
    seen_mm : float
        Length over which the attached nerve stands out from the surface.
    is_complete : bool
        False where the part next to the root exit was drawn from anatomy.
    """

    attached: Tube
    seen_mm: float
    is_complete: bool


def follow_attached(
    around: Surroundings,
    free: Tube,
    neighbour: Tube,
    exit_seed_mm: NDArray[np.float64],
    skin_mm: float,
    settings: NerveSettings,
) -> Root:
    """Follow the nerve along the surface from the detachment to the root exit.

    The nerve shows as a ridge on the brain: what is dark (nerve) but lies outside
    the opened surface. The path of most ridge from the detachment towards the seed
    of the root exit is taken; it ends where the ridge ends or its centre sinks into
    the brain.

    Parameters
    ----------
    around : Surroundings
        Image, brain and head.
    free : Tube
        The free nerve, first point at the detachment.
    neighbour : Tube
        CN VIII, whose root is a ridge on the brain as well.
    exit_seed_mm : ndarray, shape (3,)
        Where the root exit is expected.
    skin_mm : float
        How far below the thresholded surface the brain really ends.
    settings : NerveSettings
        Sizes and weights.
    """
    radius = float(free.radius_mm[0])
    course = _along_ridge(around, free, neighbour, exit_seed_mm, settings)
    sizes = (radius, skin_mm)
    course, standing = settle_on_ridge(around, neighbour, course, sizes, settings)
    course, standing = go_straight_on(
        around, neighbour, (course, standing), sizes, settings
    )
    seen_mm = standing * settings.step_mm
    if seen_mm < settings.attached_seen_min_mm:
        standing = 0.0
    runs_on = seen_mm > settings.attached_longest_mm
    if runs_on:
        # What goes on in line is another ridge, and hides where the nerve ends.
        seen_mm = settings.attached_mm
        standing = seen_mm / settings.step_mm
    outer = _up_to(course, standing)[::-1]
    inner = outer[:0]
    begin, is_complete = outer[0], seen_mm >= settings.attached_full_mm
    if not is_complete:
        # The ridge was lost before a nerve of the shortest usual length ends.
        begin = _expected_exit(outer, exit_seed_mm, seen_mm, settings)
    if np.linalg.norm(begin - exit_seed_mm) > FARTHEST_SDS * settings.exit_seed_sd_mm:
        # Another structure's ridge: no exit lies there.
        begin, is_complete = exit_seed_mm, False
        outer, seen_mm = outer[-1:], 0.0
    if not is_complete:
        inner = _along_surface(around, begin, outer[0], settings.step_mm)[:-1]
    sd = [settings.attached_doubt_mm] * len(inner) + [settings.attached_sd_mm] * len(
        outer
    )
    return Root(
        attached=Tube(
            points_mm=np.concatenate([inner, outer]),
            radius_mm=np.full(len(sd), radius),
            position_sd_mm=np.array(sd),
        ),
        seen_mm=seen_mm,
        is_complete=is_complete and not runs_on,
    )


def _up_to(course: NDArray[np.float64], station: float) -> NDArray[np.float64]:
    """The first centres of a course, and the place on it where they end."""
    last = int(station)
    part = station - last
    if part < 1e-6 or last + 1 >= len(course):
        return course[: last + 1]
    end = (1.0 - part) * course[last] + part * course[last + 1]
    return np.concatenate([course[: last + 1], end[None]])


def measure_seen(
    around: Surroundings,
    attached: Tube,
    neighbour: Tube,
    skin_mm: float,
    settings: NerveSettings,
) -> float:
    """How far from the detachment a given attached nerve stands out, mm.

    Parameters
    ----------
    around : Surroundings
        Image, brain and head.
    attached : Tube
        From the root exit (first) to the detachment (last).
    neighbour, skin_mm, settings
        As in `follow_attached`.
    """
    course = resample(attached.points_mm[::-1], settings.step_mm)
    sizes = (float(attached.radius_mm[-1]), skin_mm)
    return (
        settle_on_ridge(around, neighbour, course, sizes, settings)[1]
        * settings.step_mm
    )


def _along_ridge(
    around: Surroundings,
    free: Tube,
    neighbour: Tube,
    exit_seed_mm: NDArray[np.float64],
    settings: NerveSettings,
) -> NDArray[np.float64]:
    """The path of most ridge from the detachment past the seed, at equal steps."""
    start = free.points_mm[0]
    towards = exit_seed_mm - start
    length = float(np.linalg.norm(towards))
    onward = exit_seed_mm + towards / max(length, 1e-6) * settings.beyond_exit_mm
    stack = lay_planes(
        np.stack([start, onward]),
        around.head.axes,
        step_mm=settings.step_mm,
        half_width_mm=settings.attached_half_width_mm,
        spacing_mm=settings.spacing_mm,
    )
    points = stack.points_mm()
    ridge, depth = _ridge(around, neighbour, points, settings)
    radius = float(free.radius_mm[0])
    # The centre of an attached nerve lies about one radius above the surface.
    height = (depth - radius) / max(radius, 0.3)
    cost = 0.03 + np.exp(-ridge / settings.ridge_scale)
    cost += 0.25 * np.clip(height**2, 0.0, 9.0)
    middle = points.shape[1] // 2
    off = np.sum((points[-1] - onward) ** 2, axis=-1)
    ends = cost[-1] + off / (2 * settings.exit_seed_sd_mm**2)
    end = np.unravel_index(int(np.argmin(ends)), ends.shape)
    path, _ = route_through_array(
        cost,
        (0, middle, middle),
        (len(points) - 1, int(end[0]), int(end[1])),
        fully_connected=True,
        geometric=True,
    )
    course = points[tuple(np.array(path).T)]
    course = smooth_course(course, np.full(len(course), 1.0), settings.stiffness_mm)
    return resample(course, settings.step_mm)


def _expected_exit(
    seen: NDArray[np.float64],
    exit_seed_mm: NDArray[np.float64],
    seen_mm: float,
    settings: NerveSettings,
) -> NDArray[np.float64]:
    """Where the root exit should lie beyond what is seen, mm of the working frame.

    An attached nerve goes straight on along the pons; which way, its own seen part
    tells better than any atlas. The usual length tells how far where little was seen;
    the more was seen, the likelier the nerve ends where its ridge does.
    """
    back = round(settings.attached_seen_min_mm / settings.step_mm)
    if len(seen) <= back:
        return exit_seed_mm
    onward = seen[0] - seen[back]
    onward = unit(onward)
    enough = settings.attached_full_mm - settings.attached_seen_min_mm
    likely = np.clip((settings.attached_full_mm - seen_mm) / enough, 0.0, 1.0)
    return np.asarray(seen[0] + likely * (settings.attached_mm - seen_mm) * onward)


def _along_surface(
    around: Surroundings,
    begin_mm: NDArray[np.float64],
    end_mm: NDArray[np.float64],
    step_mm: float,
) -> NDArray[np.float64]:
    """A course over the brain's surface where no nerve stands out to follow.

    The straight way is lifted to heights that run evenly from the surface (root
    exit) to the height of the last point.
    """
    line = resample(np.stack([begin_mm, end_mm]), step_mm)
    depth = np.nan_to_num(around.brain(line).astype(float), nan=0.0)
    wanted = np.linspace(0.0, depth[-1], len(line))
    lifted = line + (wanted - depth)[:, None] * around.brain.outward(line)
    lifted[-1] = end_mm
    return lifted


def _ridge(
    around: Surroundings,
    neighbour: Tube,
    points: NDArray[np.float64],
    settings: NerveSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Share of nerve outside the surface around each point, and its height."""
    n = np.nan_to_num(around.scale(points).astype(float), nan=1.0)
    depth = np.nan_to_num(around.brain(points).astype(float), nan=9.0)
    deficit = 1.0 - np.clip(n, 0.0, 1.0)
    deficit *= weigh_off_tube(neighbour, points)
    deficit *= _off_voids(n, settings)
    # Partial volume of the surface itself ends about half a millimetre out.
    outside = np.clip((depth - 0.3) / 0.4, 0.0, 1.0)
    return gaussian_filter(deficit * outside, (1.0, 1.0, 1.0)), depth


def _off_voids(n: NDArray[np.float64], settings: NerveSettings) -> NDArray[np.float64]:
    """0 within vessels, 1 from half a millimetre beyond; n of planes, shape (N, U, V).

    A vessel on the pons is a ridge too, but darker than any nerve (in a T1 brighter);
    blur makes a rim around it that is as grey as one.
    """
    spacing = (settings.step_mm, settings.spacing_mm, settings.spacing_mm)
    even = gaussian_filter(n, 0.4 / np.array(spacing))
    void = even < 2.0 * settings.too_dark
    if not void.any():
        return np.ones(n.shape)
    beyond = distance_transform_edt(~void, sampling=spacing)
    return np.asarray(np.clip((beyond - 0.2) / 0.5, 0.0, 1.0))


def join_root(root: Root, free: Tube) -> Tube:
    """Return attached segment and free nerve as one course from the root exit.

    Parameters
    ----------
    root : Root
        Its last point is the first of `free`.
    free : Tube
        From the root detachment outwards, mm of the working frame.
    """
    attached = root.attached
    return Tube(
        points_mm=np.concatenate([attached.points_mm[:-1], free.points_mm]),
        radius_mm=np.concatenate([attached.radius_mm[:-1], free.radius_mm]),
        position_sd_mm=np.concatenate(
            [attached.position_sd_mm[:-1], free.position_sd_mm]
        ),
    )
