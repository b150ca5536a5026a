"""The pair of least energy: right order, no jumps, crossings ignored."""

from __future__ import annotations

import numpy as np

from nvc.segment.nerves.evidence import respond_to_spots
from nvc.segment.nerves.pair_paths import find_best_pair
from nvc.settings import NerveSettings

SETTINGS = NerveSettings()
OFFSETS = np.arange(-15, 16) * 0.4
U, V = np.meshgrid(OFFSETS, OFFSETS, indexing="ij")


def image(one, two, planes=40):
    n = np.ones((planes, 31, 31), np.float32)
    for s in range(planes):
        for course in (one, two):
            cu, cv = course(s)
            disc = np.clip(0.5 - (np.hypot(U - cu, V - cv) - 0.8) / 0.4, 0, 1)
            n[s] = np.minimum(n[s], 1 - 0.9 * disc)
    return n


def find(n):
    response = respond_to_spots(1.0 - n, 0.4, 0.5, SETTINGS)
    return find_best_pair(-np.minimum(response, 1.0), 0.4, SETTINGS)


def test_the_anterior_superior_nerve_is_the_facial():
    one, two = lambda s: (1.0 + 0.02 * s, 0.8), lambda s: (-0.6, -0.9)
    pair = find(image(one, two))
    truth = np.array([one(s) for s in range(40)])
    assert np.linalg.norm(pair.facial - truth, axis=1).max() < 0.5
    other = np.array([two(s) for s in range(40)])
    assert np.linalg.norm(pair.vestibulocochlear - other, axis=1).max() < 0.5


def test_a_gap_and_a_crossing_vessel_do_not_divert_the_pair():
    one, two = lambda s: (0.8, 0.8), lambda s: (-0.8, -0.8)
    n = image(one, two)
    n[18:22] = 1.0
    n[10:13][:, np.abs(U - 2.5) < 0.5] = -0.7
    pair = find(n)
    assert np.abs(pair.facial - [0.8, 0.8]).max() < 0.7


def test_two_nerves_do_not_share_one_spot():
    # CN VII in front of CN VIII, and as faint as one that bone half hides.
    one, two = lambda s: (1.2, 0.0), lambda s: (-0.8, 0.0)
    faint = image(one, lambda s: (-5.5, -5.5))
    n = np.minimum(1.0 - 0.3 * (1.0 - faint), image(two, lambda s: (-5.5, -5.5)))
    pair = find(n)
    assert np.abs(pair.facial - [1.2, 0.0]).max() < 0.7
    assert np.abs(pair.vestibulocochlear - [-0.8, 0.0]).max() < 0.7


def test_the_pair_ends_where_ending_is_cheapest():
    n = image(lambda s: (0.8, 0.8), lambda s: (-0.8, -0.8))
    cost = 0.12 - np.minimum(respond_to_spots(1.0 - n, 0.4, 0.5, SETTINGS), 1.0)
    cost[25:] = 0.12
    end = np.full(cost.shape, 20.0, np.float32)
    end[20:] = 0.0
    pair = find_best_pair(cost, 0.4, SETTINGS, end_cost=end)
    # One plane past the last spot is cheaper than none, two are not.
    assert 24 <= len(pair.facial) <= 26
    assert len(pair.vestibulocochlear) == len(pair.facial)


def test_an_eighth_nerve_that_is_hidden_does_not_bind_the_facial():
    # CN VII turns away by more than a pair is ever apart; CN VIII stays behind.
    facial = lambda s: (min(0.8 + 0.15 * max(s - 10, 0), 5.2), 0.8)  # noqa: E731
    n = image(facial, lambda s: (-0.8, -0.8))
    cost = 0.12 - np.minimum(respond_to_spots(1.0 - n, 0.4, 0.5, SETTINGS), 1.0)
    hidden = np.zeros(cost.shape, dtype=bool)
    hidden[22:] = True
    pair = find_best_pair(cost, 0.4, SETTINGS, hidden=hidden)
    truth = np.array([facial(s) for s in range(40)])
    assert np.linalg.norm(pair.facial - truth, axis=1)[22:-4].max() < 0.6
