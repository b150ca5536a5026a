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
    from nvc.settings import Settings
    from nvc.tubes.stations.course import Course
    from nvc.tubes.stations.values import Picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootFinder:
    """Looks for roots again.

    Parameters
    ----------
    around : Surroundings
        Image, brain and head.
    followed : mapping of Side to Followed
        What was found first.
    settings : Settings
        Of nerves, and of what may be taken for one.
    """

    around: Surroundings
    followed: Mapping[Side, Followed]
    settings: Settings

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
        within_mm = self.settings.vessels.turns.width_mm
        is_near = any(_gap(v, attached, radius) < within_mm for v in vessels)
        if not is_near or first + 4 > len(facial.points_mm):
            return nerves
        settings = self.settings.nerve
        free = facial.part(slice(first, None))
        places = np.concatenate([attached, seed[None]])
        margin = settings.attached_mm + settings.attached_spread_mm
        # The image reaches farther than the brain that is outlined in it.
        scale, taken = self._without(picture, vessels, places, margin + 3.0)
        brain = find_brain_again(self.around.brain, scale, places, margin, settings)
        cleared = replace(self.around, scale=scale, brain=brain, taken=taken)
        skin_mm = self.followed[side].skin_mm
        root = follow_attached(cleared, free, eighth, seed, skin_mm, settings)
        reasons = tuple(r for r in nerves.reasons if r != EXIT_ESTIMATED)
        return replace(
            nerves,
            facial=resample_tube_about(join_root(root, free), settings.output_step_mm),
            landmarks=replace(
                nerves.landmarks, root_exit_point_mm=root.attached.points_mm[0]
            ),
            reasons=reasons if root.is_complete else (*reasons, EXIT_ESTIMATED),
            exit_within_mm=root.exit_within_mm,
            before_exit_mm=root.before_exit_mm,
        )

    def _without(
        self,
        picture: Picture,
        vessels: list[Course],
        places: NDArray[np.float64],
        margin_mm: float,
    ) -> tuple[TissueScale, Sampler]:
        """The picture with what vessels take given back at some places; and what."""
        whole = Volume(
            grid=Grid(shape=picture.voxels.shape, voxel_to_ras_mm=picture.to_mm),
            voxels=picture.voxels,
        )
        box = crop(whole, places, margin_mm)
        index = np.moveaxis(np.indices(box.grid.shape, dtype=float), 0, -1)
        taken = draw_tubes(picture, box.grid.to_ras_mm(index), vessels)
        values = np.asarray(box.voxels, dtype=float) - taken
        clear = np.minimum(values, self.settings.vessels.fluid_max).astype(np.float32)
        scale = TissueScale(
            sampler=Sampler.over(Volume(grid=box.grid, voxels=clear)),
            levels=TissueLevels(
                csf=1.0, brain=0.0, noise=picture.noise, bone=self.around.scale.bone
            ),
        )
        lost = Volume(grid=box.grid, voxels=taken.astype(np.float32))
        return scale, Sampler.over(lost, order=1)


def _gap(vessel: Course, nerve_mm: NDArray[np.float64], radius_mm: float) -> float:
    """Smallest distance between the walls, mm."""
    gap, _ = cKDTree(nerve_mm).query(vessel.points_mm)
    return float((gap - vessel.radius_mm - radius_mm).min())
