"""The mid-sagittal plane, from the image alone: where the head mirrors itself.

It rests on brain and skull together, and so is independent of inner ears and template.
`find_mirror_of_image` compares a whole slab with its mirror image; whatever the coil
saw counts. `find_mirror_about` compares a box about a point that is known already,
in a head of which neck and face would lead astray.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage, optimize

from nvc.sampling import Sampler, sample_array
from nvc.settings.groups.atlas import MirrorSettings

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.numerics import Count, Step

_POINTS: Count[int] = 30_000
"""Places compared; more changes the plane by less than 0.1 mm."""
_LATTICE_MM: Step[float] = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MirrorPlane:
    """A plane about which the image is nearly its own mirror image.

    Parameters
    ----------
    point_mm : ndarray, shape (3,)
        On the plane, mm of the image's world.
    rightward : ndarray, shape (3,)
        Unit normal, to the patient's right.
    likeness : float
        Correlation of the image with its mirror image, -1 to 1.
    """

    point_mm: NDArray[np.float64]
    rightward: NDArray[np.float64]
    likeness: float

    def height_of(self, point_mm: NDArray[np.float64]) -> float:
        """Return how far right of the plane a point, shape (3,), lies: mm, signed."""
        return float((point_mm - self.point_mm) @ self.rightward)

    def mirror(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reflect points of shape (..., 3) in the plane."""
        height = (np.asarray(points_mm, dtype=float) - self.point_mm) @ self.rightward
        reflected: NDArray[np.float64] = (
            points_mm - 2 * height[..., None] * self.rightward
        )
        return reflected

    def disagreement_mm(
        self, left_mm: NDArray[np.float64], right_mm: NDArray[np.float64]
    ) -> float:
        """How far either of a mirror pair is from where it should be, mm."""
        return float(np.linalg.norm(self.mirror(left_mm) - right_mm)) / 2


def find_mirror_of_image(coarse: Volume) -> MirrorPlane:
    """Find the plane in which a whole image mirrors itself best.

    Parameters
    ----------
    coarse : Volume
        At about 2-3 mm, canonical storage order.

    Returns
    -------
    MirrorPlane
        With a low likeness where the image has no symmetry.
    """
    values = np.asarray(coarse.voxels, dtype=np.float32)
    top = float(np.percentile(values, 99))
    if top <= 0:
        return _plane(coarse, np.zeros(3), -1.0)
    smooth = ndimage.gaussian_filter(np.clip(values / top, 0, 1), 0.7)
    size = np.array(coarse.grid.voxel_size_mm)
    points = np.argwhere(np.ones(values.shape, dtype=bool)) * size
    points = points[:: max(1, len(points) // _POINTS)]
    here = smooth[tuple((points / size).round().astype(int).T)]
    centre = (np.array(values.shape) - 1) / 2 * size
    off_centre, along = points - centre, np.ascontiguousarray(points.T)

    def unlikeness(parameters: NDArray[np.float64]) -> float:
        """How unlike both halves are about the plane of two slopes and a shift."""
        normal, offset = _normal(parameters), parameters[2]
        height = off_centre @ normal - offset
        mirrored = (along - 2 * height * normal[:, None]) / size[:, None]
        inside = np.ones(len(points), dtype=bool)
        for axis, last in zip(mirrored, values.shape, strict=True):
            inside &= (axis >= 0) & (axis <= last - 1)
        if inside.mean() < 0.5:
            return 1.0
        there = sample_array(smooth, mirrored[:, inside])
        return -_correlation(here[inside], there)

    steps = (-0.17, 0.0, 0.17)
    starts = [
        np.array([yaw, roll, offset])
        for yaw in steps
        for roll in steps
        for offset in (-12.0, -6.0, 0.0, 6.0, 12.0)
    ]
    starts.sort(key=unlikeness)
    simplex = np.array([[0, 0, 0], [0.06, 0, 0], [0, 0.06, 0], [0, 0, 3.0]])
    results = [
        optimize.minimize(
            unlikeness,
            start,
            method="Nelder-Mead",
            options={
                "initial_simplex": start + simplex,
                "xatol": 2e-3,
                "fatol": 1e-5,
                "maxfev": 120,
            },
        )
        for start in starts[:2]
    ]
    best = min(results, key=lambda result: float(result.fun))
    return _plane(coarse, np.asarray(best.x, dtype=float), -float(best.fun))


def _normal(parameters: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the unit normal for a yaw and a roll in radians."""
    normal = np.array([1.0, np.tan(parameters[0]), np.tan(parameters[1])])
    return np.asarray(normal / np.linalg.norm(normal))


def _correlation(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return Pearson's correlation; 0 for a constant."""
    a, b = one - one.mean(), other - other.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale > 0 else 0.0


def _plane(
    coarse: Volume, parameters: NDArray[np.float64], likeness: float
) -> MirrorPlane:
    """Express lattice parameters in the image's world."""
    size = np.array(coarse.grid.voxel_size_mm)
    centre = (np.array(coarse.grid.shape) - 1) / 2 * size
    normal = _normal(parameters)
    on_plane = coarse.grid.to_ras_mm((centre + parameters[2] * normal) / size)
    # A plane's normal maps like a displacement, since the axes are orthogonal.
    ahead = coarse.grid.to_ras_mm((centre + (parameters[2] + 1) * normal) / size)
    return MirrorPlane(
        point_mm=on_plane,
        rightward=(ahead - on_plane) / np.linalg.norm(ahead - on_plane),
        likeness=likeness,
    )


def find_mirror_about(
    image: Volume,
    centre_mm: NDArray[np.float64],
    turned: NDArray[np.float64] | None = None,
    settings: MirrorSettings | None = None,
) -> MirrorPlane:
    """Find the plane in which the surroundings of a point mirror themselves.

    Parameters
    ----------
    image : Volume
        Head in canonical order, about 2 to 4 mm.
    centre_mm : ndarray, shape (3,)
        Roughly between the two sides (within some 12 mm), in the image's world.
    turned : ndarray, shape (3, 3), optional
        Columns: the head's axes as far as they are known, else the image's.
    settings : MirrorSettings, optional
        What is mirrored, and which planes are tried.

    Returns
    -------
    MirrorPlane
        The best plane within some 16 degrees of the first axis.
    """
    settings = settings or MirrorSettings()
    frame = np.eye(3) if turned is None else turned
    asymmetry = _asymmetry_about(image, centre_mm, frame, settings)
    angles = np.linspace(-settings.search_deg, settings.search_deg, 5)
    offsets = np.linspace(-settings.search_mm, settings.search_mm, 5)
    tries = [np.array(pose) for pose in product(angles, angles, offsets)]
    ranked = sorted((asymmetry(pose), tuple(pose)) for pose in tries)
    steps = np.array([[4.0, 0, 0], [0, 4.0, 0], [0, 0, 3.0]])
    found = [
        optimize.minimize(
            asymmetry,
            start,
            method="Nelder-Mead",
            options={
                "initial_simplex": np.vstack([start, np.array(start) + steps]),
                "xatol": 0.02,
                "fatol": 1e-5,
                "maxiter": 200,
            },
        )
        for _, start in ranked[:2]
    ]
    best = min(found, key=lambda result: float(result.fun))
    axes = frame @ _axes(best.x[0], best.x[1])
    return MirrorPlane(
        point_mm=centre_mm + best.x[2] * axes[:, 0],
        rightward=axes[:, 0],
        likeness=-float(best.fun),
    )


def _asymmetry_about(
    image: Volume,
    centre_mm: NDArray[np.float64],
    frame: NDArray[np.float64],
    settings: MirrorSettings,
) -> Callable[[NDArray[np.float64]], float]:
    """Return how unlike both halves are about the plane of two angles and a shift."""
    sample = Sampler.over(image, order=1, outside=float("nan"))
    width, *others = settings.half_box_mm
    ranges = [np.arange(-h, h + 1e-6, _LATTICE_MM) for h in others]
    lateral = np.arange(_LATTICE_MM / 2, width, _LATTICE_MM)
    lattice = np.stack(np.meshgrid(lateral, *ranges, indexing="ij"), axis=-1)
    lattice = lattice.reshape(-1, 3)
    opposite = lattice * (-1, 1, 1)

    def asymmetry(pose: NDArray[np.float64]) -> float:
        axes = frame @ _axes(pose[0], pose[1])
        origin = centre_mm + pose[2] * axes[:, 0]
        one = sample(lattice @ axes.T + origin)
        other = sample(opposite @ axes.T + origin)
        both = np.isfinite(one) & np.isfinite(other)
        # A plane off to one side must not win by comparing a few voxels.
        if both.mean() < settings.seen_min:
            return 1.0
        one, other = one[both], other[both]
        spread = float(one.std() * other.std())
        if spread <= 0:
            return 1.0
        covariance = float(np.mean((one - one.mean()) * (other - other.mean())))
        return -covariance / spread

    return asymmetry


def _axes(yaw: float, roll: float) -> NDArray[np.float64]:
    """Turn the axes by yaw about the third and roll about the second axis, deg."""
    a, b = np.radians((yaw, roll))
    turn_yaw = np.array(
        [[np.cos(a), -np.sin(a), 0], [np.sin(a), np.cos(a), 0], [0, 0, 1]]
    )
    turn_roll = np.array(
        [[np.cos(b), 0, np.sin(b)], [0, 1, 0], [-np.sin(b), 0, np.cos(b)]]
    )
    return np.asarray(turn_yaw @ turn_roll, dtype=float)
