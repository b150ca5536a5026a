"""Every separate place where a vessel comes near CN VII."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.tubes.curve import interpolate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.measurement.places.nerve_course import NerveCourse
    from nvc.model.stages import Tube, Vessel
    from nvc.settings import MeasureSettings
    from nvc.settings.groups.measure import PlacesSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Approach:
    """A place where a vessel's tube comes nearest to the nerve's tube.

    Parameters
    ----------
    vessel : int
        Index into the vessels.
    nerve_arc_mm, vessel_arc_mm : float
        Along each tube from its first point.
    nerve_mm, vessel_mm : ndarray, shape (3,)
        The two centres, mm of the working frame.
    gap_mm : float
        Centre distance less both radii; negative where the tubes overlap.
    nerve_radius_mm, vessel_radius_mm : float
        Radii there.
    is_first : bool
        Whether the vessel has no place nearer to the nerve's first point.
    """

    vessel: int
    nerve_arc_mm: float
    vessel_arc_mm: float
    nerve_mm: NDArray[np.float64]
    vessel_mm: NDArray[np.float64]
    gap_mm: float
    nerve_radius_mm: float
    vessel_radius_mm: float
    is_first: bool = False

    @property
    def towards_vessel(self) -> NDArray[np.float64]:
        """Unit vector from the nerve's centre to the vessel's, shape (3,).

        In the working frame; not square to the nerve.
        """
        apart = self.vessel_mm - self.nerve_mm
        return np.asarray(apart / max(float(np.linalg.norm(apart)), 1e-9))

    @property
    def facing_walls_mm(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The nerve's wall and the vessel's on the line between both centres.

        Shape (3,) each, mm of the working frame; where the tubes overlap, the
        vessel's comes first on that line.
        """
        direction = self.towards_vessel
        return (
            self.nerve_mm + self.nerve_radius_mm * direction,
            self.vessel_mm - self.vessel_radius_mm * direction,
        )


def find_approaches(
    course: NerveCourse,
    vessels: Sequence[Vessel],
    settings: MeasureSettings,
    reach_mm: float | None = None,
) -> list[Approach]:
    """Find every separate approach within reach, nearest first.

    Parameters
    ----------
    course : NerveCourse
        Searched from RExP (where known) to its lateral end.
    vessels : sequence of Vessel
        All vessels of both sides; far ones cost nothing.
    settings : MeasureSettings
        `search_distance_mm` and `search_margin_mm` bound the gap.
    reach_mm : float, optional
        Bounds it instead.

    Returns
    -------
    list of Approach
        Sorted by gap.
    """
    reach = settings.search_distance_mm + settings.search_margin_mm
    if reach_mm is not None:
        reach = reach_mm
    found: list[Approach] = []
    for index, vessel in enumerate(vessels):
        if len(vessel.tube.points_mm) >= 2:
            found.extend(_approaches_of(course, index, vessel.tube, reach))
    found.sort(key=lambda approach: approach.gap_mm)
    kept: list[Approach] = []
    for approach in found:
        if not any(_same_place(approach, other, settings.places) for other in kept):
            kept.append(approach)
    first: dict[int, float] = {}
    for approach in kept:
        arc = first.get(approach.vessel, np.inf)
        first[approach.vessel] = min(arc, approach.nerve_arc_mm)
    return [
        replace(approach, is_first=approach.nerve_arc_mm == first[approach.vessel])
        for approach in kept[: settings.max_contacts]
    ]


def _same_place(one: Approach, other: Approach, settings: PlacesSettings) -> bool:
    if one.vessel == other.vessel:
        near_on_nerve = abs(one.nerve_arc_mm - other.nerve_arc_mm)
        near_on_vessel = abs(one.vessel_arc_mm - other.vessel_arc_mm)
        return (
            near_on_nerve < settings.same_on_nerve_mm
            and near_on_vessel < settings.same_on_vessel_mm
        )
    # Two pieces of one artery (for example from two sequences) overlap each other.
    apart = float(np.linalg.norm(one.vessel_mm - other.vessel_mm))
    return apart < max(one.vessel_radius_mm, other.vessel_radius_mm)


def _approaches_of(
    course: NerveCourse, index: int, tube: Tube, reach_mm: float
) -> list[Approach]:
    nerve, nerve_arc = _subdivided(course.tube.points_mm, course.arc_mm)
    vessel_arc = tube.arc_length_mm()
    vessel, fine_arc = _subdivided(tube.points_mm, vessel_arc)
    widest = float(course.tube.radius_mm.max() + tube.radius_mm.max()) + reach_mm
    near = _near_box(vessel, nerve, widest)
    if not near.any():
        return []
    distance, s, t = measure_segment_distances(nerve, vessel)
    arc_n = nerve_arc[:-1, None] + s * np.diff(nerve_arc)[:, None]
    arc_v = fine_arc[None, :-1] + t * np.diff(fine_arc)[None, :]
    radius_n = np.interp(arc_n, course.arc_mm, course.tube.radius_mm)
    radius_v = np.interp(arc_v, vessel_arc, tube.radius_mm)
    gap = distance - radius_n - radius_v
    if course.root_exit_mm is not None:
        gap = np.where(arc_n >= course.root_exit_mm - 1e-6, gap, np.inf)
    lowest = ndimage.minimum_filter(gap, size=3, mode="nearest")
    minima = np.argwhere((gap <= lowest) & (gap <= reach_mm))
    return [
        Approach(
            vessel=index,
            nerve_arc_mm=float(arc_n[i, j]),
            vessel_arc_mm=float(arc_v[i, j]),
            nerve_mm=interpolate(arc_n[i, j], course.arc_mm, course.tube.points_mm),
            vessel_mm=interpolate(arc_v[i, j], vessel_arc, tube.points_mm),
            gap_mm=float(gap[i, j]),
            nerve_radius_mm=float(radius_n[i, j]),
            vessel_radius_mm=float(radius_v[i, j]),
        )
        for i, j in minima
    ]


def measure_segment_distances(
    first_mm: NDArray[np.float64], second_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Distance between every edge of one polyline and every edge of another.

    Parameters
    ----------
    first_mm, second_mm : ndarray, shape (N, 3) and (M, 3)
        The polylines, mm, both in one frame.

    Returns
    -------
    distance, s, t : ndarray, shape (N - 1, M - 1)
        Least distance of each pair of edges, mm, and where on each edge (0 to 1).

    Examples
    --------
    >>> a = np.array([[-1.0, 0.0, 0.0], [1.0, 0.0, 0.0]])
    >>> b = np.array([[0.0, -1.0, 2.0], [0.0, 3.0, 2.0]])
    >>> [value.item() for value in measure_segment_distances(a, b)]
    [2.0, 0.5, 0.25]
    """
    p, u = first_mm[:-1, None], np.diff(first_mm, axis=0)[:, None]
    q, v = second_mm[None, :-1], np.diff(second_mm, axis=0)[None]
    w = p - q
    uu = np.maximum(np.sum(u * u, axis=-1), 1e-12)
    vv = np.maximum(np.sum(v * v, axis=-1), 1e-12)
    uv, uw, vw = (np.sum(a * b, axis=-1) for a, b in ((u, v), (u, w), (v, w)))
    slope = uu * vv - uv**2
    parallel = slope < 1e-9 * uu * vv
    s = np.where(parallel, 0.5, (uv * vw - vv * uw) / np.where(parallel, 1.0, slope))
    s = np.clip(s, 0.0, 1.0)
    # Solve for t given s, then for s given the clamped t: exact for two segments.
    t = np.clip((uv * s + vw) / vv, 0.0, 1.0)
    s = np.clip((uv * t - uw) / uu, 0.0, 1.0)
    t = np.clip((uv * s + vw) / vv, 0.0, 1.0)
    apart = w + s[..., None] * u - t[..., None] * v
    return np.linalg.norm(apart, axis=-1), s, t


def _subdivided(
    points_mm: NDArray[np.float64], arc_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Split edges longer than 0.5 mm, so that local minima can be told apart."""
    pieces = [
        np.linspace(a, b, max(1, int(np.ceil((b - a) / 0.5))), endpoint=False)
        for a, b in pairwise(arc_mm.tolist())
    ]
    arc = np.concatenate([*pieces, arc_mm[-1:]])
    return interpolate(arc, arc_mm, points_mm), arc


def _near_box(
    points_mm: NDArray[np.float64], others_mm: NDArray[np.float64], margin_mm: float
) -> NDArray[np.bool_]:
    low, high = others_mm.min(axis=0) - margin_mm, others_mm.max(axis=0) + margin_mm
    return np.asarray(((points_mm >= low) & (points_mm <= high)).all(axis=1))
