"""The brain's surface under the root of CN VII, to a fraction of a voxel.

Where a nerve lifts off the brain the fluid between the two is thinner than a voxel:
blur fills the wedge, a threshold closes it, and the nerve seems to detach too far out.
So the surface is fitted there instead: a smooth sheet below tubes that are already
known, drawn, blurred like the image and compared with it voxel by voxel.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from nvc.tubes.curve import resample_tube_about

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.numerics import Count, Step, Tolerance
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings

_COARSE_MM: Step[float] = 0.4
"""Between compared places: under a voxel."""
_FINER: Count[int] = 2
"""The sheet is drawn on a lattice this much finer, then blurred."""
_MARGIN: Count[int] = 4
"""Fine steps around the window that only the blur sees."""
_ITERATIONS: Count[int] = 6
_SETTLED_MM: Tolerance[float] = 0.01
_STEP: Step[tuple[float, ...]] = (0.05, 0.02, 0.02, 0.01, 0.01, 0.01)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootSurface:
    """A sheet ``w = h + a u + b v + c u^2 + d v^2 + e u v`` in a frame of its own.

    Parameters
    ----------
    origin_mm : ndarray, shape (3,)
        mm of the working frame.
    frame : ndarray, shape (3, 3)
        Rows: unit vectors u (along the nerve, outwards), v (across) and w (away from
        the brain).
    half_mm : tuple of float
        Half extents of the window that was fitted, along u, v and w.
    shape : ndarray, shape (6,)
        h, a, b, c, d, e; mm.
    misfit : float
        Robust spread of what is left, of the step from brain to CSF.
    """

    origin_mm: NDArray[np.float64]
    frame: NDArray[np.float64]
    half_mm: tuple[float, float, float]
    shape: NDArray[np.float64]
    misfit: float

    def __call__(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Signed distance to first order, mm, positive outside; points (..., 3)."""
        local = (points_mm - self.origin_mm) @ self.frame.T
        return _height(local, self.shape)

    def covers(self, points_mm: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which points lie over the window that was fitted."""
        local = np.abs((points_mm - self.origin_mm) @ self.frame.T)
        return np.asarray(np.all(local[..., :2] <= np.array(self.half_mm[:2]), axis=-1))


def _height(
    local: NDArray[np.float64], shape: NDArray[np.float64]
) -> NDArray[np.float64]:
    u, v, w = local[..., 0], local[..., 1], local[..., 2]
    h, a, b, c, d, e = shape
    sheet = h + a * u + b * v + c * u * u + d * v * v + e * u * v
    slope = (a + 2 * c * u + e * v) ** 2 + (b + 2 * d * v + e * u) ** 2
    return np.asarray((w - sheet) / np.sqrt(1.0 + slope))


def fit_root_surface(
    around: Surroundings,
    nerves: Sequence[Tube],
    at_mm: NDArray[np.float64],
    along: NDArray[np.float64],
    settings: NerveSettings,
) -> RootSurface | None:
    """Fit the brain's surface below a nerve.

    Parameters
    ----------
    around : Surroundings
        Image and the thresholded surface, which the fit starts from.
    nerves : sequence of Tube
        CN VII and its neighbours, as they were found.
    at_mm : ndarray, shape (3,)
        A place on CN VII near its detachment, mm of the working frame.
    along : ndarray, shape (3,)
        Direction of CN VII away from the brainstem.
    settings : NerveSettings
        Blur, and how far the sheet may differ from the thresholded surface.

    Returns
    -------
    RootSurface or None
        None where there is no surface to start from or the sheet does not describe
        the image.
    """
    window = _window(around, nerves, at_mm, along, settings)
    if window is None:
        return None
    start = _start(around, window, settings.root.start_places_min)
    if start is None:
        return None
    prior_sd = np.array(
        [settings.sheet_height_sd_mm]
        + [settings.sheet_slope_sd] * 2
        + [settings.sheet_bend_sd_per_mm] * 3
    )
    shape, left = _settle(window, start, prior_sd, settings.root.loss)
    misfit = float(1.4826 * np.median(np.abs(left)))
    moved = abs(float(shape[0] - start[0]))
    if misfit > settings.sheet_misfit_max or moved > settings.sheet_shift_max_mm:
        return None
    return RootSurface(
        origin_mm=window.origin_mm,
        frame=window.frame,
        half_mm=settings.root.window_half_mm,
        shape=shape,
        misfit=misfit,
    )


def _settle(
    window: _Window,
    start: NDArray[np.float64],
    prior_sd: NDArray[np.float64],
    loss: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The sheet that explains the window best, and what it leaves (Gauss-Newton)."""
    shape, most = start.copy(), np.array(_STEP)
    left = window.residual(shape)
    for _ in range(_ITERATIONS):
        weight = 1.0 / (1.0 + (left / loss) ** 2)
        slope = np.stack(
            [
                (window.residual(shape + step) - left) / step.sum()
                for step in np.diag(most)
            ],
            axis=-1,
        )
        # Neighbouring places share voxels: fewer than they are count.
        scale = max(float(1.4826 * np.median(np.abs(left))), 0.03) ** 2
        scale *= window.repeat
        normal = (slope * weight[:, None]).T @ slope / scale + np.diag(prior_sd**-2)
        pull = (slope * weight[:, None]).T @ left / scale + (
            shape - start
        ) / prior_sd**2
        step = np.linalg.solve(normal, pull)
        shape = shape - np.clip(step, -4 * most, 4 * most)
        left = window.residual(shape)
        if abs(step[0]) < _SETTLED_MM:
            break
    return shape, left


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Window:
    """What the sheet is compared with.

    Parameters
    ----------
    origin_mm, frame : ndarray
        As in `RootSurface`.
    fine : ndarray, shape (I, J, K, 3)
        Places that are drawn, in the frame.
    open_mm : ndarray, shape (I, J, K)
        Share of each place that no nerve takes, 0 to 1.
    coarse : tuple of slice
        Which of them are compared.
    values : ndarray, shape (M,)
        The image there, brain 0 and CSF 1.
    known : ndarray of bool, shape (I', J', K')
        Which of the coarse places count.
    sigma : float
        Blur in fine steps.
    repeat : float
        Compared places a voxel.
    """

    origin_mm: NDArray[np.float64]
    frame: NDArray[np.float64]
    fine: NDArray[np.float64]
    open_share: NDArray[np.float64]
    coarse: tuple[slice, slice, slice]
    values: NDArray[np.float64]
    known: NDArray[np.bool_]
    sigma: float
    repeat: float

    def residual(self, shape: NDArray[np.float64]) -> NDArray[np.float64]:
        """Drawn less seen, with the levels that fit best, shape (M,)."""
        step = _COARSE_MM / _FINER
        outside = np.clip(0.5 + _height(self.fine, shape) / step, 0.0, 1.0)
        layers = [outside * self.open_share, outside * (1.0 - self.open_share)]
        drawn = [
            ndimage.gaussian_filter(layer.astype(np.float32), self.sigma)[self.coarse][
                self.known
            ]
            for layer in layers
        ]
        design = np.stack([np.ones(len(self.values)), *drawn], axis=-1)
        # Levels of brain, CSF and nerve follow from a few that are known roughly.
        prior = np.diag([5.0, 5.0, 20.0])
        expected = np.array([0.0, 1.0, 0.0])
        pull = design.T @ (self.values - design @ expected)
        levels = expected + np.linalg.solve(design.T @ design + prior, pull)
        return np.asarray(design @ levels - self.values)


def _window(
    around: Surroundings,
    nerves: Sequence[Tube],
    at_mm: NDArray[np.float64],
    along: NDArray[np.float64],
    settings: NerveSettings,
) -> _Window | None:
    off = around.brain.outward(at_mm[None])[0]
    depth = float(around.brain(at_mm[None])[0])
    if not np.isfinite(depth) or np.linalg.norm(off) < 0.5:
        return None
    origin = at_mm - depth * off
    u = along - (along @ off) * off
    if np.linalg.norm(u) < settings.root.slope_min:
        u = np.cross(off, around.head.axes[:, 0])
    u = u / np.linalg.norm(u)
    frame = np.stack([u, np.cross(off, u), off])
    step = _COARSE_MM / _FINER
    axes = [
        np.arange(-round(half / step) - _MARGIN, round(half / step) + _MARGIN + 1)
        * step
        for half in settings.root.window_half_mm
    ]
    fine = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    inner = slice(_MARGIN, -_MARGIN, _FINER)
    coarse = (inner, inner, inner)
    places = origin + fine[coarse] @ frame
    values = around.scale(places).astype(float)
    scale = around.scale
    known = np.isfinite(values) & (values > settings.void_level)
    edge = float(np.mean(scale.sampler.grid.voxel_size_mm))
    volume = float(np.prod(scale.sampler.grid.voxel_size_mm))
    return _Window(
        origin_mm=origin,
        frame=frame,
        fine=fine,
        open_share=_open_share(origin + fine @ frame, nerves, step),
        coarse=coarse,
        values=np.clip(values[known], -0.3, 1.3),
        known=known,
        sigma=settings.blur_voxels * edge / step,
        repeat=max(volume / _COARSE_MM**3, 1.0),
    )


def _open_share(
    places_mm: NDArray[np.float64], nerves: Sequence[Tube], step_mm: float
) -> NDArray[np.float64]:
    """Share of each place that no nerve takes, with edges one fine step wide."""
    share = np.ones(places_mm.shape[:-1])
    for tube in nerves:
        fine = resample_tube_about(tube, 0.1)
        reach = float(fine.radius_mm.max()) + 0.5 * step_mm
        gap, near = cKDTree(fine.points_mm).query(places_mm, distance_upper_bound=reach)
        near = np.minimum(near, len(fine.points_mm) - 1)
        share *= np.clip(0.5 + (gap - fine.radius_mm[near]) / step_mm, 0.0, 1.0)
    return share


def _start(
    around: Surroundings, window: _Window, places_min: int
) -> NDArray[np.float64] | None:
    """A sheet through the thresholded surface, away from the nerves."""
    local = window.fine[window.coarse]
    depth = around.brain(window.origin_mm + local @ window.frame).astype(float)
    near = np.isfinite(depth) & (np.abs(depth) < 1.0)
    if near.sum() < places_min:
        return None
    u, v = local[..., 0][near], local[..., 1][near]
    w = local[..., 2][near] - depth[near]
    design = np.stack([np.ones_like(u), u, v, u * u, v * v, u * v], axis=-1)
    ridge = np.diag([0.0, 1.0, 1.0, 30.0, 30.0, 30.0])
    weight = np.ones_like(u)
    shape = np.zeros(6)
    for _ in range(4):
        normal = (design * weight[:, None]).T @ design + ridge
        shape = np.linalg.solve(normal, (design * weight[:, None]).T @ w)
        weight = 1.0 / (1.0 + ((w - design @ shape) / 0.4) ** 2)
    return shape
