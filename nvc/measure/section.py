"""CN VII's cross-section at one place, fitted to a short piece of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measure import forward
from nvc.measure.fit import fit_scene
from nvc.measure.plausible import is_plausible
from nvc.measure.staging import station_scene

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from nvc.measure.fit import Fit
    from nvc.measure.gap import SideContext

    Measure = Callable[[NDArray[np.float64]], float]

_SHAPE = (forward.LOG_RADIUS, forward.STRETCH, forward.SHEAR)
_PLACE = (forward.OFFSET_U, forward.OFFSET_V)
# Fits in turn, the second along the course that the first has moved.
_ROUNDS = 2
_DIFFERENCE = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Section:
    """A fitted cross-section of CN VII.

    Parameters
    ----------
    arc_mm : float
        Place along the course that it was fitted on.
    centre_mm : ndarray, shape (3,)
        RAS mm.
    frame : ndarray, shape (2, 3)
        Unit vectors across the nerve.
    shape : ndarray, shape (3,)
        Log radius, stretch and shear, as in `nvc.measure.forward`.
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

    def across(self, direction: NDArray[np.float64]) -> NDArray[np.float64]:
        """Part of a direction that lies in the section, in its frame, of length 1."""
        inside = self.frame @ direction
        return np.asarray(inside / max(float(np.linalg.norm(inside)), 1e-9))

    def thickness_mm(self, direction: NDArray[np.float64]) -> tuple[float, float]:
        """Thickness between the walls along a direction, and its sd, mm."""
        along = self.across(direction)
        return self._of_shape(lambda shape: _thickness(shape, along))

    def flatness(self, direction: NDArray[np.float64]) -> tuple[float, float]:
        """Log of the width across a direction over the thickness along it, and sd."""
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


def sections_at(arcs_mm: Sequence[float], context: SideContext) -> list[Section | None]:
    """Fit the nerve's section at arc lengths, each search begun at the one before.

    Parameters
    ----------
    arcs_mm : sequence of float
        Along the context's course, in order.
    context : SideContext
        Image, nerve and neighbours.

    Returns
    -------
    list of Section or None
        None where the voxels do not show it.
    """
    found: list[Section | None] = []
    before: Fit | None = None
    for arc_mm in arcs_mm:
        fit = _fitted(arc_mm, context, before)
        found.append(None if fit is None else _read(fit, arc_mm))
        before = fit or before
    return found


def _fitted(arc_mm: float, context: SideContext, before: Fit | None) -> Fit | None:
    scene = station_scene(arc_mm, context)
    if scene is None:
        return None
    fit = fit_scene(scene, context.settings, rounds=_ROUNDS, like=before)
    return fit if is_plausible(fit, 0, context.settings, is_known=True) else None


def _read(fit: Fit, arc_mm: float) -> Section:
    course, p = fit.scene.tubes[0].course, fit.tube_values(0)
    at = course.origin
    frame = np.stack([course.frame_u[at], course.frame_v[at]])
    return Section(
        arc_mm=arc_mm,
        centre_mm=course.points_mm[at] + p[list(_PLACE)] @ frame,
        frame=frame,
        shape=p[list(_SHAPE)].copy(),
        place_covariance_mm2=fit.covariance[np.ix_(_PLACE, _PLACE)],
        shape_covariance=fit.covariance[np.ix_(_SHAPE, _SHAPE)],
    )


def _thickness(shape: NDArray[np.float64], across: NDArray[np.float64]) -> float:
    size = np.exp(shape[0])
    a2, b2 = (size * np.exp(shape[1])) ** 2, (size * np.exp(-shape[1])) ** 2
    k = 2 * shape[2]
    section = np.array([[a2 + k * k * b2, k * b2], [k * b2, b2]])
    return float(2 * np.sqrt(across @ section @ across))
