"""Scores of hand-made results whose answers are known."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from nvc.model.anatomy import Flag, NerveSegment, Side, VesselKind
from nvc.model.findings import SideReport, VesselAtContact
from nvc.model.stages import SideLandmarks, SideNerves, Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.settings import ReportSettings
from nvc.validation.score import SideScore, cut_cisternal_course, score_side
from nvc.validation.vessel_score import score_vessels

LIMITS = ReportSettings()


def line(start: tuple[float, ...], end: tuple[float, ...], count: int) -> np.ndarray:
    return np.linspace(start, end, count)


def course(points: np.ndarray, radius: float) -> dict[str, Any]:
    return {"points_mm": points.tolist(), "radius_mm": [radius] * len(points)}


def side_truth(sign: int) -> dict[str, Any]:
    """CN VII runs straight outwards from x = 8; exit at 10, RDP at 18, porus at 28."""
    seven = course(line((8.0 * sign, 0, 0), (38.0 * sign, 0, 0), 121), 0.8)
    seven["root_exit_to_porus_arc_mm"] = [2.0, 20.0]
    return {
        "root_exit_point_mm": [10.0 * sign, 0.0, 0.0],
        "root_detachment_mm": [18.0 * sign, 0.0, 0.0],
        "porus_mm": [28.0 * sign, 0.0, 0.0],
        "fundus_mm": [38.0 * sign, 0.0, 0.0],
        "attached_length_mm": 8.0,
        "gap_mm": 0.5,
        "closest_point_nerve_mm": [20.0 * sign, 0.8, 0.0],
        "nerve_segment": "transition",
        "vessel": {"name": "AICA", "kind": "artery", "diameter_mm": 1.4},
        "indentation_mm": 0.0,
        "deviation_mm": 0.0,
        "cn7": seven,
        "cn8": course(line((18.0 * sign, -2, -2), (36.0 * sign, -2, -2), 60), 1.0),
        "other_nerves": {
            "CN5": course(line((12.0 * sign, 4, -8), (12.0 * sign, 4, 8), 60), 1.5)
        },
    }


TRUTH: dict[str, Any] = {
    "sides": {"left": side_truth(-1), "right": side_truth(1)},
    "vessels": [
        {
            "name": "AICA",
            "kind": "artery",
            **course(line((20.0, 2.0, -9.0), (20.0, 2.0, 9.0), 73), 0.7),
        },
        {
            "name": "small",
            "kind": "artery",
            **course(line((-20.0, 3.0, -9.0), (-20.0, 3.0, 9.0), 73), 0.5),
        },
    ],
}


def tube(points: np.ndarray, radius: float = 0.8) -> Tube:
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(points), radius),
        position_sd_mm=np.full(len(points), 0.1),
    )


def nerves(points: np.ndarray, **landmarks: Any) -> SideNerves:
    return SideNerves(
        facial=tube(points),
        vestibulocochlear=None,
        landmarks=SideLandmarks(**landmarks),
        confidence=1.0,
    )


FOUND = nerves(
    line((9.0, 0.3, 0.0), (37.0, 0.3, 0.0), 57),
    porus_mm=np.array([28.0, 1.5, 2.0]),
    root_detachment_mm=np.array([18.6, 0.0, 0.8]),
)
REPORT = SideReport(
    flag=Flag.NEAR,
    reasons=(),
    distance_mm=0.62,
    distance_ci_mm=(0.45, 0.79),
    contact_probability=0.01,
    closest_point_nerve_mm=(20.3, 0.8, 0.4),
    nerve_segment=NerveSegment.TRANSITION,
    vessel=VesselAtContact(kind=VesselKind.ARTERY, diameter_mm=1.3),
)


def scored(report: SideReport = REPORT, found: SideNerves = FOUND) -> SideScore:
    return score_side(TRUTH["sides"], Side.RIGHT, found, report, LIMITS)


def truth_with(**changes: Any) -> dict[str, Any]:
    return {**TRUTH["sides"], "right": {**TRUTH["sides"]["right"], **changes}}


def test_landmark_and_course_errors_are_distances() -> None:
    score = scored()
    assert score.porus_error_mm == pytest.approx(2.5)
    assert score.detachment_error_mm == pytest.approx(1.0)
    assert score.detachment_offset_mm == pytest.approx(0.6, abs=0.06)
    assert score.root_exit_error_mm is None
    assert len(score.course_errors_mm) == 21  # 10 mm in steps of 0.5 mm
    assert score.course_errors_mm == pytest.approx([0.3] * 21, abs=0.005)


def test_the_true_course_runs_from_detachment_to_porus() -> None:
    course_mm = cut_cisternal_course(TRUTH["sides"]["right"], 0.5)
    assert course_mm[0] == pytest.approx([18.0, 0.0, 0.0])
    assert course_mm[-1] == pytest.approx([28.0, 0.0, 0.0])


@pytest.mark.parametrize(
    ("points", "wrong_nerve", "wrong_side"),
    [
        (line((9.0, 0.3, 0.0), (37.0, 0.3, 0.0), 57), False, False),
        (line((19.0, -1.8, -1.8), (35.0, -1.8, -1.8), 57), True, False),
        (line((-9.0, 0.3, 0.0), (-37.0, 0.3, 0.0), 57), False, True),
    ],
)
def test_wrong_nerve_and_wrong_side(
    points: np.ndarray, wrong_nerve: bool, wrong_side: bool
) -> None:
    score = scored(found=nerves(points))
    assert (score.wrong_nerve, score.wrong_side) == (wrong_nerve, wrong_side)


def test_gap_interval_segment_and_place() -> None:
    score = scored()
    assert score.gap_error_mm == pytest.approx(0.12)
    assert score.covered is True
    assert score.segment == score.true_segment == "transition"
    assert score.place_error_mm == pytest.approx(0.5)
    tight = replace(REPORT, distance_ci_mm=(0.55, 0.69))
    assert scored(tight).covered is False


def test_gaps_out_of_reach_are_not_judged() -> None:
    far = truth_with(gap_mm=2.4)
    score = score_side(far, Side.RIGHT, FOUND, REPORT, LIMITS)
    assert score.gap_error_mm is None
    assert score.covered is None
    assert score.segment is None


@pytest.mark.parametrize(
    ("gap", "flag", "expected"),
    [
        (0.0, Flag.PROXIMAL_CONTACT, (True, True)),
        (0.0, Flag.NEAR, (True, False)),
        (0.5, Flag.DISTAL_CONTACT, (False, True)),
        (0.5, Flag.CLEAR, (False, False)),
        (0.1, Flag.NEAR, (None, False)),
        (0.0, Flag.NOT_EVALUABLE, (True, None)),
    ],
)
def test_contact(
    gap: float, flag: Flag, expected: tuple[bool | None, bool | None]
) -> None:
    truth = truth_with(gap_mm=gap)
    score = score_side(truth, Side.RIGHT, FOUND, replace(REPORT, flag=flag), LIMITS)
    assert (score.true_contact, score.called_contact) == expected
    assert score.evaluable is (flag is not Flag.NOT_EVALUABLE)


@pytest.mark.parametrize(
    ("indentation", "deviation", "called"),
    [
        (None, None, None),
        (0.0, 0.0, False),
        (0.0, None, False),
        (LIMITS.indentation_min_mm + 0.01, None, True),
        (0.0, LIMITS.deviation_min_mm + 0.01, True),
    ],
)
def test_deformity(
    indentation: float | None, deviation: float | None, called: bool | None
) -> None:
    report = replace(REPORT, indentation_mm=indentation, deviation_mm=deviation)
    assert scored(report).called_deformed is called


def test_a_side_without_a_nerve_has_no_course_and_no_gap() -> None:
    empty = SideNerves(facial=None, vestibulocochlear=None, landmarks=SideLandmarks())
    report = SideReport(flag=Flag.NOT_EVALUABLE, reasons=("no CN VII",))
    score = scored(report, empty)
    assert not score.evaluable
    assert score.course_errors_mm == ()
    assert score.gap_mm is None
    assert score.covered is None
    assert score.place_error_mm is None


def vessel(points: np.ndarray) -> Vessel:
    return Vessel(
        tube=tube(points, 0.7),
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.T2,
        confidence=1.0,
    )


def test_vessel_recall_by_calibre_and_precision() -> None:
    # Of either true vessel sqrt(25 - y^2) mm each way lie within 5 mm of CN VII.
    large, small = 2 * np.sqrt(25.0 - 4.0), 2 * np.sqrt(25.0 - 9.0)
    upper_half = vessel(line((20.0, 2.2, 0.0), (20.0, 2.2, 9.0), 37))
    stray = vessel(line((24.0, 4.0, -2.0), (24.0, 4.0, 2.0), 17))
    score = score_vessels(TRUTH, [upper_half, stray])
    assert score.large_mm == pytest.approx(large, abs=0.5)
    assert score.large_found_mm == pytest.approx(0.5 * large, abs=0.75)
    assert score.small_mm == pytest.approx(small, abs=0.5)
    assert score.small_found_mm == 0.0
    assert score.found_mm == pytest.approx(4.25 + 0.5 * large, abs=0.75)
    assert score.right_mm == pytest.approx(0.5 * large, abs=0.75)
    assert score.nerves_taken == 0


def test_a_nerve_taken_for_a_vessel_is_counted() -> None:
    along_eight = vessel(line((20.0, -2.0, -2.1), (28.0, -2.0, -2.1), 33))
    crossing = vessel(line((24.0, -2.0, -4.0), (24.0, -2.0, 4.0), 33))
    assert score_vessels(TRUTH, [along_eight]).nerves_taken == 1
    assert score_vessels(TRUTH, [crossing]).nerves_taken == 0


def test_nothing_found_is_nothing_right() -> None:
    score = score_vessels(TRUTH, [])
    assert (score.found_mm, score.right_mm, score.large_found_mm) == (0.0, 0.0, 0.0)
    assert score.large_mm > 0.0
