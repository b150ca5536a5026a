"""The nerve's thickness and place along its course, and departures from either."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measure import forward
from nvc.measure.fit import fit_scene
from nvc.measure.staging import station_scene

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measure.fit import Fit
    from nvc.measure.gap import SideContext

_STATIONS_MM = np.array(
    [-7.0, -6.0, -5.0, -4.0, -3.0, -2.2, -0.4, 0.4, 2.2, 3.0, 4.0, 5.0, 6.0, 7.0]
)
AT_CONTACT_MM = 1.0
"""Stations this near count as the place itself."""
_SIGNIFICANT = 1.96


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """How a departure is told from the nerve's own variation.

    Parameters
    ----------
    from_mm, to_mm : float
        The surroundings it is compared with.
    natural_sd_mm : float
        How far an untouched nerve varies over that distance, one sigma.
    bend_sd_per_mm : float
        How far its surroundings may be bent; 0 for a straight baseline.
    widest_sd_mm : float
        Beyond this the image cannot tell.
    inwards : int
        Sign of the departure that counts.
    """

    from_mm: float
    to_mm: float
    natural_sd_mm: float
    bend_sd_per_mm: float
    widest_sd_mm: float
    inwards: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Profile:
    """A quantity along the nerve, from the contact: shape (N,) each, mm."""

    arc_mm: NDArray[np.float64]
    value_mm: NDArray[np.float64]
    sd_mm: NDArray[np.float64]


def stated(measured: tuple[float, float] | None, sign: Sign) -> float | None:
    """Return a sign only as far as it is told from noise."""
    if measured is None or measured[1] > sign.widest_sd_mm:
        return None
    value, sd = measured
    return value if value > _SIGNIFICANT * sd else 0.0


def profiles(
    nerve_arc_mm: float, towards_vessel: NDArray[np.float64], context: SideContext
) -> tuple[Profile, Profile]:
    """Follow the nerve past a place.

    Parameters
    ----------
    nerve_arc_mm : float
        The place, along the nerve from its first point.
    towards_vessel : ndarray, shape (3,)
        Unit vector from the nerve to the vessel.
    context : SideContext
        Image, nerve and neighbours.

    Returns
    -------
    thickness, position : Profile
        Thickness along the vessel's direction, and the centre's place against it;
        only stations whose fit holds.
    """
    length = float(context.course.arc_mm[-1])
    rows = []
    for offset in _STATIONS_MM:
        arc = nerve_arc_mm + offset
        if not 0.0 <= arc <= length or context.course.in_canal(arc):
            continue
        scene = station_scene(arc, context)
        if scene is None:
            continue
        fit = fit_scene(scene, context.settings, rounds=2)
        if fit.settled and fit.significance(0) > context.settings.least_contrast_sd:
            rows.append((offset, *_section(fit, towards_vessel)))
    table = np.array(rows).reshape(-1, 5)
    arc = table[:, 0]
    return (
        Profile(arc_mm=arc, value_mm=table[:, 1], sd_mm=table[:, 2]),
        Profile(arc_mm=arc, value_mm=table[:, 3], sd_mm=table[:, 4]),
    )


def _section(
    fit: Fit, direction: NDArray[np.float64]
) -> tuple[float, float, float, float]:
    """Thickness along a direction and the centre's place along it, with their sds."""
    course = fit.scene.tubes[0].course
    at = course.origin
    u = float(course.frame_u[at] @ direction)
    v = float(course.frame_v[at] @ direction)
    across = np.array([u, v]) / max(float(np.hypot(u, v)), 1e-9)

    def thickness(p: NDArray[np.float64]) -> float:
        size = np.exp(p[forward.LOG_RADIUS])
        a2 = (size * np.exp(p[forward.STRETCH])) ** 2
        b2 = (size * np.exp(-p[forward.STRETCH])) ** 2
        k = 2 * p[forward.SHEAR]
        q = np.array([[a2 + k * k * b2, k * b2], [k * b2, b2]])
        return float(2 * np.sqrt(across @ q @ across))

    p = fit.tube_values(0)
    slopes = np.zeros(len(fit.values))
    for k in (forward.LOG_RADIUS, forward.STRETCH, forward.SHEAR):
        step = np.zeros_like(p)
        step[k] = 1e-4
        slopes[k] = (thickness(p + step) - thickness(p - step)) / 2e-4
    place = np.zeros(len(fit.values))
    place[[forward.OFFSET_U, forward.OFFSET_V]] = u, v
    centre = (
        course.points_mm[at]
        + p[forward.OFFSET_U] * course.frame_u[at]
        + p[forward.OFFSET_V] * course.frame_v[at]
    )
    return (
        thickness(p),
        float(np.sqrt(slopes @ fit.covariance @ slopes)),
        float(-centre @ direction),
        float(np.sqrt(place @ fit.covariance @ place)),
    )


def departure(profile: Profile, sign: Sign) -> tuple[float, float] | None:
    """How far a profile at the contact departs from what its surroundings foretell.

    Returns
    -------
    tuple of float or None
        Departure, positive where it has the sign that counts, and its standard
        deviation; None without surroundings on both sides.
    """
    away = np.abs(profile.arc_mm)
    here = away <= AT_CONTACT_MM
    around = (away >= sign.from_mm) & (away <= sign.to_mm)
    before, behind = around & (profile.arc_mm < 0), around & (profile.arc_mm > 0)
    if not here.any() or not before.any() or not behind.any():
        return None
    s = profile.arc_mm[around]
    basis = np.stack([np.ones_like(s), s, s * s], axis=-1)
    variance = profile.sd_mm[around] ** 2 + sign.natural_sd_mm**2
    bend_sd = max(sign.bend_sd_per_mm, 1e-6)
    normal = (basis / variance[:, None]).T @ basis + np.diag([0, 0, bend_sd**-2])
    covariance = np.linalg.inv(normal)
    foretold = covariance @ (basis.T @ (profile.value_mm[around] / variance))
    weight = 1 / profile.sd_mm[here] ** 2
    value = float(weight @ profile.value_mm[here] / weight.sum())
    # Neighbouring stations share voxels: no gain from averaging is claimed.
    spread = float(profile.sd_mm[here].min() ** 2) + sign.natural_sd_mm**2
    sd = float(np.sqrt(spread + covariance[0, 0]))
    return sign.inwards * (value - float(foretold[0])), sd
