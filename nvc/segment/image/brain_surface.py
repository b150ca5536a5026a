"""The brain's surface without the nerves and vessels that lie on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cc3d
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from nvc.model.grid import Grid, Volume
from nvc.model.stages import HeadFrame
from nvc.sampling import Sampler
from nvc.segment.image.balls import fit_ball, roll_ball
from nvc.segment.image.tissue_scale import TissueScale
from nvc.settings.nerve import NerveSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class BrainSurface:
    """Signed distance to the surface of brainstem and cerebellum.

    Parameters
    ----------
    distance : Sampler
        Distance in mm, positive outside the brain; linear between nodes.
    mask : Volume
        uint8, the same region on the same nodes.
    """

    distance: Sampler
    mask: Volume

    def __call__(self, points_mm: NDArray[np.float64]) -> NDArray[np.float32]:
        """Signed distance in mm at points of shape (..., 3); NaN beyond."""
        return self.distance(points_mm)

    def outward(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit vectors away from the brain at points (N, 3); zero beyond the box."""
        # Steps along the lattice's own axes: the world's would make an oblique scan
        # come out differently.
        axes = self.distance.grid.axes_ras
        half = 0.5 * axes.T[:, None]
        fore, back = self(np.stack([points_mm + half, points_mm - half]))
        gradient = np.moveaxis(fore - back, 0, -1).astype(float) @ axes.T
        gradient = np.nan_to_num(gradient)
        length = np.linalg.norm(gradient, axis=-1, keepdims=True)
        return gradient / np.maximum(length, 1e-9)


def find_brain(
    scale: TissueScale,
    head: HeadFrame,
    corners_mm: NDArray[np.float64],
    reference: Grid,
    settings: NerveSettings,
) -> BrainSurface | None:
    """Outline brainstem and cerebellum between the two sides.

    Brain is what lies between bone or flow void (or fat) and half of CSF on the
    tissue scale. An opening by a ball wider than a nerve takes nerves, vessels and
    the thin partial-volume skins of bone away; what remains connected to the middle
    of the brainstem is brain.

    Parameters
    ----------
    scale : TissueScale
        The reference around the region.
    head : HeadFrame
        Its origin lies on the midline at the height of the canals.
    corners_mm : ndarray, shape (N, 3)
        Points that the region must hold, mm of the working frame.
    reference : Grid
        The reference's lattice; gives the nodes their directions and anchor, so that
        they do not move with the seeds.
    settings : NerveSettings
        Node distance, opening radius, limits.

    Returns
    -------
    BrainSurface or None
        None where no brain is found at the midline.
    """
    node = settings.surface_node_mm
    grid = _box(corners_mm, reference, node, margin_mm=settings.surface_margin_mm)
    return _surface(
        scale,
        grid,
        lambda core: _component_at_midline(core, grid, head, settings),
        settings,
    )


def find_brain_again(
    before: BrainSurface,
    scale: TissueScale,
    points_mm: NDArray[np.float64],
    margin_mm: float,
    settings: NerveSettings,
) -> BrainSurface:
    """Outline the brain again around some places, in an image without vessels.

    A vessel that lies beside a nerve on the brain makes both as wide as the opening
    ball: the first outline then has the nerve in it.

    Parameters
    ----------
    before : BrainSurface
        The first outline; what lies deep in it is brain.
    scale : TissueScale
        The image, which must hold the box.
    points_mm : ndarray, shape (N, 3)
        Places, mm of the working frame.
    margin_mm : float
        Around them.
    settings : NerveSettings
        Node distance, opening radius, limits.

    Returns
    -------
    BrainSurface
        Of the box alone; `before` where no brain is left.
    """
    node = settings.surface_node_mm
    grid = _box(points_mm, before.distance.grid, node, margin_mm=margin_mm)
    depth = before(grid.to_ras_mm(_indices(grid)))
    deep = np.nan_to_num(depth, nan=0.0) < -settings.opening_radius_mm

    def deep_parts(core: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
        labels = cc3d.connected_components(core, connectivity=6)
        kept = np.unique(labels[deep & core])
        return np.isin(labels, kept) if kept.size else None

    found = _surface(scale, grid, deep_parts, settings)
    return before if found is None else found


def _indices(grid: Grid) -> NDArray[np.float64]:
    return np.moveaxis(np.indices(grid.shape, dtype=float), 0, -1)


def _surface(
    scale: TissueScale,
    grid: Grid,
    choose: Callable[[NDArray[np.bool_]], NDArray[np.bool_] | None],
    settings: NerveSettings,
) -> BrainSurface | None:
    """Outline the brain on a lattice; `choose` keeps the right part of its core."""
    node = settings.surface_node_mm
    n = scale(grid.to_ras_mm(_indices(grid)))
    known = np.isfinite(n)
    n = ndimage.gaussian_filter(
        np.where(known, n, 1.0), settings.surface_sigma_mm / node
    )
    brain = known & (n < 0.5) & (n > _darkest_brain(scale, settings))
    radius = settings.opening_radius_mm / node
    core = choose(fit_ball(brain, radius))
    if core is None:
        return None
    opened = ndimage.binary_fill_holes(roll_ball(core, radius) & brain)
    signed = ndimage.distance_transform_edt(~opened) - ndimage.distance_transform_edt(
        opened
    )
    signed = np.where(signed > 0, signed - 0.5, signed + 0.5) * node
    signed = ndimage.gaussian_filter(signed, settings.surface_sigma_mm / node)
    return BrainSurface(
        distance=Sampler(
            grid=grid,
            coefficients=signed.astype(np.float32),
            order=1,
            outside=float("nan"),
        ),
        mask=Volume(grid=grid, voxels=opened.astype(np.uint8)),
    )


def _darkest_brain(scale: TissueScale, settings: NerveSettings) -> float:
    """Level at which brain ends and bone or a flow void begins, brain 0 and CSF 1.

    Where brain gives little signal bone is hardly darker: half way between the two
    tells them apart in any sequence.
    """
    if scale.bone is None:
        return settings.void_level
    return max(settings.void_level, 0.5 * scale.bone)


def _box(
    corners_mm: NDArray[np.float64],
    reference: Grid,
    node_mm: float,
    *,
    margin_mm: float,
) -> Grid:
    """Lattice along the reference's axes that holds the corners and a margin."""
    axes, anchor = reference.axes_ras, reference.voxel_to_ras_mm[:3, 3]
    along = (corners_mm - anchor) @ axes
    low = np.floor((along.min(axis=0) - margin_mm) / node_mm)
    shape = np.ceil((along.max(axis=0) + margin_mm) / node_mm - low).astype(int) + 1
    affine = np.eye(4)
    affine[:3, :3] = axes * node_mm
    affine[:3, 3] = anchor + axes @ (low * node_mm)
    return Grid(shape=(shape[0], shape[1], shape[2]), voxel_to_ras_mm=affine)


def _component_at_midline(
    core: NDArray[np.bool_], grid: Grid, head: HeadFrame, settings: NerveSettings
) -> NDArray[np.bool_] | None:
    """The connected part that fills most of the midline near the head's origin."""
    labels = cc3d.connected_components(core, connectivity=6)
    ijk = np.argwhere(core)
    if len(ijk) == 0:
        return None
    where = np.abs(head.to_head(grid.to_ras_mm(ijk.astype(float))))
    near = np.all(where < np.array(settings.midline_half_mm), axis=1)
    if not near.any():
        return None
    votes = np.bincount(labels[tuple(ijk[near].T)])
    return labels == int(np.argmax(votes))
