"""How high what lies on the brain stands out of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.numerics import Step
    from nvc.segment.image.surroundings import Surroundings
    from nvc.segment.root.ways import Ways
    from nvc.settings.nerve import NerveSettings

HEIGHT_STEP_MM: Step[float] = 0.1
"""In which heights are measured."""


def measure_ridge(
    around: Surroundings,
    others: Sequence[Tube],
    ways: Ways,
    radius_mm: float,
    settings: NerveSettings,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Measure what stands out of the brain along ways over it.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    others : sequence of Tube
        The free CN VII, and CN VIII, whose root stands out as well.
    ways : Ways
        W ways of S stations.
    radius_mm : float
        Of the nerve; what is higher than its thickness is another structure.
    settings : NerveSettings
        Level of a void, and where fluid begins.

    Returns
    -------
    height_mm : ndarray, shape (W, S)
        Of nerve between the surface and the first fluid over it.
    known : ndarray of bool, shape (W, S)
        False where a vessel or one of the others hides what lies on the brain.
    """
    heights = np.arange(0.0, 2.0 * radius_mm + 0.5, HEIGHT_STEP_MM)
    lines = ways.foot_mm[:, :, None] + heights[:, None] * ways.outward[:, :, None, :]
    n = np.nan_to_num(around.scale(lines).astype(float), nan=1.0)
    off = np.prod([weigh_off_tube(tube, lines) for tube in others], axis=0)
    hidden = (n < 0.5 * settings.void_level).any(axis=-1)
    if around.taken is not None:
        taken = np.nan_to_num(around.taken(lines), nan=0.0)
        hidden |= (taken < settings.root.hiding).any(axis=-1)
    deficit = np.clip(1.0 - n, 0.0, 1.0) * off
    # Beyond the first CSF above the nerve lie other things.
    under = np.cumprod(deficit > settings.root.fluid_begins, axis=-1)
    height = (deficit * under).sum(axis=-1) * HEIGHT_STEP_MM
    on_it = np.linalg.norm(ways.outward, axis=-1) > 0.5
    clear = off[..., heights <= radius_mm].mean(axis=-1) > settings.root.clear_share
    return np.minimum(height, 2.0 * radius_mm), on_it & clear & ~hidden


def weigh_off_tube(tube: Tube, points: NDArray[np.float64]) -> NDArray[np.float64]:
    """0 within a tube, 1 from half a millimetre beyond its wall.

    Parameters
    ----------
    tube : Tube
        Such as another nerve.
    points : ndarray, shape (..., 3)
        mm of the working frame.
    """
    reach = float(tube.radius_mm.max()) + 0.5
    distance, nearest = cKDTree(tube.points_mm).query(
        points, distance_upper_bound=reach
    )
    beyond = distance - np.append(tube.radius_mm, 0.0)[nearest]
    clear: NDArray[np.float64] = np.clip(beyond / 0.5, 0.0, 1.0)
    return clear
