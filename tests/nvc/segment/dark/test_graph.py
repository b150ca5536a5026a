from itertools import product

import numpy as np
import pytest

from nvc.segment.dark.explain import Kind
from nvc.segment.dark.gather import gather_tubes
from nvc.segment.dark.graph import find_joints, share_odds
from nvc.segment.dark.strands import cut_strands
from nvc.settings.groups.strands import StrandsSettings
from tests.nvc.segment.dark.made_tracks import fitted_line, track

SETTINGS = StrandsSettings()
SURE, EVEN = 4.0, 0.0


def strands_of(*courses):
    tracks = [track(course, n) for n, course in enumerate(courses)]
    return cut_strands(tracks, [], SETTINGS), tracks


def test_odds_on_a_chain_are_those_of_counting_all_cases():
    strands, _ = strands_of(*(fitted_line(x, x + 3.0) for x in (0.0, 4.0, 8.5)))
    alone = np.array([2.0, -0.5, -1.0])
    joints = find_joints(strands, SETTINGS)
    # The two ends are too far apart to be joined but by the one between.
    joints[0, 2] = joints[2, 0] = 0.0
    total = np.zeros((3, 2))
    base = np.array([0.75, 0.25])
    for kinds in product((0, 1), repeat=3):
        weight = np.exp(alone @ np.array(kinds))
        for a, b in ((0, 1), (1, 2)):
            same = float(kinds[a] == kinds[b]) / base[kinds[a]]
            weight *= joints[a, b] * same + 1.0 - joints[a, b]
        for n, kind in enumerate(kinds):
            total[n, kind] += weight
    expected = np.log(total[:, 1] / total[:, 0])
    assert share_odds(strands, alone, SETTINGS) == pytest.approx(expected, abs=0.05)


@pytest.mark.parametrize(
    ("first_mm", "y_mm", "gains"),
    [
        (8.5, 0.0, True),  # straight on
        (10.0, 0.0, True),  # behind a gap
        (17.0, 0.0, False),  # too far
        (2.0, 4.0, False),  # beside it
    ],
)
def test_what_goes_on_from_a_vessel_gains_by_it(first_mm, y_mm, gains):
    strands, _ = strands_of(
        fitted_line(0.0, 8.0), fitted_line(first_mm, first_mm + 3.0, y_mm=y_mm)
    )
    odds = share_odds(strands, np.array([SURE, EVEN]), SETTINGS)
    assert (odds[1] > 0.5) == gains
    assert odds[0] > SURE - 0.3


def test_a_nerve_that_a_path_runs_on_along_takes_little_from_a_vessel():
    strands, _ = strands_of(fitted_line(0.0, 8.0), fitted_line(8.5, 14.0))
    odds = share_odds(strands, np.array([SURE, -SURE]), SETTINGS)
    assert odds[0] > SURE - 1.2
    assert odds[1] < -1.0


def test_one_alone_and_none_at_all():
    strands, _ = strands_of(fitted_line(0.0, 8.0))
    assert share_odds(strands, np.array([1.0]), SETTINGS) == pytest.approx([1.0])
    assert share_odds([], np.zeros(0), SETTINGS).size == 0


def gather(course, shown, odds):
    tracks = [track(course, shown=shown)]
    strands = cut_strands(tracks, [], SETTINGS)
    rivals = [Kind.NERVE] * len(strands)
    return gather_tubes(strands, np.array(odds), rivals, tracks, [], SETTINGS)


@pytest.mark.parametrize(
    ("hidden_mm", "joined"), [(3.0, True), (7.0, True), (9.0, False)]
)
def test_a_vessel_goes_on_behind_what_hides_it(hidden_mm, joined):
    whole = fitted_line(0.0, 16.0 + hidden_mm)
    shown = np.ones(len(whole), dtype=bool)
    shown[16 : 17 + round(2 * hidden_mm)] = False
    found = gather(whole, shown, [SURE, SURE])
    assert len(found) == (1 if joined else 2)
    assert all(tube.is_certain for tube in found)


def test_what_is_surely_a_nerve_between_two_vessels_parts_them():
    whole = fitted_line(0.0, 20.0)
    shown = np.ones(len(whole), dtype=bool)
    shown[[14, 26]] = False
    shown[[15, 27]] = False
    shown[[13, 25]] = False
    doubted = gather(whole, shown, [SURE, EVEN, SURE])
    assert [tube.is_certain for tube in doubted] == [True]
    parted = gather(whole, shown, [SURE, -SURE, SURE])
    assert [tube.is_certain for tube in parted] == [True, True, False]


@pytest.mark.parametrize("odds", [EVEN, -SURE])
def test_what_may_be_a_vessel_is_kept_with_its_odds_however_unlikely(odds):
    whole = fitted_line(0.0, 8.0)
    every = np.ones(len(whole), dtype=bool)
    (tube,) = gather(whole, every, [odds])
    assert not tube.is_certain
    assert tube.odds == odds
