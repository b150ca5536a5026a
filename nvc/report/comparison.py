"""The two sides beside each other: how they differ, never which one matters."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from nvc.model.findings import Comparison

if TYPE_CHECKING:
    from nvc.model.findings import SideReport

Interval = tuple[float, float]


def compare(right: SideReport, left: SideReport) -> Comparison:
    """Take the left side's figures from the right side's.

    Parameters
    ----------
    right, left : SideReport
        The patient's sides.

    Returns
    -------
    Comparison
        None where a figure was not measured on either side.
    """
    interval = _difference(right, left)
    vessels = right.vessel, left.vessel
    calibres = [vessel.diameter_mm if vessel else None for vessel in vessels]
    count = None
    if right.contact_count is not None and left.contact_count is not None:
        count = right.contact_count - left.contact_count
    return Comparison(
        gap_mm=_less(right.distance_mm, left.distance_mm),
        gap_ci_mm=interval,
        gaps_differ=None if interval is None else not interval[0] <= 0 <= interval[1],
        vessel_diameter_mm=_less(*calibres),
        indentation_mm=_less(right.indentation_mm, left.indentation_mm),
        deviation_mm=_less(right.deviation_mm, left.deviation_mm),
        contact_count=count,
    )


def _less(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one - other


def _difference(right: SideReport, left: SideReport) -> Interval | None:
    """95 % interval of the gaps' difference; their errors are independent.

    Each end adds the two intervals' reaches in that direction in quadrature.
    """
    if right.distance_mm is None or left.distance_mm is None:
        return None
    if right.distance_ci_mm is None or left.distance_ci_mm is None:
        return None
    below, above = (
        right.distance_mm - right.distance_ci_mm[0],
        right.distance_ci_mm[1] - right.distance_mm,
    )
    other_below, other_above = (
        left.distance_mm - left.distance_ci_mm[0],
        left.distance_ci_mm[1] - left.distance_mm,
    )
    middle = right.distance_mm - left.distance_mm
    return (
        middle - math.hypot(below, other_above),
        middle + math.hypot(above, other_below),
    )
