"""A stack of parallel-like planes across a course, and sampling through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import make_smoothing_spline
from scipy.ndimage import gaussian_filter1d

if TYPE_CHECKING:
    from nvc.sampling import Sampler


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneStack:
    """Planes across a course, one every `step_mm`.

    Parameters
    ----------
    origins_mm : ndarray, shape (S, 3)
        A point of each plane, on the course; RAS mm.
    u, v, along : ndarray, shape (S, 3)
        Unit vectors: within the plane towards anterior (`u`) and superior (`v`) as
        far as the plane allows, and across it along the course.
    offsets_mm : ndarray, shape (W,)
        Sampled positions along `u` and `v` in every plane.
    """

    origins_mm: NDArray[np.float64]
    u: NDArray[np.float64]
    v: NDArray[np.float64]
    along: NDArray[np.float64]
    offsets_mm: NDArray[np.float64]

    @property
    def spacing_mm(self) -> float:
        """Distance of neighbouring samples within a plane."""
        return float(self.offsets_mm[1] - self.offsets_mm[0])

    def points_mm(self) -> NDArray[np.float64]:
        """All sample points, shape (S, W, W, 3): plane, u, v."""
        along_u = self.offsets_mm[None, :, None, None] * self.u[:, None, None, :]
        along_v = self.offsets_mm[None, None, :, None] * self.v[:, None, None, :]
        return self.origins_mm[:, None, None, :] + along_u + along_v

    def to_ras_mm(
        self, index: NDArray[np.intp], uv_mm: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Map plane numbers (N,) and in-plane positions (N, 2) to RAS mm (N, 3)."""
        return (
            self.origins_mm[index]
            + uv_mm[:, :1] * self.u[index]
            + uv_mm[:, 1:] * self.v[index]
        )

    def to_plane(
        self, index: int, points_mm: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """In-plane position (N, 2) of points (N, 3) dropped onto plane `index`."""
        offset = points_mm - self.origins_mm[index]
        return np.stack([offset @ self.u[index], offset @ self.v[index]], axis=-1)

    def crossing(
        self, index: int, course_mm: NDArray[np.float64]
    ) -> NDArray[np.float64] | None:
        """Where a polyline (N, 3) crosses plane `index`: (2,), or None.

        Of several crossings the one nearest to the plane's origin is returned.
        """
        height = (course_mm - self.origins_mm[index]) @ self.along[index]
        change = np.flatnonzero(height[:-1] * height[1:] <= 0)
        if change.size == 0:
            return None
        span = height[change + 1] - height[change]
        fraction = np.where(np.abs(span) > 1e-12, -height[change] / span, 0.5)[:, None]
        hits = course_mm[change] * (1 - fraction) + course_mm[change + 1] * fraction
        uv = self.to_plane(index, hits)
        return uv[np.argmin(np.linalg.norm(uv, axis=1))]

    def sample(self, sampler: Sampler) -> NDArray[np.float32]:
        """Intensities on all sample points, shape (S, W, W)."""
        return sampler(self.points_mm())


def planes_along(
    course_mm: NDArray[np.float64],
    head_axes: NDArray[np.float64],
    *,
    step_mm: float,
    half_width_mm: float,
    spacing_mm: float,
    corner_mm: float = 0.0,
) -> PlaneStack:
    """Lay planes across a polyline.

    Parameters
    ----------
    course_mm : ndarray, shape (N, 3)
        Vertices, RAS mm.
    head_axes : ndarray, shape (3, 3)
        Columns right, anterior, superior; `u` and `v` follow them.
    step_mm, half_width_mm, spacing_mm : float
        Distance of planes; extent and sampling of each.
    corner_mm : float
        Gaussian width over which corners of the polyline are rounded.
    """
    points = resample(course_mm, step_mm)
    if corner_mm > 0:
        points = round_corners(points, corner_mm / step_mm)
        points = resample(points, step_mm)
    along = np.gradient(points, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    anterior = head_axes[:, 1] - (along @ head_axes[:, 1])[:, None] * along
    u = anterior / np.linalg.norm(anterior, axis=1, keepdims=True)
    v = np.cross(along, u)
    v *= np.where(v @ head_axes[:, 2] >= 0, 1.0, -1.0)[:, None]
    count = round(half_width_mm / spacing_mm)
    offsets = np.arange(-count, count + 1, dtype=float) * float(spacing_mm)
    return PlaneStack(origins_mm=points, u=u, v=v, along=along, offsets_mm=offsets)


def resample(course_mm: NDArray[np.float64], step_mm: float) -> NDArray[np.float64]:
    """Resample a polyline (N, 3) to equal steps; both ends are kept."""
    lengths = np.linalg.norm(np.diff(course_mm, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(lengths)])
    count = max(round(arc[-1] / step_mm), 1)
    at = np.linspace(0.0, arc[-1], count + 1)
    return np.stack([np.interp(at, arc, course_mm[:, k]) for k in range(3)], axis=1)


def round_corners(points: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Smooth a course with fixed ends: deviations from the chord are filtered."""
    chord = np.linspace(0, 1, len(points))[:, None]
    straight = points[0] * (1 - chord) + points[-1] * chord
    # Odd reflection keeps both ends where they are.
    padded = np.concatenate(
        [
            -(points - straight)[::-1][:-1],
            points - straight,
            -(points - straight)[::-1][1:],
        ]
    )
    smooth = gaussian_filter1d(padded, sigma, axis=0, mode="nearest")
    return straight + smooth[len(points) - 1 : 2 * len(points) - 1]


def smooth_course(
    points_mm: NDArray[np.float64],
    sd_mm: NDArray[np.float64],
    stiffness_mm: float,
) -> NDArray[np.float64]:
    """Weighted cubic smoothing spline through noisy centres.

    Parameters
    ----------
    points_mm : ndarray, shape (N, 3)
        Centres in order.
    sd_mm : ndarray, shape (N,)
        Their uncertainty; a large value lets the course pass at a distance.
    stiffness_mm : float
        Structures shorter than about this are smoothed away.

    Returns
    -------
    ndarray, shape (N, 3)
    """
    if len(points_mm) < 5:
        return points_mm.copy()
    steps = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(np.maximum(steps, 1e-3))])
    weight = 1.0 / sd_mm**2
    weight = weight / np.median(weight)
    spacing = arc[-1] / (len(arc) - 1)
    # Cut-off of a cubic smoothing spline: lam = (L / 2 pi)^4 / spacing for weight 1.
    lam = (stiffness_mm / (2 * np.pi)) ** 4 / spacing
    columns = [
        make_smoothing_spline(arc, points_mm[:, k], w=weight, lam=lam)(arc)
        for k in range(3)
    ]
    return np.stack(columns, axis=1)
