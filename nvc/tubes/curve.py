"""Courses: points in order, and what is asked of them again and again.

A course is an array of shape (N, 3), mm, in any frame; nothing here knows which. Here
it is measured, sampled anew and cut into stretches. Smoothing is in
`nvc.tubes.smoothing`, directions along and across in `nvc.tubes.frames`; between voxels
interpolates `nvc.sampling` alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.model.stages import Tube

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Grid
    from nvc.numerics import Tolerance

SAME_PLACE_MM: Tolerance[float] = 1e-6
"""Points nearer to each other than this are one."""


def unit(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a vector of length 1 in the same direction; 0 stays 0.

    Examples
    --------
    >>> unit(np.array([0.0, 3.0, 4.0])).tolist()
    [0.0, 0.6, 0.8]
    """
    return np.asarray(vector / max(float(np.linalg.norm(vector)), 1e-9))


def arc_length(points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the length of a course from its first point to each, mm, shape (N,).

    Examples
    --------
    >>> arc_length(np.array([[0.0, 0, 0], [3, 4, 0], [3, 4, 1]])).tolist()
    [0.0, 5.0, 6.0]
    """
    steps = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def course_length(points_mm: NDArray[np.float64]) -> float:
    """Return the length of a whole course, mm; 0 for a single point.

    A sum in pairs: it may differ from the last of `arc_length` in the last digit.
    """
    return float(np.linalg.norm(np.diff(points_mm, axis=0), axis=1).sum())


def nearest_index(points_mm: NDArray[np.float64], place_mm: NDArray[np.float64]) -> int:
    """Return which point of a course, shape (N, 3), is nearest to a place."""
    return int(np.argmin(np.linalg.norm(points_mm - place_mm, axis=1)))


def interpolate(
    at: NDArray[np.float64] | float,
    arc: NDArray[np.float64],
    values: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Return what several columns are between the places they are given at.

    Parameters
    ----------
    at : float or ndarray, shape (M,)
        Where they are wanted; beyond an end the end's values hold.
    arc : ndarray, shape (N,)
        Where they are given, rising; mostly arc lengths, mm.
    values : ndarray, shape (N, K)
        The columns, for example points.

    Returns
    -------
    ndarray, shape (M, K), or (K,) for a single place

    Examples
    --------
    >>> corner = np.array([[0.0, 0, 0], [2, 0, 0], [2, 2, 0]])
    >>> interpolate(3.0, arc_length(corner), corner).tolist()
    [2.0, 1.0, 0.0]
    >>> interpolate(np.array([1.0, 9.0]), arc_length(corner), corner).tolist()
    [[1.0, 0.0, 0.0], [2.0, 2.0, 0.0]]
    """
    return np.stack([np.interp(at, arc, column) for column in values.T], axis=-1)


def resample(points_mm: NDArray[np.float64], step_mm: float) -> NDArray[np.float64]:
    """Place points along a course at equal steps of about `step_mm`; ends are kept.

    Examples
    --------
    >>> resample(np.array([[0.0, 0, 0], [1, 0, 0]]), 0.4)[:, 0].tolist()
    [0.0, 0.5, 1.0]
    """
    arc = arc_length(points_mm)
    return _resample_between(points_mm, arc, (0.0, arc[-1]), step_mm)


def resample_stretch(
    points_mm: NDArray[np.float64], first_mm: float, last_mm: float, step_mm: float
) -> NDArray[np.float64]:
    """Place points at equal steps between two arc lengths of a course.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        The course.
    first_mm, last_mm : float
        Arc lengths of the first and the last point.
    step_mm : float
        About what the steps are: the stretch is cut into equal ones.

    Returns
    -------
    ndarray, shape (M, 3)
        Two points at least.
    """
    return _resample_between(
        points_mm, arc_length(points_mm), (first_mm, last_mm), step_mm
    )


def _resample_between(
    points_mm: NDArray[np.float64],
    arc: NDArray[np.float64],
    ends: tuple[float, float],
    step_mm: float,
) -> NDArray[np.float64]:
    first, last = ends
    count = max(round((last - first) / step_mm), 1) + 1
    return interpolate(np.linspace(first, last, count), arc, points_mm)


def resample_with(
    points_mm: NDArray[np.float64], values: NDArray[np.float64], step_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Place a course's points, and values that belong to them, at equal steps.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        The course; of points on one place the first counts.
    values : ndarray, shape (N, K)
        What is to be sampled with it.
    step_mm : float
        About what the steps are.

    Returns
    -------
    points_mm, values : ndarray, shape (M, 3) and (M, K)

    Examples
    --------
    >>> points = np.array([[0.0, 0, 0], [0, 0, 0], [0, 0, 1]])
    >>> there, radius = resample_with(points, np.array([[1.0], [9.0], [2.0]]), 0.5)
    >>> there[:, 2].tolist(), radius[:, 0].tolist()
    ([0.0, 0.5, 1.0], [1.0, 1.5, 2.0])
    """
    steps = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    keep = np.concatenate([[True], steps > SAME_PLACE_MM])
    points_mm, values = points_mm[keep], values[keep]
    arc = np.concatenate([[0.0], np.cumsum(steps[keep[1:]])])
    count = max(2, round(arc[-1] / step_mm) + 1)
    at = np.linspace(0.0, arc[-1], count)
    new = interpolate(at, arc, np.column_stack([points_mm, values]))
    return new[:, :3], new[:, 3:]


def sample_tube(tube: Tube, at_mm: NDArray[np.float64]) -> Tube:
    """Return a tube sampled at arc lengths, shape (M,), linear in between."""
    arc, section = tube.arc_length_mm(), tube.section_mm2
    if section is not None:
        flat = section.reshape(len(section), 9)
        section = interpolate(at_mm, arc, flat).reshape(-1, 3, 3)
    return Tube(
        points_mm=interpolate(at_mm, arc, tube.points_mm),
        radius_mm=np.interp(at_mm, arc, tube.radius_mm),
        position_sd_mm=np.interp(at_mm, arc, tube.position_sd_mm),
        section_mm2=section,
    )


def resample_tube_about(tube: Tube, step_mm: float) -> Tube:
    """Sample a tube at equal steps, as near to `step_mm` as they can be.

    See Also
    --------
    resample_tube_at_most : where no step may be longer.
    """
    arc = tube.arc_length_mm()
    count = max(round(arc[-1] / step_mm), 1) + 1
    return sample_tube(tube, np.linspace(0.0, arc[-1], count))


def resample_tube_at_most(tube: Tube, step_mm: float) -> Tube:
    """Sample a tube at equal steps, none of them longer than `step_mm`.

    A tube without length comes back as it is.

    See Also
    --------
    resample_tube_about : steps nearest to the wanted one.
    """
    arc = tube.arc_length_mm()
    if len(arc) < 2 or arc[-1] == 0.0:
        return tube
    count = int(np.ceil(arc[-1] / step_mm)) + 1
    return sample_tube(tube, np.linspace(0.0, arc[-1], count))


def runs(
    flags: NDArray[np.bool_], bridge: int = 0, least: int = 1
) -> list[tuple[int, int]]:
    """Return half-open stretches of true flags, across gaps of up to `bridge`.

    Stretches shorter than `least` are left out.

    Examples
    --------
    >>> flags = np.array([1, 1, 0, 1, 0, 0, 1], dtype=bool)
    >>> runs(flags)
    [(0, 2), (3, 4), (6, 7)]
    >>> runs(flags, bridge=1)
    [(0, 4), (6, 7)]
    >>> runs(flags, least=2)
    [(0, 2)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    found: list[tuple[int, int]] = []
    for first, stop in edges.reshape(-1, 2).tolist():
        if found and first - found[-1][1] <= bridge:
            found[-1] = (found[-1][0], stop)
        else:
            found.append((first, stop))
    return [(first, stop) for first, stop in found if stop - first >= least]


def is_mostly(flags: NDArray[np.bool_]) -> bool:
    """Tell whether more than half of the flags are true; False of none."""
    return bool(2 * np.count_nonzero(flags) > flags.size)


def box_around(
    grid: Grid, points_mm: NDArray[np.float64], margin_mm: float
) -> tuple[slice, slice, slice] | None:
    """Return the voxels that hold points and a margin around them.

    Parameters
    ----------
    grid : Grid
        The voxels.
    points_mm : ndarray, shape (N, 3)
        In the grid's own mm.
    margin_mm : float
        How far beyond the points.

    Returns
    -------
    tuple of slice or None
        None where they all lie outside the grid.
    """
    ijk = grid.to_voxel(points_mm)
    reach = grid.reach_voxels(margin_mm)
    low = np.maximum(np.floor(ijk.min(axis=0) - reach), 0).astype(int)
    high = np.minimum(np.ceil(ijk.max(axis=0) + reach) + 1, grid.shape).astype(int)
    if np.any(high <= low):
        return None
    i, j, k = (slice(int(a), int(b)) for a, b in zip(low, high, strict=True))
    return i, j, k


def find_boxed(
    places_mm: NDArray[np.float64], points_mm: NDArray[np.float64], margin_mm: float
) -> NDArray[np.bool_]:
    """Tell which places lie in the box that holds points and a margin around them.

    Parameters
    ----------
    places_mm : ndarray, shape (..., 3)
        To be told.
    points_mm : ndarray, shape (N, 3)
        In the same mm; the box has their axes.
    margin_mm : float
        How far beyond the points.

    Returns
    -------
    ndarray of bool, shape (...)
    """
    low, high = points_mm.min(axis=0) - margin_mm, points_mm.max(axis=0) + margin_mm
    boxed = np.ones(places_mm.shape[:-1], dtype=bool)
    # `np.all` along an axis of three takes several times as long.
    for axis in range(3):
        at = places_mm[..., axis]
        boxed &= (at > low[axis]) & (at < high[axis])
    return boxed
