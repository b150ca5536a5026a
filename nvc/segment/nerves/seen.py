"""Where along its course CN VII is seen, and where only its neighbours tell of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.ndimage import uniform_filter1d

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.stages import Tube
    from nvc.segment.image.surroundings import Surroundings
    from nvc.settings.nerve import NerveSettings


def is_seen(
    around: Surroundings, course: Tube, settings: NerveSettings
) -> NDArray[np.bool_]:
    """Tell at which points of a course a nerve is seen, shape (N,).

    A place counts where the image itself tells the centre, and the centre is neither
    fluid nor as dark as bone or a vessel; and inside the brain, where nothing can be
    seen.

    Parameters
    ----------
    around : Surroundings
        Image and brain.
    course : Tube
        Fitted, with the uncertainty of each centre.
    settings : NerveSettings
        What counts as told.
    """
    level = np.nan_to_num(around.scale(course.points_mm).astype(float), nan=1.0)
    depth = np.nan_to_num(around.brain(course.points_mm).astype(float), nan=9.0)
    sd = course.position_sd_mm
    clear_mm = float(np.percentile(sd, 25.0))
    seen = sd < max(settings.lost_sd_mm, settings.seen.worse * clear_mm)
    seen &= level < settings.level_max
    # Noise alone may darken a voxel: three along the nerve do not err alike.
    calm = uniform_filter1d(level, 3, mode="nearest")
    darkest = min(0.5 * around.scale.dark, settings.darkest_nerve)
    seen &= calm > darkest - around.scale.noise
    return np.asarray(seen | (depth <= 0.0))
