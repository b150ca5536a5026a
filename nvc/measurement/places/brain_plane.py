"""The brain's surface near one place, from a mask: a gently bent plane."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.settings.groups.measure import SurfaceSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.numerics import Count, Step

_PATCH_STEP_MM: Step[float] = 0.1
_FEWEST_FACES: Count[int] = 30


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrainPlane:
    """A patch of surface as height over a plane, quadratic in the plane.

    Parameters
    ----------
    origin_mm : ndarray, shape (3,)
        A point of the plane, mm of the mask's frame (in stages: the working frame).
    axes : ndarray, shape (3, 3)
        Columns, in the same frame: two directions in the plane, the outward normal.
    heights : ndarray, shape (6,)
        Coefficients of 1, x, y, x x, x y, y y, with x, y and the height in mm.
    sd_mm : float
        How far the true surface may lie off.
    patch_mm : float
        How far around a point it is described.
    """

    origin_mm: NDArray[np.float64]
    axes: NDArray[np.float64]
    heights: NDArray[np.float64]
    sd_mm: float
    patch_mm: float = SurfaceSettings().patch_mm

    def depth_mm(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Height of points above the surface, to first order.

        Parameters
        ----------
        points_mm : ndarray, shape (M, 3)
            mm of the plane's frame.

        Returns
        -------
        ndarray, shape (M, 3)
            Height, negative inside the brain, and the two plane coordinates, mm.
        """
        x, y, z = self._on_patch(points_mm)
        slope_x, slope_y = self._slopes(x, y)
        height = z - _terms(x, y) @ self.heights
        return np.stack([height / np.sqrt(1 + slope_x**2 + slope_y**2), x, y], axis=-1)

    def outward(self, point_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit normal of the surface under a point, away from the brain.

        Point, mm, and normal, shape (3,), in the plane's frame.
        """
        x, y, _ = self._on_patch(point_mm[None])
        slope_x, slope_y = self._slopes(x, y)
        normal = self.axes @ np.array([-slope_x[0], -slope_y[0], 1.0])
        return np.asarray(normal / np.linalg.norm(normal))

    def _on_patch(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Plane coordinates and height over the plane, shape (3, M)."""
        x, y, z = ((points_mm - self.origin_mm) @ self.axes).T
        # Beyond the patch the surface goes on as it was at its rim.
        far = np.maximum(np.hypot(x, y) / self.patch_mm, 1.0)
        return np.stack([x / far, y / far, z])

    def _slopes(
        self, x: NDArray[np.float64], y: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        _, h_x, h_y, h_xx, h_xy, h_yy = self.heights
        return h_x + 2 * h_xx * x + h_xy * y, h_y + 2 * h_yy * y + h_xy * x

    def distance_mm(self, point_mm: NDArray[np.float64]) -> float:
        """Distance of one point, shape (3,), from the patch, mm.

        The point is in the plane's frame; 0 on the patch and inside the brain.
        """
        if self.depth_mm(point_mm[None])[0, 0] <= 0:
            return 0.0
        steps = np.arange(-self.patch_mm, self.patch_mm + 1e-9, _PATCH_STEP_MM)
        x, y = (axis.ravel() for axis in np.meshgrid(steps, steps))
        height = _terms(x, y) @ self.heights
        own = (point_mm - self.origin_mm) @ self.axes
        apart = np.stack([x, y, height], axis=-1) - own
        return float(np.linalg.norm(apart, axis=1).min())


def measure_brain_distance_mm(
    mask: Volume | None,
    point_mm: NDArray[np.float64],
    is_brainstem: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
    settings: SurfaceSettings | None = None,
) -> float | None:
    """Measure how far a point lies from the brainstem.

    The nearest face between voxels of the mask leads to the patch of smooth surface
    that is then measured to, below the size of a voxel; where the surface is too
    rough for a patch, the face itself counts.

    Parameters
    ----------
    mask : Volume or None
        uint8, non-zero inside the brain.
    point_mm : ndarray, shape (3,)
        The point, mm of the mask's frame (in stages: the working frame).
    is_brainstem : callable
        Tells of surface points, shape (N, 3), mm of the same frame, which belong to
        the brainstem: bool, shape (N,).
    settings : SurfaceSettings, optional
        How far it is looked for.

    Returns
    -------
    float or None
        mm; None where no brainstem lies within reach.
    """
    if mask is None:
        return None
    settings = settings or SurfaceSettings()
    for reach in settings.reaches_mm:
        faces, _ = _faces(mask, point_mm, reach)
        faces = faces[is_brainstem(faces)] if len(faces) else faces
        if not len(faces):
            continue
        away = np.linalg.norm(faces - point_mm, axis=1)
        nearest = int(np.argmin(away))
        if away[nearest] > reach:
            continue
        found = float(away[nearest])
        plane = fit_brain_plane(mask, faces[nearest], settings)
        smooth = found if plane is None else plane.distance_mm(point_mm)
        is_near = abs(smooth - found) <= max(mask.grid.voxel_size_mm)
        return smooth if is_near else found
    return None


def fit_brain_plane(
    mask: Volume | None,
    centre_mm: NDArray[np.float64],
    settings: SurfaceSettings | None = None,
) -> BrainPlane | None:
    """Fit the surface of a mask near a point.

    Parameters
    ----------
    mask : Volume or None
        uint8, non-zero inside the brain.
    centre_mm : ndarray, shape (3,)
        The point, mm of the mask's frame (in stages: the working frame).
    settings : SurfaceSettings, optional
        How far it is described, and how rough it may be.

    Returns
    -------
    BrainPlane or None
        In the mask's frame; None where no surface lies within reach, or it is too rough
        to describe.
    """
    if mask is None:
        return None
    settings = settings or SurfaceSettings()
    faces, outward = _faces(mask, centre_mm, settings.patch_mm)
    near = np.linalg.norm(faces - centre_mm, axis=1) <= settings.patch_mm
    faces, outward = faces[near], outward[near]
    if len(faces) < _FEWEST_FACES:
        return None
    normal = outward.mean(axis=0)
    size = float(np.linalg.norm(normal))
    if size < settings.one_sided_min:
        return None
    normal /= size
    spare = np.eye(3)[int(np.argmin(np.abs(normal)))]
    first = np.cross(normal, spare)
    first /= np.linalg.norm(first)
    axes = np.stack([first, np.cross(normal, first), normal], axis=-1)
    origin = faces.mean(axis=0)
    x, y, z = ((faces - origin) @ axes).T
    terms = _terms(x, y)
    heights, *_ = np.linalg.lstsq(terms, z, rcond=None)
    rough = float(np.sqrt(np.mean((z - terms @ heights) ** 2)))
    edge = max(mask.grid.voxel_size_mm)
    if rough > settings.roughest * edge:
        return None
    return BrainPlane(
        origin_mm=origin,
        axes=axes,
        heights=heights,
        sd_mm=max(rough, edge / 2),
        patch_mm=settings.patch_mm,
    )


def _terms(x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)


def _faces(
    mask: Volume, centre_mm: NDArray[np.float64], reach_mm: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres and outward directions of voxel faces between inside and outside."""
    grid = mask.grid
    middle = grid.to_voxel(centre_mm)
    extent = reach_mm / np.array(grid.voxel_size_mm) + 1
    low = np.clip(np.floor(middle - extent), 0, grid.shape).astype(int)
    high = np.clip(np.ceil(middle + extent) + 1, 0, grid.shape).astype(int)
    if np.any(high - low < 2):
        return np.empty((0, 3)), np.empty((0, 3))
    inside = (
        np.asarray(mask.voxels)[
            tuple(slice(a, b) for a, b in zip(low, high, strict=True))
        ]
        != 0
    )
    faces, outward = [], []
    for axis in range(3):
        change = np.diff(inside.astype(np.int8), axis=axis)
        at = np.argwhere(change != 0)
        sign = -change[tuple(at.T)].astype(float)
        where = at + low + 0.5 * np.eye(3)[axis]
        faces.append(grid.to_ras_mm(where))
        outward.append(sign[:, None] * grid.axes_ras[:, axis])
    return np.concatenate(faces), np.concatenate(outward)
