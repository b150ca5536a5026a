"""The second stage: pose, levels and the places to look."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nvc.model.anatomy import Side
from nvc.model.stages import Aligned, Origin, Regions, SideLandmarks, SideRegion
from nvc.regions.t1_regions import regions_of_t1
from nvc.regions.t2_regions import regions_of_t2
from nvc.settings.atlas import AtlasSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nvc.settings.regions import RegionsSettings


def find_regions(
    aligned: Aligned,
    settings: RegionsSettings,
    atlas_settings: AtlasSettings | None = None,
    given: Mapping[Side, SideLandmarks] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Regions:
    """Find where CN VII is to be looked for on both sides.

    Parameters
    ----------
    aligned : Aligned
        The reference is used; where its CSF is dark, a template head places seeds.
    settings : RegionsSettings
        Of the search in a T2.
    atlas_settings : AtlasSettings, optional
        Of the template head.
    given : mapping of Side to SideLandmarks, optional
        Landmarks that a person set; they replace the proposals of that side.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Regions
        Sides that cannot be evaluated say why.
    """
    if aligned.csf_is_bright:
        regions = regions_of_t2(aligned.reference, settings, on_progress)
    else:
        regions = regions_of_t1(
            aligned.reference, atlas_settings or AtlasSettings(), on_progress
        )
    return regions if not given else _with_given(regions, given)


def _with_given(regions: Regions, given: Mapping[Side, SideLandmarks]) -> Regions:
    """Return the regions with the landmarks of a person in place of the proposals."""
    sides = dict(regions.sides)
    for side, landmarks in given.items():
        sides[side] = _confirmed(sides[side], landmarks)
    return replace(regions, sides=sides)


def _confirmed(region: SideRegion, given: SideLandmarks) -> SideRegion:
    """Overwrite what was given; keep proposals for what was not."""
    own = region.landmarks

    landmarks = SideLandmarks(
        root_exit_point_mm=(
            own.root_exit_point_mm
            if given.root_exit_point_mm is None
            else given.root_exit_point_mm
        ),
        root_detachment_mm=(
            own.root_detachment_mm
            if given.root_detachment_mm is None
            else given.root_detachment_mm
        ),
        porus_mm=own.porus_mm if given.porus_mm is None else given.porus_mm,
        fundus_mm=own.fundus_mm if given.fundus_mm is None else given.fundus_mm,
        source=Origin.CONFIRMED,
    )
    placed = landmarks.porus_mm is not None and landmarks.root_detachment_mm is not None
    return replace(region, landmarks=landmarks, evaluable=region.evaluable or placed)
