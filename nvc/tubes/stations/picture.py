"""An image made ready for fitting, and how sharp it really is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nvc.settings.fixed import FIXED
from nvc.tubes.disc import POINT_SPREAD_PER_VOXEL
from nvc.tubes.stations.course import Course, Expectation, lay_stations
from nvc.tubes.stations.fit import fit_stations
from nvc.tubes.stations.values import Picture

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid, Volume
    from nvc.numerics import Count, Step
    from nvc.tubes.stations.values import Neighbours

WIDTHS: Step[tuple[float, ...]] = (0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.45, 1.8)
"""Point spreads that are tried, relative to the one assumed."""

MOST_STATIONS: Count[int] = 24
LEAST_STATIONS: Count[int] = 8


def spread_in_mm2(grid: Grid, point_spread_voxels: float) -> NDArray[np.float64]:
    """Return the covariance of the point spread in mm^2, shape (3, 3)."""
    edges = grid.axes_ras * np.array(grid.voxel_size_mm)
    return np.asarray(
        edges @ edges.T * (POINT_SPREAD_PER_VOXEL * point_spread_voxels) ** 2
    )


def make_picture(
    volume: Volume, zero: float, unit: float, noise: float, point_spread_voxels: float
) -> Picture:
    """Scale a volume so that `zero` becomes 0 and `zero` + `unit` becomes 1."""
    affine = np.array(volume.grid.voxel_to_ras_mm, dtype=float)
    voxels = (np.asarray(volume.voxels, dtype=np.float32) - np.float32(zero)) / unit
    spread = spread_in_mm2(volume.grid, point_spread_voxels)
    return Picture(
        voxels=np.ascontiguousarray(voxels, dtype=np.float32),
        to_mm=affine,
        to_voxel=np.asarray(np.linalg.inv(affine), dtype=float),
        spread_mm2=spread,
        noise=max(noise / abs(unit), 1e-4),
        reach_mm=0.6 + 2.5 * float(np.sqrt(np.trace(spread) / 3.0)),
    )


def measure_spread(
    picture: Picture, courses: list[Course], around: Neighbours
) -> Picture:
    """Return the picture with the point spread that its wide tubes show.

    A tube much wider than the blur has an edge whose softness is the blur itself.
    Scanners interpolate and filter, so that the voxel size alone does not tell.

    Parameters
    ----------
    picture : Picture
        With an assumed point spread.
    courses : list of Course
        Vessels, fitted at least once.
    around : Neighbours
        Other tubes.
    """
    blur = float(np.sqrt(np.trace(picture.spread_mm2) / 3.0))
    pieces = []
    for course in courses:
        if course.fitted is None:
            continue
        size = course.radius_mm / blur
        shown = course.fitted.gain / np.maximum(course.fitted.voxels, 1.0)
        low, high = FIXED.tube.spread_radii
        usable = (size > low) & (size < high)
        usable &= shown > FIXED.tube.spread_gain_min
        usable[:2] = usable[-2:] = False
        pieces += [(course, int(n)) for n in np.flatnonzero(usable)]
    if len(pieces) < LEAST_STATIONS:
        return picture
    chosen = pieces[:: max(1, len(pieces) // MOST_STATIONS)]
    losses = np.zeros((len(WIDTHS), len(chosen)))
    for row, width in enumerate(WIDTHS):
        trial = picture._replace(spread_mm2=picture.spread_mm2 * width**2)
        for column, (course, n) in enumerate(chosen):
            piece = course.cut(n - 2, n + 3)
            places = lay_stations(trial, piece, Expectation(contrast_sd=0.3))
            middle: dict[str, Any] = {
                name: value[2:3]
                for name, value in places._asdict().items()
                if isinstance(value, np.ndarray)
            }
            one = places._replace(**middle)
            losses[row, column] = fit_stations(trial, one, around).loss[0]
    width = _lowest(np.median(losses - losses.min(axis=0), axis=1))
    return picture._replace(spread_mm2=picture.spread_mm2 * width**2)


def _lowest(loss: NDArray[np.float64]) -> float:
    """Width at the bottom of a parabola through the lowest loss and its neighbours."""
    at = np.log(np.array(WIDTHS))
    best = int(np.clip(np.argmin(loss), 1, len(WIDTHS) - 2))
    curve = np.polyfit(at[best - 1 : best + 2], loss[best - 1 : best + 2], 2)
    if curve[0] <= 0.0:
        return float(WIDTHS[int(np.argmin(loss))])
    return float(np.exp(np.clip(-0.5 * curve[1] / curve[0], at[0], at[-1])))
