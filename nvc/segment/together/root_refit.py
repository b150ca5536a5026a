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
from scipy.ndimage import uniform_filter1d
from scipy.spatial import cKDTree

from nvc.model.grid import Grid, Volume
from nvc.model.stages import SideNerves, TissueLevels, Tube
from nvc.sampling import Sampler, crop
from nvc.segment.image.brain_surface import find_brain_again
from nvc.segment.image.tissue_scale import TissueScale
from nvc.segment.root.attached import (
    EXIT_ESTIMATED,
    Root,
    follow_attached,
    join_root,
    measure_seen,
)
from nvc.tubes.curve import nearest_index, resample, resample_tube_about
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

LOST_MM = 1.0
"""Two stations: the end of a ridge is no better known."""

LONGEST_MM = 10.0
"""CN VII is attached to the pons over about 10 mm (Neurographics 2015;5(1))."""

HIDING_GAP_MM = 0.5
"""A vessel this near hides the nerve's end."""

CALM_STATIONS = 5
"""Some two voxels, over which noise evens out."""

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
        margin = self.settings.attached_half_width_mm + self.settings.beyond_exit_mm
        bone = self.around.scale.bone
        scale, taken = _without(picture, vessels, places, margin + BEYOND_MM, bone)
        scale = replace(
            scale, levels=replace(scale.levels, bone=self.around.scale.bone)
        )
        brain = find_brain_again(
            self.around.brain, scale, places, margin, self.settings
        )
        cleared = replace(self.around, scale=scale, brain=brain, taken=taken)
        skin_mm = self.followed[side].skin_mm
        root = follow_attached(cleared, free, eighth, seed, skin_mm, self.settings)
        before = facial.part(slice(0, first + 1))
        before_mm = measure_seen(cleared, before, eighth, skin_mm, self.settings)
        if root.seen_mm < before_mm - LOST_MM:
            # Without the vessel the nerve shows better where it was than here.
            return nerves
        if self._dark_mm(root.attached.points_mm) > self._dark_mm(attached) + LOST_MM:
            # As dark as a vessel itself: what was taken out was the nerve.
            return nerves
        reasons = tuple(r for r in nerves.reasons if r != EXIT_ESTIMATED)
        found, hidden = root, False
        if EXIT_ESTIMATED not in nerves.reasons:
            found, hidden = _gone_on(root, before, near, self.settings)
        if hidden or not root.is_complete:
            reasons += (EXIT_ESTIMATED,)
        return replace(
            nerves,
            facial=resample_tube_about(
                join_root(found, free), self.settings.output_step_mm
            ),
            landmarks=replace(
                nerves.landmarks, root_exit_point_mm=found.attached.points_mm[0]
            ),
            reasons=reasons,
        )

    def _dark_mm(self, course_mm: NDArray[np.float64]) -> float:
        """Length of a course that is darker than a nerve in the image itself."""
        even = resample(course_mm, self.settings.output_step_mm)
        level = np.nan_to_num(self.around.scale(even).astype(float), nan=0.0)
        calm = uniform_filter1d(level, CALM_STATIONS, mode="nearest")
        dark = (calm < self.settings.too_dark).sum()
        return float(dark) * self.settings.output_step_mm


def _gone_on(
    root: Root, before: Tube, vessels: list[Course], settings: NerveSettings
) -> tuple[Root, bool]:
    """Let a root that ends under a vessel go on as far as it did before.

    What the vessel hides cannot be told from the end of the nerve; a contact there
    must not be missed for that.
    """
    arc = before.arc_length_mm()
    from_end = arc[-1] - arc
    more = (from_end > root.seen_mm) & (from_end <= LONGEST_MM)
    if not root.is_complete or from_end[more].size * settings.output_step_mm < LOST_MM:
        return root, False
    onward = before.points_mm[more]
    onward = onward + (root.attached.points_mm[0] - onward[-1])
    if not any(
        _gap(vessel, onward, before.radius_mm[0]) < HIDING_GAP_MM for vessel in vessels
    ):
        return root, False
    attached = root.attached
    doubt = np.full(len(onward) - 1, settings.attached_doubt_mm)
    longer = Tube(
        points_mm=np.concatenate([onward[:-1], attached.points_mm]),
        radius_mm=np.concatenate([before.radius_mm[more][:-1], attached.radius_mm]),
        position_sd_mm=np.concatenate([doubt, attached.position_sd_mm]),
    )
    return replace(root, attached=longer), True


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
