"""When a sign of deformity is told from none, alone or together with others.

A vessel that deforms a nerve mostly presses it in and pushes it aside at once: two
signs that are each doubtful are less so together (Stouffer 1949, The American
Soldier).
"""

from __future__ import annotations

SIGNIFICANT = 1.96
"""Standard deviations beyond which a sign is told where it is the only one measured.

One-sided, so 2.5 % of untouched nerves exceed it.
"""
TOGETHER = 1.7
"""The same for all signs together: 4.5 % of untouched nerves exceed it."""
_LEAST = 1.0
"""A sign within its own standard deviation is not stated along with another."""


def together_sds(*measured: tuple[float, float] | None) -> float | None:
    """Return how far all signs together lie from none, in standard deviations.

    Parameters
    ----------
    *measured : tuple of float or None
        Value and sd of each sign, mm; independent of each other.

    Returns
    -------
    float or None
        None where no sign was measured. A sign that points the other way, farther
        than its sd, says no more against the others than one that lies there.

    Examples
    --------
    >>> round(together_sds((0.5, 0.25), (1.0, 0.5)), 2), together_sds((0.5, 0.25), None)
    (2.83, 2.0)
    """
    ratios = [max(value / sd, -1.0) for value, sd in filter(None, measured) if sd > 0.0]
    return sum(ratios) / len(ratios) ** 0.5 if ratios else None


def is_told(*measured: tuple[float, float] | None) -> bool:
    """Tell whether signs of deformity are beyond their uncertainty.

    Parameters
    ----------
    *measured : tuple of float or None
        Value and sd of each sign, mm.
    """
    sds = together_sds(*measured)
    known = sum(sign is not None for sign in measured)
    return sds is not None and sds > (TOGETHER if known > 1 else SIGNIFICANT)


def stated(
    measured: tuple[float, float] | None, widest_sd_mm: float, *, told: bool
) -> float | None:
    """Return a sign as far as it is told from none.

    Parameters
    ----------
    measured : tuple of float or None
        Value, positive where it has the direction that counts, and its sd, mm.
    widest_sd_mm : float
        A sign that does not show is absent only where it would have shown.
    told : bool
        Whether the signs of this place are told from none, as of `is_told`.

    Returns
    -------
    float or None
        The value where it is one of the signs that are told; otherwise 0, or None
        where the image cannot tell.

    Examples
    --------
    >>> stated((0.5, 0.1), 0.3, told=True), stated((0.1, 0.1), 0.3, told=False)
    (0.5, 0.0)
    >>> stated((1.2, 0.4), 0.3, told=True), stated((0.1, 0.4), 0.3, told=False)
    (1.2, None)
    """
    if measured is None:
        return None
    value, sd = measured
    if told and value > _LEAST * sd:
        return value
    return 0.0 if sd <= widest_sd_mm else None


def clearest_sds(*measured: tuple[float, float] | None) -> float | None:
    """Return how surely a nerve is deformed.

    Parameters
    ----------
    *measured : tuple of float or None
        Value and sd of each sign, mm.

    Returns
    -------
    float or None
        How many standard deviations the clearest sign, or all of them together, lie
        beyond none; None where they are not told from none.

    Examples
    --------
    >>> clearest_sds((0.5, 0.1), (0.1, 0.1), None), clearest_sds((0.1, 0.1))
    (5.0, None)
    """
    together = together_sds(*measured)
    if together is None or not is_told(*measured):
        return None
    ratios = [value / sd for value, sd in filter(None, measured) if sd > 0.0]
    return max(together, *ratios)
