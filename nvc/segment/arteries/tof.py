"""Arteries in a time-of-flight angiography, on its own grid.

Inflowing blood is brighter than any tissue of the posterior fossa; nerves are as
bright as brain. What the tissue looks like is learnt from the voxels that the
reference shows to be brain, so that the scale of the intensities does not matter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import cc3d
import numpy as np
from scipy import ndimage

from nvc.tubes.curve import runs
from nvc.tubes.skeleton import trace_tree
from nvc.tubes.smoothing import smooth_values
from nvc.tubes.stations.course import Course, Expectation, follow, is_shown, is_within
from nvc.tubes.stations.known import cut_doubles, link_ends, make_neighbours
from nvc.tubes.stations.picture import make_picture, measure_spread
from nvc.tubes.stations.values import Picture, no_neighbours
from nvc.tubes.vesselness import respond_to_tubes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.numerics import Count, Exact
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.vessels import AngiographySettings

_FEWEST_FOR_NOISE: Count[int] = 100
_FEWEST_OF_BRAIN: Count[int] = 500
RADIUS_PER_SCALE: Exact[float] = 1.3
"""Radius of the tube that answers best at a scale, over that scale."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TofTissue:
    """What surrounds the arteries, in the intensities of the angiography.

    Parameters
    ----------
    csf, brain : float
        Typical intensities.
    spread : float
        Robust standard deviation of brain: noise, texture and shading.
    drift : float
        The same after smoothing: what does not average out.
    """

    csf: float
    brain: float
    spread: float
    drift: float


def measure_noise(voxels: NDArray[np.float32], where: NDArray[np.bool_]) -> float:
    """Robust noise from second differences along the first axis in `where`."""
    twice = voxels[1:-1] - 0.5 * (voxels[:-2] + voxels[2:])
    inside = where[1:-1]
    if inside.sum() < _FEWEST_FOR_NOISE:
        inside = np.ones_like(inside)
    return float(1.4826 * np.median(np.abs(twice[inside])) / np.sqrt(1.5))


def trace_arteries(
    box: Volume, tissue: TofTissue, brain: NDArray[np.bool_], settings: VesselsSettings
) -> tuple[list[Course], Picture]:
    """Follow every bright tube of a box.

    Parameters
    ----------
    box : Volume
        The searched part of the angiography, in its own world.
    tissue : TofTissue
        What surrounds the arteries.
    brain : ndarray of bool, shape ``box.grid.shape``
        Voxels known to be brain.
    settings : VesselsSettings
        Sizes and thresholds.

    Returns
    -------
    courses : list of Course
        In mm of the angiography's own axes, thickest first.
    picture : Picture
        The scaled box they were fitted to.
    """
    size = box.grid.voxel_size_mm
    voxels = np.asarray(box.voxels, dtype=np.float32)
    response = respond_to_tubes(voxels, size, settings.angiography.scales_mm)
    mask = _bright_tubes(
        voxels, response.strength, (tissue, brain), settings.angiography
    )
    unit = _artery_level(voxels, mask) - tissue.csf
    noise = measure_noise(voxels, brain)
    picture = make_picture(box, tissue.csf, unit, noise, settings.point_spread_voxels)
    calibre = RADIUS_PER_SCALE * response.scale_mm
    labels, count = cc3d.connected_components(mask, connectivity=26, return_N=True)
    boxes = ndimage.find_objects(labels)
    courses: list[Course] = []
    for label in range(1, count + 1):
        part = tuple(slice(max(s.start - 1, 0), s.stop + 1) for s in boxes[label - 1])
        origin = np.array([s.start for s in part])
        branches = trace_tree(
            labels[part] == label,
            response.strength[part],
            calibre[part] + np.float32(0.6),
            size,
            settings.shortest_mm,
        )
        for branch in branches:
            ijk = branch.voxels + origin
            radius = calibre[tuple(ijk.T)].astype(float)
            courses.append(
                Course(
                    points_mm=box.grid.to_ras_mm(ijk.astype(float)),
                    radius_mm=np.maximum(radius, settings.smallest_radius_mm),
                    contrast=picture.voxels[tuple(ijk.T)].astype(float) + 0.1,
                )
            )
    fitted = [_first_fit(picture, course, settings) for course in courses]
    # Nerves and edges are ridges too: they go first, or they would cut the vessels
    # that cross them.
    lit = [part for c in fitted for part in cut_lit_parts(c, tissue, unit, settings)]
    kept = cut_doubles(lit)
    picture = measure_spread(picture, kept, no_neighbours())
    refined = refit_together(picture, link_ends(kept), settings)
    return [
        part for c in refined for part in cut_lit_parts(c, tissue, unit, settings)
    ], picture


def _bright_tubes(
    voxels: NDArray[np.float32],
    strength: NDArray[np.float32],
    known: tuple[TofTissue, NDArray[np.bool_]],
    settings: AngiographySettings,
) -> NDArray[np.bool_]:
    """Ridge voxels no darker than brain, joined to clear ones."""
    tissue, brain = known
    if brain.sum() <= _FEWEST_OF_BRAIN:
        brain = np.ones_like(brain)
    strong, usual = np.quantile(strength[brain], (0.995, 0.75))
    # In noise alone the one is 1.8 to 2.9 times the other; more are arteries.
    low = float(min(strong, settings.most_of_usual * usual))
    # One voxel of a thin vessel may drown in noise; a small average does not.
    even = ndimage.gaussian_filter(voxels, settings.smoothing_voxels)
    level = even[brain]
    middle = float(np.median(level))
    spread = 1.4826 * float(np.median(middle - level[level <= middle]))
    # A thin artery in dark CSF averages to less than brain: the brightness of its lumen
    # is judged later, from the fit. Here it must not be darker than brain for sure.
    soft = even > tissue.brain - 2.0 * spread
    soft &= strength > settings.soft_of_noise * low
    hard = soft & (even > tissue.brain - spread) & (strength > 2.0 * low)
    labels = cc3d.connected_components(soft, connectivity=26)
    keep = np.zeros(int(labels.max()) + 1, dtype=bool)
    keep[np.unique(labels[hard])] = True
    keep[0] = False
    return np.asarray(keep[labels])


def _artery_level(voxels: NDArray[np.float32], mask: NDArray[np.bool_]) -> float:
    """Intensity of a well-filled artery: high among what the mask holds."""
    inside = voxels[mask]
    if not len(inside):
        return float(voxels.max()) + 1e-3
    return float(np.quantile(inside, 0.95))


def _first_fit(picture: Picture, start: Course, settings: VesselsSettings) -> Course:
    return follow(
        picture,
        start,
        Expectation(),
        no_neighbours(),
        rounds=2,
        step_mm=settings.station_mm,
    )


def refit_together(
    picture: Picture, courses: list[Course], settings: VesselsSettings
) -> list[Course]:
    """Fit each vessel again with the others as its neighbours."""
    refined = []
    for n, course in enumerate(courses):
        others = courses[:n] + courses[n + 1 :]
        around = make_neighbours(others, 0.1, 0.3)
        expect = Expectation(centre_sd_mm=0.3, contrast_sd=0.2)
        refined.append(
            follow(
                picture, course, expect, around, rounds=2, step_mm=settings.station_mm
            )
        )
    return refined


def cut_lit_parts(
    course: Course, tissue: TofTissue, unit: float, settings: VesselsSettings
) -> list[Course]:
    """Keep the stretches whose lumen is brighter than brain beyond doubt."""
    fit = course.fitted
    if fit is None:
        return []
    brain = (tissue.brain - tissue.csf) / unit
    usable = is_shown(fit, settings.significance)
    sd = np.maximum(fit.contrast_sd, 0.02)
    steps = settings.angiography.lumen_smoothing_mm / settings.station_mm
    lumen = smooth_values(fit.level + fit.contrast, usable / sd**2, steps)
    error = np.hypot(sd / np.sqrt(steps), tissue.drift / unit)
    rise = lumen - brain
    lit = usable & (rise > 2.0 * error)
    lit &= rise > settings.least_inflow * (1.0 - brain)
    lit &= is_within(course.radius_mm, settings.fitted_radius_mm)
    least = max(4, round(settings.shortest_mm / settings.station_mm))
    bridged = runs(lit, bridge=round(1.5 / settings.station_mm), least=least)
    return [course.cut(a, b) for a, b in bridged]
