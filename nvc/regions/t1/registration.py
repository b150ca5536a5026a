"""Laying the template head over a T1 by mutual information, from several starts."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk
from scipy import ndimage

from nvc.model.anatomy import Side
from nvc.model.grid import Volume, transform_points
from nvc.regions.head.lattice_frame import coarsen_head
from nvc.regions.head.mni152 import (
    FUNDUS,
    PONS,
    ROOT_DETACHMENT,
    Template,
    place_on_side,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from numpy.typing import NDArray

    from nvc.settings.atlas import AtlasSettings

BRAIN_CENTRE_MNI = (0.0, -18.0, 10.0)
"""Centre of rotation: about the middle of the brain's box."""
TOP_OF_HEAD_MNI = 90.0
"""Height of the scalp's vertex: top of the brain (79) and some 11 mm of scalp."""
UPPER_HEAD_MM = 110.0
"""Height below the vertex that is head, not neck or shoulders."""
ANCHORS_MNI = np.array(
    [place_on_side(p, side) for p in (ROOT_DETACHMENT, FUNDUS) for side in Side]
    + [PONS]
)
"""Where two poses are compared: the places the seeds are wanted for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """One way of laying the template over the head.

    Parameters
    ----------
    mni_to_lattice : ndarray, shape (4, 4)
        Maps MNI mm to lattice mm.
    mutual_information : float
        Higher is better; comparable within one image and resolution.
    """

    mni_to_lattice: NDArray[np.float64]
    mutual_information: float

    def distance_mm(self, other: Pose) -> float:
        """Largest distance between two poses at the cerebellopontine angles."""
        mine = transform_points(self.mni_to_lattice, ANCHORS_MNI)
        theirs = transform_points(other.mni_to_lattice, ANCHORS_MNI)
        return float(np.linalg.norm(mine - theirs, axis=1).max())


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class TemplateFit:
    """The pose found, and what speaks for it.

    Parameters
    ----------
    pose : Pose
        Affine over the whole brain, then rigid over the posterior fossa.
    brain_pose : Pose
        Before the posterior fossa was aligned by itself.
    agreeing_starts : int
        How many starts ended within the tolerance of the best one.
    second_best_mm : float
        Distance to the result of the independent start that came second.
    """

    pose: Pose
    brain_pose: Pose
    agreeing_starts: int
    second_best_mm: float


@contextmanager
def _one_thread() -> Iterator[None]:
    """Add up the metric in one order: threads would change its last digits."""
    process = sitk.ProcessObject
    before = process.GetGlobalDefaultNumberOfThreads()
    process.SetGlobalDefaultNumberOfThreads(1)
    try:
        yield
    finally:
        process.SetGlobalDefaultNumberOfThreads(before)


def _to_sitk(volume: Volume, voxels: NDArray[np.generic]) -> sitk.Image:
    image = sitk.GetImageFromArray(np.ascontiguousarray(voxels.transpose(2, 1, 0)))
    image.SetSpacing([float(s) for s in volume.grid.voxel_size_mm])
    image.SetOrigin([float(x) for x in volume.grid.voxel_to_ras_mm[:3, 3]])
    return image


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Pair:
    """Template and head at one resolution, ready for the optimiser."""

    fixed: sitk.Image
    mask: sitk.Image
    moving: sitk.Image

    @classmethod
    def of(cls, template: Template, mask: NDArray[np.bool_], head: Volume) -> _Pair:
        image = template.image
        return cls(
            fixed=_to_sitk(image, np.asarray(image.voxels, dtype=np.float32)),
            mask=_to_sitk(image, mask.astype(np.uint8)),
            moving=_to_sitk(head, np.asarray(head.voxels, dtype=np.float32)),
        )

    def optimise(
        self,
        transform: sitk.Transform,
        step_mm: float,
        *,
        after: NDArray[np.float64] | None = None,
    ) -> float | None:
        """Move `transform` uphill; return mutual information, None where it fails."""
        method = sitk.ImageRegistrationMethod()
        method.SetMetricAsMattesMutualInformation(32)
        method.SetMetricSamplingStrategy(method.NONE)
        method.SetMetricFixedMask(self.mask)
        method.SetInterpolator(sitk.sitkLinear)
        method.SetOptimizerAsRegularStepGradientDescent(
            learningRate=step_mm,
            minStep=step_mm / 100,
            numberOfIterations=60,
            relaxationFactor=0.6,
            gradientMagnitudeTolerance=1e-6,
        )
        method.SetOptimizerScalesFromPhysicalShift()
        if after is not None:
            method.SetMovingInitialTransform(_affine(after, (0.0, 0.0, 0.0)))
        method.SetInitialTransform(transform, inPlace=True)
        try:
            with _one_thread():
                method.Execute(self.fixed, self.moving)
        except RuntimeError:
            # Too few template voxels fall on the image from this start.
            return None
        return -float(method.GetMetricValue())


def _affine(
    matrix: NDArray[np.float64], centre: tuple[float, float, float]
) -> sitk.AffineTransform:
    transform = sitk.AffineTransform(3)
    transform.SetCenter(centre)
    transform.SetMatrix(matrix[:3, :3].ravel().tolist())
    moved = matrix[:3, :3] @ np.array(centre) + matrix[:3, 3]
    transform.SetTranslation((moved - np.array(centre)).tolist())
    return transform


def _matrix(transform: sitk.Transform) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3] = np.array(transform.GetMatrix()).reshape(3, 3)
    centre = np.array(transform.GetCenter())
    matrix[:3, 3] = (
        centre + np.array(transform.GetTranslation()) - matrix[:3, :3] @ centre
    )
    return matrix


def _vertex(head: Volume) -> NDArray[np.float64] | None:
    """Return the middle of the head's outline and its top, lattice mm, shape (3,)."""
    voxels = np.asarray(head.voxels)
    foreground = voxels > 0.15 * np.percentile(voxels, 99)
    labels, count = ndimage.label(ndimage.binary_opening(foreground))
    if count == 0:
        return None
    largest = 1 + int(np.argmax(np.bincount(labels.ravel())[1:]))
    points = head.grid.to_ras_mm(np.argwhere(labels == largest).astype(float))
    top = points[:, 2].max()
    upper = points[points[:, 2] > top - UPPER_HEAD_MM]
    low, high = np.percentile(upper[:, :2], (2, 98), axis=0)
    x, y = (low + high) / 2
    return np.array([x, y, top])


def _coarse_poses(
    pair: _Pair,
    vertex: NDArray[np.float64],
    settings: AtlasSettings,
    on_progress: Callable[[float], None],
) -> list[Pose]:
    """Return the result of every start in pitch and height, best first."""
    centre = np.array(BRAIN_CENTRE_MNI)
    poses = []
    pitches = np.radians(settings.start_pitch_deg) * np.array([-1, 0, 1])
    heights = settings.start_height_mm * np.array([-1, 0, 1])
    for index, pitch in enumerate(pitches):
        for height in heights:
            start = vertex - (0, 0, TOP_OF_HEAD_MNI - centre[2] - height)
            transform = sitk.Similarity3DTransform()
            transform.SetCenter(BRAIN_CENTRE_MNI)
            transform.SetRotation((1, 0, 0), float(pitch))
            transform.SetTranslation((start - centre).tolist())
            value = pair.optimise(transform, settings.coarse_step_mm)
            if value is not None:
                pose = Pose(mni_to_lattice=_matrix(transform), mutual_information=value)
                poses.append(pose)
        on_progress((index + 1) / len(pitches))
    return sorted(poses, key=lambda pose: -pose.mutual_information)


def _refined(pair: _Pair, pose: Pose, settings: AtlasSettings) -> Pose | None:
    transform = _affine(pose.mni_to_lattice, BRAIN_CENTRE_MNI)
    value = pair.optimise(transform, settings.fine_step_mm / 2)
    if value is None:
        return None
    return Pose(mni_to_lattice=_matrix(transform), mutual_information=value)


def _in_fossa(pair: _Pair, pose: Pose, settings: AtlasSettings) -> Pose | None:
    """Turn and shift the posterior fossa by itself: cerebrum and stem differ."""
    transform = sitk.Euler3DTransform()
    transform.SetCenter(PONS)
    value = pair.optimise(
        transform, settings.fine_step_mm / 2, after=pose.mni_to_lattice
    )
    if value is None:
        return None
    moved = pose.mni_to_lattice @ _matrix(transform)
    return Pose(mni_to_lattice=moved, mutual_information=value)


def fit_template(
    reference: Volume,
    templates: tuple[Template, Template],
    settings: AtlasSettings,
    on_progress: Callable[[float], None],
) -> TemplateFit | None:
    """Find the pose of the template in a head.

    Parameters
    ----------
    reference : Volume
        T1, canonical storage order.
    templates : tuple of Template
        At the coarse and at the fine step of `settings`.
    settings : AtlasSettings
        Steps, starts and tolerances.
    on_progress : callable
        Called with the fraction done.

    Returns
    -------
    TemplateFit or None
        None where no start overlaps the image enough to be judged.
    """
    coarse_template, fine_template = templates
    coarse = coarsen_head(reference, settings.coarse_step_mm)
    vertex = _vertex(coarse)
    if vertex is None:
        return None
    pair = _Pair.of(coarse_template, coarse_template.near_brain, coarse)
    poses = _coarse_poses(pair, vertex, settings, lambda f: on_progress(0.4 * f))
    if not poses:
        return None
    # Coarse results are compared with twice the tolerance; the fine ones decide.
    near = [
        pose
        for pose in poses
        if pose.distance_mm(poses[0]) <= 2 * settings.cue_disagreement_mm
    ]
    far = [pose for pose in poses if pose not in near]
    rivals = [poses[0], near[-1], *far[:1]]
    fine = coarsen_head(reference, settings.fine_step_mm)
    pair = _Pair.of(fine_template, fine_template.near_brain, fine)
    refined = []
    for index, rival in enumerate(rivals):
        pose = _refined(pair, rival, settings)
        if pose is not None:
            refined.append(pose)
        on_progress(0.4 + 0.4 * (index + 1) / len(rivals))
    if len(refined) < 2:
        return None
    refined.sort(key=lambda pose: -pose.mutual_information)
    best = refined[0]
    local = _in_fossa(
        _Pair.of(fine_template, fine_template.fossa(), fine), best, settings
    )
    on_progress(1.0)
    if local is None:
        return None
    return TemplateFit(
        pose=local,
        brain_pose=best,
        agreeing_starts=len(near),
        second_best_mm=best.distance_mm(refined[1]),
    )
