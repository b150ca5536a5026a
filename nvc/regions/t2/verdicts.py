"""What may be concluded: cues that must agree, and reasons a reader can act on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.settings.groups.regions import VerdictSettings

if TYPE_CHECKING:
    from nvc.model.grid import Volume
    from nvc.model.stages import HeadFrame
    from nvc.regions.head.mirror import MirrorPlane
    from nvc.regions.t2.brainstem import Brainstem
    from nvc.regions.t2.search import Finding
    from nvc.settings.regions import RegionsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class SideVerdict:
    """Whether a side can be looked at.

    Parameters
    ----------
    evaluable : bool
        False where a refusal is among the reasons.
    reasons : tuple of str
        Refusals and limits in plain words.
    keeps_landmarks : bool
        Whether what was found may still be shown as a proposal.
    """

    evaluable: bool
    reasons: tuple[str, ...] = ()
    keeps_landmarks: bool = True


def judge_pose(
    head: HeadFrame,
    mirror: MirrorPlane,
    brainstem: Brainstem | None,
    settings: RegionsSettings,
) -> str | None:
    """Compare the ears' mid-sagittal plane with cues that do not use the ears.

    Returns
    -------
    str or None
        Why the pose cannot be trusted; None where it can.
    """
    limit = settings.seed_disagreement_mm
    offsets = []
    if mirror.likeness >= settings.mirror_likeness_min:
        offsets.append(abs(mirror.height_of(head.origin_mm)))
    pons = None if brainstem is None else brainstem.midline_offset_mm(settings.stem)
    if pons is not None:
        offsets.append(abs(pons))
    if not offsets:
        return "the head's pose rests on the inner ears alone"
    if min(offsets) > limit:
        return (
            f"two cues for the mid-sagittal plane differ by {min(offsets):.0f} mm "
            f"(limit {limit:g} mm)"
        )
    return None


def judge_side(
    side: Side, finding: Finding, head: HeadFrame, settings: RegionsSettings
) -> SideVerdict:
    """Judge one side's canal against anatomy and against the other side."""
    found = finding.sides[side]
    if found.contrast is None:
        return SideVerdict(
            evaluable=False,
            reasons=("bone, brain and CSF cannot be told apart on this side",),
        )
    if found.canal is None:
        reason = (
            "the internal auditory canal on this side holds no fluid"
            if found.filled is not None
            else "no internal auditory canal was found on this side"
        )
        return SideVerdict(evaluable=False, reasons=(reason,))
    if found.face is None:
        return SideVerdict(
            evaluable=False,
            reasons=("the petrous bone's posterior face was not found on this side",),
        )
    lateral = float(head.to_head(found.face.porus_mm)[0]) * side.sign
    low, high = settings.porus_lateral_min_mm, settings.porus_lateral_max_mm
    if not low <= lateral <= high:
        return SideVerdict(
            evaluable=False,
            reasons=(
                f"the porus would lie {lateral:.0f} mm from the mid-line; "
                f"{low:g}-{high:g} mm are plausible",
            ),
            keeps_landmarks=False,
        )
    return _judge_match(side, finding, settings)


def _judge_match(
    side: Side, finding: Finding, settings: RegionsSettings
) -> SideVerdict:
    """Refuse the weaker of two canals that do not mirror each other."""
    mismatch = finding.mismatch_mm
    if mismatch is None or mismatch <= settings.verdict.mismatch_mm:
        return SideVerdict(evaluable=True)
    own, other = finding.sides[side].score, finding.sides[side.other].score
    if own > settings.verdict.better_canal_min * other:
        return SideVerdict(evaluable=True)
    reason = f"the two canals are {mismatch:.0f} mm from mirroring each other"
    return SideVerdict(evaluable=False, reasons=(reason,))


def explain_no_ears(
    coarse: Volume, mirror: MirrorPlane, settings: VerdictSettings | None = None
) -> str:
    """Name the likeliest cause.

    Parameters
    ----------
    coarse : Volume
        Reference at about 3 mm: tissue is still alike in neighbours there, noise
        that a scanner has interpolated no longer is.
    mirror : MirrorPlane
        Best plane of symmetry of the image.
    settings : VerdictSettings, optional
        What is noise, no head, or no skull.
    """
    settings = settings or VerdictSettings()
    voxels = np.asarray(coarse.voxels, dtype=np.float32)
    if _neighbours_correlate(voxels) < settings.tissue_likeness_min:
        return "the image holds noise only; no tissue was found"
    if mirror.likeness < settings.head_likeness_min:
        return (
            "no inner ears were found and the image has no plane of symmetry; "
            "it may not show a head"
        )
    background = float(np.mean(voxels == voxels.min()))
    if background > settings.blank_max:
        return (
            "no inner ears were found and a large part of the image is blank; the "
            "brain may have been extracted, which removes the skull base"
        )
    return (
        "no inner ears were found; the slab may not reach the cerebellopontine "
        "angles, or this may not be a T2 in which fluid is bright"
    )


def _neighbours_correlate(voxels: np.ndarray) -> float:
    """Return the correlation of neighbouring voxels along k; 0 for a constant."""
    if voxels.shape[2] < 2 or float(voxels.std()) == 0.0:
        return 0.0
    here, there = voxels[..., :-1].ravel(), voxels[..., 1:].ravel()
    return float(np.corrcoef(here, there)[0, 1])
