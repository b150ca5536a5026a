"""Flattening of CN VII's section towards a vessel, against its neighbours.

A nerve that is pressed in gives way sideways: its section keeps its area and becomes
flat. The ratio of width to thickness therefore tells a groove twice, and does not
change where the calibre does, or where calibre and contrast are not told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.deformity.model_average import average_models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.measurement.places.nerve_section import NerveSection
    from nvc.numerics import Count, Exact
    from nvc.settings import MeasureSettings

_FEWEST: Count[int] = 4
# Pieces nearer to each other than their length, two halves, share voxels.
_PIECE_HALVES: Exact[float] = 2.0


def measure_indentation(
    sections: Sequence[NerveSection],
    nerve_arc_mm: float,
    towards_vessel: NDArray[np.float64],
    vessel_radius_mm: float,
    settings: MeasureSettings,
) -> tuple[float, float] | None:
    """Measure how far the nerve is pressed in at a place.

    Parameters
    ----------
    sections : sequence of NerveSection
        Of this nerve.
    nerve_arc_mm : float
        The place along it, mm.
    towards_vessel : ndarray, shape (3,)
        From the nerve to the vessel, in the working frame.
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
    groove_settings = settings.deformity
    reach = groove_settings.groove_reach_mm
    near = [s for s in sections if abs(s.arc_mm - nerve_arc_mm) <= reach]
    if len(near) < _FEWEST:
        return None
    arc = np.array([section.arc_mm - nerve_arc_mm for section in near])
    vessel = float(np.clip(vessel_radius_mm, *groove_settings.groove_vessel_mm))
    lengths = [
        np.hypot(vessel * longer, groove_settings.groove_smear_mm)
        for longer in groove_settings.groove_lengths
    ]
    grooves = [np.exp(-0.5 * (arc / length) ** 2) for length in lengths]
    if grooves[0].max() < groove_settings.groove_seen_min:
        return None
    flatness = np.array([section.flatness(towards_vessel) for section in near])
    radius = float(np.exp(np.median([section.shape[0] for section in near])))
    natural = float(np.sqrt(2) * settings.calibre_sd_mm / (2 * radius))
    precision = _flatness_precision(arc, flatness[:, 1], natural, settings)
    level = groove_settings.flatness_sd
    slope = natural / groove_settings.flatness_alike_mm
    belief = np.diag([level**-2, slope**-2, 0.0])
    fits = [
        _fitted(arc, flatness[:, 0], precision, groove, belief) for groove in grooves
    ]
    # Where sections vary more than they should, all is less certain.
    least = min(fit.misfit for fit in fits)
    spread = max(least / max(len(arc) - 2, 1), 1.0)
    depth, sd, likelihood = np.transpose([_depth(fit, radius, spread) for fit in fits])
    best, variance = average_models(depth, sd**2, likelihood)
    # The wall beside a vessel carries what the tubes leave undescribed, as a gap does.
    return best, float(np.sqrt(variance + settings.model_sd_mm**2))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _FlatnessFit:
    """Flatness along a nerve.

    Parameters
    ----------
    fitted : ndarray, shape (3,)
        Its level, slope and groove.
    covariance : ndarray, shape (3, 3)
        Of these, if sections vary as they should.
    misfit, drift : float
        Squared deviations of the sections from it, and of it from what is believed.
    """

    fitted: NDArray[np.float64]
    covariance: NDArray[np.float64]
    misfit: float
    drift: float


def _depth(
    fit: _FlatnessFit, radius_mm: float, spread: float
) -> tuple[float, float, float]:
    """Depth of the groove, its sd, mm, and the log likelihood of its length."""
    level, _, groove = fit.fitted
    # At equal area, thickness is the diameter times exp(-flatness / 2).
    before = 2 * radius_mm * np.exp(-level / 2)
    after = before * np.exp(-groove / 2)
    variance = fit.covariance[2, 2]
    # Level and slope are summed over; the best depth stands for all of them.
    volume = float(np.linalg.slogdet(fit.covariance)[1] - np.log(variance))
    likelihood = 0.5 * (volume - (fit.misfit + fit.drift) / spread)
    sd = 0.5 * after * np.sqrt(variance * spread)
    return float(before - after), float(sd), likelihood


def _flatness_precision(
    arc: NDArray[np.float64],
    sd: NDArray[np.float64],
    natural_sd: float,
    settings: MeasureSettings,
) -> NDArray[np.float64]:
    """Precision of flatness along a nerve, from its fits' sds and what is natural."""
    apart = np.abs(arc[:, None] - arc[None])
    shared = _PIECE_HALVES * settings.scene.station_half_mm
    noise = sd[:, None] * sd[None] * np.clip(1 - apart / shared, 0, 1)
    alike = settings.deformity.flatness_alike_mm
    natural = natural_sd**2 * np.exp(-apart / alike)
    return np.asarray(np.linalg.inv(noise + natural))


def _fitted(
    arc: NDArray[np.float64],
    value: NDArray[np.float64],
    precision: NDArray[np.float64],
    groove: NDArray[np.float64],
    belief: NDArray[np.float64],
) -> _FlatnessFit:
    """Fit level, slope and groove to flatness: generalised least squares."""
    basis = np.stack([np.ones_like(arc), arc, groove], axis=1)
    covariance = np.asarray(np.linalg.inv(basis.T @ precision @ basis + belief))
    fitted = covariance @ (basis.T @ precision @ value)
    left = value - basis @ fitted
    return _FlatnessFit(
        fitted=fitted,
        covariance=covariance,
        misfit=float(left @ precision @ left),
        drift=float(fitted @ belief @ fitted),
    )
