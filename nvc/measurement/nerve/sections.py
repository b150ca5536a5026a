"""CN VII's cross-section at one place, fitted to a short piece of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.places.nerve_section import NerveSection
from nvc.measurement.scene import forward
from nvc.measurement.scene.build import build_station_scene
from nvc.measurement.scene.fit import fit_scene
from nvc.measurement.scene.plausible import is_plausible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.measurement.places.side_context import SideContext
    from nvc.measurement.scene.fit import SceneFit
    from nvc.numerics import Count

_SHAPE = (forward.LOG_RADIUS, forward.STRETCH, forward.SHEAR)
_PLACE = (forward.OFFSET_U, forward.OFFSET_V)
# Fits in turn, the second along the course that the first has moved.
_ROUNDS: Count[int] = 2


def fit_sections(
    arcs_mm: Sequence[float], context: SideContext
) -> list[NerveSection | None]:
    """Fit the nerve's section at arc lengths, each search begun at the one before.

    Parameters
    ----------
    arcs_mm : sequence of float
        Along the context's course, in order, mm.
    context : SideContext
        Image, nerve and neighbours.

    Returns
    -------
    list of NerveSection or None
        One an arc length, in the working frame; None where the voxels do not show it.
    """
    found: list[NerveSection | None] = []
    before: SceneFit | None = None
    for arc_mm in arcs_mm:
        fit = _fitted(arc_mm, context, before)
        found.append(None if fit is None else _read(fit, arc_mm))
        before = fit or before
    return found


def _fitted(
    arc_mm: float, context: SideContext, before: SceneFit | None
) -> SceneFit | None:
    scene = build_station_scene(arc_mm, context)
    if scene is None:
        return None
    fit = fit_scene(scene, context.settings, rounds=_ROUNDS, like=before)
    return fit if is_plausible(fit, 0, context.settings, is_known=True) else None


def _read(fit: SceneFit, arc_mm: float) -> NerveSection:
    course, p = fit.scene.tubes[0].course, fit.tube_values(0)
    at = course.origin
    frame = np.stack([course.frame_u[at], course.frame_v[at]])
    return NerveSection(
        arc_mm=arc_mm,
        centre_mm=course.points_mm[at] + p[list(_PLACE)] @ frame,
        frame=frame,
        shape=p[list(_SHAPE)].copy(),
        place_covariance_mm2=fit.covariance[np.ix_(_PLACE, _PLACE)],
        shape_covariance=fit.covariance[np.ix_(_SHAPE, _SHAPE)],
    )
