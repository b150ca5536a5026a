"""Averages over descriptions of known likelihood."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.measurement.deformity.model_average import average_models


def test_equal_descriptions_count_alike_and_their_disagreement_adds():
    mean, variance = average_models(
        np.array([1.0, 3.0]), np.array([0.5, 0.5]), np.zeros(2)
    )
    assert mean == pytest.approx(2.0)
    assert variance == pytest.approx(0.5 + 1.0)


def test_a_far_likelier_one_stands_alone():
    likelihood = np.array([-5000.0, -4900.0])
    mean, variance = average_models(
        np.array([1.0, 3.0]), np.array([0.5, 0.2]), likelihood
    )
    assert mean == pytest.approx(3.0)
    assert variance == pytest.approx(0.2)


def test_three_to_one_is_three_quarters():
    mean, _ = average_models(np.array([0.0, 1.0]), np.ones(2), np.log([1.0, 3.0]))
    assert mean == pytest.approx(0.75)
