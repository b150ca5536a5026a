"""Stored numbers that are no intensities: padding, wrapped and negative ones.

What is found beyond doubt is put right, and the warning says what was done; so the same
head gives the same numbers, however its files were written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nvc.settings.input import InputSettings

_SHORT = np.dtype(np.int16).itemsize
_QUARTER, _TURN = 2**14, 2**16
"""A quarter and the whole of what 16 bits can tell apart."""
_SMOOTHER = 0.5


def unwrap(
    stored: NDArray[np.generic], *, is_scaled: bool
) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """Undo that unsigned 16-bit numbers were written as signed ones.

    What is brighter than 32767 then reads as far below zero, in the middle of what is
    brightest. It shows by many values at both ends, and by neighbours that are alike
    once the numbers are taken as unsigned.

    Parameters
    ----------
    stored : ndarray, shape (I, J, K)
        As in the file, no slope applied.
    is_scaled : bool
        Whether the header has a slope or an intercept. Whoever stretches intensities
        over all that 16 bits can hold writes one, and means negative numbers.

    Returns
    -------
    stored : ndarray, shape (I, J, K)
        The same, or unsigned.
    warnings : tuple of str
        What was done.
    """
    if is_scaled or stored.dtype.kind != "i" or stored.dtype.itemsize != _SHORT:
        return stored, ()
    signed = stored.astype(np.int32)
    low, high = int(signed.min()), int(signed.max())
    if low > -_QUARTER or high < _QUARTER:
        return stored, ()
    below = signed < 0
    many = np.count_nonzero(below & (signed > low))
    if 2 * many < np.count_nonzero(below):  # one value alone is padding
        return stored, ()
    unsigned = np.where(below, signed + _TURN, signed)
    if _steps(unsigned, below) > _SMOOTHER * _steps(signed, below):
        return stored, ()
    note = f"{np.count_nonzero(below)} voxels were written as negative by mistake "
    return unsigned, (note + "(unsigned numbers read as signed); put right",)


def _steps(values: NDArray[np.int32], below: NDArray[np.bool_]) -> float:
    """Sum the steps between neighbours of which one alone is below zero."""
    return sum(
        float(np.abs(np.diff(values, axis=axis))[np.diff(below, axis=axis)].sum())
        for axis in (0, 1)
    )


def mark_padding(
    stored: NDArray[np.generic], declared: Iterable[tuple[float, float]] = ()
) -> NDArray[np.bool_] | None:
    """Find voxels that hold a value for "nothing was imaged here".

    Parameters
    ----------
    stored : ndarray, shape (I, J, K)
        As in the file, no slope applied.
    declared : iterable of (float, float)
        Lowest and highest value that the header calls padding.

    Returns
    -------
    ndarray of bool, shape (I, J, K), or None
        None where there is none, or nothing else.
    """
    padding = np.zeros(stored.shape, dtype=bool)
    kind = stored.dtype
    if kind.kind == "i" and kind.itemsize >= _SHORT:
        padding |= stored == -(2 ** (8 * kind.itemsize - 1))
    for low, high in set(declared):
        values = stored.astype(np.float64)
        padding |= (values >= low) & (values <= high)
    return padding if padding.any() and not padding.all() else None


def settle_values(
    voxels: NDArray[np.float32],
    padding: NDArray[np.bool_] | None,
    settings: InputSettings,
) -> tuple[str, ...]:
    """Make padding dark, and count from zero what lies below it; in place.

    Parameters
    ----------
    voxels : ndarray of float32, shape (I, J, K)
        Intensities, slopes applied; writable.
    padding : ndarray of bool, shape (I, J, K), or None
        From `mark_padding`. A negative value farther from all others than these are
        from each other counts as padding too.
    settings : InputSettings
        How much may be negative.

    Returns
    -------
    tuple of str
        What was done, where it matters.
    """
    notes = _darken(voxels, padding, settings)
    notes += _darken(voxels, _outlying(voxels, settings), settings)
    is_below = (voxels < 0) & np.isfinite(voxels)
    below = np.count_nonzero(is_below)
    if below > settings.max_negative * voxels.size:
        low = _ends(voxels[np.isfinite(voxels)], settings).dark
        # `require_image` tells of what is no number then.
        with np.errstate(over="ignore", invalid="ignore"):
            voxels -= np.float32(low)
        voxels[is_below & (voxels < 0)] = 0.0
        share = below / voxels.size
        notes += (f"{share:.0%} of the voxels were negative: counted from {low:g} on",)
    return notes


class _Ends(NamedTuple):
    """The ends of an image's intensities, whatever a few voxels hold."""

    dark: float
    bright: float


def _ends(image: NDArray[np.float32], settings: InputSettings) -> _Ends:
    """Find where an image begins and ends: at its extremes, unless these are strays.

    Parameters
    ----------
    image : ndarray of float32, shape (N,)
        Finite.
    """
    share = 100 * settings.stray_share
    dark, bright = np.percentile(image, [share, 100 - share])
    near = settings.stray_apart * (bright - dark)
    low, high = image.min(), image.max()
    return _Ends(
        dark=float(low if dark - low <= near else dark),
        bright=float(high if high - bright <= near else bright),
    )


def _darken(
    voxels: NDArray[np.float32],
    padding: NDArray[np.bool_] | None,
    settings: InputSettings,
) -> tuple[str, ...]:
    if padding is None:
        return ()
    image = voxels[~padding & np.isfinite(voxels)]
    value = float(voxels[padding][0])
    if not image.size or value == 0.0:  # zero is nothing, as scanners write it
        return ()
    dark, bright = _ends(image, settings)
    if np.count_nonzero(image < 0) <= settings.max_negative * image.size:
        dark = max(dark, 0.0)  # a few that ring below zero are no measure of nothing
    near = settings.notable_padding * (bright - dark)
    if float(image.min()) <= value <= dark + near and value < float(np.median(image)):
        return ()  # as dark as the image itself is somewhere
    voxels[padding] = dark
    if abs(value - dark) <= near:
        return ()
    count = np.count_nonzero(padding)
    return (f"{count} voxels are padding ({value:g}) and count as dark",)


def _outlying(
    voxels: NDArray[np.float32], settings: InputSettings
) -> NDArray[np.bool_] | None:
    """Mark the lowest value, if negative and far from everything else.

    A value that many voxels share, with hardly anything else below zero, is padding
    however near the image begins.
    """
    finite = voxels[np.isfinite(voxels)]
    if not finite.size or (low := float(finite.min())) >= 0:
        return None
    others = finite[finite > low]
    if not others.size:
        return None
    lowest = voxels == low
    following, high = float(others.min()), float(others.max())
    if following - low > max(high - following, 0.0):
        return lowest
    is_shared = np.count_nonzero(lowest) > settings.shared_padding * voxels.size
    is_alone = np.count_nonzero(others < 0) <= settings.max_negative * voxels.size
    return lowest if is_shared and is_alone else None
