"""Vessels whose course breaks off at CN VII, joined again.

Where an artery lies on the nerve the two make one shadow, and the artery's course as
segmented may end on one side and begin again on the other. No artery ends there. Its
nearest place to the nerve is then just where it was not followed, and both stumps seem
to keep a distance. The joined course is only a proposal: whether a vessel shows there
is for the fit to the image to say.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.stages import Tube
from nvc.settings.groups.measure import EndsSettings
from nvc.tubes.curve import arc_length, interpolate, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import Segmentation, Vessel
    from nvc.numerics import Step

_STEP_MM: Step[float] = 0.3


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Stump:
    """One end of a vessel: which, where, where it heads and how wide it is."""

    vessel: int
    is_last: bool
    tip_mm: NDArray[np.float64]
    heading: NDArray[np.float64]
    radius_mm: float


def join_vessels(
    segmentation: Segmentation, settings: EndsSettings | None = None
) -> Segmentation:
    """Join vessels that break off on both sides of either CN VII.

    Parameters
    ----------
    segmentation : Segmentation
        As found.
    settings : EndsSettings, optional
        What is one vessel on either side of a nerve.

    Returns
    -------
    Segmentation
        With each joined pair as one vessel; the same where nothing is to be joined.
    """
    settings = settings or EndsSettings()
    nerves = [nerves.facial for nerves in segmentation.sides.values()]
    courses = [tube for tube in nerves if tube is not None and len(tube.points_mm) > 1]
    vessels = list(segmentation.vessels)
    # Every joint leaves one vessel less.
    for _ in range(len(vessels)):
        pair = _nearest_pair(vessels, courses, settings)
        if pair is None:
            break
        one, other = pair
        joint = _joined(vessels[one.vessel], one, vessels[other.vessel], other)
        gone = {one.vessel, other.vessel}
        vessels = [v for k, v in enumerate(vessels) if k not in gone]
        vessels.append(joint)
    if len(vessels) == len(segmentation.vessels):
        return segmentation
    return replace(segmentation, vessels=tuple(vessels))


def _nearest_pair(
    vessels: Sequence[Vessel], nerves: Sequence[Tube], settings: EndsSettings
) -> tuple[_Stump, _Stump] | None:
    stumps = [
        stump
        for number, vessel in enumerate(vessels)
        if len(vessel.tube.points_mm) > 1 and not vessel.ends_stand
        for stump in _stumps(number, vessel.tube, settings)
    ]
    pairs = [
        (one, other)
        for one, other in combinations(stumps, 2)
        if one.vessel != other.vessel
        and vessels[one.vessel].seen_in is vessels[other.vessel].seen_in
        and _face(one, other, settings)
        and any(_passes(one, other, nerve, settings) for nerve in nerves)
    ]
    return min(
        pairs,
        key=lambda pair: float(np.linalg.norm(pair[0].tip_mm - pair[1].tip_mm)),
        default=None,
    )


def _stumps(number: int, tube: Tube, settings: EndsSettings) -> list[_Stump]:
    """Both ends of a vessel."""
    found = []
    for is_last in (False, True):
        points = tube.points_mm[::-1] if is_last else tube.points_mm
        radius = tube.radius_mm[::-1] if is_last else tube.radius_mm
        arc = arc_length(points)
        ends = (settings.ragged_mm, settings.heading_mm)
        near, far = (interpolate(at, arc, points) for at in ends)
        found.append(
            _Stump(
                vessel=number,
                is_last=is_last,
                tip_mm=points[0],
                heading=unit(near - far),
                radius_mm=float(np.median(radius[arc <= settings.heading_mm])),
            )
        )
    return found


def _passes(one: _Stump, other: _Stump, nerve: Tube, settings: EndsSettings) -> bool:
    """Whether the straight way from one stump to another comes near a nerve."""
    share = np.linspace(0.0, 1.0, round(settings.join_within_mm / _STEP_MM))[:, None]
    way = (1 - share) * one.tip_mm + share * other.tip_mm
    apart = np.linalg.norm(way[:, None] - nerve.points_mm[None], axis=-1)
    wall = float((apart - nerve.radius_mm).min())
    return wall - max(one.radius_mm, other.radius_mm) <= settings.passes_within_mm


def _face(one: _Stump, other: _Stump, settings: EndsSettings) -> bool:
    """Whether two stumps look like one vessel on either side of a nerve."""
    apart = other.tip_mm - one.tip_mm
    size = float(np.linalg.norm(apart))
    if not 1e-6 < size <= settings.join_within_mm:
        return False
    along = apart / size
    ratio = one.radius_mm / max(other.radius_mm, 1e-6)
    overlap = size <= one.radius_mm + other.radius_mm
    alike, most = settings.bend_calibre_max, settings.join_calibre_max
    at_bend = overlap and 1 / alike < ratio < alike
    least = settings.bend_heading_min if at_bend else settings.join_heading_min
    return bool(
        one.heading @ along > least
        and -(other.heading @ along) > least
        and 1 / most < ratio < most
    )


def _joined(first: Vessel, one: _Stump, second: Vessel, other: _Stump) -> Vessel:
    """One vessel of two, bridged by a smooth course between their ends."""
    before = first.tube if one.is_last else _turned(first.tube)
    after = _turned(second.tube) if other.is_last else second.tube
    span = float(np.linalg.norm(other.tip_mm - one.tip_mm))
    count = max(round(span / _STEP_MM), 2)
    t = (np.arange(1, count) / count)[:, None]
    # Cubic Hermite, Farin 2002, eq. 7.14.
    bridge = (
        (1 + 2 * t) * (1 - t) ** 2 * one.tip_mm
        + t * (1 - t) ** 2 * span * one.heading
        + t**2 * (3 - 2 * t) * other.tip_mm
        + t**2 * (1 - t) * span * other.heading
    )
    radius = (1 - t[:, 0]) * one.radius_mm + t[:, 0] * other.radius_mm
    doubt = max(before.position_sd_mm[-1], after.position_sd_mm[0], 0.1 * span)
    tube = Tube(
        points_mm=np.concatenate([before.points_mm, bridge, after.points_mm]),
        radius_mm=np.concatenate([before.radius_mm, radius, after.radius_mm]),
        position_sd_mm=np.concatenate(
            [before.position_sd_mm, np.full(len(radius), doubt), after.position_sd_mm]
        ),
    )
    surer = max(first, second, key=lambda vessel: vessel.tube.arc_length_mm()[-1])
    return replace(surer, tube=tube)


def _turned(tube: Tube) -> Tube:
    return Tube(
        points_mm=tube.points_mm[::-1],
        radius_mm=tube.radius_mm[::-1],
        position_sd_mm=tube.position_sd_mm[::-1],
    )
