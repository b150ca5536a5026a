"""How likely CN VII takes each way over the brain, and how far it is attached."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.root.ridge import HEIGHT_STEP_MM

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.numerics import Count
    from nvc.settings.nerve import NerveSettings


_ROUNDS: Count[int] = 6
"""Until the share of other structures settles."""
_RESTS: Count[int] = 9
"""Resting heights that are tried, from flush with the brain to free of it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RootOdds:
    """Which of W ways the nerve takes, how long it is, and how high it rests.

    Parameters
    ----------
    share : ndarray, shape (W, S, Q)
        Probabilities; they sum to one.
    length_mm : ndarray, shape (S,)
        Of the attached segment, at equal steps from 0.
    rest_mm : ndarray, shape (Q,)
        Height of the centre over the surface where the nerve lies at rest; negative
        in a groove.
    start_mm : float
        Height of the centre over the surface at the detachment.
    skin_mm : float
        How far below the thresholded surface the brain really ends.
    """

    share: NDArray[np.float64]
    length_mm: NDArray[np.float64]
    rest_mm: NDArray[np.float64]
    start_mm: float
    skin_mm: float

    def mean_centre_mm(self, part: float) -> float:
        """Mean height of the centre over the thresholded surface.

        Parameters
        ----------
        part : float
            Of the way from the detachment (0) to the root exit (1).
        """
        gone_mm = part * self.length_mm[:, None]
        to_exit_mm = self.length_mm[:, None] - gone_mm
        centre = lay_centre(gone_mm, to_exit_mm, self.rest_mm, self.start_mm)
        share = self.share.sum(axis=0)
        return float((share * np.maximum(centre, 0.0)).sum()) - self.skin_mm


def lay_centre(
    gone_mm: NDArray[np.float64],
    to_exit_mm: NDArray[np.float64],
    rest_mm: NDArray[np.float64],
    start_mm: float,
) -> NDArray[np.float64]:
    """Height of the nerve's centre over the brain: down at 45 degrees to its rest.

    From there it goes on, and goes in at 45 degrees as well.

    Parameters
    ----------
    gone_mm : ndarray
        Distance from the detachment.
    to_exit_mm : ndarray
        Distance to the root exit, where the centre passes the surface; negative
        within the brain.
    rest_mm : ndarray
        Height at rest.
    start_mm : float
        Height at the detachment.
    """
    return np.minimum(to_exit_mm, np.maximum(rest_mm, start_mm - gone_mm))


def weigh_ways(
    height_mm: NDArray[np.float64],
    known: NDArray[np.bool_],
    log_prior: NDArray[np.float64],
    sizes_mm: tuple[float, float, float],
    settings: NerveSettings,
) -> RootOdds:
    """Weigh every way with every length and resting height of the nerve.

    Where the nerve lies its ridge is as high as its upper wall. Elsewhere the brain is
    bare, or another structure lies on it, which is as long and as high as a nerve: a
    ridge tells of the nerve where it begins at the detachment, is as high as a nerve
    that rests, and ends as one that goes in. How high a bare brain stands out, and how
    much of it something lies on, is what the image shows in all directions.

    Parameters
    ----------
    height_mm, known : ndarray, shape (W, S)
        As `measure_ridge` gives them.
    log_prior : ndarray, shape (W,)
        Of the ways.
    sizes_mm : tuple of float
        Radius of the nerve; how far below the thresholded surface the brain really
        ends; and how high over that surface the centre is at the detachment.
    settings : NerveSettings
        Length of the attached segment, and spreads.
    """
    radius, skin, height = sizes_mm
    start_mm = height + skin
    at: NDArray[np.float64] = settings.step_mm * np.arange(
        height_mm.shape[1], dtype=np.float64
    )
    rest = radius * np.linspace(-1.0, 1.0, _RESTS)
    bare = _Bare.of(height_mm[known], radius)
    # Axes: length, resting height, station.
    to_exit = (at[:, None] - at)[:, None, :]
    top = lay_centre(at, to_exit, rest[:, None], start_mm) + radius - skin
    stands = top > bare.height_mm
    onward = np.count_nonzero(stands, axis=-1)
    sd = float(np.hypot(bare.sd_mm, settings.attached_sd_mm))
    without = _without_nerve(height_mm, known, bare, settings)
    log_odds = np.empty((len(height_mm), *top.shape[:2]))
    for way, shown_mm in enumerate(height_mm):
        nerve = np.log(bare.mixed(_normal(shown_mm - top, sd)))
        seen = np.where(stands & known[way], nerve, 0.0).sum(axis=-1)
        log_odds[way] = seen + without[way, onward] - without[way, 0]
    away = (at - settings.attached_mm) / settings.attached_spread_mm
    log_odds += log_prior[:, None, None] - 0.5 * away[:, None] ** 2
    share = np.exp(log_odds - log_odds.max())
    return RootOdds(
        share=share / share.sum(),
        length_mm=at,
        rest_mm=rest,
        start_mm=start_mm,
        skin_mm=skin,
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Bare:
    """What stands out of the brain where the nerve does not lie.

    Parameters
    ----------
    height_mm, sd_mm : float
        Of the bare surface: partial volume, noise and unevenness.
    others : float
        Share of the surface on which something else lies, of any height.
    radius_mm : float
        Of the nerve: nothing is taken for higher than twice that.
    """

    height_mm: float
    sd_mm: float
    others: float
    radius_mm: float

    @classmethod
    def of(cls, heights_mm: NDArray[np.float64], radius_mm: float) -> _Bare:
        """Take it from the image, heights of shape (N,)."""
        seen = np.append(heights_mm, 0.0)
        middle = float(np.median(seen))
        sd = float(np.hypot(1.4826 * np.median(np.abs(seen - middle)), HEIGHT_STEP_MM))
        others = 0.5
        for _ in range(_ROUNDS):
            found = cls(height_mm=middle, sd_mm=sd, others=others, radius_mm=radius_mm)
            none = _normal(seen - middle, sd)
            others = float(np.mean(1.0 - (1.0 - others) * none / found.mixed(none)))
        return found

    def mixed(self, density: NDArray[np.float64]) -> NDArray[np.float64]:
        """A density of heights, per mm, where something else may lie."""
        return (1.0 - self.others) * density + self.others / (2.0 * self.radius_mm)


def _normal(off_mm: NDArray[np.float64], sd_mm: float) -> NDArray[np.float64]:
    return np.asarray(
        np.exp(-0.5 * (off_mm / sd_mm) ** 2) / (sd_mm * np.sqrt(2.0 * np.pi))
    )


def _without_nerve(
    height_mm: NDArray[np.float64],
    known: NDArray[np.bool_],
    bare: _Bare,
    settings: NerveSettings,
) -> NDArray[np.float64]:
    """Log likelihood of each way from each station on without a nerve, (W, S + 1).

    The brain is bare, or another structure lies on it; where one of them is has to do
    with where it is as far on as a nerve is long.
    """
    forgets = settings.step_mm / settings.attached_mm
    begins, ends = forgets * bare.others, forgets * (1.0 - bare.others)
    change = np.array([[1.0 - begins, begins], [ends, 1.0 - ends]])
    none = _normal(height_mm - bare.height_mm, bare.sd_mm)
    shown = np.stack([none, np.full(none.shape, 0.5 / bare.radius_mm)], axis=-1)
    shown = np.where(known[..., None], shown, 1.0)
    onward = np.ones((len(height_mm), 2))
    log_sum = np.zeros((len(height_mm), height_mm.shape[1] + 1))
    scale = np.zeros(len(height_mm))
    for station in reversed(range(height_mm.shape[1])):
        onward = shown[:, station] * onward
        # Beside the nerve the brain is bare, and something may begin.
        size = onward @ change[0]
        scale += np.log(size)
        log_sum[:, station] = scale
        onward = (onward / size[:, None]) @ change.T
    return log_sum
