"""Regions of a T2 cisternography."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.stages import (
    HeadFrame,
    Regions,
    SideLandmarks,
    SideRegion,
    TissueLevels,
)
from nvc.regions.head.head_frame import build_head_frame, nod_head
from nvc.regions.head.levels import Contrast
from nvc.regions.head.mirror import find_mirror_of_image
from nvc.regions.t2.brainstem import Brainstem, find_brainstem, move_to_surface
from nvc.regions.t2.nod import Nod, find_nod
from nvc.regions.t2.root_seed import find_root
from nvc.regions.t2.search import Finding, find_ears_and_canals
from nvc.regions.t2.verdicts import explain_no_ears, judge_pose, judge_side
from nvc.sampling import Sampler, block_mean, crop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.regions.head.mirror import MirrorPlane
    from nvc.settings.regions import RegionsSettings


def find_regions_of_t2(
    reference: Volume,
    settings: RegionsSettings,
    template: Volume,
    on_progress: Callable[[float], None] | None = None,
) -> Regions:
    """Find pose, levels, canals and root seeds where CSF is bright.

    Parameters
    ----------
    reference : Volume
        Canonical storage order.
    settings : RegionsSettings
        Sizes and limits.
    template : Volume
        The MNI152 T1 head at 1 mm, MNI mm, 0 outside the brain: its brainstem tells
        the nod.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Regions
        With both sides not evaluable, and why, where no inner ear was found.
    """
    coarse = block_mean(reference, settings.coarse_voxel_mm)
    coarsest = block_mean(reference, settings.mirror_voxel_mm)
    mirror = find_mirror_of_image(coarsest)
    finding = find_ears_and_canals(reference, coarse, mirror, settings, on_progress)
    if finding is None or not finding.shows_anything:
        return refuse_both_sides(explain_no_ears(coarsest, mirror, settings.verdict))
    contrast = _both_contrasts(finding)
    level = _pose(reference, finding, mirror, settings)
    faces = {s: f.face for s, f in finding.sides.items() if f.face is not None}
    nod = find_nod(coarse, level, contrast, faces, template, settings)
    head = nod_head(level, nod.degrees)
    brainstem = find_brainstem(coarse, head, contrast, settings)
    doubts = (judge_pose(head, mirror, brainstem, settings), nod.doubt)
    surroundings = _Surroundings(
        head=head,
        contrast=contrast,
        brainstem=brainstem,
        nod=nod,
        doubts=tuple(doubt for doubt in doubts if doubt is not None),
    )
    sides = {
        side: _side_region(reference, side, finding, surroundings, settings)
        for side in Side
    }
    return Regions(head=head, levels=_mean_levels(contrast), sides=sides)


def refuse_both_sides(reason: str) -> Regions:
    """Return regions in which nothing can be looked for, and why."""
    side = SideRegion(landmarks=SideLandmarks(), evaluable=False, reasons=(reason,))
    return Regions(
        head=None, levels=None, sides=dict.fromkeys(Side, side), reasons=(reason,)
    )


def _pose(
    reference: Volume, finding: Finding, mirror: MirrorPlane, settings: RegionsSettings
) -> HeadFrame:
    """Return the head frame with its origin midway between the canals.

    The line between the ears and the plane of symmetry of the picture err
    independently; where they agree, their mean is better than either.
    """
    pair = finding.pair
    right = pair.rightward
    if mirror.likeness >= settings.mirror_likeness_min:
        agree = np.cos(np.deg2rad(settings.mirror_tilt_max_deg))
        if right @ mirror.rightward > agree:
            right = right + mirror.rightward
            right = right / np.linalg.norm(right)
    pori = [
        side.face.porus_mm for side in finding.sides.values() if side.face is not None
    ]
    origin = pair.middle_mm
    if pori:
        offset = np.mean(pori, axis=0) - origin
        origin = origin + offset - (offset @ right) * right
    return build_head_frame(reference.grid, right, origin)


def _both_contrasts(finding: Finding) -> dict[Side, Contrast]:
    """Return the levels of each side; a side without borrows the other's."""
    known = {
        side: found.contrast
        for side, found in finding.sides.items()
        if found.contrast is not None
    }
    spare = next(iter(known.values()))
    return {side: known.get(side, spare) for side in Side}


def _mean_levels(contrast: Mapping[Side, Contrast]) -> TissueLevels:
    """Return the mean of both sides' levels."""
    both = list(contrast.values())
    return TissueLevels(
        csf=float(np.mean([c.csf for c in both])),
        brain=float(np.mean([c.brain for c in both])),
        noise=float(np.mean([c.noise for c in both])),
        bone=float(np.mean([c.bone for c in both])),
    )


def _side_region(
    reference: Volume,
    side: Side,
    finding: Finding,
    surroundings: _Surroundings,
    settings: RegionsSettings,
) -> SideRegion:
    """Gather one side's landmarks, seeds and verdict."""
    head = surroundings.head
    verdict = judge_side(side, finding, head, settings)
    found = finding.sides[side]
    reasons = [*verdict.reasons, *surroundings.doubts]
    if found.canal is None or found.face is None or not verdict.keeps_landmarks:
        return SideRegion(
            landmarks=SideLandmarks(), evaluable=False, reasons=tuple(reasons)
        )
    porus = found.face.porus_mm
    detachment, exit_, anchored = place_root_seeds(
        reference, side, porus, surroundings, settings
    )
    if not anchored:
        reasons.append("the brainstem's surface was not found near the root")
    return SideRegion(
        landmarks=SideLandmarks(
            root_exit_point_mm=exit_,
            root_detachment_mm=detachment,
            porus_mm=porus,
            fundus_mm=found.canal.fundus_mm,
        ),
        evaluable=verdict.evaluable and not surroundings.doubts,
        reasons=tuple(reasons),
        position_sd_mm=_seed_sd_mm(anchored, surroundings.nod, settings),
    )


def _seed_sd_mm(anchored: bool, nod: Nod, settings: RegionsSettings) -> float:
    """Return the error of a root's seed, one sigma: its own and the nod's."""
    arm = np.linalg.norm(settings.porus_to_detachment_mm[1:])
    own = settings.anchored_sd_mm if anchored else settings.floating_sd_mm
    return float(np.hypot(own, arm * np.deg2rad(nod.sd_deg)))


def place_root_seeds(
    reference: Volume,
    side: Side,
    porus_mm: NDArray[np.float64],
    surroundings: _Surroundings,
    settings: RegionsSettings,
) -> tuple[NDArray[np.float64], NDArray[np.float64], bool]:
    """Place seeds of root detachment and root exit on the brainstem's surface.

    Parameters
    ----------
    reference : Volume
        Full resolution.
    side : Side
        Side of the porus.
    porus_mm : ndarray, shape (3,)
        mm of the working frame.
    surroundings : _Surroundings
        Head, levels and brainstem.
    settings : RegionsSettings
        Expected places in head coordinates, and how far a seed may be moved.

    Returns
    -------
    root_detachment_mm, root_exit_mm : ndarray, shape (3,)
        mm of the working frame.
    anchored : bool
        Whether both lie on a surface that was found.
    """
    head, brainstem = surroundings.head, surroundings.brainstem
    flip = np.array([side.sign, 1.0, 1.0])
    expected = porus_mm + head.axes @ (flip * settings.porus_to_detachment_mm)
    ends = np.stack([porus_mm, expected])
    sampler = Sampler.over(crop(reference, ends, 14.0), order=1)
    root = find_root(
        sampler,
        surroundings.contrast[side],
        brainstem,
        porus_mm,
        expected,
        settings,
    )
    further = root.point_mm + head.axes @ (flip * settings.detachment_to_exit_mm)
    exit_, met = move_to_surface(brainstem, further, settings.seed_reach_mm)
    return root.point_mm, exit_, root.on_surface and met


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Surroundings:
    """What both sides share."""

    head: HeadFrame
    contrast: Mapping[Side, Contrast]
    brainstem: Brainstem | None
    nod: Nod
    doubts: tuple[str, ...]
