"""What a dark tube is taken for, by its signal, its place and its calibre."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from nvc.segment.vessel_approach import Facial
from nvc.segment.vessel_course import Course
from nvc.segment.vessel_judge import Certainty, judge
from nvc.segment.vessel_scene import Fitted
from nvc.settings import VesselsSettings

VOID = -0.5
NERVE_MM, TUBE_MM = 0.8, 0.8


def certainty(lumen: float, *, gap_mm: float, from_exit_mm: float) -> str | None:
    """Judge a tube that runs beside CN VII for 8 mm, and leaves it."""
    along = np.arange(-2.0, 15.1, 0.25)
    nerve = np.stack([along, np.zeros_like(along), np.zeros_like(along)], axis=1)
    facial = Facial(
        course=Course(
            points_mm=nerve,
            radius_mm=np.full(len(along), NERVE_MM),
            contrast=np.full(len(along), -1.0),
        ),
        from_exit_mm=from_exit_mm,
    )
    at = np.arange(0.0, 8.1, 0.5)
    aside = NERVE_MM + TUBE_MM + gap_mm + 0.02 * (at - 4.0) ** 2
    points = np.stack([at - 5.0, aside, np.zeros_like(at)], axis=1)
    count = len(at)
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
    found = judge(cast("Any", place), cast("Any", track), [facial], VesselsSettings())
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
