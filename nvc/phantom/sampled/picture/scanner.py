"""What a scanner makes of a head: a part of its spectrum, coils, ghosts, noise."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.fft import fft, ifft, irfft, rfft

from nvc.model.grid import Grid
from nvc.phantom.geometry.shapes import Points
from nvc.phantom.sampled.lattice import Generator, Values
from nvc.phantom.sampled.picture.paint import Palette, paint_plane

FINER = 3
"""Fine samples a voxel and axis; walls are painted by their share of these."""
_MARGIN = 8
"""Voxels around the picture that are painted and cut off: a spectrum is periodic."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How the spectrum is sampled.

    Parameters
    ----------
    shares : tuple of float
        Part of the spectrum that is sampled along each axis; the rest is zero-filled.
    apodisation : float
        How far the window falls towards its edges: 0 not at all, 1 a Hann window.
    """

    shares: tuple[float, float, float] = (1.0, 1.0, 1.0)
    apodisation: float = 0.3


def _window(count: int, share: float, apodisation: float) -> Points:
    """Return the weights of the non-negative frequencies of `count` samples."""
    frequency = np.arange(count // 2 + 1) / (0.5 * count * share)
    fall = 0.5 * apodisation * (1.0 - np.cos(np.pi * np.minimum(frequency, 1.0)))
    weights: Points = np.where(frequency < 1.0 + 1e-9, 1.0 - fall, 0.0)
    return weights


def sample(values: Values, axis: int, finer: int, weights: Points) -> Values:
    """Return what is left of finer samples along an axis.

    Every `finer`-th sample's place, with only those frequencies that are weighted.
    """
    count = values.shape[axis] // finer
    spectrum = rfft(values, axis=axis)
    keep = [slice(None)] * values.ndim
    keep[axis] = slice(0, count // 2 + 1)
    shape = [1] * values.ndim
    shape[axis] = -1
    kept = spectrum[tuple(keep)] * weights.reshape(shape).astype(np.float32)
    back: Values = irfft(kept, n=count, axis=axis) / np.float32(finer)
    return back.astype(np.float32)


def acquire(
    palette: Palette, grid: Grid, head_from_ras: Points, sampling: Sampling
) -> Values:
    """Return the picture without coil and noise, on a grid.

    The head is painted `FINER` times as fine as the voxels along every axis, plane by
    plane; of its spectrum that remains which the scanner samples.
    """
    padded = np.array(grid.shape) + 2 * _MARGIN
    fine = np.eye(4)
    fine[:3, :3] /= FINER
    fine[:3, 3] = -_MARGIN
    to_head = head_from_ras @ grid.voxel_to_ras_mm @ fine
    plane = (int(padded[0] * FINER), int(padded[1] * FINER))
    weights = [
        _window(int(n), share, sampling.apodisation)
        for n, share in zip(padded, sampling.shares, strict=True)
    ]
    inner = slice(_MARGIN, -_MARGIN)
    stack = np.empty((grid.shape[0], grid.shape[1], int(padded[2]) * FINER), np.float32)
    for k in range(stack.shape[2]):
        flat = paint_plane(palette, plane, k, to_head)
        flat = sample(flat, 0, FINER, weights[0])[inner]
        stack[:, :, k] = sample(flat, 1, FINER, weights[1])[:, inner]
    return sample(stack, 2, FINER, weights[2])[:, :, inner]


def draw_gain(rng: Generator, grid: Grid, depth: float) -> Values:
    """Draw the coil's sensitivity: the root of the sum of six elements' squares.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of where the elements sit.
    grid : Grid
        Where it is looked at.
    depth : float
        How far it varies, as a fraction.
    """
    axes = [
        (np.arange(n) - 0.5 * (n - 1)) * edge
        for n, edge in zip(grid.shape, grid.voxel_size_mm, strict=True)
    ]
    x, y, z = np.meshgrid(*axes, indexing="ij", sparse=True)
    total = np.zeros(grid.shape, dtype=np.float32)
    for number in range(6):
        around = 2.0 * np.pi * (number + rng.uniform(-0.3, 0.3)) / 6.0
        centre = (105.0 * np.cos(around), 120.0 * np.sin(around), rng.normal(0.0, 40.0))
        squared = (x - centre[0]) ** 2 + (y - centre[1]) ** 2 + (z - centre[2]) ** 2
        total += (float(rng.uniform(0.8, 1.2)) / (1.0 + squared / 80.0**2)).astype(
            np.float32
        )
    gain = np.sqrt(total)
    gain = gain / gain.mean()
    spread = float(np.abs(gain - 1.0).max())
    gain = 1.0 + (gain - 1.0) * np.float32(depth / max(spread, 1e-6))
    return gain.astype(np.float32)


def add_ghosts(image: Values, beating: Values, strength: float, shift: int) -> Values:
    """Add what beats again, moved along the second axis both ways."""
    ghosts = np.roll(beating, shift, axis=1) + np.roll(beating, -shift, axis=1)
    ghosted: Values = image + np.float32(strength) * ghosts
    return ghosted


def add_noise(rng: Generator, image: Values, sd: float, sampling: Sampling) -> Values:
    """Add complex noise as it was sampled, and return the magnitude: Rician noise.

    Parameters
    ----------
    rng : numpy.random.Generator
        Of the noise.
    image : ndarray
        Without noise.
    sd : float
        Standard deviation of each channel in the picture.
    sampling : Sampling
        Zero-filled and apodised noise is smooth like the picture.
    """
    noise = np.empty(image.shape, dtype=np.complex64)
    noise.real = rng.standard_normal(image.shape, dtype=np.float32)
    noise.imag = rng.standard_normal(image.shape, dtype=np.float32)
    for axis, share in enumerate(sampling.shares):
        count = image.shape[axis]
        half = _window(count, share, sampling.apodisation)
        whole = half[np.minimum(np.arange(count), count - np.arange(count))]
        whole = whole / np.sqrt((whole**2).mean())
        shape = [1, 1, 1]
        shape[axis] = -1
        spectrum = fft(noise, axis=axis) * whole.reshape(shape).astype(np.float32)
        noise = ifft(spectrum, axis=axis).astype(np.complex64)
    measured: Values = np.abs(image + np.float32(sd) * noise).astype(np.float32)
    return measured
