"""Symmetric systems of ten to thirty unknowns, compiled.

A call to LAPACK for each of thousands of them would cost more than the solving.
"""

from __future__ import annotations

from math import sqrt

import numba
import numpy as np
from numpy.typing import NDArray


@numba.njit(cache=True)
def _factor(
    matrix: NDArray[np.float64], first: int, lower: NDArray[np.float64]
) -> None:
    """Cholesky factor of a positive definite matrix from its lower half."""
    for a in range(first, matrix.shape[0]):
        for b in range(first, a + 1):
            total = matrix[a, b]
            for c in range(first, b):
                total -= lower[a, c] * lower[b, c]
            if a == b:
                lower[a, a] = sqrt(max(total, 1e-12))
            else:
                lower[a, b] = total / lower[b, b]


@numba.njit(cache=True)
def solve(
    matrix: NDArray[np.float64],
    right: NDArray[np.float64],
    first: int,
    lower: NDArray[np.float64],
    solution: NDArray[np.float64],
) -> None:
    """Solve a symmetric system from row `first` on.

    Parameters
    ----------
    matrix : ndarray, shape (N, N)
        Positive definite; only its lower half is read.
    right : ndarray, shape (N,)
        Right side.
    first : int
        Rows and columns before this one are left out.
    lower : ndarray, shape (N, N)
        Room for the factor; what it holds above the diagonal is kept.
    solution : ndarray, shape (N,)
        Written from `first` on.
    """
    size = right.size
    _factor(matrix, first, lower)
    for a in range(first, size):
        total = right[a]
        for c in range(first, a):
            total -= lower[a, c] * solution[c]
        solution[a] = total / lower[a, a]
    for a in range(size - 1, first - 1, -1):
        total = solution[a]
        for c in range(a + 1, size):
            total -= lower[c, a] * solution[c]
        solution[a] = total / lower[a, a]


@numba.njit(cache=True)
def invert(matrix: NDArray[np.float64], inverse: NDArray[np.float64]) -> None:
    """Write the inverse of a positive definite matrix, from its lower half."""
    size = matrix.shape[0]
    lower, right = np.zeros((size, size)), np.zeros(size)
    for a in range(size):
        right[:] = 0.0
        right[a] = 1.0
        solve(matrix, right, 0, lower, inverse[a])
