"""Stored numbers that are no intensities: padding, wrapped and negative ones.

What is found beyond doubt is put right, and the warning says what was done; so the same
head gives the same numbers, however its files were written.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

    from nvc.settings.input import InputSettings

_SHORT = np.dtype(np.int16).itemsize
_QUARTER, _TURN = 2**14, 2**16
"""A quarter and the whole of what 16 bits can tell apart."""
_SMOOTHER = 0.5
_NOTABLE = 0.01
"""Share of the range by which padding must differ from dark to be worth a word."""


def unwrap(stored: NDArray[np.generic]) -> tuple[NDArray[np.generic], tuple[str, ...]]:
    """Undo that unsigned 16-bit numbers were written as signed ones.

    What is brighter than 32767 then reads as far below zero, in the middle of what is
    brightest. It shows by many values at both ends, and by neighbours that are alike
    once the numbers are taken as unsigned.

    Parameters
    ----------
    stored : ndarray, shape (I, J, K)
        As in the file, no slope applied.

    Returns
    -------
    stored : ndarray, shape (I, J, K)
        The same, or unsigned.
    warnings : tuple of str
        What was done.
    """
    if stored.dtype.kind != "i" or stored.dtype.itemsize != _SHORT:
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
    values = stored.astype(np.float64) if set(declared) else None
    for low, high in set(declared):
        if values is not None:
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
    notes = _darken(voxels, padding)
    notes += _darken(voxels, _outlying(voxels))
    below = np.count_nonzero(voxels < 0)
    if below > settings.max_negative * voxels.size:
        low = float(voxels.min())
        voxels -= voxels.min()
        share = below / voxels.size
        notes += (f"{share:.0%} of the voxels were negative: counted from {low:g} on",)
    return notes


def _darken(
    voxels: NDArray[np.float32], padding: NDArray[np.bool_] | None
) -> tuple[str, ...]:
    if padding is None:
        return ()
    image = voxels[~padding & np.isfinite(voxels)]
    if not image.size:
        return ()
    dark, bright = float(image.min()), float(image.max())
    value = float(voxels[padding][0])
    if value == 0.0 <= dark:  # nothing, as scanners write it
        return ()
    voxels[padding] = dark
    if abs(value - dark) <= _NOTABLE * (bright - dark):
        return ()
    count = np.count_nonzero(padding)
    return (f"{count} voxels are padding ({value:g}) and count as dark",)


def _outlying(voxels: NDArray[np.float32]) -> NDArray[np.bool_] | None:
    """Mark the lowest value, if negative and far from everything else."""
    low, high = float(np.nanmin(voxels)), float(np.nanmax(voxels))
    if not (low < 0 and np.isfinite(low) and np.isfinite(high)):
        return None
    lowest = voxels == low
    others = voxels[~lowest & np.isfinite(voxels)]
    if not others.size:
        return None
    following = float(others.min())
    return lowest if following - low > max(high - following, 0.0) else None
