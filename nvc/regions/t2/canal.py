"""The internal auditory canal: a tube of fluid in bone."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.regions.t2.canal_sections import link_sections
from nvc.regions.t2.planes import STEP_MM, PlaneBlock, sample_planes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.regions.head.levels import Contrast
    from nvc.regions.t2.canal_sections import CanalSection
    from nvc.sampling import Sampler
    from nvc.settings.groups.regions import CanalSettings
    from nvc.settings.regions import RegionsSettings


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Canal:
    """An internal auditory canal.

    Parameters
    ----------
    centre_mm : ndarray, shape (3,)
        Point on the axis in the middle of the enclosed part, mm of the working frame.
    outward : ndarray, shape (3,)
        Unit vector along the axis towards the fundus.
    fundus_mm : ndarray, shape (3,)
        Lateral end, mm of the working frame.
    radius_mm : float
        Of the circle of equal area.
    enclosed_mm : float
        Length over which bone encloses it all round.
    fluid : float
        What a fifth of its sections exceeds in three of four, bone 0 and CSF 1: nerves
        are no fluid, and the labyrinth beyond a filled canal is not its.
    score : float
        Higher is more canal-like.
    """

    centre_mm: NDArray[np.float64]
    outward: NDArray[np.float64]
    fundus_mm: NDArray[np.float64]
    radius_mm: float
    enclosed_mm: float
    fluid: float
    score: float


def find_canal(
    sampler: Sampler,
    contrast: Contrast,
    ear_mm: NDArray[np.float64],
    outward: NDArray[np.float64],
    settings: RegionsSettings,
) -> Canal | None:
    """Find the canal medial to an inner ear.

    Parameters
    ----------
    sampler : Sampler
        The reference around the ear.
    contrast : Contrast
        Levels on this side.
    ear_mm : ndarray, shape (3,)
        Roughly the labyrinth, mm of the working frame.
    outward : ndarray, shape (3,)
        Unit vector to this side of the head.
    settings : RegionsSettings
        Sizes and limits.

    Returns
    -------
    Canal or None
        None where no tube of the right size opens medially.
    """
    start = ear_mm + settings.canal_search_lateral_mm * outward
    block = sample_planes(
        sampler,
        contrast,
        start,
        -outward,
        length_mm=settings.canal_search_lateral_mm + settings.canal_search_medial_mm,
        half_width_mm=settings.canal_search_half_width_mm,
    )
    best = _best_canal(block, contrast, (ear_mm, outward), settings)
    for _ in range(settings.canal_refinements):
        better = None if best is None else _refined(sampler, contrast, best, settings)
        if better is None:
            break
        best = better
    return None if best is None else _weigh(sampler, contrast, best, outward, settings)


def _weigh(
    sampler: Sampler,
    contrast: Contrast,
    canal: Canal,
    outward: NDArray[np.float64],
    settings: RegionsSettings,
) -> Canal:
    """Return the canal, its score by what else tells it from a foramen of the skull.

    The canal runs across the head, and the fluid of the labyrinth lies just beyond its
    fundus; the jugular foramen leads downwards, into solid bone.
    """
    tilt = np.degrees(np.arccos(min(abs(float(canal.outward @ outward)), 1.0)))
    across = np.exp(-0.5 * (tilt / settings.canal.tilt_sd_deg) ** 2)
    fluid = _beyond_fundus(sampler, contrast, canal, settings.canal)
    leads_to_ear = min(fluid / settings.canal.labyrinth_fluid, 1.0)
    return replace(canal, score=float(canal.score * across * leads_to_ear))


def _beyond_fundus(
    sampler: Sampler, contrast: Contrast, canal: Canal, settings: CanalSettings
) -> float:
    """Return the brightest place where the labyrinth should be, 0 bone, 1 CSF."""
    reach = settings.labyrinth_mm
    side = np.arange(-reach, reach + STEP_MM, STEP_MM)
    local = np.stack(np.meshgrid(side, side, side, indexing="ij"), axis=-1)
    middle = canal.fundus_mm + reach * canal.outward
    values = np.nan_to_num(contrast.normalise(sampler(middle + local)), nan=0.0)
    smooth = ndimage.gaussian_filter(values, settings.labyrinth_sigma_mm / STEP_MM)
    clear = local @ canal.outward > settings.plate_mm - reach
    inside = (np.linalg.norm(local, axis=-1) <= reach) & clear
    return float(max(smooth[inside].max(), 0.0))


def _best_canal(
    block: PlaneBlock,
    contrast: Contrast,
    line: tuple[NDArray[np.float64], NDArray[np.float64]],
    settings: RegionsSettings,
) -> Canal | None:
    """Return the best chain at any threshold near a line (point, direction)."""
    found = [
        _as_canal(block, chain, *line, settings)
        for share in settings.canal_thresholds
        for chain in link_sections(block, share, settings)
    ]
    canals = [canal for canal in found if canal is not None]
    return max(canals, key=lambda canal: canal.score, default=None)


def _as_canal(
    block: PlaneBlock,
    chain: list[CanalSection],
    ear_mm: NDArray[np.float64],
    outward: NDArray[np.float64],
    settings: RegionsSettings,
) -> Canal | None:
    """Judge one chain of patches; None if it is no canal."""
    last = chain[-1].plane
    if last + 2 >= len(block.values) or not _opens(block, chain[-1], settings.canal):
        return None
    indices = np.array([(s.plane, *s.middle) for s in chain])
    centre, axis = fit_line(block.to_ras_mm(indices))
    if axis @ outward < 0:
        axis = -axis
    if axis @ outward < np.cos(np.deg2rad(settings.canal_tilt_max_deg)):
        return None
    area = float(np.median([s.area_mm2 for s in chain]))
    radius = float(np.sqrt(area / np.pi))
    length = len(chain) * STEP_MM
    enclosed = [not section.is_open for section in chain]
    along = (block.to_ras_mm(indices[enclosed]) - centre) @ axis
    aside = np.linalg.norm(np.cross(ear_mm - centre, axis))
    if aside > settings.canal_beside_ear_mm:
        return None
    lateral_mm = block.to_ras_mm(indices[0])
    size = np.exp(-0.5 * ((2 * radius - settings.canal_diameter_mm) / 1.5) ** 2)
    near = np.exp(-0.5 * (aside / settings.canal_beside_ear_mm) ** 2)
    roundness = float(np.mean([s.roundness for s in chain]))
    score = min(length / settings.canal_length_mm, 1.0) * (0.3 + size) * near
    return Canal(
        centre_mm=centre + along.mean() * axis,
        outward=axis,
        fundus_mm=lateral_mm,
        radius_mm=radius,
        enclosed_mm=sum(enclosed) * STEP_MM,
        fluid=float(np.percentile([s.brightest for s in chain], 25.0)),
        score=float(score * roundness),
    )


def _opens(block: PlaneBlock, last: CanalSection, settings: CanalSettings) -> bool:
    """Tell whether fluid or brain lies in each plane medially of the last patch."""
    ahead = block.values[last.plane + 1 : last.plane + 7][:, last.pixels]
    if ahead.size == 0:
        return False
    return bool(np.median(ahead, axis=1).min() > settings.opens_min * last.fluid)


def fit_line(
    points_mm: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fit a line to ordered points, shape (N, 3), robustly.

    Returns
    -------
    centre, direction : ndarray, shape (3,)
        Weighted mean and unit vector from the last to the first point.
    """
    weights = np.ones(len(points_mm))
    for _ in range(5):
        centre = np.average(points_mm, axis=0, weights=weights)
        centred = points_mm - centre
        _, _, vt = np.linalg.svd(centred * np.sqrt(weights)[:, None])
        direction = vt[0]
        off = np.linalg.norm(centred - np.outer(centred @ direction, direction), axis=1)
        # Huber-like: half a sample is ordinary scatter.
        weights = 1 / np.maximum(1.0, off / (0.5 * STEP_MM))
    if direction @ (points_mm[0] - points_mm[-1]) < 0:
        direction = -direction
    return centre, direction


def _refined(
    sampler: Sampler, contrast: Contrast, canal: Canal, settings: RegionsSettings
) -> Canal | None:
    """Look again in planes across the canal's own axis."""
    start = canal.fundus_mm + 6.0 * canal.outward
    along = float((start - canal.centre_mm) @ canal.outward)
    start = canal.centre_mm + along * canal.outward
    block = sample_planes(
        sampler,
        contrast,
        start,
        -canal.outward,
        length_mm=along + 14.0,
        half_width_mm=8.0,
    )
    line = (canal.centre_mm, canal.outward)
    found = _best_canal(block, contrast, line, settings)
    if found is None or _far(found, canal, settings.canal):
        return None
    return _with_fundus(block, found, settings.canal)


def _far(found: Canal, before: Canal, settings: CanalSettings) -> bool:
    """Tell whether a chain is another structure than the canal found before."""
    gap = found.centre_mm - before.centre_mm
    across = gap - (gap @ before.outward) * before.outward
    return bool(np.linalg.norm(across) > settings.aside_max_mm)


def _with_fundus(block: PlaneBlock, canal: Canal, settings: CanalSettings) -> Canal:
    """Return the canal with its lateral end where its fluid fades into bone."""
    medial = block.axes[:, 0]
    offset = canal.centre_mm - block.origin_mm
    middle = (block.values.shape[1] - 1) / 2
    rows, columns = np.indices(block.values.shape[1:])
    profile = np.empty(len(block.values))
    for plane in range(len(block.values)):
        along = (plane * STEP_MM - offset @ medial) / (canal.outward @ medial)
        on_axis = canal.centre_mm + along * canal.outward - block.origin_mm
        row, column = on_axis @ block.axes[:, 1:] / STEP_MM + middle
        near = (rows - row) ** 2 + (columns - column) ** 2
        disc = near <= (settings.core * canal.radius_mm / STEP_MM) ** 2
        profile[plane] = block.values[plane][disc].mean() if disc.any() else 0.0
    inside = round(float(offset @ medial) / STEP_MM)
    lateral = _fades_at(profile, inside, settings)
    along = (lateral * STEP_MM - offset @ medial) / (canal.outward @ medial)
    return replace(canal, fundus_mm=canal.centre_mm + along * canal.outward)


def _fades_at(
    profile: NDArray[np.float64], inside: int, settings: CanalSettings
) -> float:
    """Return the fractional plane, lateral of `inside`, where fluid gives way.

    Halfway between the canal's own level and the darkest place before the
    labyrinth, or the first plane where nothing darker lies there.
    """
    inside = int(np.clip(inside, 1, len(profile) - 1))
    plateau = float(np.median(profile[inside : inside + 5]))
    lateral = profile[: inside + 1][::-1]
    darkest = plateau
    for step, value in enumerate(lateral):
        darkest = min(darkest, float(value))
        is_plate = darkest < settings.plate_max * plateau
        if is_plate and value > darkest + settings.labyrinth_rise * plateau:
            lateral = lateral[: step + 1]
            break
    half = (plateau + darkest) / 2
    below = np.nonzero(lateral < half)[0]
    if darkest > settings.fades_max * plateau or len(below) == 0 or below[0] == 0:
        return float(max(inside - len(lateral) + 1, 0))
    first = int(below[0])
    above, under = lateral[first - 1], lateral[first]
    return inside - (first - 1 + (above - half) / max(above - under, 1e-6))
