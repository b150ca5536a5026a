"""Both canals of a T2: candidate pairs of inner ears, verified by their canals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.regions.canal import Canal, find_canal
from nvc.regions.ears import EarPair, ear_places, find_ear_pairs
from nvc.regions.levels import Contrast, measure_contrast, noise_level
from nvc.regions.porus import BoneFace, find_porus
from nvc.sampling import Sampler, crop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.regions.midplane import MirrorPlane
    from nvc.settings.regions import RegionsSettings

_MARGIN_MM = 16.0
"""Around ear and canal; holds the rays that look for the bone's face."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SideFinding:
    """What was found on one side.

    Parameters
    ----------
    contrast : Contrast or None
        Levels there; None where three tissues cannot be told apart.
    canal : Canal or None
        None where no canal was found.
    face : BoneFace or None
        None where the petrous bone's face was not found.
    """

    contrast: Contrast | None
    canal: Canal | None
    face: BoneFace | None

    @property
    def score(self) -> float:
        """How canal-like the canal is; 0 without one."""
        return 0.0 if self.canal is None else self.canal.score


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Finding:
    """A pair of inner ears with what lies medial of them.

    Parameters
    ----------
    pair : EarPair
        The ears.
    sides : mapping of Side to SideFinding
        Both sides.
    mismatch_mm : float or None
        Distance of the right porus from the mirror image of the left one; None
        unless both were found.
    """

    pair: EarPair
    sides: Mapping[Side, SideFinding]
    mismatch_mm: float | None

    @property
    def score(self) -> float:
        """Rank among the pairs of one image."""
        canals = sum(side.score for side in self.sides.values())
        match = 0.0 if self.mismatch_mm is None else np.exp(-self.mismatch_mm / 5.0)
        return float(canals + 0.5 * self.pair.score + 0.5 * match)

    def is_sure(self, settings: RegionsSettings) -> bool:
        """Tell whether no other pair need be looked at."""
        return (
            self.mismatch_mm is not None
            and self.mismatch_mm < settings.seed_disagreement_mm
            and min(s.score for s in self.sides.values()) >= settings.canal_score_sure
        )


def search(
    reference: Volume,
    coarse: Volume,
    mirror: MirrorPlane,
    settings: RegionsSettings,
    on_progress: Callable[[float], None] | None = None,
) -> Finding | None:
    """Find the inner ears and canals.

    Parameters
    ----------
    reference : Volume
        Full resolution, CSF bright, canonical storage order.
    coarse : Volume
        The same at about 1 mm.
    mirror : MirrorPlane
        Pairs an ear with the place of a missing other one.
    settings : RegionsSettings
        Sizes and limits.
    on_progress : callable, optional
        Called with the fraction done.

    Returns
    -------
    Finding or None
        None where no pair has even one canal.
    """
    best: Finding | None = None
    pairs = find_ear_pairs(coarse, settings)[: settings.verified_pairs]
    pairs += _lone_ears(coarse, mirror, settings) if mirror.likeness > 0 else []
    for number, pair in enumerate(pairs):
        if on_progress is not None:
            on_progress(number / len(pairs))
        if best is not None and number >= settings.verified_pairs:
            break
        finding = _verify(reference, coarse, pair, settings)
        if finding.is_sure(settings):
            return finding
        if max(side.score for side in finding.sides.values()) <= 0:
            continue
        if best is None or finding.score > best.score:
            best = finding
    return best


def _lone_ears(
    coarse: Volume, mirror: MirrorPlane, settings: RegionsSettings
) -> list[EarPair]:
    """Pair each ear-like place with its mirror image, whatever is there."""
    pairs = []
    for place in ear_places(coarse, settings):
        height = mirror.height_of(place)
        apart = 2 * abs(height)
        if not settings.ear_distance_min_mm < apart < settings.ear_distance_max_mm:
            continue
        other = place - 2 * height * mirror.rightward
        left, right = (other, place) if height > 0 else (place, other)
        pairs.append(EarPair(left_mm=left, right_mm=right, score=0.0, symmetry=0.0))
    return pairs[: settings.verified_pairs]


def _verify(
    reference: Volume, coarse: Volume, pair: EarPair, settings: RegionsSettings
) -> Finding:
    """Look for the canals medial of a pair of ears."""
    noise = noise_level(crop(reference, pair.middle_mm[None], 20.0))
    sides = {
        Side.LEFT: look_at_side(
            reference, coarse, pair.left_mm, -pair.rightward, noise, settings
        ),
        Side.RIGHT: look_at_side(
            reference, coarse, pair.right_mm, pair.rightward, noise, settings
        ),
    }
    return Finding(pair=pair, sides=sides, mismatch_mm=_mismatch(pair, sides))


def _mismatch(pair: EarPair, sides: Mapping[Side, SideFinding]) -> float | None:
    """Return how far the two pori are from mirroring each other, mm."""
    left, right = sides[Side.LEFT].face, sides[Side.RIGHT].face
    if left is None or right is None:
        return None
    height = (left.porus_mm - pair.middle_mm) @ pair.rightward
    mirrored = left.porus_mm - 2 * height * pair.rightward
    return float(np.linalg.norm(mirrored - right.porus_mm))


def look_at_side(
    reference: Volume,
    coarse: Volume,
    ear_mm: NDArray[np.float64],
    outward: NDArray[np.float64],
    noise: float,
    settings: RegionsSettings,
) -> SideFinding:
    """Measure levels, canal and bone face medial of one ear.

    Parameters
    ----------
    reference, coarse : Volume
        Full resolution, and at about 1 mm.
    ear_mm : ndarray, shape (3,)
        RAS mm.
    outward : ndarray, shape (3,)
        Unit vector to this side.
    noise : float
        Standard deviation of the noise.
    settings : RegionsSettings
        Sizes and limits.
    """
    inner = ear_mm - settings.canal_search_medial_mm * outward
    ends = np.stack([ear_mm, inner])
    contrast = None
    if coarse.grid.contains(ear_mm):
        contrast = measure_contrast(crop(coarse, ends, _MARGIN_MM), noise)
    if contrast is None:
        return SideFinding(contrast=None, canal=None, face=None)
    sampler = Sampler.over(crop(reference, ends, _MARGIN_MM))
    canal = find_canal(sampler, contrast, ear_mm, outward, settings)
    if canal is None or canal.score < settings.canal_score_min:
        return SideFinding(contrast=contrast, canal=None, face=None)
    face = find_porus(sampler, contrast, canal, settings)
    return SideFinding(contrast=contrast, canal=canal, face=face)
