"""The mid-sagittal plane, from the image alone: where the head mirrors itself."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import optimize

from nvc.sampling import Sampler

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Volume

HALF_BOX_MM = np.array([60.0, 45.0, 45.0])
"""Half size of the box that is mirrored: the posterior fossa and the temporal lobes."""
LATTICE_MM = 4.0
SEARCH_DEG = 16.0
"""Yaw and roll tried to either side: tilts to 12 degrees and some margin."""
SEARCH_MM = 12.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class MirrorPlane:
    """A plane and how well the image mirrors itself in it.

    Parameters
    ----------
    point, normal : ndarray, shape (3,)
        A point on the plane and the unit vector to the patient's right.
    symmetry : float
        Correlation of the two halves, -1 to 1.
    """

    point: NDArray[np.float64]
    normal: NDArray[np.float64]
    symmetry: float

    def mirror(self, points: NDArray[np.float64]) -> NDArray[np.float64]:
        """Reflect points of shape (..., 3) in the plane."""
        height = (np.asarray(points, dtype=float) - self.point) @ self.normal
        reflected: NDArray[np.float64] = points - 2 * height[..., None] * self.normal
        return reflected

    def disagreement_mm(
        self, left: NDArray[np.float64], right: NDArray[np.float64]
    ) -> float:
        """How far either of a mirror pair of points is from where it should be, mm."""
        return float(np.linalg.norm(self.mirror(left) - right)) / 2


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


def find_mirror_plane(image: Volume, centre: NDArray[np.float64]) -> MirrorPlane:
    """Find the plane in which the surroundings of a point mirror themselves.

    Parameters
    ----------
    image : Volume
        Head in canonical order, about 2 to 4 mm.
    centre : ndarray, shape (3,)
        Roughly between the two sides (within some 12 mm), in the image's world.

    Returns
    -------
    MirrorPlane
        The best plane within 16 degrees of the image's first axis.
    """
    sample = Sampler.over(image, order=1, outside=float("nan"))
    ranges = [np.arange(-h, h + 1e-6, LATTICE_MM) for h in HALF_BOX_MM[1:]]
    lateral = np.arange(LATTICE_MM / 2, HALF_BOX_MM[0], LATTICE_MM)
    lattice = np.stack(np.meshgrid(lateral, *ranges, indexing="ij"), axis=-1)
    lattice = lattice.reshape(-1, 3)
    opposite = lattice * (-1, 1, 1)

    def asymmetry(pose: NDArray[np.float64]) -> float:
        """How unlike both halves are about the plane of two angles and a shift."""
        axes = _axes(pose[0], pose[1])
        origin = centre + pose[2] * axes[:, 0]
        one = sample(lattice @ axes.T + origin)
        other = sample(opposite @ axes.T + origin)
        both = np.isfinite(one) & np.isfinite(other)
        # A plane off to one side must not win by comparing a few voxels.
        if both.mean() < 0.3:
            return 1.0
        one, other = one[both], other[both]
        spread = float(one.std() * other.std())
        if spread <= 0:
            return 1.0
        covariance = float(np.mean((one - one.mean()) * (other - other.mean())))
        return -covariance / spread

    angles = np.linspace(-SEARCH_DEG, SEARCH_DEG, 5)
    offsets = np.linspace(-SEARCH_MM, SEARCH_MM, 5)
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
    axes = _axes(best.x[0], best.x[1])
    return MirrorPlane(
        point=centre + best.x[2] * axes[:, 0],
        normal=axes[:, 0],
        symmetry=-float(best.fun),
    )
