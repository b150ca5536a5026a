"""Reasons not to believe a pose of the template."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import transform_points
from nvc.sampling import Sampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.regions.head.mni152 import Template
    from nvc.regions.t1.registration import TemplateFit
    from nvc.settings.atlas import AtlasSettings
    from nvc.settings.groups.atlas import PoseSettings


def measure_scalp_signal(
    head: Volume,
    template: Template,
    mni_to_lattice: NDArray[np.float64],
    settings: PoseSettings,
) -> float | None:
    """Return the signal around the upper brain as a fraction of the brain's.

    Parameters
    ----------
    head : Volume
        In lattice mm (`nvc.regions.head.lattice_frame`).
    template : Template
        In MNI mm.
    mni_to_lattice : ndarray, shape (4, 4)
        The pose.
    settings : PoseSettings
        Where the scalp lies.

    Returns
    -------
    float or None
        None where that shell lies outside the volume.
    """
    grid = template.image.grid
    voxels = np.asarray(template.image.voxels)
    step = grid.voxel_size_mm[0]
    low, high = settings.scalp_mm
    pad = int(np.ceil(high / step))
    distance = ndimage.distance_transform_edt(np.pad(voxels == 0, pad, "edge")) * step
    ijk = np.argwhere((distance > low) & (distance < high)) - pad
    shell = grid.to_ras_mm(ijk.astype(float))
    # Above and behind: faces are removed from shared images, scalps are not.
    shell = shell[(shell[:, 2] > 0) & (shell[:, 1] < settings.scalp_front_mm)]
    sample = Sampler.over(head, order=1)
    seen = sample(transform_points(mni_to_lattice, shell))
    seen = seen[np.isfinite(seen)]
    brain_mm = template.points_mm(voxels > 0.5)
    brain = sample(transform_points(mni_to_lattice, brain_mm))
    brain = brain[np.isfinite(brain)]
    if seen.size < settings.scalp_seen_min * len(shell) or brain.size == 0:
        return None
    typical = float(np.median(brain))
    return float(np.percentile(seen, 75)) / typical if typical > 0 else 0.0


def find_head_problems(fit: TemplateFit, settings: AtlasSettings) -> list[str]:
    """Tell in plain words why the image is no head, or too little of one."""
    likeness = min(fit.brain_pose.likeness, fit.pose.likeness)
    if likeness < settings.min_similarity:
        return [
            "the image does not look like a T1 head: correlation with the template "
            f"{likeness:.2f}, expected {settings.min_similarity:.2f} or more"
        ]
    for pose, what in ((fit.brain_pose, "brain"), (fit.pose, "posterior fossa")):
        if pose.covered < settings.min_brain_coverage:
            return [f"only {pose.covered:.0%} of the {what} is inside the volume"]
    return []


def find_pose_problems(fit: TemplateFit, settings: AtlasSettings) -> list[str]:
    """Tell what is implausible about a pose, in plain words."""
    problems = []
    if fit.rival_log_odds < settings.min_rival_log_odds:
        problems.append(
            "the template fits about as well in a pose that differs by "
            f"{fit.rival_mm:.0f} mm at the cerebellopontine angle"
        )
    moved = fit.pose.distance_mm(fit.brain_pose)
    if moved > settings.cue_disagreement_mm:
        problems.append(
            f"the posterior fossa lies {moved:.0f} mm from where the whole head puts it"
        )
    linear = fit.pose.mni_to_lattice[:3, :3]
    left, scales, right = np.linalg.svd(linear)
    if scales.max() > settings.max_scale or scales.min() < settings.min_scale:
        problems.append(
            "the template had to be stretched by "
            f"{scales.min():.2f} to {scales.max():.2f} to fit"
        )
    rotation = left @ right
    tilt = np.degrees(np.arccos(np.clip((np.trace(rotation) - 1) / 2, -1, 1)))
    if tilt > settings.max_tilt_deg or np.linalg.det(linear) < 0:
        problems.append(f"the head would be tilted by {tilt:.0f} degrees")
    return problems
