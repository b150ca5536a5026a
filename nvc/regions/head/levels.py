"""Tissue levels of a T2 near the cerebellopontine angles."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import Volume
from nvc.model.stages import TissueLevels
from nvc.sampling import crop
from nvc.settings.groups.regions import LevelsSettings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame
    from nvc.numerics import Count, Layout, Step

_FEWEST_FLUID: Count[int] = 30
_FEWEST_BRAIN: Count[int] = 200
_FEWEST_ROWS: Count[int] = 8
_CISTERNS_MM: Layout[float] = 15.0
"""From pons and vermis to the cisterns in front and at the sides."""
_BINS: Count[int] = 40
_SMOOTH_BINS: Step[float] = 1.5


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


def measure_brain_of_csf(
    coarse: Volume, head: HeadFrame, settings: LevelsSettings | None = None
) -> float | None:
    """Measure brain where nothing else is as common: behind the middle of the canals.

    Beside a canal bone, marrow and the edges of fluid are as common as brain, and a
    brain as dark as SPACE shows it cannot be told from them by its level. There is no
    bone between pons and vermis.

    Parameters
    ----------
    coarse : Volume
        Reference at about 1 mm, CSF bright.
    head : HeadFrame
        Origin between the canals or the inner ears.
    settings : LevelsSettings, optional
        Where to look, and what is fluid.

    Returns
    -------
    float or None
        The commonest level there, in parts of CSF; None where too little is seen.
    """
    settings = settings or LevelsSettings()
    corners_mm = head.to_ras_mm(np.array(list(product(*settings.middle_mm))))
    # The middle itself may hold no fluid; the cisterns about it always do.
    smooth, calm, top = _calm(crop(coarse, corners_mm, _CISTERNS_MM), settings)
    csf = _fluid(smooth, calm, top, settings)
    brightest = settings.fluid_min * top
    _, calm, _ = _calm(crop(coarse, corners_mm, 0.0), settings, top)
    tissue = calm[(calm > 0) & (calm < brightest)]
    if tissue.size < _FEWEST_BRAIN:
        return None
    counts, edges = _histogram(tissue, 0.0, brightest)
    commonest = int(np.argmax(counts))
    brain = (edges[commonest] + edges[commonest + 1]) / 2
    return float(brain / csf)


def measure_contrast(
    petrous: Volume,
    fossa: Volume,
    noise: float,
    brain_of_csf: float | None = None,
    settings: LevelsSettings | None = None,
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
    brain_of_csf : float, optional
        Brain of this head in parts of CSF, where known: brain here is looked for near
        it.
    settings : LevelsSettings, optional
        What is fluid, and what may be brain.

    Returns
    -------
    Contrast or None
        None where three levels cannot be told apart.
    """
    settings = settings or LevelsSettings()
    bone = _bone(np.asarray(petrous.voxels, dtype=np.float32))
    smooth, calm, top = _calm(fossa, settings)
    if top <= settings.csf_over_bone_min * bone or top <= 0:
        return None
    csf = _fluid(smooth, calm, top, settings)
    between = np.array(settings.brain_between)
    expected = None
    if brain_of_csf is not None:
        expected = (brain_of_csf * csf - bone) / (csf - bone)
        between = np.minimum(expected * np.array(settings.brain_near), between[1])
    low, high = bone + between * (csf - bone)
    brain = _peak(calm, low, high, settings.peak_half_width)
    if brain is None and expected is not None and expected > 0:
        brain = bone + expected * (csf - bone)
    if brain is None:
        return None
    return Contrast(bone=bone, brain=brain, csf=csf, noise=noise)


def _calm(
    volume: Volume, settings: LevelsSettings, top: float | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32], float]:
    """Return a box smoothed, its voxels away from edges, and its brightest level.

    `top` is that level where it is known from elsewhere.
    """
    values = np.asarray(volume.voxels, dtype=np.float32)
    smooth = ndimage.gaussian_filter(values, 0.6)
    if top is None:
        top = float(np.percentile(smooth, 98))
    steep = ndimage.gaussian_gradient_magnitude(values, 0.8)
    return smooth, smooth[steep < settings.calm_slope_max * top], top


def _fluid(
    smooth: NDArray[np.float32],
    calm: NDArray[np.float32],
    top: float,
    settings: LevelsSettings,
) -> float:
    """Return the typical level of fluid."""
    fluid = calm[calm > settings.fluid_min * top]
    if fluid.size < _FEWEST_FLUID:
        fluid = smooth[smooth > settings.fluid_anywhere_min * top]
    return float(np.median(fluid))


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
    smooth, edges = _histogram(inside, low, high)
    is_peak = (smooth[1:-1] >= smooth[:-2]) & (smooth[1:-1] > smooth[2:])
    if not is_peak.any():
        return None
    heights = np.where(is_peak, smooth[1:-1], 0.0)
    best = int(np.argmax(heights)) + 1
    middle = (edges[best] + edges[best + 1]) / 2
    near = inside[np.abs(inside - middle) < half_width * (high - low)]
    return float(np.median(near))


def _histogram(
    values: NDArray[np.float32], low: float, high: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return smoothed counts and the edges of their bins."""
    counts, edges = np.histogram(values, bins=_BINS, range=(low, high))
    return ndimage.gaussian_filter1d(counts.astype(float), _SMOOTH_BINS), edges


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
