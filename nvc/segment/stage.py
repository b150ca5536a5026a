"""The stage as a whole: nerves first, then vessels around them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from nvc.model.anatomy import Side
from nvc.model.grid import Volume
from nvc.model.stages import Aligned, Regions, Segmentation, SideNerves
from nvc.sampling import sample_array
from nvc.segment.image.brain_surface import BrainSurface, find_brain
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.nerves.side import Followed, follow_side, give_up
from nvc.segment.together.root_refit import RootFinder
from nvc.segment.together.stage import NervesFound, find_vessels
from nvc.segment.together.traced import trace_before_nerves
from nvc.settings import Settings


def segment(
    aligned: Aligned,
    regions: Regions,
    settings: Settings,
    on_progress: Callable[[float], None] | None = None,
) -> Segmentation:
    """Find nerves, brainstem and vessels of both sides.

    Parameters
    ----------
    aligned : Aligned
        The reference and its companions, in the working frame.
    regions : Regions
        Where to look, mm of the working frame.
    settings : Settings
        Of nerves and vessels, and the coarsest voxel that is judged.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Segmentation
        In mm of the working frame. In a volume of coarser voxels than
        ``input.max_slice_mm`` landmarks and nerves are given, vessels are not: thin
        ones would be missed.
    """
    report = on_progress or (lambda _fraction: None)
    around, mask = look_around(aligned, regions, settings)
    traced = trace_before_nerves(aligned, regions, mask, settings.vessels)
    report(0.2)
    if around is not None:
        around = replace(around, arteries=tuple(traced))
    followed = follow_nerves(around, regions, settings)
    report(0.5)
    sides = {side: found.nerves for side, found in followed.items()}
    coarse = _too_coarse(aligned, settings)
    if coarse is not None:
        return Segmentation(
            sides={
                side: _with_reasons(found, (coarse,)) for side, found in sides.items()
            },
            brainstem=mask,
            vessels_assessed=dict.fromkeys(Side, False),
        )
    roots = None
    if around is not None:
        roots = RootFinder(around=around, followed=followed, settings=settings)
    found = find_vessels(
        aligned,
        regions,
        NervesFound(sides=sides, traced=traced, roots=roots),
        settings.vessels,
        on_progress=lambda fraction: report(0.5 + 0.5 * fraction),
    )
    return Segmentation(
        sides={
            side: nerves
            if nerves.facial is None
            else _with_reasons(nerves, found.reasons.get(side, ()))
            for side, nerves in found.sides.items()
        },
        vessels=found.vessels,
        brainstem=mask,
        vessels_assessed=found.assessed,
        vessel_free_mm=found.free_mm,
    )


def _too_coarse(aligned: Aligned, settings: Settings) -> str | None:
    """Why vessels are not judged in this volume, or None."""
    coarsest = max(aligned.reference.grid.voxel_size_mm)
    limit = settings.input.max_slice_mm
    if coarsest <= limit * (1 + settings.input.voxel_size_tolerance):
        return None
    return (
        f"voxels are {coarsest:.1f} mm in one direction (limit {limit:.1f} mm): "
        "vessels of the size of AICA would be missed, so contact is not judged"
    )


def look_around(
    aligned: Aligned, regions: Regions, settings: Settings
) -> tuple[Surroundings | None, Volume | None]:
    """Return image and brain around both sides, and the brain's mask.

    None where no side can be evaluated, or no brain was found between the canals.
    """
    corners = [
        point
        for region in regions.sides.values()
        if region.evaluable
        for point in (region.landmarks.porus_mm, region.landmarks.root_detachment_mm)
        if point is not None
    ]
    if not corners or regions.head is None or regions.levels is None:
        return None, None
    places = np.stack(corners)
    scale = TissueScale.around(
        aligned.reference, regions.levels, places, settings.nerve.box_margin_mm
    )
    brain = find_brain(
        scale,
        regions.head,
        np.concatenate([places, regions.head.origin_mm[None]]),
        aligned.reference.grid,
        settings.nerve,
    )
    if brain is None:
        return None, None
    around = Surroundings(scale=scale, brain=brain, head=regions.head)
    return around, mask_brain(brain, aligned)


def follow_nerves(
    around: Surroundings | None, regions: Regions, settings: Settings
) -> dict[Side, Followed]:
    """Find both nerves on both sides, and say of each side why not."""
    followed = {}
    for side in Side:
        region = regions.sides[side]
        if around is not None and region.evaluable:
            followed[side] = follow_side(around, region, side, settings)
            continue
        reasons = regions.reasons
        if region.evaluable and regions.levels is not None:
            reasons = (*reasons, "no brainstem was found between the two canals")
        followed[side] = Followed(nerves=give_up(region, *reasons))
    return followed


def mask_brain(brain: BrainSurface, aligned: Aligned) -> Volume:
    """The brain's mask on the reference's own voxels."""
    grid = aligned.reference.grid
    node = brain.distance.grid
    corners: NDArray[np.float64] = np.stack(
        np.meshgrid(*[(0.0, n - 1.0) for n in node.shape], indexing="ij"), -1
    ).reshape(-1, 3)
    box = grid.to_voxel(node.to_ras_mm(corners))
    limit = np.array(grid.shape)
    low = np.clip(np.ceil(box.min(axis=0)), 0, limit).astype(int)
    high = np.clip(np.floor(box.max(axis=0)) + 1, low, limit).astype(int)
    index = np.stack(
        np.meshgrid(
            *[np.arange(a, b) for a, b in zip(low, high, strict=True)], indexing="ij"
        ),
        -1,
    )
    at = node.to_voxel(grid.to_ras_mm(index.astype(float)))
    distance = sample_array(
        brain.distance.coefficients, np.moveaxis(at, -1, 0), outside=9.0
    )
    mask = np.zeros(grid.shape, np.uint8)
    mask[tuple(slice(a, b) for a, b in zip(low, high, strict=True))] = distance <= 0
    return Volume(grid=grid, voxels=mask)


def _with_reasons(nerves: SideNerves, more: tuple[str, ...]) -> SideNerves:
    new = tuple(reason for reason in more if reason not in nerves.reasons)
    return replace(nerves, reasons=nerves.reasons + new)
