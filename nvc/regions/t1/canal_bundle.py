"""CN VII and VIII in their canal: a grey cord in dark bone, and bone at its end.

In a T1 canal and bone differ little, in some scans not at all; what always shows is the
bundle of nerves, grey where all around is dark. How far it reaches outwards tells the
fundus, and a canal's length back along it lies the porus.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import fft
from scipy.linalg import polar

from nvc.model.grid import transform_points
from nvc.regions.head.mni152 import place_on_side
from nvc.sampling import Sampler, block_mean, crop
from nvc.settings.anatomy import MNI_FUNDUS, MNI_PORUS
from nvc.settings.groups.atlas import CanalBundleSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume

Direction = tuple[float, float]
"""Forwards and upwards from the line across the head, degrees."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CanalBundle:
    """The bundle of nerves in one canal.

    Parameters
    ----------
    fundus_mm, porus_mm : ndarray, shape (3,)
        Its ends, lattice mm.
    likeness : float
        Correlation with a cord in bone, -1 to 1.
    """

    fundus_mm: NDArray[np.float64]
    porus_mm: NDArray[np.float64]
    likeness: float


def find_canal_bundle(
    reference: Volume,
    to_ras_mm: Callable[[NDArray[np.float64]], NDArray[np.float64]],
    mni_to_lattice: NDArray[np.float64],
    side: Side,
    brain: float,
    settings: CanalBundleSettings | None = None,
) -> CanalBundle | None:
    """Find the bundle near where the template has it.

    Parameters
    ----------
    reference : Volume
        T1, full resolution.
    to_ras_mm : callable
        From lattice mm, shape (..., 3), into the reference's world.
    mni_to_lattice : ndarray, shape (4, 4)
        Pose of the template on this side.
    side : Side
        The patient's side.
    brain : float
        Intensity of the pons.
    settings : CanalBundleSettings, optional
        How cord and bone are drawn, and where they are tried.

    Returns
    -------
    CanalBundle or None
        None where nothing like a cord in bone is there.
    """
    settings = settings or CanalBundleSettings()
    fundus, porus = (
        transform_points(mni_to_lattice, place_on_side(point, side))
        for point in (MNI_FUNDUS, MNI_PORUS)
    )
    # The head's own axes, unstretched, from this side outwards.
    axes = polar(mni_to_lattice[:3, :3])[0] * (side.sign, 1.0, 1.0)
    reach = settings.reach_mm + settings.around_mm
    steps = np.arange(-reach, reach + 1.0)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    points = to_ras_mm(fundus + lattice @ axes.T)
    box = block_mean(crop(reference, points.reshape(-1, 3), 2.0), 0.9)
    seen = Sampler.over(box, order=1, outside=0.0)(points).astype(np.float64)
    scene = np.clip(seen / (settings.brightest * brain), 0.0, 1.0)
    along = (fundus - porus) @ axes
    expected = (
        float(np.degrees(np.arctan2(along[1], along[0]))),
        float(np.degrees(np.arctan2(along[2], np.hypot(along[0], along[1])))),
    )
    length = float(np.linalg.norm(along))
    ends, likeness = _search(scene, expected, length, settings)
    if likeness < settings.likeness_min:
        return None
    return CanalBundle(
        fundus_mm=fundus + axes @ ends[0],
        porus_mm=fundus + axes @ ends[1],
        likeness=likeness,
    )


def _search(
    scene: NDArray[np.float64],
    expected: Direction,
    length_mm: float,
    settings: CanalBundleSettings,
) -> tuple[NDArray[np.float64], float]:
    """Return both ends of the canal, shape (2, 3), and its likeness where it is best.

    The ends are means over all places and directions, each weighed by its odds: what
    the image leaves open then costs least.
    """
    place = np.arange(-settings.reach_mm, settings.reach_mm + 1.0)
    off = np.stack(np.meshgrid(place, place, place, indexing="ij"), axis=-1)
    unlikely = 0.5 * np.sum(off**2, axis=-1) / settings.place_sd_mm**2
    seen = (fft.rfftn(scene), fft.rfftn(scene**2))
    likenesses, odds, porus = [], [], []
    for turn, rise in product(settings.turns_deg, settings.rises_deg):
        direction = (expected[0] + turn, expected[1] + rise)
        likeness = _correlate(seen, scene.shape, *_pattern(*direction, settings))
        odds.append(
            -0.5 * settings.samples * np.log(1 - likeness**2)
            - unlikely
            - 0.5 * (turn**2 + rise**2) / settings.direction_sd_deg**2
        )
        likenesses.append(likeness)
        porus.append(-length_mm * _unit(direction))
    weights = np.exp(np.array(odds) - np.max(odds))
    weights /= weights.sum()
    fundus = np.tensordot(weights.sum(axis=0), off, axes=3)
    back = np.tensordot(weights.sum(axis=(1, 2, 3)), np.array(porus), axes=1)
    best = np.array(likenesses).flat[int(np.argmax(odds))]
    return np.array([fundus, fundus + back]), float(best)


def _correlate(
    seen: tuple[NDArray[np.complex128], NDArray[np.complex128]],
    shape: tuple[int, ...],
    cord: NDArray[np.float64],
    weights: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Correlate a pattern with the scene about every place that is tried.

    Parameters
    ----------
    seen : pair of ndarray
        Fourier transforms of the scene and of its square.
    shape : tuple of int
        Of the scene.
    cord, weights : ndarray
        Of `_pattern`; the weights sum to 1.

    Returns
    -------
    ndarray
        0 to 0.999; what runs the other way counts as nothing alike.
    """

    def over(
        image: NDArray[np.complex128], kernel: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        spectrum = np.conj(fft.rfftn(kernel, shape))
        summed = fft.irfftn(image * spectrum, shape)
        # Beginning where the pattern does, it lies inside the scene up to its end.
        inside = tuple(
            slice(0, n - k + 1) for n, k in zip(shape, kernel.shape, strict=True)
        )
        return np.asarray(summed[inside])

    mean, square = over(seen[0], weights), over(seen[1], weights)
    share = float((weights * cord).sum())
    common = over(seen[0], weights * cord) - share * mean
    spread = np.maximum(square - mean**2, 1e-4) * share * (1 - share)
    return np.asarray(np.clip(common / np.sqrt(spread), 0.0, 0.999))


def _unit(direction: Direction) -> NDArray[np.float64]:
    """Return the unit vector outwards, forwards, upwards."""
    turn, rise = np.radians(direction)
    return np.array(
        [np.cos(rise) * np.cos(turn), np.cos(rise) * np.sin(turn), np.sin(rise)]
    )


@lru_cache(maxsize=64)
def _pattern(
    turn: float, rise: float, settings: CanalBundleSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a cord in bone (1 in 0), its fundus in the middle, and weights."""
    steps = np.arange(-settings.around_mm, settings.around_mm + 1.0)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    axis = _unit((turn, rise))
    along = lattice @ axis
    aside = np.linalg.norm(lattice - along[..., None] * axis, axis=-1)
    cord, length = settings.cord_radius_mm, settings.length_mm
    wall, end_mm = settings.wall_mm, settings.end_mm
    inside = (aside < cord) & (along > -length) & (along < -0.5)
    bone = (aside > wall[0]) & (aside < wall[1])
    bone &= (along > settings.mouth_mm - length) & (along < end_mm[0])
    end = (aside < wall[0]) & (along > end_mm[0]) & (along < end_mm[1])
    before = (aside < settings.before_radius * cord) & (along <= -length)
    before &= along > -length - settings.before_mm
    weights = np.zeros(along.shape)
    for part, weight in ((inside, 1.0), (bone, 1.0), (end, 0.5), (before, 0.5)):
        weights[part] = weight / part.sum()
    return (inside | before).astype(float), weights / weights.sum()
