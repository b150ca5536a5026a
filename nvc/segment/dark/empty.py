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
from nvc.segment.image.balls import fit_ball, roll_ball
from nvc.tubes.curve import find_boxed, resample_tube_about
from nvc.tubes.frames import rings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.numerics import Count, Domain, Step, Tolerance
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.vessels import EmptySettings
    from nvc.tubes.stations.course import Course

_NODE_MM: Step[float] = 0.4
_STEP_MM: Step[float] = 0.5
_GAP_STEP_MM: Step[float] = 0.25
_ANGLES: Count[int] = 16

_FAR_MM: Domain[float] = 2.0
"""From a wall, where blur of a voxel leaves nothing of a tube."""

_NOTHING: Tolerance[float] = 0.02
"""Of brain or bone, in open fluid."""


def measure_empty_mm(
    around: Surroundings,
    facial: Tube,
    known: tuple[Sequence[Tube | Course], Sequence[Tube]],
    settings: VesselsSettings,
) -> float:
    """How far from CN VII's wall a thin vessel would have shown, and none does.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    facial : Tube
        CN VII from its root exit to the porus.
    known : tuple of two sequences of Tube or Course
        Other nerves, as far as they go on, and vessels.
    settings : VesselsSettings
        The thinnest vessel that is looked for, and how far.

    Returns
    -------
    float
        mm, at most `settings.empty.farthest_mm`; 0 where something that may be a
        vessel lies at the nerve, or where the image would not show one.
    """
    nerve = resample_tube_about(facial, _STEP_MM)
    limits = settings.empty
    margin = limits.farthest_mm + limits.bone_radius_mm + 2.0
    grid = _nodes(around, nerve.points_mm, margin)
    level = around.scale(grid.to_ras_mm(_indices(grid))).astype(float)
    inside = np.isfinite(level)
    # As wide as what is looked for.
    calm_mm = settings.smallest_radius_mm
    calm = ndimage.gaussian_filter(np.where(inside, level, 1.0), calm_mm / _NODE_MM)
    lost, noise = _expect(around, settings)
    if lost < limits.sure_sds * noise:
        return 0.0
    near = [[tube for tube in one if _comes_near(tube, nerve, margin)] for one in known]
    tubes = ([nerve, *near[0]], near[1])
    held = _may_hold_vessel(around, calm, tubes, grid, lost, settings)
    return _first_met_mm(nerve, held | ~inside, grid, limits.farthest_mm)


def _comes_near(tube: Tube | Course, nerve: Tube, reach_mm: float) -> bool:
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

    Both after smoothing by its radius, brain 0 and CSF 1.
    """
    radius = settings.smallest_radius_mm
    voxel = np.array(around.scale.sampler.grid.voxel_size_mm)
    blur = float(np.hypot(settings.point_spread_voxels * voxel.mean(), radius))
    # The middle of a disc blurred by a Gaussian.
    middle = 1.0 - float(np.exp(-0.5 * (radius / blur) ** 2))
    lost = (1.0 - around.scale.dark) * middle
    # White noise of a voxel, averaged by a Gaussian of that width.
    shared = float(np.prod(np.minimum(voxel / (2.0 * np.sqrt(np.pi) * radius), 1.0)))
    return lost, around.scale.noise * float(np.sqrt(shared))


def _may_hold_vessel(
    around: Surroundings,
    calm: NDArray[np.float64],
    tubes: tuple[Sequence[Tube | Course], Sequence[Tube | Course]],
    grid: Grid,
    lost: float,
    settings: VesselsSettings,
) -> NDArray[np.bool_]:
    """Nodes that are darker than all that is known there explains."""
    half_mm = 0.5 * around.scale.sampler.grid.voxel_size_mm[0]
    blur = float(np.hypot(settings.smallest_radius_mm, half_mm))

    def share(gap_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of what has its wall this far off; walls are known to `wall_mm`."""
        return np.asarray(ndtr((settings.wall_mm - gap_mm) / blur))

    dark = calm < 0.5 * around.scale.dark
    bone_like = _find_bone(dark, settings.empty)
    to_bone = ndimage.distance_transform_edt(~bone_like) * _NODE_MM
    to_bone -= settings.empty.bone_rim_mm
    points = grid.to_ras_mm(_indices(grid))
    depth = np.nan_to_num(around.brain(points).astype(float), nan=9.0)
    # What several walls leave of the fluid in a corner between them.
    open_share, no_bone = 1.0 - share(depth), 1.0 - share(to_bone)
    for tube in tubes[0]:
        open_share *= 1.0 - share(_wall_gap_mm(tube, points))
    for tube in tubes[1]:
        no_bone *= 1.0 - share(_wall_gap_mm(tube, points))
    open_fluid = np.minimum(open_share, no_bone) > 1.0 - _NOTHING
    usual = float(np.median(calm[open_fluid])) if open_fluid.any() else 1.0
    expected = (1.0 - no_bone) * around.scale.dark + no_bone * open_share * usual
    return np.asarray(calm < expected - 0.5 * lost)


def _wall_gap_mm(
    tube: Tube | Course, points_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Distance to a tube's wall; infinite where that is too far to matter."""
    reach = float(tube.radius_mm.max()) + _FAR_MM
    boxed = find_boxed(points_mm, tube.points_mm, reach)
    wall_mm = np.full(points_mm.shape[:-1], np.inf)
    gap, near = cKDTree(tube.points_mm).query(
        points_mm[boxed], distance_upper_bound=reach
    )
    wall_mm[boxed] = gap - np.append(tube.radius_mm, 0.0)[near]
    return wall_mm


def _find_bone(dark: NDArray[np.bool_], settings: EmptySettings) -> NDArray[np.bool_]:
    """What holds a ball wider than a vessel, and the thin lips that it ends in."""
    ball = settings.bone_radius_mm / _NODE_MM
    bone = roll_ball(fit_ball(dark, ball), ball)
    lips = round(settings.lips_mm / _NODE_MM)
    return np.asarray(ndimage.binary_dilation(bone & dark, iterations=lips, mask=dark))


def _first_met_mm(
    nerve: Tube, may_hold: NDArray[np.bool_], grid: Grid, farthest_mm: float
) -> float:
    """Gap at which anything that may be a vessel is met first."""
    ring = rings(nerve.points_mm, _ANGLES)
    last = np.array(grid.shape) - 1
    for gap in np.arange(_GAP_STEP_MM, farthest_mm + 1e-6, _GAP_STEP_MM):
        reach = nerve.radius_mm[:, None] + gap
        at = grid.to_voxel(nerve.points_mm + reach * ring).round().astype(int)
        met = may_hold[tuple(np.clip(at, 0, last).reshape(-1, 3).T)]
        # One node may err; a vessel passes several.
        if met.reshape(at.shape[:2]).sum() >= 3:
            return float(gap - _GAP_STEP_MM)
    return farthest_mm
