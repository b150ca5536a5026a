"""CN VII once more, with the vessels beside it known.

The nerve is followed before any vessel is known, and kept stiff so that it does not
run off along one. Where a vessel pushes it aside it is then drawn too straight. With
vessels and CN VIII as neighbours in the same fit the voxels that are theirs no longer
pull at it, and it may bend as they make it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.stages import Origin
from nvc.tubes.curve import arc_length, interpolate
from nvc.tubes.stations.course import Course, Expectation, follow, is_shown
from nvc.tubes.stations.known import (
    NERVE_CONTRAST,
    extend_nerves,
    join_neighbours,
    make_neighbours,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import SideNerves, Tube
    from nvc.settings.groups.vessels import TurnsSettings
    from nvc.tubes.stations.values import Picture


def refit_beside_vessels(
    picture: Picture,
    nerves: SideNerves,
    vessels: list[Course],
    settings: TurnsSettings,
) -> SideNerves:
    """Fit CN VII again with vessels and CN VIII as its neighbours.

    Parameters
    ----------
    picture : Picture
        Of the reference, brain 0 and CSF 1.
    nerves : SideNerves
        As they were followed.
    vessels : list of Course
        Of the same world, with their contrast on the picture's scale.
    settings : TurnsSettings
        How far from where it was it may be found.

    Returns
    -------
    SideNerves
        With CN VII where the voxels put it, and the root exit at its first point
        unless a reader has set that.
    """
    facial, eighth = nerves.facial, nerves.vestibulocochlear
    if facial is None or len(facial.points_mm) < 4:
        return nerves
    known = extend_nerves([eighth]) if eighth is not None else []
    around = join_neighbours(
        [make_neighbours(known, 0.15, 0.15), make_neighbours(vessels, 0.15, 0.25)]
    )
    start = Course(
        points_mm=facial.points_mm,
        radius_mm=facial.radius_mm,
        contrast=np.full(len(facial.points_mm), NERVE_CONTRAST),
    )
    # A nerve is as grey as brain and keeps its calibre; its place is what is asked.
    expect = Expectation(
        centre_sd_mm=0.3,
        radius_log_sd=0.15,
        contrast_sd=0.15,
        pooled_contrast_sd=0.08,
        contrast_smoothing_mm=20.0,
    )
    found = follow(picture, start, expect, around, rounds=2)
    if found.fitted is None or not np.isfinite(found.points_mm).all():
        return nerves
    points, radius = _as_sampled(found, facial)
    near = np.linalg.norm(points - facial.points_mm, axis=1) <= settings.width_mm
    points = _held(points, facial.points_mm, near & _shows(found, len(points)))
    joined = _joined(facial, eighth)
    points = np.where(joined[:, None], facial.points_mm, points)
    radius = np.where(joined, facial.radius_mm, radius)
    landmarks = nerves.landmarks
    if landmarks.source is not Origin.CONFIRMED:
        landmarks = replace(landmarks, root_exit_point_mm=points[0])
    return replace(
        nerves,
        facial=replace(facial, points_mm=points, radius_mm=radius),
        landmarks=landmarks,
    )


def _as_sampled(
    found: Course, facial: Tube
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Sample a course at the same shares of its length as CN VII was."""
    arc = arc_length(found.points_mm)
    old = facial.arc_length_mm()
    at = old / old[-1] * arc[-1]
    points = interpolate(at, arc, found.points_mm)
    return points, np.interp(at, arc, found.radius_mm)


def _shows(found: Course, count: int) -> NDArray[np.bool_]:
    """Where the nerve shows in the image, at `count` places along the course."""
    fit = found.fitted
    assert fit is not None
    seen = is_shown(fit)
    at = np.rint(np.linspace(0, len(seen) - 1, count)).astype(int)
    return np.asarray(seen[at])


def _held(
    points: NDArray[np.float64], before: NDArray[np.float64], shown: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Past the last place that shows, a course moves as that place does.

    Drawn on from its last bend, an end that is only estimated would run far off.
    """
    seen = np.flatnonzero(shown)
    if not seen.size:
        return before
    shift = points - before
    nearest = np.clip(np.arange(len(points)), seen[0], seen[-1])
    return np.asarray(before + shift[nearest])


def _joined(facial: Tube, eighth: Tube | None) -> NDArray[np.bool_]:
    """Where CN VII stands for the band of both nerves; it stays as it is there."""
    if eighth is None or not len(eighth.points_mm):
        return np.zeros(len(facial.points_mm), dtype=bool)
    gap = cKDTree(eighth.points_mm).query(facial.points_mm)[0]
    return np.asarray(gap < facial.radius_mm)
