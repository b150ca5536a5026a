"""The calibre and the course of the basilar artery, and bulges of any artery."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.measurement.remarks.artery_tree import (
    STEP_MM,
    Lumen,
    find_basilar_stretches,
    find_wide_elsewhere,
    join_stretches,
    rebuild_basilar,
    sample_evenly,
    take_running_median,
)
from nvc.model.anatomy import RemarkKind, Side, VesselKind
from nvc.model.findings import Remark
from nvc.model.space import to_point
from nvc.settings.anatomy import BASILAR_ECTATIC

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import HeadFrame, Vessel
    from nvc.settings import RemarksSettings


def remark_on_basilar(
    vessels: Sequence[Vessel],
    head: HeadFrame,
    root_height_mm: float | None,
    settings: RemarksSettings,
) -> tuple[list[Remark], str | None]:
    """Measure the basilar artery.

    Far from the midline it has no name: an artery of its calibre above the roots of
    CN VII then counts for the course.

    Parameters
    ----------
    vessels : sequence of Vessel
        With names.
    head : HeadFrame
        Where its middle is.
    root_height_mm : float or None
        Superior coordinate of the roots of CN VII; None where they were not found.
    settings : RemarksSettings
        Limits.

    Returns
    -------
    remarks : list of Remark
        At most one of its calibre and one of its course.
    not_looked_at : str or None
        Why its calibre was not measured.
    """
    length = settings.basilar_held_mm
    trunk = [
        sample_evenly(course)
        for course in find_basilar_stretches(vessels, head, settings)
    ]
    trunk = [part for part in trunk if part.is_long(length)]
    elsewhere: list[Lumen] = []
    if root_height_mm is not None:
        above = root_height_mm + settings.basilar_above_roots_mm
        elsewhere = find_wide_elsewhere(vessels, head, above, settings)
    remarks = []
    calibres = [(take_running_median(part.diameter_mm, length), part) for part in trunk]
    if calibres:
        calibre, part = max(calibres, key=lambda item: item[0].max())
        widest = int(np.argmax(calibre))
        if calibre[widest] > settings.basilar_max_mm:
            remarks.append(_wide(calibre[widest], part.points_mm[widest], settings))
    beside = [part for part in elsewhere if part.is_long(length)]
    remarks += _course_remark([*trunk, *beside], len(trunk), head, settings)
    if calibres:
        return remarks, None
    return remarks, "the calibre of the basilar artery: no artery was found to be it"


def _course_remark(
    parts: Sequence[Lumen], named: int, head: HeadFrame, settings: RemarksSettings
) -> list[Remark]:
    """Remark on the place farthest from the midline; the first `named` are BA."""
    farthest: tuple[float, int, int] | None = None
    for number, part in enumerate(parts):
        aside = take_running_median(
            head.to_head(part.points_mm)[:, 0], settings.basilar_held_mm
        )
        at = int(np.argmax(np.abs(aside)))
        if farthest is None or abs(aside[at]) > abs(farthest[0]):
            farthest = (float(aside[at]), number, at)
    if farthest is None or abs(farthest[0]) <= settings.basilar_off_midline_mm:
        return []
    aside_mm, number, at = farthest
    part = parts[number]
    what = "the basilar artery"
    if number >= named:
        what = f"an artery {np.median(part.diameter_mm):.1f} mm wide"
    return [_off_midline(what, aside_mm, part.points_mm[at], settings)]


def remark_on_bulges(
    vessels: Sequence[Vessel], head: HeadFrame | None, settings: RemarksSettings
) -> list[Remark]:
    """Find places where an artery is wider than on either side of them.

    The place is compared with stretches that begin one of its diameters away, so that
    the bulge itself is not its own measure. Where another artery meets it, a course
    may go from one branch over its trunk into the next: bulges there are missed,
    except of the basilar artery, which is put together by its height.

    Parameters
    ----------
    vessels : sequence of Vessel
        All; veins and dark tubes are not looked at.
    head : HeadFrame or None
        Tells the sides and heights; None leaves the side open.
    settings : RemarksSettings
        Limits.

    Returns
    -------
    list of Remark
        At most one an artery, at a place in the working frame.
    """
    found = []
    arteries = [v for v in vessels if v.kind is VesselKind.ARTERY]
    basilar = None if head is None else rebuild_basilar(arteries, head, settings)
    if basilar is not None:
        everywhere = np.ones(len(basilar.name), dtype=bool)
        found.append(_bulge(basilar, everywhere, settings, is_basilar=True))
    lumens = [sample_evenly(course) for course in join_stretches(arteries)]
    for number, lumen in enumerate(lumens):
        others = lumens[:number] + lumens[number + 1 :]
        single = _is_single(lumen, others, settings)
        if basilar is not None:
            single &= lumen.name != "BA"
        found.append(_bulge(lumen, single, settings))
    return [_bulging(*one, head, settings) for one in found if one is not None]


def _is_single(
    lumen: Lumen, others: Sequence[Lumen], settings: RemarksSettings
) -> NDArray[np.bool_]:
    """Tell where no other artery meets a course.

    A course may go from one branch over a trunk into another branch; the trunk's own
    course then ends a few millimetres away.
    """
    single = np.ones(len(lumen.points_mm), dtype=bool)
    for other in others:
        gap, near = cKDTree(other.points_mm).query(lumen.points_mm)
        wide = other.diameter_mm[near] >= settings.trunk_min_mm
        reach = np.where(wide, settings.fork_of_trunk_mm, settings.fork_mm)
        single &= gap > 0.5 * lumen.diameter_mm + reach
    return single


def _bulge(
    lumen: Lumen,
    is_single: NDArray[np.bool_],
    settings: RemarksSettings,
    *,
    is_basilar: bool = False,
) -> tuple[float, float, NDArray[np.float64], str] | None:
    """Return calibre there and beside it, the place and the name; None without.

    The ends of the basilar artery are compared with what lies on one side alone, and
    with all of it: where the vertebral arteries meet, or a branch leaves, it may seem
    wide or thin for a while.
    """
    diameter, beside = lumen.diameter_mm, settings.bulge_beside_mm
    local = take_running_median(diameter, 1.0)
    best: tuple[float, float, int] | None = None
    for at in np.flatnonzero(is_single & (local >= settings.bulge_min_mm)).tolist():
        away, reach = local[at] / STEP_MM, beside / STEP_MM
        before = diameter[max(round(at - away - reach), 0) : max(round(at - away), 0)]
        after = diameter[round(at + away) : round(at + away + reach)]
        beside_it = [part for part in (before, after) if len(part) >= 0.5 * reach]
        if len(beside_it) < (1 if is_basilar else 2):
            continue
        beside_it += [diameter] if is_basilar else []
        usual = max(float(np.median(part)) for part in beside_it)
        excess = float(local[at]) / usual
        if excess >= settings.bulge_ratio and (best is None or excess > best[0]):
            best = (excess, usual, at)
    if best is None:
        return None
    _, usual, at = best
    while local[at] < local[max(at - 1, 0) : at + 2].max():
        at = max(at - 1, 0) + int(np.argmax(local[max(at - 1, 0) : at + 2]))
    return float(local[at]), usual, lumen.points_mm[at], str(lumen.name[at])


def _wide(
    diameter_mm: float, at_mm: NDArray[np.float64], settings: RemarksSettings
) -> Remark:
    limit = settings.basilar_max_mm
    widest = BASILAR_ECTATIC.mean
    usual = f"1.9 to {widest:g} mm; remarked on above {limit:g} mm (Smoker 1986)"
    return Remark(
        kind=RemarkKind.BASILAR_WIDE,
        side=None,
        value=float(diameter_mm),
        unit="mm",
        usual=usual,
        sentence=(
            f"the basilar artery is {diameter_mm:.1f} mm wide over "
            f"{settings.basilar_held_mm:g} mm of its length"
        ),
        at_mm=to_point(at_mm),
    )


def _off_midline(
    what: str, aside_mm: float, at_mm: NDArray[np.float64], settings: RemarksSettings
) -> Remark:
    side = Side.RIGHT if aside_mm > 0 else Side.LEFT
    limit = settings.basilar_off_midline_mm
    return Remark(
        kind=RemarkKind.BASILAR_OFF_MIDLINE,
        side=side,
        value=abs(float(aside_mm)),
        unit="mm",
        usual=f"near the midline; remarked on beyond {limit:g} mm (Vieco 1997)",
        sentence=(
            f"{what} runs {abs(aside_mm):.0f} mm to the patient's {side} of the midline"
        ),
        at_mm=to_point(at_mm),
    )


def _bulging(
    diameter_mm: float,
    beside_mm: float,
    at_mm: NDArray[np.float64],
    name: str,
    head: HeadFrame | None,
    settings: RemarksSettings,
) -> Remark:
    side = None
    if head is not None and name != "BA":
        side = Side.RIGHT if head.to_head(at_mm)[0] > 0 else Side.LEFT
    artery = f"an artery ({name})" if name else "an artery"
    return Remark(
        kind=RemarkKind.ARTERY_BULGE,
        side=side,
        value=diameter_mm,
        unit="mm",
        usual=(
            f"{beside_mm:.1f} mm beside it; remarked on from {settings.bulge_ratio:g} "
            f"times that and {settings.bulge_min_mm:g} mm on"
        ),
        sentence=(
            f"{artery} is {diameter_mm:.1f} mm wide at one place, {beside_mm:.1f} mm "
            "beside it"
        ),
        at_mm=to_point(at_mm),
    )
