"""CN VII's cross-section at one place, as a value: centre, shape and covariances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.tubes.curve import unit

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from nvc.numerics import Step

    Measure = Callable[[NDArray[np.float64]], float]


# Step of the shape for numeric slopes: far above rounding, far below any sd.
_DIFFERENCE: Step[float] = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NerveSection:
    """A fitted cross-section of CN VII.

    Parameters
    ----------
    arc_mm : float
        Place along the course that it was fitted on, mm.
    centre_mm : ndarray, shape (3,)
        mm of the working frame.
    frame : ndarray, shape (2, 3)
        Unit vectors across the nerve, in the working frame.
    shape : ndarray, shape (3,)
        Log radius, stretch and shear, as in `nvc.measurement.scene.forward`.
    place_covariance_mm2, shape_covariance : ndarray, shape (2, 2) and (3, 3)
        Of the centre along the frame, and of `shape`.
    """

    arc_mm: float
    centre_mm: NDArray[np.float64]
    frame: NDArray[np.float64]
    shape: NDArray[np.float64]
    place_covariance_mm2: NDArray[np.float64]
    shape_covariance: NDArray[np.float64]

    @property
    def centre_sd_mm(self) -> float:
        """Standard deviation of the centre along one direction."""
        return float(np.sqrt(np.trace(self.place_covariance_mm2) / 2))

    @property
    def radius_mm(self) -> float:
        """Of the circle of equal area."""
        return float(np.exp(self.shape[0]))

    @property
    def half_axes_mm2(self) -> NDArray[np.float64]:
        """The ellipse's matrix across the nerve, shape (3, 3), as in `Tube`."""
        return np.asarray(self.frame.T @ _half_axes_mm2(self.shape) @ self.frame)

    def across(self, direction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Part of a direction, shape (3,), that lies in the section.

        The direction is in the working frame; returned is a unit vector along
        `frame`, shape (2,).
        """
        inside = self.frame @ direction
        return unit(inside)

    def thickness_mm(self, direction: NDArray[np.float64]) -> tuple[float, float]:
        """Thickness between the walls along a direction, and its sd, mm.

        `direction` has shape (3,), in the working frame.
        """
        along = self.across(direction)
        return self._of_shape(lambda shape: _thickness(shape, along))

    def flatness(self, direction: NDArray[np.float64]) -> tuple[float, float]:
        """Log of the width across a direction over the thickness along it, and sd.

        `direction` has shape (3,), in the working frame; 0 is round.
        """
        along = self.across(direction)
        aside = np.array([-along[1], along[0]])
        return self._of_shape(
            lambda shape: float(
                np.log(_thickness(shape, aside) / _thickness(shape, along))
            )
        )

    def _of_shape(self, measure: Measure) -> tuple[float, float]:
        slopes = np.zeros(3)
        for k in range(3):
            step = np.zeros(3)
            step[k] = _DIFFERENCE
            change = measure(self.shape + step) - measure(self.shape - step)
            slopes[k] = change / (2 * _DIFFERENCE)
        variance = float(slopes @ self.shape_covariance @ slopes)
        return measure(self.shape), float(np.sqrt(variance))


def _thickness(shape: NDArray[np.float64], across: NDArray[np.float64]) -> float:
    return float(2 * np.sqrt(across @ _half_axes_mm2(shape) @ across))


def _half_axes_mm2(shape: NDArray[np.float64]) -> NDArray[np.float64]:
    """Turn log radius, stretch and shear into the ellipse's matrix, shape (2, 2)."""
    size = np.exp(shape[0])
    a2, b2 = (size * np.exp(shape[1])) ** 2, (size * np.exp(-shape[1])) ** 2
    k = 2 * shape[2]
    return np.array([[a2 + k * k * b2, k * b2], [k * b2, b2]])
