"""Tracks as if fitted to straight tubes of a known level."""

from __future__ import annotations

import numpy as np

from nvc.segment.dark.track import Track
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.values import Fitted

VOID, GREY = -0.6, 0.05
RADIUS_MM = 0.6
STEP_MM = 0.5


def fitted_line(first_mm, last_mm, lumen=VOID, y_mm=0.0, radius_mm=RADIUS_MM):
    """Stations along x; `lumen` is one level or one a station."""
    x = np.arange(first_mm, last_mm + 0.1, STEP_MM)
    points = np.stack([x, np.full_like(x, y_mm), np.zeros_like(x)], axis=1)
    return fitted_through(points, lumen, radius_mm)


def fitted_through(points, lumen=VOID, radius_mm=RADIUS_MM):
    """Stations at these points, as if fitted to a tube of this lumen."""
    every = np.ones(len(points))
    return Course(
        points_mm=points,
        radius_mm=radius_mm * every,
        contrast=(lumen - 1.0) * every,
        fitted=Fitted(
            centre_mm=points,
            radius_mm=radius_mm * every,
            contrast=(lumen - 1.0) * every,
            level=every,
            centre_sd_mm=0.05 * every,
            radius_sd_mm=0.05 * every,
            contrast_sd=0.05 * every,
            misfit=every,
            gain=100.0 * every,
            loss=every,
            voxels=50.0 * every,
        ),
    )


IN_THE_OPEN, AT_AN_EDGE = 0.97, 0.45
"""Shares of fluid around."""


def track(course, number=0, free=True, shown=None, fluid=None, bone=0.0):
    """All of it seen, in the open or at an edge."""
    every = np.ones(len(course), dtype=bool)
    seen = every if shown is None else shown
    if fluid is None:
        fluid = np.where(every & free, IN_THE_OPEN, AT_AN_EDGE)
    return Track(
        course=course,
        shown=seen,
        free=every & free,
        fluid=fluid * every,
        bone=bone * every,
        number=number,
    )


def nerve(first_mm=0.0, last_mm=15.0):
    """CN VII, straight along x."""
    x = np.arange(first_mm, last_mm + 0.1, 0.25)
    return Course(
        points_mm=np.stack([x, np.zeros_like(x), np.zeros_like(x)], axis=1),
        radius_mm=np.full(len(x), 0.8),
        contrast=np.full(len(x), -1.0),
    )
