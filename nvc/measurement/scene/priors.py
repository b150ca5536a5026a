"""What is believed of a scene's parameters before its voxels are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.measurement.scene import forward

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.measurement.scene.scene import Scene, TubeInScene
    from nvc.settings import MeasureSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Beliefs:
    """Normal beliefs, and where the picture is defined at all.

    Parameters
    ----------
    mean, sd : ndarray, shape (P,)
        Ordered as in `nvc.measurement.scene.forward`; sd 0 keeps a parameter fixed.
    low, high : ndarray, shape (P,)
        Bounds of every parameter.
    """

    mean: NDArray[np.float64]
    sd: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]

    @classmethod
    def of(cls, scene: Scene, settings: MeasureSettings) -> Beliefs:
        """Believe what the settings say of tubes, surface, blur and background."""
        tubes = [_tube(tube, settings) for tube in scene.tubes]
        plane = scene.surface
        brain, tilt = scene.brain_contrast, settings.surface_tilt_sd
        surface_mean = [0.0, 0.0, 0.0, brain.mean if plane else 0.0]
        surface_sd = [plane.sd_mm, tilt, tilt, brain.sd] if plane else [0.0] * 4
        edge = float(np.prod(scene.grid.voxel_size_mm) ** (1 / 3))
        depth = max(abs(tube.contrast.mean) for tube in scene.tubes)
        even = np.ptp(scene.grid.voxel_size_mm) < 1e-3 * edge
        picture_mean = [
            np.log(settings.blur_voxels * edge),
            settings.scene.blur_shape,
            scene.background.mean,
            0.0,
            0.0,
            0.0,
        ]
        picture_sd = [
            settings.blur_log_sd,
            0.0 if even else settings.scene.blur_shape_sd,
            scene.background.sd,
            *[0.1 * depth] * 3,
        ]
        low, high = _bounds(len(tubes))
        return cls(
            mean=np.concatenate([*(m for m, _ in tubes), surface_mean, picture_mean]),
            sd=np.concatenate([*(s for _, s in tubes), surface_sd, picture_sd]),
            low=low,
            high=high,
        )


def _tube(
    tube: TubeInScene, settings: MeasureSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    radius = tube.course.radius_mm
    mean, sd = np.zeros(forward.PER_TUBE), np.zeros(forward.PER_TUBE)
    offsets = _offset_sds(tube, settings)[: tube.terms]
    for start in (forward.OFFSET_U, forward.OFFSET_V):
        sd[start : start + tube.terms] = offsets
    mean[forward.LOG_RADIUS] = np.log(radius)
    sd[forward.LOG_RADIUS] = min(settings.fit_radius_sd_mm / radius, 0.5)
    mean[forward.CONTRAST] = tube.contrast.mean
    sd[forward.CONTRAST] = tube.contrast.sd
    if not tube.is_neighbour:
        sd[forward.STRETCH] = sd[forward.SHEAR] = tube.stretch_sd
        sd[forward.TAPER] = settings.taper_sd_per_mm
    return mean, sd


def _offset_sds(tube: TubeInScene, settings: MeasureSettings) -> NDArray[np.float64]:
    """Sd of every power of arc length by which a course may be off, shape (TERMS,).

    Where a curvature of sd k is alike over a length a, with the correlation
    exp(-x^2 / 2 a^2), its derivatives have sds of k / a and 3^0.5 k / a^2 (Rasmussen
    and Williams 2006, section 4.1.1). An offset's coefficients are its derivatives
    over 2!, 3! and 4!, the second of them being the curvature.
    """
    bend, alike = settings.bend_sd_per_mm, settings.scene.alike_mm
    return np.array(
        [
            np.hypot(tube.course.position_sd_mm, settings.centre_sd_mm),
            settings.slope_sd,
            bend,
            bend / 3 / alike,
            bend * 3**0.5 / 12 / alike**2,
        ]
    )


def _bounds(tubes: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a trial step is kept: calibre, shape, taper and blur."""
    picture = tubes * forward.PER_TUBE + forward.PER_SURFACE
    high = np.full(picture + forward.PER_PICTURE, np.inf)
    low = -high
    for number in range(tubes):
        start = number * forward.PER_TUBE
        size, taper = start + forward.LOG_RADIUS, start + forward.TAPER
        low[size], high[size] = np.log(0.12), np.log(4.0)
        stretch = slice(start + forward.STRETCH, start + forward.SHEAR + 1)
        low[stretch], high[stretch] = -0.8, 0.8
        low[taper], high[taper] = -0.15, 0.15
    blur = picture + forward.LOG_BLUR
    low[blur], high[blur] = np.log(0.05), np.log(1.5)
    shape = picture + forward.BLUR_SHAPE
    low[shape], high[shape] = -0.5, 1.5
    return low, high
