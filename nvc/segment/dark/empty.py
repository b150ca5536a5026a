"""How far around CN VII nothing lies that could be a vessel.

A vessel that is not seen is absent only where it would have been seen. Every place
around the nerve is looked at: fluid as bright as fluid holds no vessel; brain, bone and
nerves hold none as far as they are no darker than they should be; what is darker than
that may be one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree
from scipy.special import ndtr

from nvc.model.grid import Grid
from nvc.tubes.curve import resample_tube_about
from nvc.tubes.frames import rings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings import VesselsSettings

_NODE_MM = 0.4
_CALM_MM = 0.3
"""Smoothing, one sigma: as wide as the thinnest vessel that is looked for."""

_WALL_MM = 0.2
"""How far off a wall may be: half a voxel."""

_BONE_RADIUS_MM = 1.6
"""Bone holds this ball; vessels of the angle, but for the largest, do not."""

_LIPS_MM = 1.6
"""How far the edges of the porus reach beyond what holds that ball."""

_SURE_SDS = 4.0
"""Noise makes one of ten thousand places look like a vessel by that."""

_RIM_MM = 0.3
"""Where bone meets fluid, half of its level is reached this far within it."""

_FAR_MM = 2.0
"""From a wall, where blur of a voxel leaves nothing of a tube."""

_ANGLES = 16
_STEP_MM = 0.5
_FARTHEST_MM = 3.0
_GAP_STEP_MM = 0.25


def measure_empty_mm(
    around: Surroundings,
    facial: Tube,
    known: tuple[list[Tube], list[Tube]],
    settings: VesselsSettings,
) -> float:
    """How far from CN VII's wall a thin vessel would have shown, and none does.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    facial : Tube
        CN VII from its root exit to the porus.
    known : tuple of two lists of Tube
        Other nerves, and vessels.
    settings : VesselsSettings
        The thinnest vessel that is looked for.

    Returns
    -------
    float
        mm, at most `_FARTHEST_MM`; 0 where something that may be a vessel lies at the
        nerve, or where the image would not show one.
    """
    nerve = resample_tube_about(facial, _STEP_MM)
    margin = _FARTHEST_MM + _BONE_RADIUS_MM + 2.0
    grid = _nodes(around, nerve.points_mm, margin)
    level = around.scale(grid.to_ras_mm(_indices(grid))).astype(float)
    inside = np.isfinite(level)
    calm = ndimage.gaussian_filter(np.where(inside, level, 1.0), _CALM_MM / _NODE_MM)
    lost, noise = _expect(around, settings)
    if lost < _SURE_SDS * noise:
        return 0.0
    near = [[tube for tube in one if _comes_near(tube, nerve, margin)] for one in known]
    tubes = ([nerve, *near[0]], near[1])
    may_hold = _may_hold_vessel(around, calm, tubes, grid, lost) | ~inside
    return _first_met_mm(nerve, may_hold, grid)


def _comes_near(tube: Tube, nerve: Tube, reach_mm: float) -> bool:
    gap, _ = cKDTree(nerve.points_mm).query(tube.points_mm)
    return bool((gap - tube.radius_mm).min() < reach_mm)


def _nodes(
    around: Surroundings, points_mm: NDArray[np.float64], margin_mm: float
) -> Grid:
    """Nodes along the image's own axes that hold the points and a margin."""
    axes = around.scale.sampler.grid.axes_ras
    along = points_mm @ axes
    low = np.floor((along.min(axis=0) - margin_mm) / _NODE_MM)
    size = np.ceil((along.max(axis=0) + margin_mm) / _NODE_MM - low).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = axes * _NODE_MM
    affine[:3, 3] = axes @ (low * _NODE_MM)
    return Grid(shape=(size[0], size[1], size[2]), voxel_to_ras_mm=affine)


def _indices(grid: Grid) -> NDArray[np.float64]:
    return np.moveaxis(np.indices(grid.shape, dtype=float), 0, -1)


def _expect(around: Surroundings, settings: VesselsSettings) -> tuple[float, float]:
    """What the thinnest vessel takes from the fluid at its middle, and the noise there.

    Both after smoothing, brain 0 and CSF 1.
    """
    voxel = np.array(around.scale.sampler.grid.voxel_size_mm)
    blur = float(np.hypot(settings.point_spread_voxels * voxel.mean(), _CALM_MM))
    # The middle of a disc blurred by a Gaussian.
    middle = 1.0 - float(np.exp(-0.5 * (settings.smallest_radius_mm / blur) ** 2))
    lost = (1.0 - around.scale.dark) * middle
    # White noise of a voxel, averaged by a Gaussian of that width.
    shared = float(np.prod(np.minimum(voxel / (2.0 * np.sqrt(np.pi) * _CALM_MM), 1.0)))
    return lost, around.scale.noise * float(np.sqrt(shared))


def _may_hold_vessel(
    around: Surroundings,
    calm: NDArray[np.float64],
    tubes: tuple[list[Tube], list[Tube]],
    grid: Grid,
    lost: float,
) -> NDArray[np.bool_]:
    """Nodes that are darker than all that is known there explains."""
    blur = float(np.hypot(_CALM_MM, 0.5 * around.scale.sampler.grid.voxel_size_mm[0]))

    def share(gap_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of what has its wall this far off; walls are known to `_WALL_MM`."""
        return np.asarray(ndtr((_WALL_MM - gap_mm) / blur))

    dark = calm < 0.5 * around.scale.dark
    bone_like = _find_bone(dark)
    to_bone = ndimage.distance_transform_edt(~bone_like) * _NODE_MM - _RIM_MM
    points = grid.to_ras_mm(_indices(grid))
    depth = np.nan_to_num(around.brain(points).astype(float), nan=9.0)
    grey, bone = share(depth), share(to_bone)
    for tube in tubes[0]:
        grey = np.maximum(grey, share(_wall_gap_mm(tube, points)))
    for tube in tubes[1]:
        bone = np.maximum(bone, share(_wall_gap_mm(tube, points)))
    open_fluid = (grey < 0.02) & (bone < 0.02)
    usual = float(np.median(calm[open_fluid])) if open_fluid.any() else 1.0
    expected = bone * around.scale.dark + (1.0 - bone) * (1.0 - grey) * usual
    return np.asarray(calm < expected - 0.5 * lost)


def _wall_gap_mm(tube: Tube, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """Distance to a tube's wall; infinite where that is too far to matter."""
    reach = float(tube.radius_mm.max()) + _FAR_MM
    gap, near = cKDTree(tube.points_mm).query(points_mm, distance_upper_bound=reach)
    return np.asarray(gap - np.append(tube.radius_mm, 0.0)[near])


def _find_bone(dark: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """What holds a ball wider than a vessel, and the thin lips that it ends in."""
    deep = ndimage.distance_transform_edt(dark) * _NODE_MM > _BONE_RADIUS_MM
    bone = ndimage.distance_transform_edt(~deep) * _NODE_MM <= _BONE_RADIUS_MM
    lips = round(_LIPS_MM / _NODE_MM)
    return np.asarray(ndimage.binary_dilation(bone & dark, iterations=lips, mask=dark))


def _first_met_mm(nerve: Tube, may_hold: NDArray[np.bool_], grid: Grid) -> float:
    """Gap at which anything that may be a vessel is met first."""
    ring = rings(nerve.points_mm, _ANGLES)
    last = np.array(grid.shape) - 1
    for gap in np.arange(_GAP_STEP_MM, _FARTHEST_MM + 1e-6, _GAP_STEP_MM):
        reach = nerve.radius_mm[:, None] + gap
        at = grid.to_voxel(nerve.points_mm + reach * ring).round().astype(int)
        met = may_hold[tuple(np.clip(at, 0, last).reshape(-1, 3).T)]
        # One node may err; a vessel passes several.
        if met.reshape(at.shape[:2]).sum() >= 3:
            return float(gap - _GAP_STEP_MM)
    return _FARTHEST_MM
