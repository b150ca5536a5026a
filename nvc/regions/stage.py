"""The second stage: pose, levels and the places to look."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nvc.regions.given import apply_given
from nvc.regions.t1.stage import find_regions_of_t1
from nvc.regions.t2.stage import find_regions_of_t2
from nvc.settings.atlas import AtlasSettings

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import Aligned, Regions, SideLandmarks
    from nvc.settings.regions import RegionsSettings


def find_regions(
    aligned: Aligned,
    settings: RegionsSettings,
    template: Volume,
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
    template : Volume
        The MNI152 T1 head at 1 mm, MNI mm, 0 outside the brain. Where CSF is bright,
        its brainstem is one of the cues for the head's nod.
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
        regions = find_regions_of_t2(aligned.reference, settings, template, on_progress)
    else:
        regions = find_regions_of_t1(
            aligned.reference, atlas_settings or AtlasSettings(), template, on_progress
        )
    if not given:
        return regions
    return apply_given(aligned, regions, given, settings)
