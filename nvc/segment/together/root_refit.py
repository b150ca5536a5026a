"""The root of CN VII once more, with the vessels on it taken out of the image.

On the pons a vessel stands out like an attached nerve, and where it lies on the nerve
it hides it: the way along the ridge may then run along the vessel. Once it is known
which of the dark is vessel, what that takes from the fluid is given back, voxel by
voxel, and the ridge that remains is followed again; what a vessel hides is left open.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.grid import Grid, Volume
from nvc.model.stages import SideNerves, TissueLevels
from nvc.sampling import Sampler, crop
from nvc.segment.image.brain_surface import find_brain_again
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.root.attached import (
    EXIT_ESTIMATED,
    follow_attached,
    join_root,
)
from nvc.tubes.curve import nearest_index, resample_tube_about
from nvc.tubes.stations.drawing import draw_tubes

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.segment.image.surroundings import Surroundings
    from nvc.segment.nerves.side import Followed
    from nvc.settings.nerve import NerveSettings
    from nvc.tubes.stations.course import Course
    from nvc.tubes.stations.values import Picture

MISLEADING_MM = 2.0
"""Gap between a vessel and the attached nerve within which the one may be taken for
the other: the nerve's own thickness (1.5-2 mm)."""

BEYOND_MM = 3.0
"""The image reaches that much farther than the brain that is outlined in it."""

BRIGHTEST = 1.1
"""Fluid is no brighter; a tube that is drawn a little too dark leaves more."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootFinder:
    """Looks for roots again.

    Parameters
    ----------
    around : Surroundings
        Image, brain and head.
    followed : mapping of Side to Followed
        What was found first.
    settings : NerveSettings
        Sizes and limits.
    """

    around: Surroundings
    followed: Mapping[Side, Followed]
    settings: NerveSettings

    def again(
        self, side: Side, nerves: SideNerves, picture: Picture, vessels: list[Course]
    ) -> SideNerves:
        """Follow the attached segment again without vessels.

        Parameters
        ----------
        side : Side
            Which one.
        nerves : SideNerves
            As they are known now.
        picture : Picture
            Of the reference, brain 0 and CSF 1.
        vessels : list of Course
            With their contrast on the picture's scale, negative.

        Returns
        -------
        SideNerves
            The same where no vessel lies near the root, or a reader set its root exit.
        """
        seed = self.followed[side].exit_seed_mm
        facial, eighth = nerves.facial, nerves.vestibulocochlear
        leave = nerves.landmarks.root_detachment_mm
        if seed is None or facial is None or eighth is None or leave is None:
            return nerves
        first = nearest_index(facial.points_mm, leave)
        attached = facial.points_mm[: first + 1]
        radius = float(facial.radius_mm[first])
        near = [v for v in vessels if _gap(v, attached, radius) < MISLEADING_MM]
        if not near or first + 4 > len(facial.points_mm):
            return nerves
        free = facial.part(slice(first, None))
        places = np.concatenate([attached, seed[None]])
        margin = self.settings.attached_mm + self.settings.attached_spread_mm
        bone = self.around.scale.bone
        scale, taken = _without(picture, vessels, places, margin + BEYOND_MM, bone)
        brain = find_brain_again(
            self.around.brain, scale, places, margin, self.settings
        )
        cleared = replace(self.around, scale=scale, brain=brain, taken=taken)
        skin_mm = self.followed[side].skin_mm
        root = follow_attached(cleared, free, eighth, seed, skin_mm, self.settings)
        reasons = tuple(r for r in nerves.reasons if r != EXIT_ESTIMATED)
        return replace(
            nerves,
            facial=resample_tube_about(
                join_root(root, free), self.settings.output_step_mm
            ),
            landmarks=replace(
                nerves.landmarks, root_exit_point_mm=root.attached.points_mm[0]
            ),
            reasons=reasons if root.is_complete else (*reasons, EXIT_ESTIMATED),
        )


def _gap(vessel: Course, nerve_mm: NDArray[np.float64], radius_mm: float) -> float:
    """Smallest distance between the walls, mm."""
    gap, _ = cKDTree(nerve_mm).query(vessel.points_mm)
    return float((gap - vessel.radius_mm - radius_mm).min())


def _without(
    picture: Picture,
    vessels: list[Course],
    places: NDArray[np.float64],
    margin_mm: float,
    bone: float | None,
) -> tuple[TissueScale, Sampler]:
    """The picture with what vessels take given back around some places, and that."""
    whole = Volume(
        grid=Grid(shape=picture.voxels.shape, voxel_to_ras_mm=picture.to_mm),
        voxels=picture.voxels,
    )
    box = crop(whole, places, margin_mm)
    index = np.moveaxis(np.indices(box.grid.shape, dtype=float), 0, -1)
    taken = draw_tubes(picture, box.grid.to_ras_mm(index), vessels)
    values = np.asarray(box.voxels, dtype=float) - taken
    clear = Volume(
        grid=box.grid, voxels=np.minimum(values, BRIGHTEST).astype(np.float32)
    )
    scale = TissueScale(
        sampler=Sampler.over(clear),
        levels=TissueLevels(csf=1.0, brain=0.0, noise=picture.noise, bone=bone),
    )
    lost = Volume(grid=box.grid, voxels=taken.astype(np.float32))
    return scale, Sampler.over(lost, order=1)
