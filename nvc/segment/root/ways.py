"""Ways that an attached nerve may take over the brain."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.image.brain_surface import BrainSurface
    from nvc.settings.nerve import NerveSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ways:
    """W ways over the brain's surface from one place, S stations each.

    Parameters
    ----------
    foot_mm : ndarray, shape (W, S, 3)
        On the surface, at equal steps; mm of the working frame.
    outward : ndarray, shape (W, S, 3)
        Unit vectors away from the brain; zero beyond what is outlined.
    log_prior : ndarray, shape (W,)
        How likely a nerve takes each, up to a constant.
    """

    foot_mm: NDArray[np.float64]
    outward: NDArray[np.float64]
    log_prior: NDArray[np.float64]


def lay_ways(
    brain: BrainSurface,
    start_mm: NDArray[np.float64],
    pulls: NDArray[np.float64],
    settings: NerveSettings,
) -> Ways:
    """Lay ways over the brain in all directions, straight ones and bent ones.

    Parameters
    ----------
    brain : BrainSurface
        What they lie on.
    start_mm : ndarray, shape (3,)
        A place above the surface.
    pulls : ndarray, shape (3,)
        The sum of unit vectors that a nerve is expected to follow, each over its
        variance in square radians (von Mises): one that points into the brain says
        little of the way over it.
    settings : NerveSettings
        Steps, longest way, and how much a nerve bends.
    """
    count = round(
        (settings.attached_mm + 3.0 * settings.attached_spread_mm) / settings.step_mm
    )
    angle = np.deg2rad(np.arange(0.0, 360.0, settings.way_step_deg))
    bend_sd = settings.attached_bend_sd_per_mm
    bend = np.linspace(-2.0, 2.0, 5) * bend_sd
    angle, bend = (grid.ravel() for grid in np.meshgrid(angle, bend, indexing="ij"))
    out = brain.outward(start_mm[None])[0]
    first = pulls - (pulls @ out) * out
    first = first / max(float(np.linalg.norm(first)), 1e-9)
    heading = (
        np.cos(angle)[:, None] * first
        + np.sin(angle)[:, None] * np.cross(out, first)[None]
    )
    log_prior = heading @ pulls - 0.5 * (bend / bend_sd) ** 2
    at = np.repeat(start_mm[None], len(angle), axis=0)
    feet, outs = [], []
    for _ in range(count):
        at, out = settle_on(brain, at)
        feet.append(at)
        outs.append(out)
        heading = heading - (heading * out).sum(-1, keepdims=True) * out
        heading += (bend * settings.step_mm)[:, None] * np.cross(out, heading)
        heading /= np.maximum(np.linalg.norm(heading, axis=-1, keepdims=True), 1e-9)
        at = at + settings.step_mm * heading
    return Ways(
        foot_mm=np.stack(feet, axis=1),
        outward=np.stack(outs, axis=1),
        log_prior=log_prior,
    )


def settle_on(
    brain: BrainSurface, points_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Put places, shape (N, 3), on the brain; with unit vectors away from it."""
    at = points_mm
    for _ in range(2):
        depth = np.nan_to_num(brain(at).astype(float), nan=0.0)
        at = at - depth[:, None] * brain.outward(at)
    return at, brain.outward(at)
