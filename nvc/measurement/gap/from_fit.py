"""The gap from nerve and vessel fitted together to the voxels' own intensities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.gap.gap import TUBE_FIT, Gap
from nvc.measurement.gap.residual_layer import measure_left_over_mm
from nvc.measurement.gap.walls import Walls
from nvc.measurement.scene import forward
from nvc.measurement.scene.build import (
    Cast,
    build_companion_scene,
    build_reference_scene,
)
from nvc.measurement.scene.fit import fit_scene
from nvc.measurement.scene.plausible import is_plausible
from nvc.model.grid import transform_points
from nvc.tubes.wall_gap import WalledTube, find_wall_gap

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.places.approaches import Approach
    from nvc.measurement.places.side_context import SideContext
    from nvc.measurement.scene.fit import SceneFit
    from nvc.model.stages import Companion
    from nvc.tubes.wall_gap import WallGap


def measure_gap_from_fit(approach: Approach, context: SideContext) -> Gap | None:
    """Fit nerve and vessel to the image and measure between the fitted walls.

    Both are fitted together in the reference where the vessel shows there. A vessel
    that shows only in another sequence is fitted there; the gap then carries the
    registration's residual.

    Parameters
    ----------
    approach : Approach
        The place, in the working frame.
    context : SideContext
        Images, tubes and levels.

    Returns
    -------
    Gap or None
        None where no fit describes the voxels.
    """
    aligned = context.aligned
    vessel = context.segmentation.vessels[approach.vessel]
    companion = aligned.companions.get(vessel.seen_in)
    elsewhere = vessel.seen_in is not aligned.reference_role and companion is not None
    doubt = companion.residual_mm if companion is not None and elsewhere else 0.0
    together = _fitted(approach, context, Cast(vessel_sd_mm=doubt))
    settings = context.settings
    if (
        together is not None
        and is_plausible(together, 0, settings)
        and is_plausible(together, 1, settings, doubt)
    ):
        return _joint_gap(together, context)
    if companion is None or not elsewhere:
        return None
    return _gap_across(approach, context, companion)


def _fitted(approach: Approach, context: SideContext, cast: Cast) -> SceneFit | None:
    scene = build_reference_scene(approach, context, cast)
    return None if scene is None else fit_scene(scene, context.settings)


def _joint_gap(fit: SceneFit, context: SideContext) -> Gap | None:
    """Measure between two tubes of one fit."""
    walls, variance = measure_fitted_gap(
        fit, 0, fit, 1, half_mm=context.settings.scene.measured_half_mm
    )
    settings, reach = context.settings, context.settings.scene.wall_half_mm
    # The gap lies anywhere between what the walls say and what is left over there.
    between = (walls.first_wall_mm + walls.second_wall_mm) / 2
    half = 0.5 * measure_left_over_mm(fit, between)
    sd = float(np.sqrt(variance + settings.model_sd_mm**2 + half**2))
    if sd > settings.widest_gap_sd_mm:
        return None
    return Gap(
        gap_mm=walls.gap_mm + half,
        sd_mm=sd,
        nerve_wall_mm=walls.first_wall_mm,
        vessel_wall_mm=walls.second_wall_mm,
        vessel_diameter_mm=2 * fit.radius_mm(1),
        voxel_mm=max(fit.scene.grid.voxel_size_mm),
        method=TUBE_FIT,
        seen_in=context.aligned.reference_role,
        walls=Walls(
            nerve=fit.build_walled_tube(0, reach),
            vessel=fit.build_walled_tube(1, reach),
            brain=fit.brain(),
        ),
    )


def _gap_across(
    approach: Approach, context: SideContext, companion: Companion
) -> Gap | None:
    """Measure between a nerve in the reference and a vessel in another sequence."""
    settings, reach = context.settings, context.settings.scene.wall_half_mm
    nerve = _fitted(approach, context, Cast(vessel=False))
    scene = build_companion_scene(approach, context, companion)
    if nerve is None or scene is None or not is_plausible(nerve, 0, settings):
        return None
    vessel = fit_scene(scene, settings)
    if not is_plausible(vessel, 0, settings):
        return None
    to_reference = np.asarray(
        np.linalg.inv(companion.reference_to_companion_mm), dtype=float
    )
    walls, variance = measure_fitted_gap(
        nerve,
        0,
        vessel,
        0,
        half_mm=settings.scene.measured_half_mm,
        second_to_first=to_reference,
    )
    sd = np.sqrt(variance + settings.model_sd_mm**2 + companion.residual_mm**2)
    return Gap(
        gap_mm=walls.gap_mm,
        sd_mm=float(sd),
        nerve_wall_mm=walls.first_wall_mm,
        vessel_wall_mm=walls.second_wall_mm,
        vessel_diameter_mm=2 * vessel.radius_mm(0),
        voxel_mm=max(
            *companion.volume.grid.voxel_size_mm, *nerve.scene.grid.voxel_size_mm
        ),
        method=TUBE_FIT,
        seen_in=companion.role,
        walls=Walls(
            nerve=nerve.build_walled_tube(0, reach),
            vessel=_moved(vessel.build_walled_tube(0, reach), to_reference),
            brain=nerve.brain(),
        ),
    )


def measure_fitted_gap(
    nerve: SceneFit,
    nerve_tube: int,
    vessel: SceneFit,
    vessel_tube: int,
    *,
    half_mm: float,
    second_to_first: NDArray[np.float64] | None = None,
) -> tuple[WallGap, float]:
    """Measure the wall-to-wall gap of two fitted tubes and its variance.

    Parameters
    ----------
    nerve, vessel : SceneFit
        The same fit twice where both were fitted together.
    nerve_tube, vessel_tube : int
        Which tube of each.
    half_mm : float
        Either way of the place, within which walls may be nearest.
    second_to_first : ndarray, shape (4, 4), optional
        Rigid, from the frame of the vessel's fit to that of the nerve's (the working
        frame), where they differ.

    Returns
    -------
    WallGap
        In the frame of the nerve's fit.
    float
        Variance of the gap that follows from the fits' covariance, mm squared.
    """
    second = vessel.build_walled_tube(vessel_tube, half_mm)
    turn = np.eye(3)
    if second_to_first is not None:
        turn = second_to_first[:3, :3]
        second = _moved(second, second_to_first)
    gap = find_wall_gap(nerve.build_walled_tube(nerve_tube, half_mm), second)
    own_normal = turn.T @ gap.normal
    by_nerve = -_height_slopes(nerve, nerve_tube, gap.normal, (gap.first, half_mm))
    by_vessel = -_height_slopes(vessel, vessel_tube, -own_normal, (gap.second, half_mm))
    if nerve is vessel:
        slopes = by_nerve + by_vessel
        return gap, float(slopes @ nerve.covariance @ slopes)
    variance = by_nerve @ nerve.covariance @ by_nerve
    variance += by_vessel @ vessel.covariance @ by_vessel
    return gap, float(variance)


def _moved(tube: WalledTube, motion: NDArray[np.float64]) -> WalledTube:
    turn = motion[:3, :3]
    return WalledTube(
        course_mm=transform_points(motion, tube.course_mm),
        frame_u=tube.frame_u @ turn.T,
        frame_v=tube.frame_v @ turn.T,
        section_mm2=tube.section_mm2,
    )


def _height_slopes(
    fit: SceneFit, tube: int, normal: NDArray[np.float64], place: tuple[int, float]
) -> NDArray[np.float64]:
    """Change of a wall's height along a fixed normal with every parameter.

    At the nearest points the gap does not change to first order when the points
    slide, so its derivatives are those of the two heights at fixed normal and place.
    A section reaches (a^2 n_u^2 + b^2 (k n_u + n_v)^2)^0.5 along the normal n, with a,
    b and k as in `nvc.tubes.ellipse`.
    """
    (index, half_mm), p = place, fit.tube_values(tube)
    course = fit.scene.tubes[tube].course
    arc = course.arc_mm
    at = np.flatnonzero(np.abs(arc) <= half_mm)[index]
    s = float(arc[at])
    n_u, n_v = float(course.frame_u[at] @ normal), float(course.frame_v[at] @ normal)
    size = np.exp(p[forward.LOG_RADIUS] + s * p[forward.TAPER])
    wide = size * np.exp(p[forward.STRETCH]) * n_u
    sheared = 2 * p[forward.SHEAR] * n_u + n_v
    high = size * np.exp(-p[forward.STRETCH]) * sheared
    reach = max(float(np.hypot(wide, high)), 1e-9)
    powers = s ** np.arange(forward.TERMS)
    slopes = np.zeros(len(fit.values))
    own = slopes[tube * forward.PER_TUBE : (tube + 1) * forward.PER_TUBE]
    own[forward.OFFSET_U : forward.OFFSET_U + forward.TERMS] = n_u * powers
    own[forward.OFFSET_V : forward.OFFSET_V + forward.TERMS] = n_v * powers
    own[forward.LOG_RADIUS], own[forward.TAPER] = reach, s * reach
    own[forward.STRETCH] = (wide**2 - high**2) / reach
    flat = (size * np.exp(-p[forward.STRETCH])) ** 2
    own[forward.SHEAR] = 2 * flat * sheared * n_u / reach
    return slopes
