"""Whether a fitted tube is the one that was looked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from nvc.measurement.scene.fit import SceneFit
    from nvc.settings import MeasureSettings


def is_plausible(
    fit: SceneFit,
    tube: int,
    settings: MeasureSettings,
    doubt_mm: float = 0.0,
    *,
    is_known: bool = False,
) -> bool:
    """Tell whether a fitted tube is the one looked for, where it was expected.

    Parameters
    ----------
    fit : SceneFit
        The fitted scene.
    tube : int
        Which of its tubes.
    settings : MeasureSettings
        Limits of contrast, calibre and place.
    doubt_mm : float
        Further doubt about where it lies (registration), one sigma.
    is_known : bool
        Whether it is known to run there, so that only its place and shape are asked:
        their uncertainties then say how much the image tells.
    """
    known = fit.scene.tubes[tube]
    least_sd = settings.known_contrast_sd if is_known else settings.least_contrast_sd
    strength = fit.contrast(tube) * np.sign(known.contrast.mean)
    ratio = fit.radius_mm(tube) / known.course.radius_mm
    return bool(
        fit.is_settled
        and strength > settings.least_contrast * abs(known.contrast.mean)
        and fit.significance(tube) > least_sd
        and fit.noise < settings.most_noise * strength
        and fit.shift_mm[tube] < settings.farthest_shift_mm + 2 * doubt_mm
        and 1 / settings.radius_factor < ratio < settings.radius_factor
    )
