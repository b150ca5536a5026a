"""Every separate approach is found once."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.places.approaches import find_approaches, measure_segment_distances
from nvc.measurement.places.nerve_course import NerveCourse
from nvc.model.anatomy import VesselKind
from nvc.model.stages import SideLandmarks, Tube, Vessel
from nvc.model.study import SequenceRole
from nvc.settings import MeasureSettings

SETTINGS = MeasureSettings()


def tube(points: np.ndarray, radius: float) -> Tube:
    return Tube(
        points_mm=points,
        radius_mm=np.full(len(points), radius),
        position_sd_mm=np.full(len(points), 0.1),
    )


def vessel(points: np.ndarray, radius: float = 0.5) -> Vessel:
    return Vessel(
        tube=tube(points, radius),
        kind=VesselKind.ARTERY,
        seen_in=SequenceRole.T2,
        confidence=1.0,
    )


def nerve(root_exit: float | None = None) -> NerveCourse:
    x = np.linspace(0, 16, 9)
    marks = SideLandmarks(
        root_exit_point_mm=None if root_exit is None else np.array([root_exit, 0, 0])
    )
    points = np.stack([x, 0 * x, 0 * x], axis=-1)
    return NerveCourse.of(tube(points, 0.8), marks)


def crossing(x: float, height: float) -> np.ndarray:
    y = np.linspace(-6, 6, 5)
    return np.stack([0 * y + x, y, 0 * y + height], axis=-1)


def test_a_crossing_is_measured_between_vertices():
    (found,) = find_approaches(nerve(), [vessel(crossing(5.37, 1.7))], SETTINGS)
    assert found.gap_mm == pytest.approx(1.7 - 0.8 - 0.5)
    assert found.nerve_arc_mm == pytest.approx(5.37, abs=1e-6)
    assert found.vessel_mm == pytest.approx([5.37, 0, 1.7], abs=1e-6)


def test_a_loop_that_crosses_twice_gives_two_places():
    turn = np.linspace(0, np.pi, 40)
    loop = np.stack(
        [8 + 3 * np.cos(turn), 6 * np.sin(turn) - 3, np.full(40, 1.6)], axis=-1
    )
    found = find_approaches(nerve(), [vessel(loop)], SETTINGS)
    assert len(found) == 2
    apart = found[0].nerve_arc_mm - found[1].nerve_arc_mm
    assert abs(apart) == pytest.approx(2 * 3 * np.cos(np.arcsin(0.5)), abs=0.2)


def test_two_pieces_of_one_artery_are_one_place_and_two_arteries_are_two():
    same = [vessel(crossing(5, 1.8)), vessel(crossing(5.1, 1.9))]
    assert len(find_approaches(nerve(), same, SETTINGS)) == 1
    both = [vessel(crossing(5, 1.8)), vessel(crossing(5, -1.8))]
    assert len(find_approaches(nerve(), both, SETTINGS)) == 2


def test_nothing_is_searched_before_the_root_exit_or_out_of_reach():
    early = [vessel(crossing(2.0, 1.5))]
    assert len(find_approaches(nerve(), early, SETTINGS)) == 1
    (late,) = find_approaches(nerve(root_exit=3.5), early, SETTINGS)
    assert late.nerve_arc_mm >= 3.5 - 1e-6
    assert find_approaches(nerve(), [vessel(crossing(5, 4.8))], SETTINGS) == []


def test_edge_distances_agree_with_dense_sampling():
    rng = np.random.default_rng(0)
    one, two = rng.normal(size=(6, 3)), rng.normal(size=(7, 3))
    distance, s, t = measure_segment_distances(one, two)
    share = np.linspace(0, 1, 201)
    for i in range(5):
        for j in range(6):
            p = one[i] + share[:, None] * (one[i + 1] - one[i])
            q = two[j] + share[:, None] * (two[j + 1] - two[j])
            dense = np.linalg.norm(p[:, None] - q[None], axis=-1).min()
            assert distance[i, j] == pytest.approx(dense, abs=0.01)
            at = one[i] + s[i, j] * (one[i + 1] - one[i])
            on = two[j] + t[i, j] * (two[j + 1] - two[j])
            assert np.linalg.norm(at - on) == pytest.approx(distance[i, j])
