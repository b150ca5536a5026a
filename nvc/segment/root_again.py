"""The root of CN VII once more, with the vessels on it taken out of the image.

On the pons a vessel stands out like an attached nerve, and where it lies on the nerve
it hides it: the way along the ridge may then run along the vessel. Once it is known
which of the dark is vessel, what that takes from the fluid is given back, voxel by
voxel, and the ridge that remains is followed again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.model.grid import Grid, Volume
from nvc.model.stages import SideNerves, TissueLevels, Tube
from nvc.sampling import Sampler, crop
from nvc.segment.brain import find_brain_again
from nvc.segment.nerve import densify
from nvc.segment.root import EXIT_ESTIMATED, follow_attached, joined_with_root
from nvc.segment.tissue import TissueScale
from nvc.segment.vessel_drawn import drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.segment.sides import Followed
    from nvc.segment.surroundings import Surroundings
    from nvc.segment.vessel_course import Course
    from nvc.segment.vessel_scene import Picture
    from nvc.settings.nerve import NerveSettings

MISLEADING_MM = 2.0
"""Gap between a vessel and the attached nerve within which the one may be taken for
the other: the nerve's own thickness (1.5-2 mm)."""

LOST_MM = 1.0
"""Two stations: the end of a ridge is no better known."""

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
        first = int(np.argmin(np.linalg.norm(facial.points_mm - leave, axis=1)))
        attached = facial.points_mm[: first + 1]
        near = [v for v in vessels if _is_near(v, attached, facial.radius_mm[first])]
        if not near or first + 4 > len(facial.points_mm):
            return nerves
        free = Tube(
            points_mm=facial.points_mm[first:],
            radius_mm=facial.radius_mm[first:],
            position_sd_mm=facial.position_sd_mm[first:],
        )
        places = np.concatenate([attached, seed[None]])
        margin = self.settings.attached_half_width_mm + self.settings.beyond_exit_mm
        scale, taken = _without(picture, vessels, places, margin + BEYOND_MM)
        brain = find_brain_again(
            self.around.brain, scale, places, margin, self.settings
        )
        root = follow_attached(
            replace(self.around, scale=scale, brain=brain, taken=taken),
            free,
            eighth,
            seed,
            self.followed[side].skin_mm,
            self.settings,
        )
        told = facial.position_sd_mm[: first + 1] < self.settings.attached_doubt_mm
        # A course longer than is usual may have gone on along the vessel.
        before_mm = min(_length(attached[told]), self.settings.attached_mm)
        if root.seen_mm < before_mm - LOST_MM:
            # A vessel hides the nerve: without it one sees more of that, not less.
            return nerves
        reasons = tuple(r for r in nerves.reasons if r != EXIT_ESTIMATED)
        if not root.is_complete:
            reasons += (EXIT_ESTIMATED,)
        return replace(
            nerves,
            facial=densify(joined_with_root(root, free), self.settings.output_step_mm),
            landmarks=replace(
                nerves.landmarks, root_exit_point_mm=root.attached.points_mm[0]
            ),
            reasons=reasons,
        )


def _length(points_mm: NDArray[np.float64]) -> float:
    return float(np.linalg.norm(np.diff(points_mm, axis=0), axis=1).sum())


def _is_near(vessel: Course, attached: NDArray[np.float64], radius_mm: float) -> bool:
    gap, _ = cKDTree(attached).query(vessel.points_mm)
    return bool((gap - vessel.radius_mm - radius_mm).min() < MISLEADING_MM)


def _without(
    picture: Picture,
    vessels: list[Course],
    places: NDArray[np.float64],
    margin_mm: float,
) -> tuple[TissueScale, Sampler]:
    """The picture with what vessels take given back around some places, and that."""
    whole = Volume(
        grid=Grid(shape=picture.voxels.shape, voxel_to_ras_mm=picture.to_mm),
        voxels=picture.voxels,
    )
    box = crop(whole, places, margin_mm)
    index = np.moveaxis(np.indices(box.grid.shape, dtype=float), 0, -1)
    taken = drawn(picture, box.grid.to_ras_mm(index), vessels)
    values = np.asarray(box.voxels, dtype=float) - taken
    clear = Volume(
        grid=box.grid, voxels=np.minimum(values, BRIGHTEST).astype(np.float32)
    )
    scale = TissueScale(
        sampler=Sampler.over(clear),
        levels=TissueLevels(csf=1.0, brain=0.0, noise=picture.noise),
    )
    lost = Volume(grid=box.grid, voxels=taken.astype(np.float32))
    return scale, Sampler.over(lost, order=1)
