"""A stack of parallel-like planes across a course, and sampling through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nvc.tubes.curve import resample
from nvc.tubes.smoothing import round_corners

if TYPE_CHECKING:
    from nvc.sampling import Sampler


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlaneStack:
    """Planes across a course, one every `step_mm`.

    Parameters
    ----------
    origins_mm : ndarray, shape (S, 3)
        A point of each plane, on the course; mm of the working frame.
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
        """Map plane numbers (N,) and in-plane positions (N, 2) to points (N, 3), mm."""
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


def lay_planes(
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
        Vertices, mm of the working frame.
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
