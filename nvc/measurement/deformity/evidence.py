"""When a sign of deformity is told from none, alone or together with the other.

A vessel that deforms a nerve may press it in, push it aside, or do both. How much more
likely what was measured is if it did one of these than if it did nothing is a
likelihood ratio. It leaves a sign aside that the image could not have shown, and takes
two signs that are each doubtful for what they are together. From 3 on, evidence is
positive (Kass and Raftery 1995, Bayes factors, J Am Stat Assoc 90:773).
"""

from __future__ import annotations

from math import exp, log
from typing import TYPE_CHECKING

from nvc.settings.groups.measure import DeformitySettings

if TYPE_CHECKING:
    from nvc.numerics import Domain

MOST: Domain[float] = 1e6
"""Likelihood ratios are given up to this: nothing is surer than a model of noise."""


def compute_likelihood_ratio(
    pressed: tuple[float, float] | None,
    pushed: tuple[float, float] | None,
    settings: DeformitySettings | None = None,
) -> float:
    """Compare a deformed nerve with an untouched one.

    Parameters
    ----------
    pressed, pushed : tuple of float or None
        Indentation and deviation with their sds, mm; None where not measured.
    settings : DeformitySettings, optional
        Least signs that matter.

    Returns
    -------
    float
        Mean likelihood of a nerve that is pressed in, pushed aside or both, over that
        of one that is neither; 1 where nothing was measured.

    Examples
    --------
    >>> round(compute_likelihood_ratio((0.3, 0.15), None), 2)
    5.26
    >>> compute_likelihood_ratio(None, None)
    1.0
    """
    settings = settings or DeformitySettings()
    one = _ratio(pressed, settings.pressed_mm)
    other = _ratio(pushed, settings.pushed_mm)
    return min((one + other + one * other) / 3.0, MOST)


def _ratio(measured: tuple[float, float] | None, size_mm: float) -> float:
    """Likelihood of a sign of that size over that of none."""
    if measured is None or measured[1] <= 0.0:
        return 1.0
    value, sd = measured
    size = size_mm / sd
    return exp(min(size * value / sd - 0.5 * size**2, log(MOST)))


def is_told(
    pressed: tuple[float, float] | None = None,
    pushed: tuple[float, float] | None = None,
    settings: DeformitySettings | None = None,
) -> bool:
    """Tell whether signs of deformity are beyond their uncertainty.

    Parameters
    ----------
    pressed, pushed : tuple of float or None
        Indentation and deviation with their sds, mm.
    settings : DeformitySettings, optional
        Least signs that matter, and from which likelihood ratio on they are told.

    Returns
    -------
    bool
        Whether their likelihood ratio is above that.
    """
    settings = settings or DeformitySettings()
    return compute_likelihood_ratio(pressed, pushed, settings) > settings.told_ratio


def state_sign(
    measured: tuple[float, float] | None,
    widest_sd_mm: float,
    *,
    told: bool,
    own_sds: float = DeformitySettings().own_sds,
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
    own_sds : float
        A sign within so many of its own is not stated.

    Returns
    -------
    float or None
        The value where it is one of the signs that are told; otherwise 0, or None
        where the image cannot tell.

    Examples
    --------
    >>> state_sign((0.5, 0.1), 0.3, told=True), state_sign((0.1, 0.1), 0.3, told=False)
    (0.5, 0.0)
    >>> state_sign((1.2, 0.4), 0.3, told=True), state_sign((0.1, 0.4), 0.3, told=False)
    (1.2, None)
    """
    if measured is None:
        return None
    value, sd = measured
    if told and value > own_sds * sd:
        return value
    return 0.0 if sd <= widest_sd_mm else None
