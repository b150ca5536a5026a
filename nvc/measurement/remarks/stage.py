"""What else a reader must not miss: numbers beside what is usual, never a diagnosis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.remarks.arteries import remark_on_basilar, remark_on_bulges
from nvc.measurement.remarks.cistern import remark_on_filling
from nvc.measurement.remarks.coverage import remark_on_coverage, remark_on_slices
from nvc.model.study import SequenceRole

if TYPE_CHECKING:
    from nvc.model.findings import Remark
    from nvc.model.stages import Aligned, Regions, Segmentation
    from nvc.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundRemarks:
    """What was remarked on, and what could not be looked at.

    Parameters
    ----------
    remarks : tuple of Remark
        Masses first, then arteries, then the scan itself.
    not_looked_at : tuple of str
        What, and why.
    """

    remarks: tuple[Remark, ...]
    not_looked_at: tuple[str, ...]


def find_remarks(
    aligned: Aligned,
    regions: Regions,
    segmentation: Segmentation,
    settings: Settings,
) -> FoundRemarks:
    """Measure what else a reader must not miss.

    Parameters
    ----------
    aligned : Aligned
        The reference and its companions.
    regions : Regions
        The head's directions, tissue levels, and where the canals lie.
    segmentation : Segmentation
        Vessels with their names.
    settings : Settings
        Limits of remarks and of slices.

    Returns
    -------
    FoundRemarks
        Also for sides that are not evaluable.
    """
    own, grid = settings.remarks, aligned.reference.grid
    filling, without_filling = remark_on_filling(aligned, regions, own)
    arteries, without_arteries = _arteries(aligned, regions, segmentation, settings)
    cut_off, without_coverage = remark_on_coverage(grid, regions, own)
    missing = (*without_filling, *without_arteries, without_coverage)
    return FoundRemarks(
        remarks=(
            *filling,
            *arteries,
            *cut_off,
            *remark_on_slices(grid, settings.input),
        ),
        not_looked_at=tuple(reason for reason in missing if reason is not None),
    )


def _arteries(
    aligned: Aligned, regions: Regions, segmentation: Segmentation, settings: Settings
) -> tuple[list[Remark], tuple[str, ...]]:
    """Measure arteries, where flow shows them."""
    if SequenceRole.TOF not in aligned.companions or segmentation.labels is not None:
        return [], ("calibre, course and bulges of arteries: they need an angiography",)
    vessels, head = segmentation.vessels, regions.head
    bulges = remark_on_bulges(vessels, head, settings.remarks)
    if head is None:
        return bulges, ("the basilar artery: where the midline lies is not known",)
    roots = [
        head.to_head(side.landmarks.root_exit_point_mm)[2]
        for side in regions.sides.values()
        if side.landmarks.root_exit_point_mm is not None
    ]
    height = float(np.mean(roots)) if roots else None
    basilar, missing = remark_on_basilar(vessels, head, height, settings.remarks)
    return [*basilar, *bulges], () if missing is None else (missing,)
