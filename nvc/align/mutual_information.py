"""Rigid registration of two volumes by Mattes mutual information."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import SimpleITK as sitk

from nvc.align.rigid import (
    lattice_to_ras_mm,
    make_lattice_image,
    to_euler,
    to_matrix,
)
from nvc.errors import RegistrationError
from nvc.model.grid import Grid, Volume
from nvc.sampling import block_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.numerics import Layout
    from nvc.settings.align import AlignSettings

_SEED: Layout[int] = 20_240_607
"""Any fixed number: sampling must be the same in every run."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pair:
    """Two volumes at one resolution, in lattice coordinates.

    Parameters
    ----------
    fixed, moving : sitk.Image
        The reference and its companion.
    centre : ndarray, shape (3,)
        Centre of rotation in the reference's lattice coordinates, mm.
    samples : int
        Voxels of the reference that are compared.
    """

    fixed: sitk.Image
    moving: sitk.Image
    centre: NDArray[np.float64]
    samples: int

    @classmethod
    def of(
        cls,
        reference: Volume,
        moving: Volume,
        target_mm: float,
        centre: Sequence[float],
        samples: int,
    ) -> Pair:
        """Average both volumes to about `target_mm` and wrap them."""
        return cls(
            fixed=_image_of(reference, target_mm),
            moving=_image_of(moving, target_mm),
            centre=np.asarray(centre, dtype=float),
            samples=samples,
        )

    def mirrored(self) -> Pair:
        """Return the pair with the companion's left and right exchanged."""
        flipped = sitk.Flip(self.moving, [True, False, False])
        flipped.SetOrigin(self.moving.GetOrigin())
        flipped.SetDirection(self.moving.GetDirection())
        return replace(self, moving=flipped)


def _image_of(volume: Volume, target_mm: float) -> sitk.Image:
    """Average, cut the brightest thousandth, and place in lattice coordinates."""
    coarse = block_mean(volume, target_mm)
    values = np.asarray(coarse.voxels, dtype=np.float32)
    low, high = np.percentile(values, (0.1, 99.9)).tolist()
    if not high > low:
        raise RegistrationError("the volume is constant")
    clipped = np.clip(values, low, high)
    to_lattice = np.linalg.inv(lattice_to_ras_mm(volume.grid))
    origin = to_lattice[:3, :3] @ coarse.grid.voxel_to_ras_mm[:3, 3] + to_lattice[:3, 3]
    grid = Grid(shape=coarse.grid.shape, voxel_to_ras_mm=coarse.grid.voxel_to_ras_mm)
    return make_lattice_image(Volume(grid=grid, voxels=clipped), origin)


def _method(
    pair: Pair, settings: AlignSettings, *, seed: int, mask: sitk.Image | None
) -> sitk.ImageRegistrationMethod:
    """Return a single-threaded, seeded method set up for the pair."""
    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(1)
    method.SetNumberOfWorkUnits(1)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetMetricAsMattesMutualInformation(settings.histogram_bins)
    # Slopes from the neighbouring voxels: smoothing both images for them costs a
    # fifth of the time, and its wider slopes bring the motion half as near.
    method.SetMetricUseFixedImageGradientFilter(False)
    method.SetMetricUseMovingImageGradientFilter(False)
    voxels = pair.fixed.GetNumberOfPixels()
    if mask is not None:
        method.SetMetricFixedMask(mask)
    method.SetMetricSamplingStrategy(sitk.ImageRegistrationMethod.RANDOM)
    share = min(1.0, pair.samples / voxels)
    method.SetMetricSamplingPercentage(share, seed=_SEED + seed)
    return method


def measure_information(
    pair: Pair, start: NDArray[np.float64], settings: AlignSettings
) -> float:
    """Return the mutual information at a (4, 4) lattice-to-lattice map; 0 if apart."""
    method = _method(pair, settings, seed=0, mask=None)
    method.SetInitialTransform(to_euler(start, pair.centre))
    try:
        return -float(method.MetricEvaluate(pair.fixed, pair.moving))
    except RuntimeError:
        return 0.0


def climb_information(
    pair: Pair,
    start: NDArray[np.float64],
    settings: AlignSettings,
    *,
    step_mm: float,
    seed: int = 0,
    mask: sitk.Image | None = None,
) -> tuple[NDArray[np.float64], float]:
    """Climb to the nearest maximum of the mutual information.

    Parameters
    ----------
    pair : Pair
        Images.
    start : ndarray, shape (4, 4)
        Rigid, reference lattice to companion lattice, mm.
    settings : AlignSettings
        Bins of the histogram.
    step_mm : float
        Length of the first step; the last is a hundredth of it.
    seed : int
        Selects which voxels are sampled.
    mask : sitk.Image, optional
        Voxels of the reference that count.

    Returns
    -------
    transform : ndarray, shape (4, 4)
        Rigid, reference lattice to companion lattice, mm.
    information : float
        Mutual information reached.

    Raises
    ------
    RegistrationError
        If the volumes do not overlap.
    """
    method = _method(pair, settings, seed=seed, mask=mask)
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=step_mm,
        minStep=step_mm / 100,
        numberOfIterations=80,
        relaxationFactor=0.6,
        gradientMagnitudeTolerance=1e-8,
    )
    method.SetOptimizerScalesFromPhysicalShift()
    transform = to_euler(start, pair.centre)
    method.SetInitialTransform(transform, inPlace=True)
    try:
        method.Execute(pair.fixed, pair.moving)
    except RuntimeError as error:
        raise RegistrationError("the volumes do not overlap") from error
    return to_matrix(transform), -float(method.GetMetricValue())
