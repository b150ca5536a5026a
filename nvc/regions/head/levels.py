"""Tissue levels of a T2 near the cerebellopontine angles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import Volume
from nvc.model.stages import TissueLevels
from nvc.settings.groups.regions import LevelsSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count


_FEWEST_FLUID: Count[int] = 30
_FEWEST_BRAIN: Count[int] = 200
_FEWEST_ROWS: Count[int] = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Contrast:
    """The three levels of a T2 cisternography and its noise.

    Parameters
    ----------
    bone, brain, csf : float
        Typical intensities of dense bone, parenchyma and cisternal fluid.
    noise : float
        Standard deviation of the noise.
    """

    bone: float
    brain: float
    csf: float
    noise: float

    @property
    def tissue(self) -> TissueLevels:
        """The levels that later stages use."""
        return TissueLevels(
            csf=self.csf, brain=self.brain, noise=self.noise, bone=self.bone
        )

    @property
    def brain_share(self) -> float:
        """Where brain lies between bone (0) and CSF (1)."""
        return (self.brain - self.bone) / (self.csf - self.bone)

    def normalise(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale intensities of any shape so that bone is 0 and CSF 1."""
        scaled = (values - np.float32(self.bone)) / np.float32(self.csf - self.bone)
        return np.asarray(scaled, dtype=np.float32)


def measure_contrast(
    petrous: Volume, fossa: Volume, noise: float, settings: LevelsSettings | None = None
) -> Contrast | None:
    """Measure bone about an ear, and brain and CSF medial of it.

    Parameters
    ----------
    petrous : Volume
        Box about a labyrinth, at about 1 mm: mostly bone.
    fossa : Volume
        Box from the canal to the brainstem: mostly brain and CSF.
    noise : float
        Standard deviation of the noise in full resolution.
    settings : LevelsSettings, optional
        What is fluid, and what may be brain.

    Returns
    -------
    Contrast or None
        None where three levels cannot be told apart.
    """
    settings = settings or LevelsSettings()
    bone = _bone(np.asarray(petrous.voxels, dtype=np.float32))
    values = np.asarray(fossa.voxels, dtype=np.float32)
    smooth = ndimage.gaussian_filter(values, 0.6)
    top = float(np.percentile(smooth, 98))
    if top <= settings.csf_over_bone_min * bone or top <= 0:
        return None
    steep = ndimage.gaussian_gradient_magnitude(values, 0.8)
    calm = smooth[steep < settings.calm_slope_max * top]
    fluid = calm[calm > settings.fluid_min * top]
    if fluid.size < _FEWEST_FLUID:
        fluid = smooth[smooth > settings.fluid_anywhere_min * top]
    csf = float(np.median(fluid))
    low, high = (bone + share * (csf - bone) for share in settings.brain_between)
    brain = _peak(calm, low, high, settings.peak_half_width)
    if brain is None:
        return None
    return Contrast(bone=bone, brain=brain, csf=csf, noise=noise)


def _bone(values: NDArray[np.float32]) -> float:
    """Return the typical intensity of the darker half of a box of bone."""
    smooth = ndimage.gaussian_filter(values, 0.6)
    return float(np.percentile(smooth, 25))


def _peak(
    values: NDArray[np.float32], low: float, high: float, half_width: float
) -> float | None:
    """Return the highest peak of the histogram strictly between two bounds, or None.

    The slopes of the peaks of bone and CSF reach over the bounds; only a place that
    is higher than its neighbours on both sides counts.
    """
    inside = values[(values > low) & (values < high)]
    if inside.size < _FEWEST_BRAIN:
        return None
    counts, edges = np.histogram(inside, bins=40, range=(low, high))
    smooth = ndimage.gaussian_filter1d(counts.astype(float), 1.5)
    is_peak = (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])
    if not is_peak.any():
        return None
    heights = np.where(is_peak, smooth[1:-1], 0.0)
    best = int(np.argmax(heights)) + 1
    middle = (edges[best] + edges[best + 1]) / 2
    near = inside[np.abs(inside - middle) < half_width * (high - low)]
    return float(np.median(near))


def estimate_noise(volume: Volume) -> float:
    """Estimate the noise from second differences across the slices' rows.

    The median absolute deviation ignores the few edges; a lag of two voxels steps
    over the correlation that an interpolating scanner leaves.

    Parameters
    ----------
    volume : Volume
        Part of the head, full resolution.

    Returns
    -------
    float
        Standard deviation, in units of the intensities.
    """
    voxels = np.asarray(volume.voxels, dtype=np.float32)
    if voxels.shape[0] < _FEWEST_ROWS:
        return 0.0
    bend = voxels[:-4] - 2 * voxels[2:-2] + voxels[4:]
    bend = bend[(voxels[2:-2] > 0)]
    if bend.size == 0:
        return 0.0
    deviation = np.median(np.abs(bend)) / 0.6745
    return float(deviation / np.sqrt(6.0))
