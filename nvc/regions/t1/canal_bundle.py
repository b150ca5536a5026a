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
from nvc.regions.head.mni152 import FUNDUS, PORUS, place_on_side
from nvc.sampling import Sampler, block_mean, crop

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume

REACH_MM = 8
"""Places of the fundus tried to either side of the template's."""
HALF_MM = 14
"""What is compared reaches so far from the fundus; a voxel of the search is 1 mm."""
CORD_MM = 2.0
"""Radius of the bundle: half a canal of 5.8 mm less its fluid."""
WALL_MM = (3.2, 5.2)
"""Distances from the axis at which bone lies: a canal's radius is 2.9 mm on average."""
LENGTH_MM = 10.0
"""Of canal, 9.8 mm on CT (brieflands ijradiology-75122)."""
MOUTH_MM = 2.5
"""The canal's mouth is oblique: so far from it bone may lack on one side."""
END_MM = (1.5, 4.0)
"""Beyond the fundus: a plate of bone, and what of the labyrinth a T1 does not show."""
CISTERN_MM = 6.0
"""Of the bundle before the porus; there it has no walls."""
BRIGHTEST = 0.6
"""Of the pons: nerves have 0.4 to 0.65; marrow and brain count as no more."""
TURNS_DEG = (-16.0, -8.0, 0.0, 8.0, 16.0)
"""Directions tried in the axial plane about the template's."""
RISES_DEG = (-10.0, 0.0, 10.0)
DIRECTION_SD_DEG = 8.0
"""16 +- 5 degrees forwards and 2 +- 4 upwards in eight canals read by eye."""
PLACE_SD_MM = 2.5
"""Fundi read by eye lie 1.2 to 1.8 mm (1 SD along an axis) about the template's, and
the next heads may differ more."""
SAMPLES = 15.0
"""Independent places in a comparison: the cord and its four walls, at three depths."""
LEAST_LIKENESS = 0.5
"""Correlation with a cord in bone; 0.7 to 0.9 in canals that were read."""

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

    Returns
    -------
    CanalBundle or None
        None where nothing like a cord in bone is there.
    """
    fundus, porus = (
        transform_points(mni_to_lattice, place_on_side(point, side))
        for point in (FUNDUS, PORUS)
    )
    # The head's own axes, unstretched, from this side outwards.
    axes = polar(mni_to_lattice[:3, :3])[0] * (side.sign, 1.0, 1.0)
    steps = np.arange(-REACH_MM - HALF_MM, REACH_MM + HALF_MM + 1.0)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    points = to_ras_mm(fundus + lattice @ axes.T)
    box = block_mean(crop(reference, points.reshape(-1, 3), 2.0), 0.9)
    seen = Sampler.over(box, order=1, outside=0.0)(points).astype(np.float64)
    scene = np.clip(seen / (BRIGHTEST * brain), 0.0, 1.0)
    along = (fundus - porus) @ axes
    expected = (
        float(np.degrees(np.arctan2(along[1], along[0]))),
        float(np.degrees(np.arctan2(along[2], np.hypot(along[0], along[1])))),
    )
    length = float(np.linalg.norm(along))
    ends, likeness = _search(scene, expected, length)
    if likeness < LEAST_LIKENESS:
        return None
    return CanalBundle(
        fundus_mm=fundus + axes @ ends[0],
        porus_mm=fundus + axes @ ends[1],
        likeness=likeness,
    )


def _search(
    scene: NDArray[np.float64], expected: Direction, length_mm: float
) -> tuple[NDArray[np.float64], float]:
    """Return both ends of the canal, shape (2, 3), and its likeness where it is best.

    The ends are means over all places and directions, each weighed by its odds: what
    the image leaves open then costs least.
    """
    place = np.arange(-REACH_MM, REACH_MM + 1.0)
    off = np.stack(np.meshgrid(place, place, place, indexing="ij"), axis=-1)
    unlikely = 0.5 * np.sum(off**2, axis=-1) / PLACE_SD_MM**2
    seen = (fft.rfftn(scene), fft.rfftn(scene**2))
    likenesses, odds, porus = [], [], []
    for turn, rise in product(TURNS_DEG, RISES_DEG):
        direction = (expected[0] + turn, expected[1] + rise)
        likeness = _correlate(seen, scene.shape, *_pattern(*direction))
        odds.append(
            -0.5 * SAMPLES * np.log(1 - likeness**2)
            - unlikely
            - 0.5 * (turn**2 + rise**2) / DIRECTION_SD_DEG**2
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
    turn: float, rise: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return a cord in bone (1 in 0), its fundus in the middle, and weights."""
    steps = np.arange(-HALF_MM, HALF_MM + 1.0)
    lattice = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1)
    axis = _unit((turn, rise))
    along = lattice @ axis
    aside = np.linalg.norm(lattice - along[..., None] * axis, axis=-1)
    inside = (aside < CORD_MM) & (along > -LENGTH_MM) & (along < -0.5)
    bone = (aside > WALL_MM[0]) & (aside < WALL_MM[1])
    bone &= (along > MOUTH_MM - LENGTH_MM) & (along < END_MM[0])
    end = (aside < WALL_MM[0]) & (along > END_MM[0]) & (along < END_MM[1])
    before = (aside < 0.75 * CORD_MM) & (along <= -LENGTH_MM)
    before &= along > -LENGTH_MM - CISTERN_MM
    weights = np.zeros(along.shape)
    for part, weight in ((inside, 1.0), (bone, 1.0), (end, 0.5), (before, 0.5)):
        weights[part] = weight / part.sum()
    return (inside | before).astype(float), weights / weights.sum()
