"""Landmarks that a person set, in place of the proposals."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.stages import (
    Aligned,
    HeadFrame,
    Origin,
    Regions,
    SideLandmarks,
    SideRegion,
    TissueLevels,
)
from nvc.regions.head.head_frame import build_head_frame
from nvc.regions.head.levels import (
    estimate_noise,
    measure_brain_of_csf,
    measure_contrast,
)
from nvc.regions.t1.stage import measure_dark_csf_levels
from nvc.sampling import block_mean, crop

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.settings.regions import RegionsSettings

_MARKS = ("root_exit_point_mm", "root_detachment_mm", "porus_mm", "fundus_mm")


def apply_given(
    aligned: Aligned,
    regions: Regions,
    given: Mapping[Side, SideLandmarks],
    settings: RegionsSettings,
) -> Regions:
    """Put a person's landmarks in place of the proposals of their sides.

    Where the search found no head at all, pose and levels follow from the given
    pori, so that a person can help out.

    Parameters
    ----------
    aligned : Aligned
        The reference.
    regions : Regions
        What was found without help.
    given : mapping of Side to SideLandmarks
        Points that are None keep their proposal.
    settings : RegionsSettings
        Expected places in head coordinates.

    Returns
    -------
    Regions
        A side with a porus can be evaluated; its landmarks count as confirmed.
    """
    if regions.head is None or regions.levels is None:
        regions = _from_pori(aligned, regions, given, settings)
    sides = dict(regions.sides)
    for side, landmarks in given.items():
        sides[side] = _confirmed(side, sides[side], landmarks, regions, settings)
    return replace(regions, sides=sides)


def _confirmed(
    side: Side,
    region: SideRegion,
    given: SideLandmarks,
    regions: Regions,
    settings: RegionsSettings,
) -> SideRegion:
    """Overwrite what was given; keep or derive what was not."""
    marks = {
        name: getattr(region.landmarks, name)
        if getattr(given, name) is None
        else getattr(given, name)
        for name in _MARKS
    }
    porus, head = marks["porus_mm"], regions.head
    if porus is None or head is None or regions.levels is None:
        landmarks = SideLandmarks(**marks, source=Origin.CONFIRMED)
        return replace(region, landmarks=landmarks)
    reasons: tuple[str, ...] = () if given.porus_mm is not None else region.reasons
    flip = np.array([side.sign, 1.0, 1.0])
    if marks["root_detachment_mm"] is None:
        step = head.axes @ (flip * np.array(settings.porus_to_detachment_mm))
        marks["root_detachment_mm"] = porus + step
    if marks["root_exit_point_mm"] is None:
        step = head.axes @ (flip * np.array(settings.detachment_to_exit_mm))
        marks["root_exit_point_mm"] = marks["root_detachment_mm"] + step
    return replace(
        region,
        landmarks=SideLandmarks(**marks, source=Origin.CONFIRMED),
        evaluable=region.evaluable or given.porus_mm is not None,
        reasons=reasons,
    )


def _from_pori(
    aligned: Aligned,
    regions: Regions,
    given: Mapping[Side, SideLandmarks],
    settings: RegionsSettings,
) -> Regions:
    """Return regions whose pose and levels rest on the given pori alone."""
    pori = {
        side: np.asarray(marks.porus_mm, dtype=float)
        for side, marks in given.items()
        if marks.porus_mm is not None
    }
    if not pori:
        return regions
    head = _pose(aligned, pori, settings)
    levels = (
        _levels(aligned, pori, head, settings)
        if aligned.csf_is_bright
        else measure_dark_csf_levels(aligned.reference, head)
    )
    if levels is None:
        return regions
    return replace(regions, head=head, levels=levels)


def _pose(
    aligned: Aligned,
    pori: Mapping[Side, NDArray[np.float64]],
    settings: RegionsSettings,
) -> HeadFrame:
    """Take the line between both pori as the head's right, else the grid's."""
    grid = aligned.reference.grid
    right: NDArray[np.float64] = grid.axes_ras[:, 0]
    if len(pori) == 2:
        across = pori[Side.RIGHT] - pori[Side.LEFT]
        middle = (pori[Side.RIGHT] + pori[Side.LEFT]) / 2
        return build_head_frame(grid, across, middle)
    side, porus = next(iter(pori.items()))
    aside = side.sign * settings.porus_lateral_mm * right
    return build_head_frame(grid, right, porus - aside)


def _levels(
    aligned: Aligned,
    pori: Mapping[Side, NDArray[np.float64]],
    head: HeadFrame,
    settings: RegionsSettings,
) -> TissueLevels | None:
    """Measure the levels about the first porus where that works."""
    reference = aligned.reference
    coarse = block_mean(reference, settings.coarse_voxel_mm)
    brain = measure_brain_of_csf(coarse, head, settings.levels)
    for side, porus in pori.items():
        outward = side.sign * head.axes[:, 0]
        petrous = crop(coarse, (porus + 14.0 * outward)[None], 10.0)
        fossa = crop(coarse, np.stack([porus, porus - 20.0 * outward]), 16.0)
        noise = estimate_noise(crop(reference, porus[None], 20.0))
        contrast = measure_contrast(petrous, fossa, noise, brain, settings.levels)
        if contrast is not None:
            return contrast.tissue
    return None
