"""When a sign of deformity is told from none."""

from __future__ import annotations

SIGNIFICANT = 1.96
"""Standard deviations beyond which a sign is stated.

One-sided, so 2.5 % of untouched nerves exceed it; with two signs, 5 % one or other.
"""


def stated(measured: tuple[float, float] | None, widest_sd_mm: float) -> float | None:
    """Return a sign as far as it is told from none.

    Parameters
    ----------
    measured : tuple of float or None
        Value, positive where it has the direction that counts, and its sd, mm.
    widest_sd_mm : float
        A sign that does not show is absent only where it would have shown.

    Returns
    -------
    float or None
        The value where it is beyond its uncertainty; otherwise 0, or None where the
        image cannot tell.

    Examples
    --------
    >>> stated((0.5, 0.1), 0.3), stated((0.1, 0.1), 0.3), stated((0.1, 0.4), 0.3)
    (0.5, 0.0, None)
    >>> stated((1.2, 0.4), 0.3)
    1.2
    """
    if measured is None:
        return None
    value, sd = measured
    if value > SIGNIFICANT * sd:
        return value
    return 0.0 if sd <= widest_sd_mm else None


def clearest_sds(*measured: tuple[float, float] | None) -> float | None:
    """Return how surely one of several signs is there.

    Parameters
    ----------
    *measured : tuple of float or None
        Value and sd of each sign, mm.

    Returns
    -------
    float or None
        Of the signs that are stated the largest ratio of value and sd; None where
        none is.

    Examples
    --------
    >>> clearest_sds((0.5, 0.1), (0.1, 0.1), None), clearest_sds((0.1, 0.1))
    (5.0, None)
    """
    ratios = [value / sd for value, sd in filter(None, measured) if sd > 0.0]
    clear = [ratio for ratio in ratios if ratio > SIGNIFICANT]
    return max(clear, default=None)
