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

SCALP_MM = (6.0, 20.0)
"""Distance from the brain within which skull, marrow and scalp lie."""


def correlate_with_template(
    head: Volume,
    template: Template,
    mask: NDArray[np.bool_],
    mni_to_lattice: NDArray[np.float64],
) -> tuple[float, float]:
    """Correlate head and template in a mask.

    Parameters
    ----------
    head : Volume
        In lattice mm (`nvc.regions.head.lattice_frame`).
    template : Template
        In MNI mm.
    mask : ndarray of bool, shape ``template.image.grid.shape``
        Where they are compared.
    mni_to_lattice : ndarray, shape (4, 4)
        The pose.

    Returns
    -------
    correlation, covered : float
        -1 to 1, and the part of the mask that the head's volume holds, 0 to 1.
    """
    points = transform_points(mni_to_lattice, template.points_mm(mask))
    seen = Sampler.over(head, order=1)(points).astype(float)
    known = np.asarray(template.image.voxels, dtype=float)[mask]
    inside = np.isfinite(seen)
    covered = float(inside.mean())
    seen, known = seen[inside], known[inside]
    if seen.size < 100 or seen.std() == 0:
        return 0.0, covered
    return float(np.corrcoef(seen, known)[0, 1]), covered


def measure_scalp_signal(
    head: Volume, template: Template, mni_to_lattice: NDArray[np.float64]
) -> float | None:
    """Return the signal around the upper brain as a fraction of the brain's.

    Parameters are those of `correlate_with_template`.

    None where that shell lies outside the volume.
    """
    grid = template.image.grid
    voxels = np.asarray(template.image.voxels)
    step = grid.voxel_size_mm[0]
    pad = int(np.ceil(SCALP_MM[1] / step))
    distance = ndimage.distance_transform_edt(np.pad(voxels == 0, pad, "edge")) * step
    ijk = np.argwhere((distance > SCALP_MM[0]) & (distance < SCALP_MM[1])) - pad
    shell = grid.to_ras_mm(ijk.astype(float))
    # Above and behind: faces are removed from shared images, scalps are not.
    shell = shell[(shell[:, 2] > 0) & (shell[:, 1] < 20)]
    sample = Sampler.over(head, order=1)
    seen = sample(transform_points(mni_to_lattice, shell))
    seen = seen[np.isfinite(seen)]
    brain_mm = template.points_mm(voxels > 0.5)
    brain = sample(transform_points(mni_to_lattice, brain_mm))
    brain = brain[np.isfinite(brain)]
    if seen.size < 0.2 * len(shell) or brain.size == 0:
        return None
    typical = float(np.median(brain))
    return float(np.percentile(seen, 75)) / typical if typical > 0 else 0.0


def find_pose_problems(fit: TemplateFit, settings: AtlasSettings) -> list[str]:
    """Tell what is implausible about a pose, in plain words."""
    problems = []
    if fit.agreeing_starts < settings.min_agreeing_starts:
        problems.append(
            f"only {fit.agreeing_starts} starts of the template registration agree"
        )
    if fit.second_best_mm > settings.cue_disagreement_mm:
        problems.append(
            "two registrations of the template differ by "
            f"{fit.second_best_mm:.0f} mm at the cerebellopontine angle"
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
