"""One side of one run against the truth; every number a figure is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from nvc.model.anatomy import Flag, Side
from nvc.settings import MeasureSettings
from nvc.tubes.curve import course_length, resample_stretch

if TYPE_CHECKING:
    from nvc.model.findings import SideReport
    from nvc.model.stages import SideNerves
    from nvc.settings import ReportSettings

Points = NDArray[np.float64]

REACH_MM = MeasureSettings().search_distance_mm
"""Gaps below this are measured (the search distance of the report)."""
TOUCHING_MM = 0.01
"""True gaps below this count as contact; a phantom's gap is good to 0.002 mm."""
APART_MM = 0.3
"""True gaps from here on count as no contact; those between count as neither."""
NEAR_MM = 1.0
"""A side whose true gap is this small must not be called clear."""
DEVIATED_MM = 0.5
"""A nerve bent by this much must be called deformed."""
CONTACT_FLAGS = (
    Flag.POSSIBLE_COMPRESSION,
    Flag.PROXIMAL_CONTACT,
    Flag.DISTAL_CONTACT,
)
_FINE_MM = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class SideScore:
    """What one side got right and wrong; None: does not apply or was not measured.

    Parameters
    ----------
    side, flag : str
        The patient's side and the flag it was given.
    reasons : tuple of str
        What the report says limits the side.
    evaluable : bool
        Whether the report gives a result at all.
    porus_error_mm, detachment_error_mm, root_exit_error_mm : float or None
        Distance of the landmark from the true one.
    detachment_offset_mm : float or None
        How far along CN VII the root detachment was put too far from the brainstem.
    course_errors_mm : tuple of float
        Distances of the true CN VII, every half millimetre from root detachment to
        porus, from the course that was found.
    wrong_nerve, wrong_side : bool
        The course lies nearer to CN VIII, or to the other side's CN VII.
    true_gap_mm, gap_mm : float or None
        Wall to wall.
    interval_mm : tuple of float or None
        95 % interval of the gap.
    true_contact : bool or None
        None for gaps that are too small to call either way.
    called_contact : bool or None
        Whether the flag says contact; None where not evaluable.
    true_segment, segment : str or None
        Part of the nerve where the vessel is nearest.
    place_error_mm : float or None
        Distance of the closest point on the nerve from the true one.
    true_indentation_mm, true_deviation_mm, indentation_mm, deviation_mm : float or None
        Deformity of the nerve.
    called_deformed : bool or None
        Whether either sign exceeds the report's threshold.
    vessel, true_diameter_mm, diameter_mm
        Name of the true vessel and both calibres.
    """

    side: str
    flag: str
    reasons: tuple[str, ...]
    evaluable: bool
    porus_error_mm: float | None = None
    detachment_error_mm: float | None = None
    root_exit_error_mm: float | None = None
    detachment_offset_mm: float | None = None
    course_errors_mm: tuple[float, ...] = field(default=())
    wrong_nerve: bool = False
    wrong_side: bool = False
    true_gap_mm: float
    gap_mm: float | None = None
    interval_mm: tuple[float, float] | None = None
    true_contact: bool | None = None
    called_contact: bool | None = None
    true_segment: str
    segment: str | None = None
    place_error_mm: float | None = None
    true_indentation_mm: float
    true_deviation_mm: float
    indentation_mm: float | None = None
    deviation_mm: float | None = None
    called_deformed: bool | None = None
    vessel: str
    true_diameter_mm: float
    diameter_mm: float | None = None

    @property
    def gap_error_mm(self) -> float | None:
        """Measured less true gap, where the truth is within reach and was measured."""
        if self.gap_mm is None or self.true_gap_mm >= REACH_MM:
            return None
        return self.gap_mm - self.true_gap_mm

    @property
    def called_clear_wrongly(self) -> bool:
        """Whether the flag says clear although a vessel lies within a millimetre."""
        return self.flag == Flag.CLEAR.value and self.true_gap_mm <= NEAR_MM

    @property
    def covered(self) -> bool | None:
        """Whether the interval holds the truth, where a gap within reach was given."""
        if self.interval_mm is None or self.gap_error_mm is None:
            return None
        low, high = self.interval_mm
        return low - TOUCHING_MM <= self.true_gap_mm <= high + TOUCHING_MM


def score_side(
    truth: Mapping[str, Any],
    side: Side,
    nerves: SideNerves,
    report: SideReport,
    limits: ReportSettings,
) -> SideScore:
    """Compare one side of a report with the truth.

    Parameters
    ----------
    truth : mapping
        The ``sides`` of a phantom's truth, RAS mm of the reference.
    side : Side
        Which one.
    nerves : SideNerves
        The nerves and landmarks that were found.
    report : SideReport
        What was reported.
    limits : ReportSettings
        Thresholds of the report.
    """
    own = truth[side.value]
    landmarks = nerves.landmarks
    true_gap = float(own["gap_mm"])
    evaluable = report.flag is not Flag.NOT_EVALUABLE
    within = true_gap < REACH_MM and report.distance_mm is not None
    return SideScore(
        side=side.value,
        flag=report.flag.value,
        reasons=report.reasons,
        evaluable=evaluable,
        porus_error_mm=_apart(landmarks.porus_mm, own["porus_mm"]),
        detachment_error_mm=_apart(
            landmarks.root_detachment_mm, own["root_detachment_mm"]
        ),
        root_exit_error_mm=_apart(
            landmarks.root_exit_point_mm, own["root_exit_point_mm"]
        ),
        detachment_offset_mm=_offset(landmarks.root_detachment_mm, own),
        **_course_scores(truth, side, nerves),
        true_gap_mm=true_gap,
        gap_mm=report.distance_mm,
        interval_mm=report.distance_ci_mm,
        true_contact=_true_contact(true_gap),
        called_contact=report.flag in CONTACT_FLAGS if evaluable else None,
        true_segment=own["nerve_segment"],
        segment=report.nerve_segment.value
        if within and report.nerve_segment is not None
        else None,
        place_error_mm=_apart(
            report.closest_point_nerve_mm, own["closest_point_nerve_mm"]
        )
        if within
        else None,
        true_indentation_mm=float(own["indentation_mm"]),
        true_deviation_mm=float(own["deviation_mm"]),
        indentation_mm=report.indentation_mm,
        deviation_mm=report.deviation_mm,
        called_deformed=_called_deformed(report, limits),
        vessel=own["vessel"]["name"],
        true_diameter_mm=float(own["vessel"]["diameter_mm"]),
        diameter_mm=None if report.vessel is None else report.vessel.diameter_mm,
    )


def _apart(found: Any, true: Any) -> float | None:
    if found is None:
        return None
    return round(float(np.linalg.norm(np.asarray(found) - np.asarray(true))), 4)


def _offset(found: Points | None, own: Mapping[str, Any]) -> float | None:
    """Return how far beyond the true root detachment a point lies along CN VII."""
    if found is None:
        return None
    course = resample_whole(np.array(own["cn7"]["points_mm"]), _FINE_MM)
    apart = cKDTree(course).query(np.stack([found, own["root_detachment_mm"]]))
    first, second = apart[1].tolist()
    return round((first - second) * _FINE_MM, 4)


def _true_contact(gap_mm: float) -> bool | None:
    if gap_mm < TOUCHING_MM:
        return True
    return False if gap_mm >= APART_MM else None


def _called_deformed(report: SideReport, limits: ReportSettings) -> bool | None:
    """Tell whether a sign exceeds its threshold; None where neither was measured."""
    if report.indentation_mm is None and report.deviation_mm is None:
        return None
    indented = (report.indentation_mm or 0.0) > limits.indentation_min_mm
    return indented or (report.deviation_mm or 0.0) > limits.deviation_min_mm


def _course_scores(
    truth: Mapping[str, Any], side: Side, nerves: SideNerves
) -> dict[str, Any]:
    """Return errors along CN VII, and whether it is CN VII of this side at all."""
    if nerves.facial is None or len(nerves.facial.points_mm) < 2:
        return {}
    own = truth[side.value]
    found = resample_whole(np.asarray(nerves.facial.points_mm, dtype=float), _FINE_MM)
    true = cut_cisternal_course(own, 0.5)
    errors = cKDTree(found).query(true)[0]
    seven = _typical(found, np.array(own["cn7"]["points_mm"]))
    eight = _typical(found, np.array(own["cn8"]["points_mm"]))
    other = np.array(truth[side.other.value]["cn7"]["points_mm"])
    return {
        "course_errors_mm": tuple(np.round(errors, 4).tolist()),
        "wrong_nerve": bool(eight < seven),
        "wrong_side": bool(_typical(found, other) < seven),
    }


def _typical(points: Points, course: Points) -> float:
    return float(np.median(cKDTree(resample_whole(course, _FINE_MM)).query(points)[0]))


def cut_cisternal_course(side: Mapping[str, Any], step_mm: float) -> Points:
    """Return the true CN VII from root detachment to porus, evenly spaced, RAS mm."""
    points = np.array(side["cn7"]["points_mm"])
    leave, porus = side["cn7"]["root_exit_to_porus_arc_mm"]
    first = leave + side["attached_length_mm"]
    return resample_stretch(points, first, porus, step_mm)


def resample_whole(points: Points, step_mm: float) -> Points:
    """Return the whole course, evenly spaced, up to the sum of its steps."""
    return resample_stretch(points, 0.0, course_length(points), step_mm)
