"""Where the gap's interval comes from: gap and standard deviation in, belief out.

A gap is never negative, and touching is common: the belief before measuring is half
on "they touch" (gap exactly 0) and half spread evenly over the searched distance.
The contact probability is that of the belief after measuring. So is the interval's
lower end, which is 0 below what the scan resolves; its upper end is that of walls that
are apart. The standard deviation is the measuring method's own
(`nvc.measurement.gap.from_fit` and its neighbours), wider at an open end
(`nvc.measurement.gap.open_end`). `nvc.measurement.describe` asks for the belief.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.stats import norm

if TYPE_CHECKING:
    from nvc.numerics import Exact

TAIL: Exact[float] = 0.025
"""Of a 95 % interval, either side."""
SDS_OF_INTERVAL: Exact[float] = 1.96
"""Half a 95 % interval of a normal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GapBelief:
    """What is known of a gap.

    Parameters
    ----------
    distance_mm : float
        Best estimate, at least 0.
    interval_mm : tuple of float
        95 % interval, within 0 and infinity.
    contact_probability : float
        Probability that the walls touch.
    """

    distance_mm: float
    interval_mm: tuple[float, float]
    contact_probability: float


def compute_resolved_mm(voxel_mm: float) -> float:
    """Gap below which contact is never excluded: a third of a voxel's edge, mm."""
    return voxel_mm / 3


def compute_unresolved_mm(sd_mm: float, voxel_mm: float) -> float:
    """Gap up to which a wall is not told from touching, where its sd is `sd_mm`, mm."""
    return max(-float(norm.ppf(TAIL)) * sd_mm, compute_resolved_mm(voxel_mm))


def believe(
    gap_mm: float,
    sd_mm: float,
    *,
    voxel_mm: float,
    search_mm: float,
    doubt_sd_mm: float = 0.0,
    nearer_mm: float = 0.0,
) -> GapBelief:
    """Turn a raw gap into an honest statement.

    Parameters
    ----------
    gap_mm : float
        As fitted; below 0 where the fitted walls overlap.
    sd_mm : float
        Its standard deviation, all sources together.
    voxel_mm : float
        Largest edge of a voxel: gaps below a third of it never exclude contact.
    search_mm : float
        Gaps up to this were looked for, mm.
    doubt_sd_mm : float
        Of a further source, one sigma, that does not tell whether what is shown
        touches.
    nearer_mm : float
        How much less the gap may be at another place, where it is not shown.

    Returns
    -------
    GapBelief
        The interval holds the estimate.

    Examples
    --------
    >>> believe(0.02, 0.05, voxel_mm=0.6, search_mm=2.0).interval_mm[0]
    0.0
    >>> believe(-0.5, 0.05, voxel_mm=0.6, search_mm=2.0).interval_mm[1] > 0.1
    True
    >>> believe(1.0, 0.05, voxel_mm=0.6, search_mm=2.0).contact_probability < 1e-6
    True
    """
    sd = max(sd_mm, 1e-3)
    estimate = max(gap_mm, 0.0)
    touching = float(norm.pdf(gap_mm, 0.0, sd))
    apart = float(norm.cdf(gap_mm / sd)) / search_mm
    # Far overlaps underflow both; overlap speaks for touching.
    probability = touching / (touching + apart) if touching + apart > 0 else 1.0
    if gap_mm <= 0 and touching <= apart:
        probability = 1.0
    low = _quantile(TAIL, gap_mm, sd, probability)
    # However likely contact is, the walls may be apart by what was not resolved; walls
    # that overlap as fitted are misfitted, and no surer than walls that touch.
    high = _quantile(1 - TAIL, estimate, sd, 0.0)
    more = SDS_OF_INTERVAL * float(np.hypot(sd, doubt_sd_mm) - sd)
    low, high = max(low - more - nearer_mm, 0.0), high + more
    if estimate < compute_resolved_mm(voxel_mm):
        low = 0.0
    return GapBelief(
        distance_mm=estimate,
        interval_mm=(min(low, estimate), max(high, estimate)),
        contact_probability=probability,
    )


def _quantile(level: float, gap_mm: float, sd_mm: float, contact: float) -> float:
    """Quantile of a point mass `contact` at 0 and a normal cut off below 0."""
    if level <= contact:
        return 0.0
    within = (level - contact) / (1 - contact)
    below_zero = float(norm.cdf(-gap_mm / sd_mm))
    if below_zero > 1 - 1e-12:
        return 0.0
    return max(
        0.0, gap_mm + sd_mm * float(norm.ppf(below_zero + within * (1 - below_zero)))
    )
