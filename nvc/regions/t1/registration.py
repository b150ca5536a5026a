"""Laying the template head over a T1: many starts, and how the best fares with others.

The whole brain is laid from coarse to fine; then the posterior fossa, and each side of
it, are turned and shifted by themselves, for they differ from head to head.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage
from scipy.spatial.transform import Rotation

from nvc.model.anatomy import Side
from nvc.regions.head import mni152 as mni
from nvc.regions.head.lattice_frame import coarsen_head
from nvc.regions.t1.climb import AFFINE, RIGID, SIMILARITY, climb
from nvc.regions.t1.likeness import Region
from nvc.regions.t1.pose import Pose, SizePrior
from nvc.sampling import Sampler, block_mean
from nvc.settings import anatomy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.numerics import Count, Step
    from nvc.settings.atlas import AtlasSettings
    from nvc.settings.groups.atlas import PoseSettings

_BRAIN_CENTRE = np.array(anatomy.MNI_BRAIN_CENTRE)
_START_MM: Step[float] = 8.0
"""Resolution of the starts: half the distance between two of them."""
_STARTS_CLIMBED: Count[int] = 16
_RIVALS: Count[int] = 5
"""Hills that are climbed to the top."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemplateFit:
    """The pose found, and what speaks for it.

    Parameters
    ----------
    pose : Pose
        Affine over the whole brain, then rigid over the posterior fossa.
    brain_pose : Pose
        Before the posterior fossa was aligned by itself.
    side_poses : mapping of Side to Pose
        After each side of the posterior fossa was.
    rival_mm : float
        How far off the nearest rival in evidence lies; 0 where there is none.
    rival_log_odds : float
        Logarithm of the odds of `brain_pose` against that rival; infinite where
        there is none.
    """

    pose: Pose
    brain_pose: Pose
    side_poses: Mapping[Side, Pose]
    rival_mm: float
    rival_log_odds: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heads:
    """The head at three resolutions, in lattice mm."""

    starting: Volume
    coarse: Volume
    fine: Volume

    @classmethod
    def of(cls, reference: Volume, settings: AtlasSettings) -> Heads:
        """Make a T1 in canonical order coarser, step by step."""
        # Averaged first: to smooth the whole head at full resolution takes seconds.
        small = block_mean(reference, 0.7 * settings.fine_step_mm)
        fine = coarsen_head(small, settings.fine_step_mm)
        coarse = coarsen_head(fine, settings.coarse_step_mm)
        return cls(starting=coarsen_head(coarse, _START_MM), coarse=coarse, fine=fine)


def _vertex(head: Volume, settings: PoseSettings) -> NDArray[np.float64] | None:
    """Return the middle of the head's outline and its top, lattice mm, shape (3,)."""
    voxels = np.asarray(head.voxels)
    bright = settings.head_level * np.percentile(voxels, 99)
    foreground = voxels > bright
    labels, count = ndimage.label(ndimage.binary_opening(foreground))
    if count == 0:
        return None
    largest = 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    points = head.grid.to_ras_mm(np.argwhere(labels == largest).astype(float))
    top = points[:, 2].max()
    upper = points[points[:, 2] > top - settings.upper_head_mm]
    low, high = np.percentile(upper[:, :2], (2, 98), axis=0)
    x, y = (low + high) / 2
    return np.array([x, y, top])


def _starts(
    vertex: NDArray[np.float64], settings: AtlasSettings
) -> list[NDArray[np.float64]]:
    """Return poses over what heads do in a coil, and over their sizes."""
    three, five = np.linspace(-1, 1, 3), np.linspace(-1, 1, 5)
    turns = [
        Rotation.from_euler("xyz", (pitch, roll, yaw), degrees=True).as_matrix()
        for pitch, roll, yaw in product(
            settings.start_pitch_deg * five,
            settings.start_turn_deg * three,
            settings.start_turn_deg * three,
        )
    ]
    heights = settings.start_height_mm * five
    scales = settings.usual_scale * np.exp(2 * settings.size_sd * three)
    depths = settings.start_height_mm / 2 * three
    starts = []
    for turn, height, scale, depth in product(turns, heights, scales, depths):
        below = scale * (anatomy.MNI_TOP_OF_HEAD - _BRAIN_CENTRE[2])
        pose = np.eye(4)
        pose[:3, :3] = scale * turn
        centre = vertex + np.array([0.0, depth, height - below])
        pose[:3, 3] = centre - pose[:3, :3] @ _BRAIN_CENTRE
        starts.append(pose)
    return starts


def _apart(poses: list[Pose], apart_mm: float, at_most: int) -> list[Pose]:
    """Return the best poses of which no two are near each other, best first."""
    kept: list[Pose] = []
    for pose in sorted(poses, key=lambda one: -one.evidence):
        if all(pose.distance_mm(other) > apart_mm for other in kept):
            kept.append(pose)
        if len(kept) == at_most:
            break
    return kept


def _hills(
    heads: Heads, template: Volume, prior: SizePrior, settings: AtlasSettings
) -> list[Pose]:
    """Return where the starts lead, best first; none where nothing is in the image."""
    vertex = _vertex(heads.coarse, settings.pose)
    if vertex is None:
        return []
    margin = settings.mask_margin_mm
    shape = mni.coarsen_template(template, _START_MM, margin)
    region = _region(shape, shape.near_brain, settings.pose.start_block_mm, settings)
    head = Sampler.over(heads.starting, order=1)
    starts = [
        Pose.seen(start, region.look(head, start))
        for start in _starts(vertex, settings)
    ]
    climbed = [
        _climb_both(region, head, start, prior)
        for start in _apart(starts, settings.pose.hill_apart_mm, _STARTS_CLIMBED)
    ]
    return _apart(climbed, settings.cue_disagreement_mm, _RIVALS)


def _region(
    shape: mni.Template,
    mask: NDArray[np.bool_],
    block_mm: float,
    settings: AtlasSettings,
    pivot_mm: NDArray[np.float64] = _BRAIN_CENTRE,
) -> Region:
    return Region.of(shape, mask, block_mm, pivot_mm, settings.pose)


def _climb_both(region: Region, head: Sampler, start: Pose, prior: SizePrior) -> Pose:
    """Climb as a head of one scale first, then as one of three: few go astray."""
    alike = climb(region, head, start.mni_to_lattice, SIMILARITY, prior)
    return climb(region, head, alike.mni_to_lattice, AFFINE, prior)


def fit_template(
    heads: Heads,
    template: Volume,
    settings: AtlasSettings,
    on_progress: Callable[[float], None],
) -> TemplateFit | None:
    """Find the pose of the template in a head.

    Parameters
    ----------
    heads : Heads
        A T1 at the steps of `settings`.
    template : Volume
        The MNI152 T1 head at 1 mm, MNI mm, 0 outside the brain.
    settings : AtlasSettings
        Steps, starts and tolerances.
    on_progress : callable
        Called with the fraction done.

    Returns
    -------
    TemplateFit or None
        None where nothing in the image is like the template.
    """
    prior = SizePrior.of(settings)
    hills = _hills(heads, template, prior, settings)
    on_progress(0.5)
    if not hills or hills[0].evidence <= 0:
        return None
    coarse = mni.coarsen_template(
        template, settings.coarse_step_mm, settings.mask_margin_mm
    )
    region = _region(coarse, coarse.near_brain, settings.pose.block_mm, settings)
    head = Sampler.over(heads.coarse, order=1)
    tops = [_climb_both(region, head, hill, prior) for hill in hills]
    best, *others = _apart(tops, settings.cue_disagreement_mm, 2)
    samples = region.count_independent(region.look(head, best.mni_to_lattice))
    on_progress(0.8)
    fossa, sides = _in_fossa(heads.fine, template, best, prior, settings)
    on_progress(1.0)
    return TemplateFit(
        pose=fossa,
        brain_pose=best,
        side_poses=sides,
        rival_mm=best.distance_mm(others[0]) if others else 0.0,
        rival_log_odds=samples * (best.evidence - others[0].evidence)
        if others
        else float("inf"),
    )


def _in_fossa(
    fine: Volume,
    template: Volume,
    pose: Pose,
    prior: SizePrior,
    settings: AtlasSettings,
) -> tuple[Pose, dict[Side, Pose]]:
    """Turn and shift the posterior fossa by itself, then each side of it."""
    known = mni.coarsen_template(
        template, settings.fine_step_mm, settings.mask_margin_mm
    )
    like = settings.pose
    head = Sampler.over(fine, order=1)
    region = _region(
        known, known.fossa(), like.block_mm, settings, np.array(anatomy.MNI_PONS)
    )
    fossa = climb(region, head, pose.mni_to_lattice, RIGID, prior)
    sides = {}
    for side in Side:
        ends = [mni.place_on_side(end, side) for end in anatomy.MNI_SIDE_OF_FOSSA]
        mask = known.near_brain & known.box(np.min(ends, axis=0), np.max(ends, axis=0))
        pivot = mni.place_on_side(anatomy.MNI_SIDE_PIVOT, side)
        region = _region(known, mask, like.side_block_mm, settings, pivot)
        sides[side] = climb(region, head, fossa.mni_to_lattice, RIGID, prior)
    return fossa, sides
