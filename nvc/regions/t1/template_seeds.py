"""Seeds for the landmarks from a template head laid over the reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.model.grid import Volume, transform_points
from nvc.model.stages import HeadFrame, SideLandmarks, SideRegion
from nvc.regions.head import mni152 as mni
from nvc.regions.head.lattice_frame import LatticeFrame, coarsen_head
from nvc.regions.head.mirror import MirrorPlane, find_mirror_about
from nvc.regions.t1.local_match import LocalMatch, match_pons_corner
from nvc.regions.t1.pose_checks import (
    correlate_with_template,
    find_pose_problems,
    measure_scalp_signal,
)
from nvc.regions.t1.registration import TemplateFit, fit_template

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.settings.atlas import AtlasSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AtlasSeeds:
    """Head pose and seeds of both sides, or why there are none.

    Parameters
    ----------
    head : HeadFrame or None
        None where the volume was refused as a whole.
    sides : mapping of Side to SideRegion
        Seeds, mm of the working frame, and whether each side can be looked at.
    quality : float
        Least correlation of image and template, over the brain, the posterior fossa
        and the corner of the pons of either side; 0 where refused.
    reasons : tuple of str
        Why the volume was refused.
    """

    head: HeadFrame | None
    sides: Mapping[Side, SideRegion]
    quality: float = 0.0
    reasons: tuple[str, ...] = field(default_factory=tuple)

    @classmethod
    def refused(cls, *reasons: str) -> AtlasSeeds:
        """Return seeds of neither side, with the reasons."""
        nowhere = SideRegion(
            landmarks=SideLandmarks(), evaluable=False, reasons=tuple(reasons)
        )
        return cls(
            head=None, sides=dict.fromkeys(Side, nowhere), reasons=tuple(reasons)
        )


def seed_from_template(
    reference: Volume,
    template: Volume,
    *,
    csf_is_bright: bool,
    settings: AtlasSettings,
    on_progress: Callable[[float], None] | None = None,
) -> AtlasSeeds:
    """Propose landmarks by laying the MNI152 T1 template over a whole head.

    Three cues that do not know of each other are compared: the registration of the
    whole head from several starts, the plane in which the image mirrors itself, and
    the corner of the pons matched side by side. A side on which they disagree is not
    evaluable.

    Parameters
    ----------
    reference : Volume
        Whole head, canonical storage order.
    template : Volume
        The MNI152 T1 head at 1 mm, MNI mm, 0 outside the brain.
    csf_is_bright : bool
        Polarity; only dark CSF (T1) has a template.
    settings : AtlasSettings
        Steps and limits.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    AtlasSeeds
        Refused, with reasons, where the volume does not look like a head.

    Notes
    -----
    The same voxels give the same seeds under any affine. About 15 s on one core.
    """
    if csf_is_bright:
        return AtlasSeeds.refused("there is no template head for images of bright CSF")
    report = on_progress or (lambda _: None)
    margin = settings.mask_margin_mm
    coarse = mni.coarsen_template(template, settings.coarse_step_mm, margin)
    fine = mni.coarsen_template(template, settings.fine_step_mm, margin)
    fit = fit_template(reference, (coarse, fine), settings, lambda f: report(0.85 * f))
    if fit is None:
        return AtlasSeeds.refused("the template head could not be laid over the image")
    head = coarsen_head(reference, settings.fine_step_mm)
    brain, covered = correlate_with_template(
        head, fine, fine.near_brain, fit.brain_pose.mni_to_lattice
    )
    fossa, fossa_covered = correlate_with_template(
        head, fine, fine.fossa(), fit.pose.mni_to_lattice
    )
    problems = _head_problems(min(brain, fossa), covered, fossa_covered, settings)
    if not problems:
        problems = find_pose_problems(fit, settings)
    if not problems:
        scalp = measure_scalp_signal(head, fine, fit.brain_pose.mni_to_lattice)
        if scalp is not None and scalp < settings.min_scalp_signal:
            problems.append(
                "the tissue around the brain has been removed, and cranial nerves "
                "with it"
            )
    if problems:
        return AtlasSeeds.refused(*problems)
    seeds = _seeds(LatticeFrame(grid=reference.grid), head, template, fit, settings)
    report(1.0)
    return AtlasSeeds(
        head=seeds.head,
        sides=seeds.sides,
        quality=min(brain, fossa, seeds.quality),
        reasons=seeds.reasons,
    )


def _head_problems(
    likeness: float, covered: float, fossa_covered: float, settings: AtlasSettings
) -> list[str]:
    """Tell in plain words why the image is no head, or too little of one."""
    if likeness < settings.min_similarity:
        return [
            "the image does not look like a T1 head: correlation with the template "
            f"{likeness:.2f}, expected {settings.min_similarity:.2f} or more"
        ]
    if covered < settings.min_brain_coverage:
        return [f"only {covered:.0%} of the brain is inside the volume"]
    if fossa_covered < settings.min_brain_coverage:
        return [f"only {fossa_covered:.0%} of the posterior fossa is inside the volume"]
    return []


def _seeds(
    frame: LatticeFrame,
    image: Volume,
    template: Volume,
    fit: TemplateFit,
    settings: AtlasSettings,
) -> AtlasSeeds:
    """Return the seeds of both sides under an accepted pose."""
    pose = fit.pose.mni_to_lattice
    plane = find_mirror_about(image, transform_points(pose, np.array(mni.PONS)))
    matches = {side: match_pons_corner(image, pose, side, template) for side in Side}
    off_plane = max(
        plane.disagreement_mm(*(_on_lattice(pose, point, side) for side in Side))
        for point in (mni.ROOT_DETACHMENT, mni.FUNDUS)
    )
    sides = {
        side: _side(frame, fit, side, matches[side], off_plane, settings)
        for side in Side
    }
    similarities = [match.similarity for match in matches.values() if match]
    return AtlasSeeds(
        head=_head_frame(frame, pose, plane),
        sides=sides,
        quality=min(similarities, default=0.0),
    )


def _on_lattice(
    pose: NDArray[np.float64], point: mni.Point, side: Side
) -> NDArray[np.float64]:
    return transform_points(pose, mni.place_on_side(point, side))


def _side(
    frame: LatticeFrame,
    fit: TemplateFit,
    side: Side,
    match: LocalMatch | None,
    off_plane_mm: float,
    settings: AtlasSettings,
) -> SideRegion:
    """Return the seeds of one side and whether its cues agree."""
    reasons = []
    limit = settings.cue_disagreement_mm
    if off_plane_mm > limit:
        reasons.append(
            f"template and mirror plane of the head disagree by {off_plane_mm:.0f} mm"
        )
    if match is None:
        reasons.append("the cerebellopontine angle lies too near the volume's edge")
    elif match.similarity < settings.min_similarity or match.at_rim:
        reasons.append("no lower corner of the pons was found where it is expected")
    elif match.distance_mm > limit:
        reasons.append(
            f"template and corner of the pons disagree by {match.distance_mm:.0f} mm"
        )
    pose = fit.pose.mni_to_lattice
    # Root points move with the pons; porus and fundus are bone and do not.
    shift = np.zeros(3) if reasons or match is None else match.shift_mni_mm
    shift_mm = pose[:3, :3] @ shift
    landmarks = SideLandmarks(
        root_exit_point_mm=frame.to_ras_mm(
            _on_lattice(pose, mni.ROOT_EXIT, side) + shift_mm
        ),
        root_detachment_mm=frame.to_ras_mm(
            _on_lattice(pose, mni.ROOT_DETACHMENT, side) + shift_mm
        ),
        porus_mm=frame.to_ras_mm(_on_lattice(pose, mni.PORUS, side)),
        fundus_mm=frame.to_ras_mm(_on_lattice(pose, mni.FUNDUS, side)),
    )
    return SideRegion(
        landmarks=landmarks,
        evaluable=not reasons,
        reasons=tuple(reasons),
        position_sd_mm=settings.position_sd_mm,
    )


def _head_frame(
    frame: LatticeFrame, pose: NDArray[np.float64], plane: MirrorPlane
) -> HeadFrame:
    """Return the head's own axes: right from the mirror plane, the rest from the pose.

    The origin lies on the mirror plane, halfway between the canals.
    """
    right = plane.rightward
    up = pose[:3, 2] - (pose[:3, 2] @ right) * right
    up /= np.linalg.norm(up)
    lattice_axes = np.stack([right, np.cross(up, right), up], axis=1)
    middle = np.mean([_on_lattice(pose, mni.FUNDUS, side) for side in Side], axis=0)
    middle = (middle + plane.mirror(middle)) / 2
    # A sheared lattice turns right angles into others: take the nearest rotation.
    left, _, turned = np.linalg.svd(frame.directions_to_ras(lattice_axes))
    return HeadFrame(origin_mm=frame.to_ras_mm(middle), axes=left @ turned)
