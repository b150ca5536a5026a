"""Levenberg-Marquardt with beliefs, on the picture that one set of courses makes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numba as nb
import numpy as np

from nvc.measurement.scene import forward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.scene.priors import Beliefs
    from nvc.measurement.scene.scene import Scene
    from nvc.numerics import Count, Exact, Tolerance

_STEPS: Count[int] = 20
# Gain of a step, in squared standard deviations, that no longer matters.
_LEAST_GAIN: Tolerance[float] = 0.05
# A step that promises less than this, a twentieth of a deviation, is not tried.
_LEAST_PROMISE: Tolerance[float] = 0.0025
# A residual of 4 sigma weighs half (Cauchy, 99 % efficient on a normal): far enough not
# to lose the voxels of a weak wall, near enough for what is not described.
_CAUCHY: Exact[float] = 4.0


class Descent:
    """The search on one set of courses.

    Parameters
    ----------
    scene : Scene
        Voxels and courses.
    beliefs : Beliefs
        Of the parameters, ordered as in `nvc.measurement.scene.forward`.

    Attributes
    ----------
    residual : ndarray, shape (M,)
        What the best values found leave of the voxels; set by `search_from`.
    jacobian : ndarray, shape (M, P)
        Derivatives of the picture there, likewise.
    """

    residual: NDArray[np.float64]
    jacobian: NDArray[np.float64]

    def __init__(self, scene: Scene, beliefs: Beliefs) -> None:
        self._measured, self._beliefs = scene.intensity, beliefs
        self._free = np.flatnonzero(beliefs.sd > 0)
        self._precision = 1 / beliefs.sd[self._free] ** 2
        surface = scene.surface
        places, frames = scene.place_voxels()
        self._picture = forward.ScenePicture(
            places,
            frames,
            surface.depth_mm(scene.points_mm + scene.centre_mm) if surface else None,
            scene.points_mm,
            scene.voxel_terms,
        )

    def search_from(
        self, values: NDArray[np.float64], noise: float
    ) -> tuple[NDArray[np.float64], bool]:
        """Search from given values on.

        Parameters
        ----------
        values : ndarray, shape (P,)
            Where to begin.
        noise : float
            Standard deviation of the residuals.

        Returns
        -------
        ndarray, shape (P,)
            The best values found.
        bool
            Whether it came to rest: no step gains anything that matters.
        """
        free, beliefs = self._free, self._beliefs
        predicted, self.jacobian = self._picture.predict(values)
        self.residual = self._measured - predicted
        cost = self._cost(self.residual, values, noise)
        normal, pull = self._normal(values, noise)
        damping = 1e-3
        for _ in range(_STEPS):
            left = normal + np.diag(self._precision + damping * np.diag(normal))
            step = np.linalg.solve(left, pull)
            if step @ pull < _LEAST_PROMISE:
                return values, True
            trial = values.copy()
            trial[free] += step
            trial = np.minimum(np.maximum(trial, beliefs.low), beliefs.high)
            predicted, jacobian = self._picture.predict(trial)
            residual = self._measured - predicted
            trial_cost = self._cost(residual, trial, noise)
            if trial_cost <= cost:
                settled = cost - trial_cost < _LEAST_GAIN
                values, cost = trial, trial_cost
                self.residual, self.jacobian = residual, jacobian
                if settled:
                    return values, True
                normal, pull = self._normal(values, noise)
                damping = max(damping / 10, 1e-7)
            else:
                damping *= 10
                if damping > 1e6:
                    return values, True
        return values, False

    def covariance(self, noise: float) -> NDArray[np.float64]:
        """Covariance, shape (P, P), of the values that `search_from` found.

        It is 0 of parameters that are fixed; `noise` as there.
        """
        normal = _normal_equations(self.residual, self.jacobian, self._free, noise)[0]
        found = np.zeros((self.jacobian.shape[1], self.jacobian.shape[1]))
        inverse = np.linalg.inv(normal + np.diag(self._precision))
        found[np.ix_(self._free, self._free)] = inverse
        return found

    def _drift(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.asarray(values[self._free] - self._beliefs.mean[self._free])

    def _cost(
        self, residual: NDArray[np.float64], values: NDArray[np.float64], noise: float
    ) -> float:
        drift = self._drift(values)
        return _misfit(residual, noise) + float(drift * drift @ self._precision)

    def _normal(
        self, values: NDArray[np.float64], noise: float
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Second derivatives of half the misfit, and the cost's pull downwards."""
        normal, pull = _normal_equations(
            self.residual, self.jacobian, self._free, noise
        )
        return normal, pull - self._drift(values) * self._precision


@nb.njit(cache=True, error_model="numpy")
def _misfit(  # pragma: no cover - compiled
    residual: NDArray[np.float64], noise: float
) -> float:
    """Sum of squared residuals over the noise, large ones counting less."""
    total = 0.0
    for m in range(residual.shape[0]):
        total += math.log1p((residual[m] / (noise * _CAUCHY)) ** 2)
    return total * _CAUCHY**2


@nb.njit(cache=True, error_model="numpy")
def _normal_equations(  # pragma: no cover - compiled
    residual: NDArray[np.float64],
    jacobian: NDArray[np.float64],
    free: NDArray[np.int_],
    noise: float,
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Both sides, shape (F, F) and (F,), by the weights of the residuals."""
    count = free.shape[0]
    normal, pull = np.zeros((count, count)), np.zeros(count)
    row = np.empty(count)
    for m in range(residual.shape[0]):
        weight = 1.0 / (1.0 + (residual[m] / (noise * _CAUCHY)) ** 2) / noise**2
        for i in range(count):
            row[i] = jacobian[m, free[i]]
        for i in range(count):
            weighted = weight * row[i]
            if weighted == 0.0:
                continue
            pull[i] += weighted * residual[m]
            for j in range(i + 1):
                normal[i, j] += weighted * row[j]
    for i in range(count):
        for j in range(i):
            normal[j, i] = normal[i, j]
    return normal, pull
