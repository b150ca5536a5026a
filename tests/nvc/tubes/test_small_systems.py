"""Against numpy's own solver."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.tubes.small_systems import invert, solve


@pytest.fixture(params=[1, 4, 25])
def system(request):
    rng = np.random.default_rng(request.param)
    size = request.param
    rows = rng.normal(size=(3 * size, size))
    return rows.T @ rows + np.eye(size), rng.normal(size=size)


def test_the_solution_solves_the_system(system):
    matrix, right = system
    found = np.zeros_like(right)
    solve(np.tril(matrix), right, 0, np.zeros_like(matrix), found)
    np.testing.assert_allclose(matrix @ found, right, atol=1e-10)


def test_rows_before_the_first_are_left_out():
    matrix = np.diag([0.0, 0.0, 2.0, 4.0])
    found = np.full(4, 7.0)
    solve(matrix, np.ones(4), 2, np.zeros((4, 4)), found)
    np.testing.assert_allclose(found, [7.0, 7.0, 0.5, 0.25])


def test_the_inverse_is_the_inverse(system):
    matrix, _ = system
    found = np.zeros_like(matrix)
    invert(np.tril(matrix), found)
    np.testing.assert_allclose(found, np.linalg.inv(matrix), atol=1e-10)
