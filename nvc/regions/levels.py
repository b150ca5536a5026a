"""Tissue levels of a T2 near the cerebellopontine angles."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import Volume
from nvc.model.stages import TissueLevels

if TYPE_CHECKING:
    from numpy.typing import NDArray


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
        return TissueLevels(csf=self.csf, brain=self.brain, noise=self.noise)

    @property
    def brain_share(self) -> float:
        """Where brain lies between bone (0) and CSF (1)."""
        return (self.brain - self.bone) / (self.csf - self.bone)

    def normalise(self, values: NDArray[np.float32]) -> NDArray[np.float32]:
        """Scale intensities so that bone is 0 and CSF 1."""
        scaled = (values - np.float32(self.bone)) / np.float32(self.csf - self.bone)
        return np.asarray(scaled, dtype=np.float32)


def measure_contrast(box: Volume, noise: float) -> Contrast | None:
    """Measure bone, brain and CSF in a box of skull base and posterior fossa.

    Parameters
    ----------
    box : Volume
        Box about both cerebellopontine angles or one of them, at about 1 mm.
    noise : float
        Standard deviation of the noise in full resolution.

    Returns
    -------
    Contrast or None
        None where three levels cannot be told apart.
    """
    values = np.asarray(box.voxels, dtype=np.float32)
    smooth = ndimage.gaussian_filter(values, 0.6)
    steep = ndimage.gaussian_gradient_magnitude(values, 0.8)
    top = float(np.percentile(smooth, 98))
    flat = steep < 0.08 * top
    if top <= 0 or flat.sum() < 500:
        return None
    calm = smooth[flat]
    fluid = calm[calm > 0.75 * top]
    if fluid.size < 30:
        fluid = smooth[smooth > 0.8 * top]
    csf = float(np.median(fluid))
    brain = _mode(calm, 0.12 * csf, 0.72 * csf)
    if brain is None:
        return None
    dark = calm[calm < 0.55 * brain]
    if dark.size < 100:
        dark = smooth[smooth < 0.55 * brain]
    if dark.size < 30:
        return None
    return Contrast(bone=float(np.median(dark)), brain=brain, csf=csf, noise=noise)


def _mode(values: NDArray[np.float32], low: float, high: float) -> float | None:
    """Return the most frequent intensity between two bounds, or None if empty."""
    inside = values[(values > low) & (values < high)]
    if inside.size < 200:
        return None
    counts, edges = np.histogram(inside, bins=48, range=(low, high))
    smooth = ndimage.gaussian_filter1d(counts.astype(float), 1.5)
    best = int(np.argmax(smooth))
    near = inside[np.abs(inside - (edges[best] + edges[best + 1]) / 2) < 0.1 * high]
    return float(np.median(near))


def noise_level(volume: Volume) -> float:
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
    if voxels.shape[0] < 8:
        return 0.0
    bend = voxels[:-4] - 2 * voxels[2:-2] + voxels[4:]
    bend = bend[(voxels[2:-2] > 0)]
    if bend.size == 0:
        return 0.0
    deviation = np.median(np.abs(bend)) / 0.6745
    return float(deviation / np.sqrt(6.0))
