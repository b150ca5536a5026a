"""Where CN VII meets the brainstem: root detachment, attached segment, root exit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nvc.model.stages import Tube
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.root.odds import RootOdds, weigh_ways
from nvc.segment.root.ridge import measure_ridge
from nvc.segment.root.ways import Ways, lay_ways, settle_on
from nvc.settings.nerve import NerveSettings
from nvc.tubes.curve import interpolate, unit
from nvc.tubes.frames import tangents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from nvc.numerics import Count, Exact

_TAIL: Exact[float] = 0.025
"""Outside a 95 % interval, on either side."""
_SAMPLES: Count[int] = 120
"""Of the ways that a nerve may take: three lie in each tail."""

EXIT_ESTIMATED = (
    "the attached segment does not stand out from the pons as far as the root exit: "
    "that point is estimated from anatomy"
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Root:
    """The nerve between brainstem and detachment.

    Parameters
    ----------
    attached : Tube
        From the root exit point (first) to the detachment (last).
    exit_sd_mm : float
        Spread of the places where the root exit may lie about their mean.
    exit_within_mm : float
    before_exit_mm : ndarray, shape (N, K, 3)
        As in `SideNerves`.
    is_complete : bool
        False where anatomy tells more of the root exit than the image does: it is then
        put one standard deviation of the length beyond the mean.
    """

    attached: Tube
    exit_sd_mm: float
    exit_within_mm: float
    before_exit_mm: NDArray[np.float64]
    is_complete: bool


def follow_attached(
    around: Surroundings,
    free: Tube,
    neighbour: Tube,
    exit_seed_mm: NDArray[np.float64],
    skin_mm: float,
    settings: NerveSettings,
) -> Root:
    """Follow the nerve over the brain from the detachment to the root exit.

    Every way over the brain, every length and every height at which a nerve may rest
    are weighed by what stands out of the brain along that way. What is returned is
    their mean, each as likely as image and anatomy make it.

    Parameters
    ----------
    around : Surroundings
        Image, brain and head.
    free : Tube
        The free nerve, first point at the detachment.
    neighbour : Tube
        CN VIII, whose root is a ridge on the brain as well.
    exit_seed_mm : ndarray, shape (3,)
        Where the root exit is expected.
    skin_mm : float
        How far below the thresholded surface the brain really ends.
    settings : NerveSettings
        Anatomy and its spread.
    """
    start, radius = free.points_mm[0], float(free.radius_mm[0])
    pulls = _expect_heading(free, exit_seed_mm, settings)
    ways = lay_ways(around.brain, start, pulls, settings)
    # The free nerve stands out as well, on the other side of its detachment.
    arc = free.arc_length_mm()
    gone = free.part(arc >= min(2.0 * radius, arc[-1]))
    height, known = measure_ridge(around, (gone, neighbour), ways, radius, settings)
    foot, outward = settle_on(around.brain, start[None])
    start_mm = float((start - foot[0]) @ outward[0])
    seen, all_of_it = (
        weigh_ways(height, known, ways.log_prior, (radius, skin_mm, at), settings)
        # A nerve that rests as high as it arrives ends where its ridge does; one that
        # comes down first may go on unseen.
        for at in (-np.inf, start_mm)
    )
    attached, exit_sd_mm, is_complete = _mean_root(around, ways, seen, free, settings)
    drawn = len(attached.points_mm) - 1
    return Root(
        attached=attached,
        exit_sd_mm=exit_sd_mm,
        exit_within_mm=0.0
        if is_complete
        # As far as the nerve is seen it is there: only an estimated one may end sooner.
        else max(drawn * settings.step_mm - _shortest((seen, all_of_it)), 0.0),
        before_exit_mm=_sample_onward(ways, all_of_it, drawn),
        is_complete=is_complete,
    )


def _expect_heading(
    free: Tube, exit_seed_mm: NDArray[np.float64], settings: NerveSettings
) -> NDArray[np.float64]:
    """Where the nerve goes on to, as `lay_ways` takes it: straight on, to its exit."""
    start = free.points_mm[0]
    # Twice its thickness tells where a nerve heads.
    back_mm = 4.0 * float(free.radius_mm[0])
    coming = interpolate(back_mm, free.arc_length_mm(), free.points_mm)
    turn_sd = np.deg2rad(settings.attached_turn_sd_deg)
    seed_sd = settings.exit_seed_sd_mm / settings.attached_mm
    straight, towards = unit(start - coming), unit(exit_seed_mm - start)
    return np.asarray(straight / turn_sd**2 + towards / seed_sd**2)


def _mean_root(
    around: Surroundings,
    ways: Ways,
    odds: RootOdds,
    free: Tube,
    settings: NerveSettings,
) -> tuple[Tube, float, bool]:
    """The mean of all that the root may be, the exit's spread, and whether it is seen.

    As `Root` has them: `attached`, `exit_sd_mm` and `is_complete`.
    """
    start, step = free.points_mm[0], settings.step_mm
    ends = odds.length_mm / step
    share = odds.share.sum(axis=2)
    mean = float(share.sum(axis=0) @ ends)
    steps = max(round(mean), 1)
    places, scatter, centre = [], [], []
    parts = np.linspace(0.0, 1.0, steps + 1)
    stations = [part * ends for part in parts]
    exit_sd = float(np.sqrt(np.trace(_scatter(share, _between(ways.foot_mm, ends))[1])))
    # What two sources of equal weight tell together has half of their variance.
    is_complete = 2.0 * exit_sd**2 < settings.attached_spread_mm**2
    if not is_complete:
        # A contact must not be missed because a guess was too short.
        longer = float(np.sqrt(share.sum(axis=0) @ (ends - mean) ** 2))
        stations += [ends + k for k in range(1, round(longer) + 1)]
    for k, station in enumerate(stations):
        # Where each way is after this part of each length, shape (W, S, 3).
        place, apart = _scatter(share, _between(ways.foot_mm, station))
        places.append(place)
        scatter.append(apart)
        centre.append(odds.mean_centre_mm(parts[min(k, steps)]))
    foot, outward = settle_on(around.brain, np.array(places))
    # The free nerve's last centre is known better than those next to it.
    count = len(stations)
    blend = np.clip(step * np.arange(count) / (2.0 * free.radius_mm[0]), 0.0, 1.0)
    height = (1.0 - blend) * ((start - foot[0]) @ outward[0]) + blend * np.array(centre)
    course = foot + height[:, None] * outward
    course[0] = start
    # How far along the nerve a place is off is told by where the exit may lie.
    along = tangents(foot)
    square = np.eye(3) - along[:, :, None] * along[:, None, :]
    spread = np.sqrt(np.maximum((np.array(scatter) * square).sum(axis=(1, 2)), 0.0))
    attached = Tube(
        points_mm=course[::-1],
        radius_mm=np.full(count, free.radius_mm[0]),
        position_sd_mm=np.hypot(settings.attached_sd_mm, spread[::-1]),
    )
    return attached, exit_sd, is_complete


def _shortest(odds: Sequence[RootOdds]) -> float:
    """Length in mm that hardly any attached segment is shorter than."""
    lengths = []
    for one in odds:
        share = one.share.sum(axis=(0, 2))
        below = np.cumsum(share) - 0.5 * share
        lengths.append(np.interp(_TAIL, below, one.length_mm))
    return float(np.min(lengths))


def _sample_onward(ways: Ways, odds: RootOdds, drawn: int) -> NDArray[np.float64]:
    """Equally likely ways on from a station, as `SideNerves.before_exit_mm`.

    They stand for all ways and lengths, each as often as it is likely.
    """
    share = odds.share.sum(axis=2)
    parts = (np.arange(_SAMPLES) + 0.5) / _SAMPLES * share.sum()
    index = np.minimum(np.searchsorted(np.cumsum(share), parts), share.size - 1)
    way, end = np.unravel_index(index, share.shape)
    stations = np.arange(drawn, max(int(end.max()) + 1, drawn))
    lie = (way[:, None], stations)
    places = ways.foot_mm[lie] - odds.skin_mm * ways.outward[lie]
    return np.where((stations <= end[:, None])[..., None], places, np.nan)


def _scatter(
    share: NDArray[np.float64], places_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of places, shape (W, S, 3), each of its share; and their covariance."""
    mean = np.einsum("ws,wsk->k", share, places_mm)
    off = places_mm - mean
    return mean, np.einsum("ws,wsk,wsl->kl", share, off, off)


def _between(
    feet: NDArray[np.float64], station: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Places on ways, shape (W, S, 3), at stations that lie between the given ones."""
    station = np.minimum(station, feet.shape[1] - 1)
    low = np.minimum(station.astype(int), feet.shape[1] - 2)
    share = (station - low)[:, None]
    return np.asarray((1.0 - share) * feet[:, low] + share * feet[:, low + 1])


def join_root(root: Root, free: Tube) -> Tube:
    """Return attached segment and free nerve as one course from the root exit.

    Parameters
    ----------
    root : Root
        Its last point is the first of `free`.
    free : Tube
        From the root detachment outwards, mm of the working frame.
    """
    attached = root.attached
    return Tube(
        points_mm=np.concatenate([attached.points_mm[:-1], free.points_mm]),
        radius_mm=np.concatenate([attached.radius_mm[:-1], free.radius_mm]),
        position_sd_mm=np.concatenate(
            [attached.position_sd_mm[:-1], free.position_sd_mm]
        ),
    )
