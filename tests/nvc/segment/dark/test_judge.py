"""What a dark tube is taken for, by its signal, its place and its calibre."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from nvc.segment.dark.by_nerve import Facial
from nvc.segment.dark.judge import Certainty, DarkTube, judge
from nvc.settings import VesselsSettings
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.values import Fitted

VOID = -0.5
NERVE_MM, TUBE_MM = 0.8, 0.8


def nerve(first_mm: float, last_mm: float) -> Course:
    """Return CN VII, straight along x."""
    along = np.arange(first_mm, last_mm + 0.1, 0.25)
    return Course(
        points_mm=np.stack([along, np.zeros_like(along), np.zeros_like(along)], axis=1),
        radius_mm=np.full(len(along), NERVE_MM),
        contrast=np.full(len(along), -1.0),
    )


def judged(points: np.ndarray, lumen: float, facial: Facial) -> list[DarkTube]:
    """Judge a tube through these points, of one level."""
    count = len(points)
    fit = Fitted(
        centre_mm=points,
        radius_mm=np.full(count, TUBE_MM),
        contrast=np.full(count, lumen - 1.0),
        level=np.ones(count),
        centre_sd_mm=np.full(count, 0.05),
        radius_sd_mm=np.full(count, 0.05),
        contrast_sd=np.full(count, 0.05),
        misfit=np.ones(count),
        gain=np.full(count, 100.0),
        loss=np.ones(count),
        voxels=np.full(count, 200.0),
    )
    course = Course(
        points_mm=points,
        radius_mm=np.full(count, TUBE_MM),
        contrast=np.full(count, lumen - 1.0),
        fitted=fit,
    )
    track = SimpleNamespace(
        course=course,
        shown=np.ones(count, dtype=bool),
        free=np.ones(count, dtype=bool),
        number=0,
    )
    place = SimpleNamespace(void=VOID)
    return judge(cast("Any", place), cast("Any", track), [facial], VesselsSettings())


def certainty(lumen: float, *, gap_mm: float, from_exit_mm: float) -> str | None:
    """Judge a tube that runs beside CN VII for 8 mm, and leaves it."""
    facial = Facial(course=nerve(-2.0, 15.0), from_exit_mm=from_exit_mm)
    at = np.arange(0.0, 8.1, 0.5)
    aside = NERVE_MM + TUBE_MM + gap_mm + 0.02 * (at - 4.0) ** 2
    points = np.stack([at - 5.0, aside, np.zeros_like(at)], axis=1)
    found = judged(points, lumen, facial)
    return found[0].certainty if found else None


@pytest.mark.parametrize(
    ("lumen", "gap_mm", "from_exit_mm", "expected"),
    [
        # Darker than any nerve by three standard deviations: a vessel anywhere.
        (-0.25, 1.5, 0.0, Certainty.VOID),
        # By more than two only: enough against CN VII, or past the roots of CN IX.
        (-0.17, 0.2, 0.0, Certainty.VOID),
        (-0.17, 0.8, 6.0, Certainty.VOID),
        (-0.17, 0.8, 0.0, Certainty.UNRESOLVED),
        (-0.17, 1.5, 6.0, Certainty.UNRESOLVED),
        # As grey as a nerve: not told apart, and no matter where it is far.
        (0.05, 0.2, 6.0, Certainty.UNRESOLVED),
        (0.05, 1.5, 6.0, None),
    ],
)
def test_how_dark_a_vessel_must_be_depends_on_what_else_may_run_there(
    lumen, gap_mm, from_exit_mm, expected
):
    assert certainty(lumen, gap_mm=gap_mm, from_exit_mm=from_exit_mm) == expected


@pytest.mark.parametrize(
    ("gap_mm", "is_steep", "is_hidden", "lumen", "doubtful"),
    [
        (0.2, True, True, 0.05, True),
        (0.2, True, False, 0.05, False),
        (1.5, True, True, 0.05, False),
        (0.2, False, True, 0.05, False),
        (0.2, True, True, 0.45, False),
    ],
    ids=["ends by it", "nothing hidden", "ends apart", "runs beside it", "rootlets"],
)
def test_a_grey_tube_that_ends_by_what_is_hidden_of_the_nerve_forbids_clear(
    gap_mm, is_steep, is_hidden, lumen, doubtful
):
    facial = Facial(
        course=nerve(0.0, 15.0),
        from_exit_mm=8.0,
        hidden=nerve(-8.0, 0.0) if is_hidden else None,
    )
    away = NERVE_MM + TUBE_MM + gap_mm
    at = np.arange(0.0, 8.1, 0.5)
    if is_steep:
        points = np.stack([np.full_like(at, -5.0), away + at, 0.0 * at], axis=1)
    else:
        points = np.stack([-12.0 + at, np.full_like(at, away), 0.0 * at], axis=1)
    found = judged(points, lumen, facial)
    assert bool(found) is doubtful
    if doubtful:
        (tube,) = found
        assert tube.certainty is Certainty.UNRESOLVED
        assert tube.forbids_clear
        assert tube.facial_gap_mm == pytest.approx(gap_mm, abs=0.01)
