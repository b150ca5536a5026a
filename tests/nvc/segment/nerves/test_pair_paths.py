"""The pair of least energy: right order, no jumps, crossings ignored."""

from __future__ import annotations

import numpy as np

from nvc.segment.nerves.pair_paths import find_best_pair, respond_to_spots
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
    response = respond_to_spots(n, 0.4, 0.5, SETTINGS)
    return find_best_pair(response, 0.4, np.full(len(n), 4.0), SETTINGS), response


def test_the_anterior_superior_nerve_is_the_facial():
    one, two = lambda s: (1.0 + 0.02 * s, 0.8), lambda s: (-0.6, -0.9)
    pair, _ = find(image(one, two))
    truth = np.array([one(s) for s in range(40)])
    assert np.linalg.norm(pair.facial - truth, axis=1).max() < 0.5
    other = np.array([two(s) for s in range(40)])
    assert np.linalg.norm(pair.vestibulocochlear - other, axis=1).max() < 0.5


def test_a_gap_and_a_crossing_vessel_do_not_divert_the_pair():
    one, two = lambda s: (0.8, 0.8), lambda s: (-0.8, -0.8)
    n = image(one, two)
    n[18:22] = 1.0
    n[10:13][:, np.abs(U - 2.5) < 0.5] = -0.7
    pair, _ = find(n)
    assert np.abs(pair.facial - [0.8, 0.8]).max() < 0.7


def test_an_edge_gives_no_response():
    n = np.ones((20, 31, 31), np.float32)
    n[:, U > 1.0] = 0.0
    response = respond_to_spots(n, 0.4, 0.5, SETTINGS)
    assert response[:, 5:-5, 5:-5].max() < 0.02


def test_an_ideal_nerve_responds_with_about_one():
    far = lambda s: (-5.0, -5.0)  # noqa: E731
    response = respond_to_spots(image(lambda s: (0.0, 0.0), far), 0.4, 0.5, SETTINGS)
    assert 0.75 < response[20, 15, 15] < 1.15
