"""One value from several descriptions of one thing, each as far as it is likely."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def average_models(
    value: NDArray[np.float64],
    variance: NDArray[np.float64],
    log_likelihood: NDArray[np.float64],
) -> tuple[float, float]:
    """Average over descriptions that were equally likely beforehand.

    Parameters
    ----------
    value, variance, log_likelihood : ndarray, shape (N,)
        Of each description; N of 1 and more.

    Returns
    -------
    tuple of float
        Mean and variance; in the latter, how far the descriptions disagree.
    """
    share = np.exp(log_likelihood - log_likelihood.max())
    share /= share.sum()
    mean = float(share @ value)
    return mean, float(share @ (variance + (value - mean) ** 2))
