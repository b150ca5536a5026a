"""What the image still shows between two walls that a fit put there, as a length.

A vessel that kinks by the nerve, or that was joined along a wrong way, is described
well on the whole and badly at the one place that matters. What is left over there
tells: light where both walls were put too near to each other, shade where too far.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.scene.fit import SceneFit


def measure_left_over_mm(fit: SceneFit, place_mm: NDArray[np.float64]) -> float:
    """Express what a fit leaves over at a place as a thickness of its weaker tissue.

    A layer of thickness d, seen through Gaussian weights of sd h about a point of it,
    changes their mean by contrast * d / (2 pi h^2)^0.5. What noise alone would leave
    is taken off, as of James and Stein's positive part.

    Parameters
    ----------
    fit : SceneFit
        Of both tubes together.
    place_mm : ndarray, shape (3,)
        Half-way between the walls, mm of the frame of the fit's volume.

    Returns
    -------
    float
        mm; positive where the image shows more fluid than the fit, 0 where it shows
        what the fit does, as far as noise tells.
    """
    scene = fit.scene
    reach = max(scene.grid.voxel_size_mm)
    away = np.linalg.norm(scene.points_mm - (place_mm - scene.centre_mm), axis=1)
    weight = np.exp(-0.5 * (away / reach) ** 2)
    total = float(weight.sum())
    if total < 1.0:
        return 0.0
    per_contrast = (
        np.sqrt(2 * np.pi) * reach / min(fit.contrast(0), fit.contrast(1), key=abs)
    )
    left = float(weight @ fit.residual) / total * per_contrast
    sd = fit.noise * float(np.linalg.norm(weight)) / total * abs(per_contrast)
    # Tubes are darker than fluid or brighter: of their sign is what is too much tissue.
    return float(-left * max(0.0, 1.0 - (sd / max(abs(left), 1e-12)) ** 2))
