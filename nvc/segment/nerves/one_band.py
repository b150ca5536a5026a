"""Where CN VII and CN VIII cannot be told apart, both are taken together.

In coarse or noisy scans two nerves side by side show as one band. Each of two discs
fitted to it may sit anywhere in it; the circle around both is what the image tells.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial import cKDTree

from nvc.tubes.curve import nearest_index

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.settings.nerve import NerveSettings


def widen_to_band(
    facial: Tube, other: Tube, porus_mm: NDArray[np.float64], settings: NerveSettings
) -> tuple[Tube, float]:
    """Widen CN VII to the circle around both nerves where they are one band.

    Parameters
    ----------
    facial : Tube
        The free CN VII, from its detachment on, at equal steps.
    other : Tube
        CN VIII as far as it is seen.
    porus_mm : ndarray, shape (3,)
        Within the canal the nerves lie close by nature; nothing is changed there.
    settings : NerveSettings
        How near is one band, and over which length it counts.

    Returns
    -------
    facial : Tube
        Changed where the two are one; its wall is then that of the complex.
    length_mm : float
        Over which length; 0 where nothing was changed.
    """
    gap, near = cKDTree(other.points_mm).query(facial.points_mm)
    widths = facial.radius_mm + other.radius_mm[near]
    outside = np.arange(len(gap)) <= nearest_index(facial.points_mm, porus_mm)
    joined = (gap < settings.one_band_share * widths) & outside
    arc = facial.arc_length_mm()
    length = float(joined.sum() * arc[-1] / max(len(arc) - 1, 1))
    if length < settings.one_band_mm:
        return facial, 0.0
    radius = np.where(joined, 0.5 * (gap + widths), facial.radius_mm)
    radius = np.maximum(radius, facial.radius_mm)
    towards = other.points_mm[near] - facial.points_mm
    towards = towards / np.maximum(gap, 1e-6)[:, None]
    shift = np.where(joined, radius - facial.radius_mm, 0.0)
    return (
        replace(
            facial,
            points_mm=facial.points_mm + shift[:, None] * towards,
            radius_mm=radius,
        ),
        length,
    )
