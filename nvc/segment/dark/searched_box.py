"""The part of the reference in which vessels are looked for, on a scale of its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
from scipy import ndimage

from nvc.sampling import Sampler, crop
from nvc.segment.arteries.tof import TofTissue
from nvc.tubes.stations.picture import make_picture

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import Companion, Regions, SideNerves, TissueLevels
    from nvc.numerics import Count
    from nvc.settings.groups.vessels import SearchedSettings
    from nvc.tubes.stations.values import Picture

_FEWEST_DEEP: Count[int] = 500
_FEWEST: Count[int] = 200
"""Voxels for a level: those well inside a mask are rather taken where there are many,
as a mask has its edges in other tissue."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SearchedBox:
    """The searched part of the reference, on a scale of brain 0 and CSF 1.

    Parameters
    ----------
    box : Volume
        Cut from the reference; its own intensities.
    levels : TissueLevels
        Which intensities are brain and CSF.
    scaled : Sampler
        Of the box, brain 0 and CSF 1; NaN outside.
    void : float
        Level of the darkest tissue, which a flow void shares; brain is 0.
    """

    box: Volume
    levels: TissueLevels
    scaled: Sampler
    void: float

    @classmethod
    def around(
        cls, reference: Volume, points_mm: NDArray[np.float64], levels: TissueLevels
    ) -> SearchedBox:
        """Cut the box that holds the points, shape (N, 3)."""
        box = crop(reference, points_mm, 0.0)
        span = levels.csf - levels.brain
        voxels = (np.asarray(box.voxels, dtype=np.float32) - levels.brain) / span
        scaled = type(box)(grid=box.grid, voxels=voxels.astype(np.float32))
        sampler = Sampler.over(scaled, order=1)
        darkest = np.quantile(sampler.coefficients, 0.03)
        void = float(np.clip(darkest, -2.0, -0.2))
        return cls(box=box, levels=levels, scaled=sampler, void=void)

    def is_void(
        self, levels: NDArray[np.float32] | NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Tell which levels are nearer to a void's than to brain's."""
        return np.asarray(levels < 0.5 * self.void)

    def picture(self, point_spread_voxels: float) -> Picture:
        """Return the box made ready for fitting, brain 0 and CSF 1."""
        span = self.levels.csf - self.levels.brain
        return make_picture(
            self.box, self.levels.brain, span, self.levels.noise, point_spread_voxels
        )

    def open_fraction(
        self,
        points_mm: NDArray[np.float64],
        radius_mm: NDArray[np.float64],
        gap_mm: float,
    ) -> NDArray[np.float64]:
        """Fraction of directions in which CSF lies some way off the wall.

        Parameters
        ----------
        points_mm : ndarray, shape (N, 3)
            Centres.
        radius_mm : ndarray, shape (N,)
            Calibres.
        gap_mm : float
            How far off.

        Returns
        -------
        ndarray, shape (N,)
            0 to 1; NaN outside the box.
        """
        away = np.array([o for o in product((-1, 0, 1), repeat=3) if any(o)], float)
        away /= np.linalg.norm(away, axis=1, keepdims=True)
        reach = (radius_mm + gap_mm)[:, None, None]
        values = self.scaled(points_mm[:, None] + reach * away[None])
        bright = np.where(np.isnan(values), np.nan, values > 0.5)
        with np.errstate(all="ignore"):
            known = np.isfinite(bright).sum(axis=1)
            total = np.nansum(bright, axis=1)
        return np.where(known > 0, total / np.maximum(known, 1), np.nan)


def find_corners(
    regions: Regions, sides: Mapping[Side, SideNerves], settings: SearchedSettings
) -> NDArray[np.float64] | None:
    """Return corners of the searched box, mm of the working frame, or None.

    Parameters
    ----------
    regions : Regions
        Landmarks of both sides and the head's directions.
    sides : mapping of Side to SideNerves
        Nerves, where found.
    settings : SearchedSettings
        How far the box reaches beyond them.
    """
    points = [
        point
        for region in regions.sides.values()
        for point in (
            region.landmarks.root_exit_point_mm,
            region.landmarks.root_detachment_mm,
            region.landmarks.porus_mm,
        )
        if point is not None
    ]
    points += [p for s in sides.values() if s.facial for p in s.facial.points_mm]
    if not points:
        return None
    found = np.array(points)
    if regions.head is None:
        low, high = found.min(axis=0), found.max(axis=0)
        margin = settings.front_mm
        return np.array(list(product(*zip(low - margin, high + margin, strict=True))))
    head = regions.head.to_head(found)
    low, high = head.min(axis=0), head.max(axis=0)
    low[0], high[0] = min(low[0], -5.0), max(high[0], 5.0)
    low -= (settings.lateral_mm, settings.back_mm, settings.height_mm)
    high += (settings.lateral_mm, settings.front_mm, settings.height_mm)
    return regions.head.to_ras_mm(np.array(list(product(*zip(low, high, strict=True)))))


def pick_brain_and_csf(
    searched: SearchedBox | None, brainstem: Volume | None, settings: SearchedSettings
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return voxels inside brain and inside CSF: places, mm, each shape (N, 3).

    Parameters
    ----------
    searched : SearchedBox or None
        Reference with tissue levels; without it there is no CSF.
    brainstem : Volume or None
        Mask of brain, preferred for brain where it is given.
    settings : SearchedSettings
        How near to a level a voxel must be.
    """
    brain, csf = np.zeros((0, 3)), np.zeros((0, 3))
    if searched is not None:
        size = np.array(searched.box.grid.voxel_size_mm)
        even = ndimage.gaussian_filter(searched.scaled.coefficients, 0.7 / size)
        brain = _some(searched.box, np.abs(even) < settings.near_level)
        csf = _some(searched.box, even > 1.0 - settings.near_level)
    if brainstem is not None:
        deep = _deep_within(brainstem, settings.deep_share)
        brain = deep if len(deep) > _FEWEST_DEEP else brain
    return brain, csf


def _deep_within(brainstem: Volume, share: float) -> NDArray[np.float64]:
    """Return where voxels of a mask lie that are well inside it, mm."""
    mask = np.asarray(brainstem.voxels) > 0
    found = ndimage.find_objects(mask.astype(np.uint8))
    if not found:
        return np.zeros((0, 3))
    size = np.array(brainstem.grid.voxel_size_mm)
    margin = np.ceil(3.0 / size).astype(int)
    part = tuple(
        slice(max(s.start - m, 0), s.stop + m)
        for s, m in zip(found[0], margin, strict=True)
    )
    inner = ndimage.gaussian_filter(mask[part].astype(np.float32), 1.0 / size)
    first = np.array([s.start for s in part], dtype=float)
    return brainstem.grid.to_ras_mm(_some_of(inner > share) + first)


def _some(volume: Volume, mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return where some 20 000 voxels of a mask lie, mm, evenly taken."""
    return volume.grid.to_ras_mm(_some_of(mask))


def _some_of(mask: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Return some 20 000 indices of a mask, evenly taken."""
    ijk = np.argwhere(mask)
    return ijk[:: max(1, len(ijk) // 20000)].astype(float)


def learn_tissue(
    companion: Companion,
    box: Volume,
    brain_mm: NDArray[np.float64],
    csf_mm: NDArray[np.float64],
) -> tuple[TofTissue, NDArray[np.bool_]]:
    """Learn what brain and CSF look like in a companion.

    Parameters
    ----------
    companion : Companion
        The angiography.
    box : Volume
        Its searched part.
    brain_mm, csf_mm : ndarray, shape (N, 3)
        Places of brain and of CSF, mm of the working frame.

    Returns
    -------
    TofTissue
        Its levels.
    ndarray of bool, shape ``box.grid.shape``
        Voxels that are brain; all of them where no place is known.
    """
    mask = np.zeros(box.grid.shape, dtype=bool)
    brain, at = _values(companion, box, brain_mm)
    if len(brain) < _FEWEST:
        mask[:] = True
        brain = np.asarray(box.voxels, dtype=float).ravel()[::7]
    else:
        mask[tuple(at.T)] = True
    level = float(np.median(brain))
    # Vessels lie above; the half below the median is tissue alone.
    spread = float(1.4826 * np.median(level - brain[brain <= level]))
    even = ndimage.gaussian_filter(np.asarray(box.voxels, dtype=np.float32), 2.0)
    calm = even[mask]
    drift = float(1.4826 * np.median(np.abs(calm - np.median(calm))))
    csf, _ = _values(companion, box, csf_mm)
    low = float(np.median(csf)) if len(csf) >= _FEWEST else 0.5 * level
    tissue = TofTissue(
        csf=min(low, level), brain=level, spread=max(spread, 1e-6), drift=drift
    )
    return tissue, mask


def _values(
    companion: Companion, box: Volume, points_mm: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Intensities of the voxels nearest to reference points, and their indices."""
    if not len(points_mm):
        return np.zeros(0), np.zeros((0, 3), dtype=np.int64)
    ijk = np.rint(box.grid.to_voxel(companion.to_companion_mm(points_mm))).astype(int)
    ijk = ijk[np.all((ijk >= 0) & (ijk < np.array(box.grid.shape)), axis=1)]
    return np.asarray(box.voxels[tuple(ijk.T)], dtype=float), ijk
