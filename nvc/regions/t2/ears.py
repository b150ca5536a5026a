"""The inner ears of a T2: a mirror pair of bright fluid enclosed in dark bone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.model.grid import Volume
from nvc.sampling import sample_array

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count, Layout, Step
    from nvc.regions.head.mirror import MirrorPlane
    from nvc.settings.regions import RegionsSettings


_PEAKS: Count[int] = 3000
"""Places whose surroundings are looked at in all directions."""

_DIRECTIONS: Layout[NDArray[np.float64]] = np.array(
    [
        np.array([i, j, k]) / np.linalg.norm([i, j, k])
        for i in (-1, 0, 1)
        for j in (-1, 0, 1)
        for k in (-1, 0, 1)
        if (i, j, k) != (0, 0, 0)
    ]
)
"""Unit vectors to the 26 neighbours of a cube."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class EarPair:
    """Two places that may be the inner ears.

    Parameters
    ----------
    left_mm, right_mm : ndarray, shape (3,)
        mm of the working frame; mirror images of each other in the plane halfway
        between.
    score : float
        Higher is more ear-like; comparable within one volume.
    symmetry : float
        Correlation of the surroundings of one with the mirrored other, -1 to 1.
    """

    left_mm: NDArray[np.float64]
    right_mm: NDArray[np.float64]
    score: float
    symmetry: float

    @property
    def distance_mm(self) -> float:
        """Distance between the two, mm."""
        return float(np.linalg.norm(self.right_mm - self.left_mm))

    @property
    def middle_mm(self) -> NDArray[np.float64]:
        """Point halfway between, mm of the working frame, shape (3,)."""
        middle: NDArray[np.float64] = (self.left_mm + self.right_mm) / 2
        return middle

    @property
    def rightward(self) -> NDArray[np.float64]:
        """Unit vector from the left to the right ear, shape (3,)."""
        across = self.right_mm - self.left_mm
        return np.asarray(across / np.linalg.norm(across), dtype=float)


def find_ear_pairs(
    coarse: Volume, mirror: MirrorPlane, settings: RegionsSettings
) -> list[EarPair]:
    """Rank the mirror pairs of bone-enclosed fluid.

    Pairs are any two such places, and each with its image in the plane about which
    the whole picture is most symmetric, should the other ear be hard to see.

    Parameters
    ----------
    coarse : Volume
        Reference at about 1 mm, CSF bright, canonical storage order.
    mirror : MirrorPlane
        Plane of symmetry of the picture, across which the ears lie; not used where it
        has little likeness.
    settings : RegionsSettings
        Sizes and limits.

    Returns
    -------
    list of EarPair
        Best first; empty where nothing of the kind is in the image.
    """
    bright = _brightness(coarse)
    size = np.array(coarse.grid.voxel_size_mm)
    calm = ndimage.gaussian_filter(bright, settings.ear_blob_sigma_mm / size)
    places = _places(bright, calm, size, settings, settings.ear_enclosed_min[0])
    if len(places) == 0:
        return []
    left, right = _admissible(places, settings)
    pairs = list(zip(places[left], places[right], strict=True))
    across = None
    if mirror.likeness >= settings.mirror_likeness_min:
        pairs += _reflected(coarse, places, mirror, settings)
        across = coarse.grid.axes_ras.T @ mirror.rightward
    ranked = []
    for one, found in pairs:
        other, symmetry = _best_mirror(bright, size, one, found)
        plausible = _plausible(other - one, across, settings)
        strength = measure_enclosure(calm, size, np.stack([one, other]), settings).min()
        ranked.append(
            EarPair(
                left_mm=coarse.grid.to_ras_mm(one / size),
                right_mm=coarse.grid.to_ras_mm(other / size),
                score=float((symmetry + strength) * plausible),
                symmetry=symmetry,
            )
        )
    ranked.sort(key=lambda pair: -pair.score)
    return ranked


def pair_ears(
    left_mm: NDArray[np.float64],
    right_mm: NDArray[np.float64],
    mirror: MirrorPlane,
    settings: RegionsSettings,
) -> EarPair:
    """Pair two places by how far apart and how level they lie, whatever is there.

    Parameters
    ----------
    left_mm, right_mm : ndarray, shape (3,)
        mm of the working frame.
    mirror : MirrorPlane
        Across which ears lie.
    settings : RegionsSettings
        How far apart ears usually are.
    """
    score = _plausible(right_mm - left_mm, mirror.rightward, settings)
    return EarPair(left_mm=left_mm, right_mm=right_mm, score=score, symmetry=0.0)


def _plausible(
    apart_mm: NDArray[np.float64],
    across: NDArray[np.float64] | None,
    settings: RegionsSettings,
) -> float:
    """How usual two ears are that lie so far apart and so level, 0 to 1."""
    off = np.linalg.norm(apart_mm) - settings.ear_distance_mm
    odd = (off / settings.ear_distance_sd_mm) ** 2
    if across is not None:
        odd += (_tilt_deg(apart_mm, across) / settings.mirror_tilt_max_deg) ** 2
    return float(np.exp(-0.5 * odd))


def _tilt_deg(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the angle between two directions, either way round, degrees."""
    lengths = float(np.linalg.norm(one) * np.linalg.norm(other))
    cosine = abs(float(one @ other)) / lengths
    return float(np.degrees(np.arccos(min(cosine, 1.0))))


def find_ear_places(
    coarse: Volume, settings: RegionsSettings
) -> list[NDArray[np.float64]]:
    """Find the places of fluid with bone about them, be the roof thin.

    Returns
    -------
    list of ndarray, shape (3,)
        mm of the working frame, best first.
    """
    bright = _brightness(coarse)
    size = np.array(coarse.grid.voxel_size_mm)
    calm = ndimage.gaussian_filter(bright, settings.ear_blob_sigma_mm / size)
    places = _places(bright, calm, size, settings, settings.ear_enclosed_min[1])
    return list(coarse.grid.to_ras_mm(places / size))


def _reflected(
    coarse: Volume,
    places: NDArray[np.float64],
    mirror: MirrorPlane,
    settings: RegionsSettings,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Pair each place with its mirror image, left first; lattice coordinates, mm."""
    size = np.array(coarse.grid.voxel_size_mm)
    low, high = settings.ear_distance_min_mm, settings.ear_distance_max_mm
    pairs = []
    for place in places:
        point = coarse.grid.to_ras_mm(place / size)
        height = mirror.height_of(point)
        image = mirror.mirror(point)
        if low <= 2 * abs(height) <= high and coarse.grid.contains(image):
            other = coarse.grid.to_voxel(image) * size
            pairs.append((other, place) if height > 0 else (place, other))
    return pairs


def _brightness(coarse: Volume) -> NDArray[np.float32]:
    """Scale intensities so that the brightest fluid nearby is about 1.

    Fluid is never far: the labyrinth itself, the canal, the cistern. Taking the
    brightest place within some 20 mm undoes the shading of the coils.
    """
    voxels = np.asarray(coarse.voxels, dtype=np.float32)
    # The magnitude of noise lifts bone and air off zero; a tenth of any slab is dark.
    signal = voxels[voxels > voxels.min()]
    floor = float(np.percentile(signal, 5)) if signal.size else 0.0
    voxels = np.maximum(voxels - floor, 0.0)
    size = np.array(coarse.grid.voxel_size_mm)
    calm = ndimage.gaussian_filter(voxels, 1.5 / size)
    highest = ndimage.maximum_filter(calm, _box_side(20.0, size), mode="nearest")
    highest = ndimage.gaussian_filter(highest, 8.0 / size)
    top = float(np.percentile(calm, 99.5))
    if top <= 0:
        return np.zeros_like(voxels)
    level = np.clip(highest, 0.2 * top, 1.5 * top)
    return np.asarray(np.clip(voxels / level, 0.0, 1.2), dtype=np.float32)


def _places(
    bright: NDArray[np.float32],
    calm: NDArray[np.float32],
    size_mm: NDArray[np.float64],
    settings: RegionsSettings,
    enclosed_min: float,
) -> NDArray[np.float64]:
    """Return the most ear-like places in lattice mm, shape (N, 3), best first."""
    inner = _box_side(settings.shell_inner_mm, size_mm)
    outer = _box_side(settings.shell_outer_mm, size_mm)
    within, beyond = int(np.prod(inner)), int(np.prod(outer))
    around = ndimage.uniform_filter(bright, outer, mode="nearest") * beyond
    around -= ndimage.uniform_filter(bright, inner, mode="nearest") * within
    lead = calm - around / (beyond - within)
    highest = ndimage.maximum_filter(lead, _box_side(3.0, size_mm), mode="nearest")
    is_peak = (lead == highest) & (lead > settings.ear_lead_min)
    is_peak &= calm > settings.ear_bright_min
    indices = np.argwhere(is_peak)
    order = np.argsort(-lead[is_peak], kind="stable")
    places = indices[order[:_PEAKS]] * size_mm
    strength = measure_enclosure(calm, size_mm, places, settings)
    best = np.argsort(-strength, kind="stable")[: settings.ear_candidates]
    return np.asarray(places[best[strength[best] > enclosed_min]], dtype=float)


def measure_enclosure(
    calm: NDArray[np.float32],
    size_mm: NDArray[np.float64],
    places: NDArray[np.float64],
    settings: RegionsSettings,
) -> NDArray[np.float64]:
    """Tell how much brighter each place is than what lies in most directions.

    A sheet of fluid or fat is bright in a third of all directions; a labyrinth only
    towards its canal.

    Parameters
    ----------
    calm : ndarray, shape (I, J, K)
        Smoothed intensities, CSF near 1.
    size_mm : ndarray, shape (3,)
        Voxel size.
    places : ndarray, shape (N, 3)
        Lattice coordinates, mm.
    settings : RegionsSettings
        Radii of the shell.

    Returns
    -------
    ndarray, shape (N,)
        Centre less twice the upper quartile over directions: fluid in brain (a third
        of CSF) comes out near zero, fluid in bone near its own intensity.
    """
    radius = 0.5 * (settings.shell_inner_mm + settings.shell_outer_mm)
    around = (places[:, None, :] + radius * _DIRECTIONS) / size_mm
    shell = sample_array(calm, around.reshape(-1, 3).T, mode="nearest").reshape(
        around.shape[:2]
    )
    centre = sample_array(calm, (places / size_mm).T, mode="nearest")
    quartile = np.percentile(shell, 75, axis=1)
    return np.asarray(centre - 2 * quartile, dtype=float)


def _box_side(half_mm: float, size_mm: NDArray[np.float64]) -> tuple[int, int, int]:
    """Return the odd numbers of voxels of a box with this half-width."""
    i, j, k = (2 * np.maximum(1, np.rint(half_mm / size_mm)) + 1).astype(int).tolist()
    return (i, j, k)


def _admissible(
    points: NDArray[np.float64], settings: RegionsSettings
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return index pairs whose distance and direction a head in a coil can have."""
    across = points[None, :, :] - points[:, None, :]
    distance = np.linalg.norm(across, axis=-1)
    least = np.cos(np.deg2rad(settings.max_head_tilt_deg))
    fits = (
        (distance >= settings.ear_distance_min_mm)
        & (distance <= settings.ear_distance_max_mm)
        & (across[..., 0] >= least * distance)
    )
    left, right = np.nonzero(fits)
    return left, right


def _ball(radius_mm: float, step_mm: float) -> NDArray[np.float64]:
    """Return offsets filling a ball, shape (N, 3), mm."""
    steps = np.arange(-radius_mm, radius_mm + step_mm / 2, step_mm)
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    offsets = grid.reshape(-1, 3)
    return offsets[np.linalg.norm(offsets, axis=1) <= radius_mm]


_SURROUNDINGS: Step[NDArray[np.float64]] = _ball(14.0, 2.0)
"""Offsets whose mirror symmetry is judged: the petrous bone about the labyrinth."""


def _best_mirror(
    bright: NDArray[np.float32],
    size_mm: NDArray[np.float64],
    left: NDArray[np.float64],
    right: NDArray[np.float64],
) -> tuple[NDArray[np.float64], float]:
    """Move the right place by up to 2 mm so that its surroundings mirror the left.

    Coordinates are mm along the lattice axes. Returns the moved place and the
    correlation there.
    """
    here = _patch(bright, size_mm, left + _SURROUNDINGS)
    best, where = -1.0, right
    for shift in _SHIFTS:
        moved = right + shift
        normal = (moved - left) / np.linalg.norm(moved - left)
        mirrored = _SURROUNDINGS - 2 * np.outer(_SURROUNDINGS @ normal, normal)
        there = _patch(bright, size_mm, moved + mirrored)
        likeness = float(np.mean(here * there))
        if likeness > best:
            best, where = likeness, moved
    return where, best


_SHIFTS: Step[NDArray[np.float64]] = np.stack(
    np.meshgrid(*[(0.0, -1.5, 1.5)] * 3, indexing="ij"), -1
).reshape(-1, 3)
"""Small shifts, mm; the first is none."""


def _patch(
    bright: NDArray[np.float32],
    size_mm: NDArray[np.float64],
    points: NDArray[np.float64],
) -> NDArray[np.float32]:
    """Sample lattice points, shape (N, 3), and bring them to mean 0, variance 1."""
    values = sample_array(bright, (points / size_mm).T)
    values -= values.mean()
    deviation = float(values.std())
    return np.asarray(values / deviation if deviation > 0 else values)
