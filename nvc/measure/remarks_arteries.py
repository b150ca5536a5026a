"""The calibre and the course of the basilar artery, and bulges of any artery."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import median_filter

from nvc.model.anatomy import RemarkKind, Side, VesselKind
from nvc.model.findings import Remark

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.findings import Point
    from nvc.model.stages import HeadFrame, Vessel
    from nvc.settings import RemarksSettings

_STEP_MM = 0.25
_MEETING_MM = 0.05
"""Stretches of one course share a station; others do not come this close."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Lumen:
    """One artery in even steps.

    Parameters
    ----------
    name : str
        Of its stretches, as far as they have one; the stretch at each station.
    points_mm : ndarray, shape (N, 3)
        RAS mm.
    diameter_mm : ndarray, shape (N,)
        Calibre.
    """

    name: NDArray[np.str_]
    points_mm: NDArray[np.float64]
    diameter_mm: NDArray[np.float64]


def basilar_remarks(
    vessels: Sequence[Vessel], head: HeadFrame, settings: RemarksSettings
) -> tuple[list[Remark], str | None]:
    """Measure the basilar artery.

    Parameters
    ----------
    vessels : sequence of Vessel
        With names.
    head : HeadFrame
        Where its middle is.
    settings : RemarksSettings
        Limits.

    Returns
    -------
    remarks : list of Remark
        At most one of its calibre and one of its course.
    not_looked_at : str or None
        Why it was not measured.
    """
    trunk = [_even(stretch) for stretch in _basilar(vessels)]
    held = [
        (_held(part.diameter_mm, settings.basilar_held_mm), part)
        for part in trunk
        if len(part.diameter_mm) * _STEP_MM >= settings.basilar_held_mm
    ]
    if not held:
        return [], "the basilar artery was not found: neither calibre nor course"
    remarks = []
    calibre, part = max(held, key=lambda item: item[0].max())
    widest = int(np.argmax(calibre))
    if calibre[widest] > settings.basilar_max_mm:
        remarks.append(_wide(calibre[widest], part.points_mm[widest], settings))
    places = np.concatenate([part.points_mm for _, part in held])
    aside = np.concatenate(
        [
            _held(head.to_head(part.points_mm)[:, 0], settings.basilar_held_mm)
            for _, part in held
        ]
    )
    farthest = int(np.argmax(np.abs(aside)))
    if abs(aside[farthest]) > settings.basilar_off_midline_mm:
        remarks.append(_off_midline(aside[farthest], places[farthest], settings))
    return remarks, None


def bulge_remarks(
    vessels: Sequence[Vessel], head: HeadFrame | None, settings: RemarksSettings
) -> list[Remark]:
    """Find places where an artery is wider than on either side of them.

    The place is compared with stretches that begin one and a half of its diameters
    away, so that the bulge itself is not its own measure. Where an artery ends there
    is nothing to compare with: a bulge at a fork or at the edge of the scan is missed.

    Parameters
    ----------
    vessels : sequence of Vessel
        All; veins and dark tubes are not looked at.
    head : HeadFrame or None
        Tells the sides; None leaves the side open.
    settings : RemarksSettings
        Limits.
    """
    remarks = []
    arteries = [v for v in vessels if v.kind is VesselKind.ARTERY]
    for course in _joined(arteries):
        found = _bulge(_even(course), settings)
        if found is not None:
            remarks.append(_bulging(*found, head, settings))
    return remarks


def _basilar(vessels: Sequence[Vessel]) -> list[Sequence[Vessel]]:
    """Return the stretches of BA, with what lies between or beyond named stretches.

    A basilar artery that runs far aside has lost its name there: a wide stretch
    between two that have it belongs to it.
    """
    found: list[Sequence[Vessel]] = []
    for course in _joined([v for v in vessels if v.kind is VesselKind.ARTERY]):
        named = [n for n, stretch in enumerate(course) if stretch.name == "BA"]
        if named:
            found.append(course[named[0] : named[-1] + 1])
    return found


def _joined(arteries: Sequence[Vessel]) -> list[list[Vessel]]:
    """Put stretches together that one course was cut into."""
    courses: list[list[Vessel]] = []
    for vessel in arteries:
        start = vessel.tube.points_mm[0]
        last = courses[-1][-1].tube.points_mm if courses else None
        if last is not None and np.linalg.norm(last[-1] - start) < _MEETING_MM:
            courses[-1].append(vessel)
        else:
            courses.append([vessel])
    return courses


def _even(course: Sequence[Vessel]) -> _Lumen:
    """Sample a course in even steps."""
    points = np.concatenate([stretch.tube.points_mm for stretch in course])
    radius = np.concatenate([stretch.tube.radius_mm for stretch in course])
    name = np.concatenate(
        [np.full(len(s.tube.radius_mm), s.name or "") for s in course]
    )
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    kept = np.concatenate([[True], steps > 1e-6])
    points, radius, name = points[kept], radius[kept], name[kept]
    arc = np.concatenate(
        [[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))]
    )
    at = np.arange(0.0, arc[-1] + 1e-9, _STEP_MM)
    return _Lumen(
        name=name[np.searchsorted(arc, at).clip(0, len(name) - 1)],
        points_mm=np.stack([np.interp(at, arc, c) for c in points.T], axis=1),
        diameter_mm=2.0 * np.interp(at, arc, radius),
    )


def _held(values: NDArray[np.float64], length_mm: float) -> NDArray[np.float64]:
    """Return the running median over this length."""
    size = max(2 * round(0.5 * length_mm / _STEP_MM) + 1, 1)
    return np.asarray(median_filter(values, size=size, mode="nearest"), dtype=float)


def _bulge(
    lumen: _Lumen, settings: RemarksSettings
) -> tuple[float, float, NDArray[np.float64], str] | None:
    """Return calibre there and beside it, the place and the name; None without."""
    diameter, beside = lumen.diameter_mm, settings.bulge_beside_mm
    local = _held(diameter, 1.0)
    best: tuple[float, float, int] | None = None
    for at in np.flatnonzero(local >= settings.bulge_min_mm).tolist():
        away, reach = 1.5 * local[at] / _STEP_MM, beside / _STEP_MM
        before = diameter[max(round(at - away - reach), 0) : max(round(at - away), 0)]
        after = diameter[round(at + away) : round(at + away + reach)]
        if min(len(before), len(after)) < 0.5 * reach:
            continue
        usual = max(float(np.median(before)), float(np.median(after)))
        excess = float(local[at]) / usual
        if excess >= settings.bulge_ratio and (best is None or excess > best[0]):
            best = (excess, usual, at)
    if best is None:
        return None
    _, usual, at = best
    return float(local[at]), usual, lumen.points_mm[at], str(lumen.name[at])


def _wide(
    diameter_mm: float, at_mm: NDArray[np.float64], settings: RemarksSettings
) -> Remark:
    limit = settings.basilar_max_mm
    usual = f"1.9 to 4.5 mm; remarked on above {limit:g} mm (Smoker 1986)"
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
        at_mm=_point(at_mm),
    )


def _off_midline(
    aside_mm: float, at_mm: NDArray[np.float64], settings: RemarksSettings
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
            f"the basilar artery runs {abs(aside_mm):.0f} mm to the patient's {side} "
            "of the midline"
        ),
        at_mm=_point(at_mm),
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
            "on either side of it"
        ),
        at_mm=_point(at_mm),
    )


def _point(point_mm: NDArray[np.float64]) -> Point:
    x, y, z = np.asarray(point_mm, dtype=float).tolist()
    return (x, y, z)
