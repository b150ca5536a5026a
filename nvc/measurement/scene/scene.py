"""What one local fit looks at: voxels, tubes, a brain surface, and beliefs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from nvc.measurement.scene.course_coordinates import place_points

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.measurement.places.brain_plane import BrainPlane
    from nvc.measurement.places.local_course import LocalCourse
    from nvc.model.grid import Grid, Volume
    from nvc.numerics import Layout

_NOWHERE_MM: Layout[float] = 1e3


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpectedIntensity:
    """An intensity with its spread (one sigma) before looking at these voxels."""

    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TubeInScene:
    """A tube with what is believed of it.

    Parameters
    ----------
    course : LocalCourse
        Where it runs, as far as known.
    contrast : ExpectedIntensity
        Its intensity less the background's.
    stretch_sd : float
        How far its section may be from round (log of axis over mean radius).
    terms : int
        How many powers of arc length its course may be off by.
    is_neighbour : bool
        Whether it only explains voxels and is described coarsely.
    """

    course: LocalCourse
    contrast: ExpectedIntensity
    stretch_sd: float
    terms: int
    is_neighbour: bool = False


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """Everything a local fit needs.

    Parameters
    ----------
    index : ndarray, shape (M, 3)
        Voxel indices.
    points_mm : ndarray, shape (M, 3)
        Voxel centres from `centre_mm`, mm along the axes of the volume's frame.
    intensity : ndarray, shape (M,)
        Their intensities.
    centre_mm : ndarray, shape (3,)
        Middle of the approach, mm of the volume's frame: the working frame for the
        reference, the companion's own where the vessel is fitted there.
    tubes : tuple of TubeInScene
        The measured ones first.
    surface : BrainPlane or None
        The brain's surface where it is near.
    grid : Grid
        Lattice of the volume.
    background, brain_contrast : ExpectedIntensity
        CSF's intensity, and the brain's less that.
    """

    index: NDArray[np.int_]
    points_mm: NDArray[np.float64]
    intensity: NDArray[np.float64]
    centre_mm: NDArray[np.float64]
    tubes: tuple[TubeInScene, ...]
    surface: BrainPlane | None
    grid: Grid
    background: ExpectedIntensity
    brain_contrast: ExpectedIntensity

    @property
    def voxel_terms(self) -> NDArray[np.float64]:
        """Edge (mm) and log of edge over the mean, along each axis, shape (3, 2)."""
        size = np.array(self.grid.voxel_size_mm)
        return np.stack([size, np.log(size / _mean_edge(self.grid))], axis=-1)

    def with_courses(self, courses: Sequence[LocalCourse]) -> Scene:
        """Return the scene with its tubes on other courses."""
        tubes = tuple(
            replace(tube, course=course)
            for tube, course in zip(self.tubes, courses, strict=True)
        )
        return replace(self, tubes=tubes)

    def place_voxels(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Place every voxel on every tube.

        Returns
        -------
        places : ndarray, shape (tubes, M, 3)
            Arc length from the approach, u and v, mm.
        frames : ndarray, shape (tubes, M, 2, 3)
            The section's directions along the voxel axes, unit vectors.
        """
        count = len(self.points_mm)
        places = np.empty((len(self.tubes), count, 3))
        frames = np.empty((len(self.tubes), count, 2, 3))
        axes = self.grid.axes_ras
        for number, tube in enumerate(self.tubes):
            course = tube.course
            found = place_points(self.points_mm, course, self.centre_mm)
            places[number] = found[:, :3]
            if tube.is_neighbour:
                # Past its own end a neighbour is not there.
                places[number, _past_end(found, course), 1:] = _NOWHERE_MM
            nearest = found[:, 3].astype(int)
            frames[number, :, 0] = (course.frame_u @ axes)[nearest]
            frames[number, :, 1] = (course.frame_v @ axes)[nearest]
        return places, frames


def _ball(
    grid: Grid, centre_mm: NDArray[np.float64], radius_mm: float
) -> tuple[NDArray[np.int_], NDArray[np.float64]]:
    """Indices of the voxels in a ball and their places from its centre, (N, 3)."""
    affine = grid.voxel_to_ras_mm
    middle = grid.to_voxel(centre_mm)
    extent = grid.reach_voxels(radius_mm)
    low = np.maximum(np.ceil(middle - extent), 0).astype(int)
    high = np.minimum(np.floor(middle + extent) + 1, grid.shape).astype(int)
    high = np.maximum(high, low)
    count = int(np.prod(high - low))
    index, points = np.empty((count, 3), dtype=np.int64), np.empty((count, 3))
    place = (affine[:3, :3], affine[:3, 3] - centre_mm)
    found = _fill_ball(place, (low, high), radius_mm, (index, points))
    return index[:found], points[:found]


@nb.njit(cache=True)
def _fill_ball(  # pragma: no cover - compiled
    place: tuple[NDArray[np.float64], NDArray[np.float64]],
    box: tuple[NDArray[np.int_], NDArray[np.int_]],
    radius: float,
    out: tuple[NDArray[np.int_], NDArray[np.float64]],
) -> int:
    """Write those of a box's voxels that lie near enough; returns how many.

    `place` maps an index to mm from the centre: a matrix and an offset.
    """
    edges, origin = place
    index, points = out
    low, high = box
    found = 0
    for i in range(low[0], high[0]):
        for j in range(low[1], high[1]):
            for k in range(low[2], high[2]):
                away = 0.0
                for axis in range(3):
                    along = edges[axis, 0] * i + edges[axis, 1] * j + edges[axis, 2] * k
                    points[found, axis] = along + origin[axis]
                    away += points[found, axis] ** 2
                if away <= radius * radius:
                    index[found, 0], index[found, 1], index[found, 2] = i, j, k
                    found += 1
    return found


def _past_end(found: NDArray[np.float64], course: LocalCourse) -> NDArray[np.bool_]:
    """Which placed points lie past an end of the tube itself."""
    arc = course.arc_mm
    before, beyond = found[:, 0] < arc[0], found[:, 0] > arc[-1]
    return np.asarray((before & course.ends_first) | (beyond & course.ends_last))


def _mean_edge(grid: Grid) -> float:
    return float(np.prod(grid.voxel_size_mm) ** (1 / 3))


def pick_voxels_near(
    volume: Volume,
    centre_mm: NDArray[np.float64],
    tubes: Sequence[TubeInScene],
    *,
    radius_mm: float,
    reach_mm: float,
) -> tuple[NDArray[np.int_], NDArray[np.float64], NDArray[np.float64]]:
    """Choose the voxels that tell where the measured tubes' walls lie.

    Parameters
    ----------
    volume : Volume
        The image.
    centre_mm : ndarray, shape (3,)
        Middle of the approach, mm of the volume's frame.
    tubes : sequence of TubeInScene
        Neighbours are not looked for, only the measured tubes.
    radius_mm, reach_mm : float
        Farthest from the centre, and from a measured tube's wall.

    Returns
    -------
    index : ndarray, shape (M, 3)
        Of the voxels.
    points_mm : ndarray, shape (M, 3)
        From the centre.
    intensity : ndarray, shape (M,)
        As stored.
    """
    index, points = _ball(volume.grid, centre_mm, radius_mm)
    near = np.zeros(len(points), dtype=bool)
    cut_off = np.zeros(len(points), dtype=bool)
    for tube in tubes:
        if tube.is_neighbour:
            continue
        found = place_points(points, tube.course, centre_mm)
        wall = np.hypot(found[:, 1], found[:, 2]) - tube.course.radius_mm
        near |= np.abs(wall) <= reach_mm
        # What lies past a tube's end is not described: leave it out.
        cut_off |= _past_end(found, tube.course) & (wall <= reach_mm)
    use = near & ~cut_off
    index, points = index[use], points[use]
    values = np.asarray(volume.voxels)[tuple(index.T)].astype(float)
    finite = np.isfinite(values)
    return index[finite], points[finite], values[finite]
