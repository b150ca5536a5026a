"""The stretch of a tube around one place, smooth, evenly sampled and with a frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from nvc.tubes.curve import arc_length, interpolate

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.numerics import Exact, Layout, Step

STEP_MM: Step[float] = 0.1
"""Spacing of a local course."""
HALF_LENGTH_MM: Layout[float] = 6.5
"""How far a tube is followed either way unless told otherwise: past every voxel of a
scene."""
# Half the width over which a centreline's wobble is averaged; bends of a vessel
# loop (radius 2 mm) move by less than 0.1 mm, which the fit takes back.
_SMOOTH_MM: Step[float] = 0.6
# Wider kernels suit a higher order at equal smoothing.
_KERNEL_MM: Exact[float] = 1.5 * _SMOOTH_MM
# Points farther away than this weigh nothing: 4e-6 of the nearest.
_FARTHEST_SD: Exact[float] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalCourse:
    """A centreline around one place, in the frame of the tube that it was cut from.

    Parameters
    ----------
    points_mm : ndarray, shape (K, 3)
        mm, `STEP_MM` apart.
    frame_u, frame_v : ndarray, shape (K, 3)
        Unit vectors across the course that turn as little as possible along it.
    origin : int
        Index of the place itself; arc length counts from there.
    radius_mm, position_sd_mm : float
        Of the tube at the place.
    ends_first, ends_last : bool
        Whether the tube itself ends at that end of the stretch.
    """

    points_mm: NDArray[np.float64]
    frame_u: NDArray[np.float64]
    frame_v: NDArray[np.float64]
    origin: int
    radius_mm: float
    position_sd_mm: float
    ends_first: bool
    ends_last: bool

    @property
    def arc_mm(self) -> NDArray[np.float64]:
        """Arc length from the place, shape (K,)."""
        steps = np.arange(len(self.points_mm), dtype=float) - self.origin
        return np.asarray(steps * STEP_MM)

    def shift(
        self, offset_u: NDArray[np.float64], offset_v: NDArray[np.float64]
    ) -> LocalCourse:
        """Return the course shifted across itself and sampled evenly again.

        Parameters
        ----------
        offset_u, offset_v : ndarray, shape (K,)
            How far along `frame_u` and `frame_v`, mm.

        Returns
        -------
        LocalCourse
            With the same place as its origin.
        """
        points: NDArray[np.float64] = np.asarray(
            self.points_mm
            + offset_u[:, None] * self.frame_u
            + offset_v[:, None] * self.frame_v
        )
        return _sampled(points, self, self.frame_u[self.origin])


def cut_local_course(
    tube: Tube, at_mm: float, half_length_mm: float = HALF_LENGTH_MM
) -> LocalCourse:
    """Cut out and smooth the part of a tube around an arc length.

    Parameters
    ----------
    tube : Tube
        At least two points, mm of any frame (of a companion's too).
    at_mm : float
        Arc length from its first point.
    half_length_mm : float
        How far to go each way.

    Returns
    -------
    LocalCourse
        In the tube's frame.
    """
    arc = tube.arc_length_mm()
    low = max(0.0, at_mm - half_length_mm)
    high = min(float(arc[-1]), at_mm + half_length_mm)
    at = np.linspace(low, high, max(3, round((high - low) / STEP_MM) + 1))
    # An even resampling first, so that uneven spacing does not weigh on the average.
    even = np.linspace(0.0, float(arc[-1]), max(3, round(float(arc[-1]) / 0.2) + 1))
    far = _FARTHEST_SD * _KERNEL_MM
    even = even[(even >= low - far) & (even <= high + far)]
    points = interpolate(even, arc, tube.points_mm)
    smooth = _smoothed(at, even, points)
    shell = LocalCourse(
        points_mm=smooth,
        frame_u=smooth,
        frame_v=smooth,
        origin=int(np.argmin(np.abs(at - at_mm))),
        radius_mm=float(np.interp(at_mm, arc, tube.radius_mm)),
        position_sd_mm=float(np.interp(at_mm, arc, tube.position_sd_mm)),
        ends_first=low <= 0.0,
        ends_last=high >= float(arc[-1]),
    )
    return _sampled(smooth, shell, None)


def _sampled(
    points_mm: NDArray[np.float64],
    like: LocalCourse,
    u_at_origin: NDArray[np.float64] | None,
) -> LocalCourse:
    """Sample points evenly again, keeping the place, and carry the frame along."""
    arc = arc_length(points_mm)
    at = float(arc[like.origin])
    before, after = int(at / STEP_MM), int((float(arc[-1]) - at) / STEP_MM)
    wanted = np.asarray(at + STEP_MM * np.arange(-before, after + 1, dtype=float))
    points = interpolate(wanted, arc, points_mm)
    frame_u, frame_v = _frames(points, before, u_at_origin)
    return LocalCourse(
        points_mm=points,
        frame_u=frame_u,
        frame_v=frame_v,
        origin=before,
        radius_mm=like.radius_mm,
        position_sd_mm=like.position_sd_mm,
        ends_first=like.ends_first,
        ends_last=like.ends_last,
    )


def _smoothed(
    at: NDArray[np.float64], arc: NDArray[np.float64], points: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Local-quadratic average of points: keeps straight and bent ends in place."""
    smooth = np.empty((len(at), 3))
    _average(at, arc, np.ascontiguousarray(points), smooth)
    return smooth


@nb.njit(cache=True, error_model="numpy")
def _average(  # pragma: no cover - compiled
    at: NDArray[np.float64],
    arc: NDArray[np.float64],
    points: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None:
    """Lay a parabola through the points near each place and write its value there.

    Of the normal equations, whose entries are the weights' moments m0 to m4, only the
    first unknown is wanted: by Cramer's rule. A small ridge keeps them solvable.
    """
    moments, pulls = np.empty(5), np.empty((3, 3))
    for k in range(len(at)):
        moments[:] = 0.0
        pulls[:] = 0.0
        for n in range(len(arc)):
            away = (arc[n] - at[k]) / _SMOOTH_MM
            weight = np.exp(-0.5 * (away * _SMOOTH_MM / _KERNEL_MM) ** 2)
            for power in range(5):
                moments[power] += weight
                if power <= 2:
                    for axis in range(3):
                        pulls[power, axis] += weight * points[n, axis]
                weight *= away
        m0, m1, m2, m3, m4 = moments
        ridge = 1e-6 * (m0 + m2 + m4)
        m0, middle, m4 = m0 + ridge, m2 + ridge, m4 + ridge
        of_0 = middle * m4 - m3 * m3
        of_1 = m2 * m3 - m1 * m4
        of_2 = m1 * m3 - middle * m2
        whole = m0 * of_0 + m1 * of_1 + m2 * of_2
        for axis in range(3):
            pull = of_0 * pulls[0, axis] + of_1 * pulls[1, axis] + of_2 * pulls[2, axis]
            out[k, axis] = pull / whole


def _frames(
    points: NDArray[np.float64],
    origin: int,
    u_at_origin: NDArray[np.float64] | None,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Carry a frame along the course without twisting it (parallel transport)."""
    tangent = np.empty_like(points)
    tangent[1:-1] = points[2:] - points[:-2]
    tangent[0], tangent[-1] = points[1] - points[0], points[-1] - points[-2]
    tangent /= np.maximum(np.linalg.norm(tangent, axis=1), 1e-12)[:, None]
    if u_at_origin is None:
        # Any direction serves; the one along the bend follows the tube, not the world.
        before, after = max(origin - 1, 0), min(origin + 1, len(points) - 1)
        bend = (tangent[after] - tangent[before]) / (after - before)
        spare = np.eye(3)[int(np.argmin(np.abs(tangent[origin])))]
        u_at_origin = bend if np.linalg.norm(bend) > 1e-3 else spare
    start = np.asarray(u_at_origin, dtype=np.float64)
    frame_u, frame_v = np.empty_like(tangent), np.empty_like(tangent)
    _carry(tangent, origin, start, (frame_u, frame_v))
    return frame_u, frame_v


@nb.njit(cache=True)
def _carry(  # pragma: no cover - compiled
    tangent: NDArray[np.float64],
    origin: int,
    start: NDArray[np.float64],
    out: tuple[NDArray[np.float64], NDArray[np.float64]],
) -> None:
    """Carry a direction to both ends, turned square to the tangent at each point.

    `out` receives it and the direction square to both, shape (K, 3) each.
    """
    frame_u, frame_v = out
    for step in (1, -1):
        before = start
        k = origin
        while 0 <= k < len(tangent):
            rest = before - np.sum(before * tangent[k]) * tangent[k]
            frame_u[k] = rest / max(np.sqrt(np.sum(rest * rest)), 1e-12)
            before = frame_u[k]
            for axis in range(3):
                one, two = (axis + 1) % 3, (axis + 2) % 3
                frame_v[k, axis] = (
                    tangent[k, one] * before[two] - tangent[k, two] * before[one]
                )
            k += step
