"""Flattening of CN VII's section towards a vessel, against its neighbours.

A nerve that is pressed in gives way sideways: its section keeps its area and becomes
flat. The ratio of width to thickness therefore tells a groove twice, and does not
change where the calibre does, or where calibre and contrast are not told apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.measure.section import Section
    from nvc.settings import MeasureSettings

_REACH_MM = 6.5
_FEWEST = 4
# A groove is about as long as the vessel is wide, and smeared by the pieces' length.
_VESSEL_MM = (0.4, 1.2)
_SMEAR_MM = 0.46
# Without a section this high on the groove's shape, its depth is not seen.
_SEEN = 0.7
# Pieces overlap: those nearer than this share voxels.
_SHARED_MM = 1.6
# Flatness before looking at the neighbours, log.
_LEVEL_SD = 0.3
# How far an untouched nerve's flatness stays alike, mm.
_ALIKE_MM = 3.0


def indentation(
    sections: Sequence[Section],
    nerve_arc_mm: float,
    towards_vessel: NDArray[np.float64],
    vessel_radius_mm: float,
    settings: MeasureSettings,
) -> tuple[float, float] | None:
    """Measure how far the nerve is pressed in at a place.

    Parameters
    ----------
    sections : sequence of Section
        Of this nerve.
    nerve_arc_mm : float
        The place along it.
    towards_vessel : ndarray, shape (3,)
        From the nerve to the vessel.
    vessel_radius_mm : float
        Tells how long a groove may be.
    settings : MeasureSettings
        How far an untouched nerve's calibre varies.

    Returns
    -------
    tuple of float or None
        Loss of thickness against the neighbouring sections, mm, and its standard
        deviation; None where too few sections are seen.
    """
    near = [s for s in sections if abs(s.arc_mm - nerve_arc_mm) <= _REACH_MM]
    if len(near) < _FEWEST:
        return None
    arc = np.array([section.arc_mm - nerve_arc_mm for section in near])
    length = np.hypot(np.clip(vessel_radius_mm, *_VESSEL_MM), _SMEAR_MM)
    groove = np.exp(-0.5 * (arc / length) ** 2)
    if groove.max() < _SEEN:
        return None
    flatness = np.array([section.flatness(towards_vessel) for section in near])
    radius = float(np.exp(np.median([section.shape[0] for section in near])))
    natural = np.sqrt(2) * settings.calibre_sd_mm / (2 * radius)
    fitted, covariance = _fitted(arc, flatness, groove, float(natural))
    # At equal area, thickness is the diameter times exp(-flatness / 2).
    before = 2 * radius * np.exp(-fitted[0] / 2)
    after = before * np.exp(-fitted[2] / 2)
    fit_sd = 0.5 * after * np.sqrt(covariance[2, 2])
    # The wall beside a vessel carries what the tubes leave undescribed, as a gap does.
    return float(before - after), float(np.hypot(fit_sd, settings.model_sd_mm))


def _fitted(
    arc: NDArray[np.float64],
    flatness: NDArray[np.float64],
    groove: NDArray[np.float64],
    natural_sd: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit level, slope and groove (in this order) to flatness and its sd.

    Generalised least squares; the covariance is widened where the sections vary more
    than they should.
    """
    value, sd = flatness.T
    apart = np.abs(arc[:, None] - arc[None])
    noise = sd[:, None] * sd[None] * np.clip(1 - apart / _SHARED_MM, 0, 1)
    natural = natural_sd**2 * np.exp(-apart / _ALIKE_MM)
    precision = np.linalg.inv(noise + natural)
    basis = np.stack([np.ones_like(arc), arc, groove], axis=1)
    belief = np.diag([_LEVEL_SD**-2, (natural_sd / _ALIKE_MM) ** -2, 0.0])
    covariance = np.linalg.inv(basis.T @ precision @ basis + belief)
    fitted = covariance @ (basis.T @ precision @ value)
    left = value - basis @ fitted
    spread = float(left @ precision @ left) / max(len(arc) - 2, 1)
    return fitted, covariance * max(spread, 1.0)
