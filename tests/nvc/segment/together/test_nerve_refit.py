"""CN VII is drawn where it is once the vessel that pushes it is known."""

from dataclasses import replace

import numpy as np
import pytest

from nvc.model.anatomy import Side
from nvc.model.stages import Origin, SideLandmarks, Tube
from nvc.segment.together.stage import NervesFound, find_vessels
from nvc.segment.together.traced import trace_before_nerves
from nvc.settings import VesselsSettings
from tests.nvc.segment.together.test_stage import CROSSING, beside_nerve
from tests.nvc.segment.tube_scene import (
    FACIAL,
    NERVE_RADIUS,
    Drawn,
    errors,
    make_case,
)

BULGE_MM = 0.45


def with_wrong_course(case, landmarks=None):
    """Let CN VII be drawn towards the vessel, as a stiff course cuts a bend."""
    nerves = case.sides[Side.RIGHT]
    tube = nerves.facial
    apart = np.linalg.norm(tube.points_mm - FACIAL[300], axis=1)
    shift = BULGE_MM * np.exp(-0.5 * (apart / 2.0) ** 2)
    wrong = replace(tube, points_mm=tube.points_mm + shift[:, None] * CROSSING)
    nerves = replace(nerves, facial=wrong)
    if landmarks is not None:
        nerves = replace(nerves, landmarks=landmarks)
    return {**case.sides, Side.RIGHT: nerves}


def refitted(case, sides):
    settings = VesselsSettings()
    traced = trace_before_nerves(case.aligned, case.regions, None, settings)
    nerves = NervesFound(sides=sides, traced=traced)
    found = find_vessels(case.aligned, case.regions, nerves, settings)
    return found, found.sides[Side.RIGHT]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tissue", "with_tof"), [("artery", True), ("vein", True), ("artery", False)]
)
def test_a_course_that_cuts_a_bend_is_mended(tissue, with_tof):
    vessel = beside_nerve(0.7, 0.0, tissue)
    case = make_case([vessel], with_tof=with_tof, seed=7)
    sides = with_wrong_course(case)
    nerve = Drawn(FACIAL, NERVE_RADIUS, "nerve")
    middle = slice(200, 400)
    before = errors(sides[Side.RIGHT].facial, nerve)[0][middle].max()
    found, after = refitted(case, sides)
    off, calibre = errors(after.facial, nerve)
    assert len(found.vessels) == 1
    assert before > 0.35
    assert off[middle].max() < 0.15
    assert np.abs(calibre[middle]).max() < 0.12


@pytest.mark.slow
def test_a_readers_landmarks_stay_where_they_were_put():
    case = make_case([beside_nerve(0.6, 0.3, "artery")])
    own = case.sides[Side.RIGHT].landmarks
    placed = replace(own, source=Origin.CONFIRMED)
    _, after = refitted(case, with_wrong_course(case, placed))
    assert after.landmarks == placed
    _, free = refitted(case, with_wrong_course(case))
    np.testing.assert_array_equal(
        free.landmarks.root_exit_point_mm, free.facial.points_mm[0]
    )


@pytest.mark.slow
def test_a_side_without_a_nerve_is_left_alone():
    case = make_case([beside_nerve(0.6, 0.3, "artery")])
    found, _ = refitted(case, case.sides)
    assert found.sides[Side.LEFT].facial is None
    assert isinstance(found.sides[Side.LEFT].landmarks, SideLandmarks)


@pytest.mark.slow
def test_an_end_that_shows_nowhere_does_not_run_off():
    case = make_case([beside_nerve(0.7, 0.0, "artery")], seed=7)
    nerves = case.sides[Side.RIGHT]
    tube = nerves.facial
    # An attached segment drawn from anatomy: through fluid, where no nerve is.
    away = np.cross(tube.points_mm[0] - tube.points_mm[1], CROSSING)
    away /= np.linalg.norm(away)
    step = np.linalg.norm(tube.points_mm[0] - tube.points_mm[1])
    count = int(8.0 / step)
    end = tube.points_mm[0] + (np.arange(count, 0, -1) * step)[:, None] * away
    longer = Tube(
        points_mm=np.concatenate([end, tube.points_mm]),
        radius_mm=np.concatenate([np.full(count, NERVE_RADIUS), tube.radius_mm]),
        position_sd_mm=np.concatenate([np.full(count, 1.0), tube.position_sd_mm]),
    )
    sides = {**case.sides, Side.RIGHT: replace(nerves, facial=longer)}
    _, after = refitted(case, sides)
    moved = np.linalg.norm(after.facial.points_mm - longer.points_mm, axis=1)
    assert moved.max() < VesselsSettings().turns.width_mm
