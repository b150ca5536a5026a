"""The distance between elliptical tubes whose gap is known by construction."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.tubes.wall_gap import WalledTube, find_wall_gap
from tests.nvc.measurement.tubes import STRESSED, TrueTube, random_pair


def walled(tube: TrueTube) -> WalledTube:
    arc = np.arange(-2.5, 2.51, 0.1)
    course = tube.course(arc)
    tangent = np.gradient(course, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1)[:, None]
    third = np.repeat(tube.third[None], len(arc), axis=0)
    section = tube.section
    turn = np.array(
        [
            [np.cos(section.angle), -np.sin(section.angle)],
            [np.sin(section.angle), np.cos(section.angle)],
        ]
    )
    q = turn @ np.diag([section.a**2, section.b**2]) @ turn.T
    return WalledTube(
        course_mm=course,
        frame_u=np.cross(third, tangent),
        frame_v=third,
        section_mm2=np.repeat([[q[0, 0], q[0, 1], q[1, 1]]], len(arc), axis=0),
    )


@pytest.mark.parametrize("gap", [-0.15, 0.0, 0.1, 0.5, 1.5])
def test_gap_and_nearest_points_are_those_built_in(gap):
    rng = np.random.default_rng(round(100 * gap) + 50)
    for _ in range(10):
        nerve, vessel = random_pair(rng, gap, STRESSED)
        found = find_wall_gap(walled(nerve), walled(vessel))
        assert found.gap_mm == pytest.approx(gap, abs=0.004)
        # The nerve's nearest wall point was put at the origin.
        assert np.linalg.norm(found.first_wall_mm) < 0.12
        apart = found.second_wall_mm - found.first_wall_mm
        assert apart @ found.normal == pytest.approx(gap, abs=0.01)


def test_swapping_the_tubes_turns_the_normal_round():
    nerve, vessel = random_pair(np.random.default_rng(3), 0.4, STRESSED)
    one = find_wall_gap(walled(nerve), walled(vessel))
    other = find_wall_gap(walled(vessel), walled(nerve))
    assert one.gap_mm == pytest.approx(other.gap_mm, abs=1e-6)
    assert np.allclose(one.normal, -other.normal, atol=1e-3)
