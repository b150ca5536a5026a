"""Poses of the template, and what is known of the size of heads beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.linalg import expm

from nvc.model.anatomy import Side
from nvc.model.grid import transform_points
from nvc.regions.head.mni152 import place_on_side
from nvc.settings.anatomy import MNI_FUNDUS, MNI_PONS, MNI_ROOT_DETACHMENT

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.regions.t1.likeness import Glance
    from nvc.settings.atlas import AtlasSettings

ANCHORS_MNI = np.array(
    [place_on_side(p, side) for p in (MNI_ROOT_DETACHMENT, MNI_FUNDUS) for side in Side]
    + [MNI_PONS]
)
"""Where two poses are compared: the places the seeds are wanted for."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pose:
    """One way of laying the template over the head.

    Parameters
    ----------
    mni_to_lattice : ndarray, shape (4, 4)
        Maps MNI mm to lattice mm.
    evidence : float
        Nats per voxel (`likeness.Glance`); comparable within one image and region.
    covered : float
        Part of the region that the volume holds, 0 to 1.
    """

    mni_to_lattice: NDArray[np.float64]
    evidence: float
    covered: float

    @classmethod
    def seen(cls, mni_to_lattice: NDArray[np.float64], look: Glance) -> Pose:
        """Return a pose with what was seen under it."""
        return cls(
            mni_to_lattice=mni_to_lattice,
            evidence=look.evidence,
            covered=look.covered,
        )

    @property
    def likeness(self) -> float:
        """Correlation, 0 to 1, that gives this evidence where all blocks are equal."""
        return float(np.sqrt(-np.expm1(-2 * self.evidence)))

    def distance_mm(self, other: Pose) -> float:
        """Largest distance between two poses at the cerebellopontine angles."""
        mine = transform_points(self.mni_to_lattice, ANCHORS_MNI)
        theirs = transform_points(other.mni_to_lattice, ANCHORS_MNI)
        return float(np.linalg.norm(mine - theirs, axis=1).max())

    def scales(self) -> NDArray[np.float64]:
        """How much the template is stretched along its own three axes, shape (3,)."""
        return np.asarray(np.linalg.svd(self.mni_to_lattice[:3, :3])[1])


def change(
    parameters: NDArray[np.float64], pivot_mm: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the map, shape (4, 4), of a change of the template in its own frame.

    Parameters
    ----------
    parameters : ndarray, shape (12,)
        Shift in mm, turn in radians about x, y, z, then the logarithm of the stretch:
        xx, yy, zz, xy, xz, yz.
    pivot_mm : ndarray, shape (3,)
        What turn and stretch leave in place.
    """
    x, y, z = parameters[3:6]
    turn = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    xx, yy, zz, xy, xz, yz = parameters[6:]
    stretch = np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]])
    matrix = np.eye(4)
    matrix[:3, :3] = expm(turn + stretch)
    matrix[:3, 3] = parameters[:3] + pivot_mm - matrix[:3, :3] @ pivot_mm
    return matrix


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SizePrior:
    """What is known of the stretch of the template before a head is seen.

    Parameters
    ----------
    mean : ndarray, shape (6,)
        Of the logarithm of the stretch, in the order of `change`.
    precision : ndarray, shape (6, 6)
        Inverse of its covariance.
    """

    mean: NDArray[np.float64]
    precision: NDArray[np.float64]

    @classmethod
    def of(cls, settings: AtlasSettings) -> SizePrior:
        """All axes of a head vary together, each by itself, and skewed by little."""
        covariance = np.zeros((6, 6))
        covariance[:3, :3] = settings.size_sd**2 + np.eye(3) * settings.shape_sd**2
        # A shear is half the difference of two stretches along its diagonals.
        covariance[3:, 3:] = np.eye(3) * settings.shape_sd**2 / 2
        mean = np.zeros(6)
        mean[:3] = np.log(settings.usual_scale)
        precision = np.asarray(np.linalg.inv(covariance), dtype=float)
        return cls(mean=mean, precision=precision)

    def excess(self, mni_to_lattice: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return how far a pose's stretch lies from the mean, shape (6,)."""
        _, scales, axes = np.linalg.svd(mni_to_lattice[:3, :3])
        log = (axes.T * np.log(scales)) @ axes
        found = [log[0, 0], log[1, 1], log[2, 2], log[0, 1], log[0, 2], log[1, 2]]
        return np.array(found) - self.mean

    def cost(self, mni_to_lattice: NDArray[np.float64]) -> float:
        """Return half the squared distance from the mean, in nats."""
        off = self.excess(mni_to_lattice)
        return 0.5 * float(off @ self.precision @ off)
