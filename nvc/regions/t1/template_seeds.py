"""Seeds for the landmarks from a template head laid over the reference."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import polar

from nvc.model.anatomy import Side
from nvc.model.grid import Volume, transform_points
from nvc.model.stages import HeadFrame, SideLandmarks, SideRegion
from nvc.regions.head import mni152 as mni
from nvc.regions.head.lattice_frame import LatticeFrame
from nvc.regions.head.mirror import MirrorPlane, find_mirror_about
from nvc.regions.t1.canal_bundle import CanalBundle, find_canal_bundle
from nvc.regions.t1.local_match import LocalMatch, match_pons_corner
from nvc.regions.t1.pose_checks import (
    find_head_problems,
    find_pose_problems,
    measure_scalp_signal,
)
from nvc.regions.t1.registration import Heads, TemplateFit, fit_template
from nvc.sampling import Sampler
from nvc.settings import anatomy

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.settings.atlas import AtlasSettings
    from nvc.settings.groups.atlas import PonsSettings


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
    whole head and then of its posterior fossa, the plane in which the image mirrors
    itself, and the corner of the pons tried at every place about it. A side on which
    they disagree is not evaluable. The root is where the template has it; porus and
    fundus follow the bundle of nerves that the image shows in the canal.

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
    The same voxels give the same seeds under any affine. About 3 s on one core.
    """
    if csf_is_bright:
        return AtlasSeeds.refused("there is no template head for images of bright CSF")
    report = on_progress or (lambda _: None)
    margin = settings.mask_margin_mm
    heads = Heads.of(reference, settings)
    fit = fit_template(heads, template, settings, lambda f: report(0.7 * f))
    if fit is None:
        return AtlasSeeds.refused("the template head could not be laid over the image")
    fine = mni.coarsen_template(template, settings.fine_step_mm, margin)
    head = heads.fine
    problems = find_head_problems(fit, settings)
    if not problems:
        problems = find_pose_problems(fit, settings)
    if not problems:
        scalp = measure_scalp_signal(
            head, fine, fit.brain_pose.mni_to_lattice, settings.pose
        )
        if scalp is not None and scalp < settings.min_scalp_signal:
            problems.append(
                "the tissue around the brain has been removed, and cranial nerves "
                "with it"
            )
    if problems:
        return AtlasSeeds.refused(*problems)
    seeds = _seeds(reference, head, template, fit, settings)
    report(1.0)
    return AtlasSeeds(
        head=seeds.head,
        sides=seeds.sides,
        quality=min(fit.brain_pose.likeness, fit.pose.likeness, seeds.quality),
        reasons=seeds.reasons,
    )


def _seeds(
    reference: Volume,
    image: Volume,
    template: Volume,
    fit: TemplateFit,
    settings: AtlasSettings,
) -> AtlasSeeds:
    """Return the seeds of both sides under an accepted pose."""
    frame = LatticeFrame(grid=reference.grid)
    middle = transform_points(fit.pose.mni_to_lattice, np.array(anatomy.MNI_PONS))
    # The pose says only where to look: the search is far wider than its error.
    plane = find_mirror_about(
        image, middle, polar(fit.pose.mni_to_lattice[:3, :3])[0], settings.mirror
    )
    brain = _pons_level(image, middle, settings.pons)
    places = {side: fit.side_poses[side].mni_to_lattice for side in Side}
    matches = {
        side: match_pons_corner(image, places[side], side, template, settings.pons)
        for side in Side
    }
    off_plane = max(
        plane.disagreement_mm(
            *(_on_lattice(places[side], point, side) for side in Side)
        )
        for point in (anatomy.MNI_ROOT_DETACHMENT, anatomy.MNI_FUNDUS)
    )
    sides = {}
    for side in Side:
        bundle = find_canal_bundle(
            reference, frame.to_ras_mm, places[side], side, brain, settings.bundle
        )
        reasons = _side_problems(fit, side, matches[side], off_plane, settings)
        sides[side] = SideRegion(
            landmarks=_landmarks(frame, places[side], side, bundle),
            evaluable=not reasons,
            reasons=tuple(reasons),
            position_sd_mm=settings.position_sd_mm,
        )
    similarities = [match.similarity for match in matches.values() if match]
    return AtlasSeeds(
        head=_head_frame(frame, fit.pose.mni_to_lattice, plane),
        sides=sides,
        quality=min(similarities, default=0.0),
    )


def _on_lattice(
    pose: NDArray[np.float64], point: anatomy.Point, side: Side
) -> NDArray[np.float64]:
    return transform_points(pose, mni.place_on_side(point, side))


def _pons_level(
    image: Volume, middle: NDArray[np.float64], settings: PonsSettings
) -> float:
    """Return the typical intensity about the middle of the pons."""
    radius = settings.radius_mm
    steps = np.arange(-radius, radius + 0.5, 2.0)
    ball = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    ball = ball[np.linalg.norm(ball, axis=-1) <= radius]
    level = float(np.nanmedian(Sampler.over(image, order=1)(middle + ball)))
    return max(level, 1e-6)


def _side_problems(
    fit: TemplateFit,
    side: Side,
    match: LocalMatch | None,
    off_plane_mm: float,
    settings: AtlasSettings,
) -> list[str]:
    """Tell where the cues of one side disagree."""
    problems = []
    limit = settings.cue_disagreement_mm
    if off_plane_mm > limit:
        problems.append(
            f"template and mirror plane of the head disagree by {off_plane_mm:.0f} mm"
        )
    moved = max(
        float(
            np.linalg.norm(
                _on_lattice(fit.side_poses[side].mni_to_lattice, point, side)
                - _on_lattice(fit.pose.mni_to_lattice, point, side)
            )
        )
        for point in (anatomy.MNI_ROOT_DETACHMENT, anatomy.MNI_FUNDUS)
    )
    if moved > limit:
        problems.append(
            f"the cerebellopontine angle lies {moved:.0f} mm from where the whole "
            "posterior fossa puts it"
        )
    if match is None:
        problems.append("the cerebellopontine angle lies too near the volume's edge")
    elif match.similarity < settings.min_similarity or match.at_rim:
        problems.append("no lower corner of the pons was found where it is expected")
    elif match.distance_mm > limit:
        problems.append(
            f"template and corner of the pons disagree by {match.distance_mm:.0f} mm"
        )
    return problems


def _landmarks(
    frame: LatticeFrame,
    pose: NDArray[np.float64],
    side: Side,
    bundle: CanalBundle | None,
) -> SideLandmarks:
    """Return the root as the template has it, and the canal as the image shows it."""
    porus, fundus = (
        _on_lattice(pose, p, side) for p in (anatomy.MNI_PORUS, anatomy.MNI_FUNDUS)
    )
    if bundle is not None:
        porus, fundus = bundle.porus_mm, bundle.fundus_mm
    return SideLandmarks(
        root_exit_point_mm=frame.to_ras_mm(
            _on_lattice(pose, anatomy.MNI_ROOT_EXIT, side)
        ),
        root_detachment_mm=frame.to_ras_mm(
            _on_lattice(pose, anatomy.MNI_ROOT_DETACHMENT, side)
        ),
        porus_mm=frame.to_ras_mm(porus),
        fundus_mm=frame.to_ras_mm(fundus),
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
    middle = np.mean(
        [_on_lattice(pose, anatomy.MNI_FUNDUS, side) for side in Side], axis=0
    )
    middle = (middle + plane.mirror(middle)) / 2
    # A sheared lattice turns right angles into others: take the nearest rotation.
    left, _, turned = np.linalg.svd(frame.directions_to_ras(lattice_axes))
    return HeadFrame(origin_mm=frame.to_ras_mm(middle), axes=left @ turned)
