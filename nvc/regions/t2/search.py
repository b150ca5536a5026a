"""Both canals of a T2: candidate pairs of inner ears, verified by their canals."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import numpy as np

from nvc.model.anatomy import Side
from nvc.regions.head.head_frame import build_head_frame
from nvc.regions.head.levels import (
    Contrast,
    estimate_noise,
    measure_brain_of_csf,
    measure_contrast,
)
from nvc.regions.head.mirror import MirrorPlane
from nvc.regions.t2.canal import Canal, find_canal
from nvc.regions.t2.ears import EarPair, find_ear_pairs, find_ear_places, pair_ears
from nvc.regions.t2.porus import BoneFace, find_porus
from nvc.sampling import Sampler, crop

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from nvc.model.grid import Volume
    from nvc.numerics import Layout
    from nvc.settings.regions import RegionsSettings

_MARGIN_MM: Layout[float] = 16.0
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
    filled : Canal or None
        A canal that holds tissue in place of fluid.
    """

    contrast: Contrast | None
    canal: Canal | None
    face: BoneFace | None
    filled: Canal | None = None

    @property
    def any_canal(self) -> Canal | None:
        """The canal, filled or not."""
        return self.canal or self.filled

    @property
    def score(self) -> float:
        """How canal-like the canal is, filled or not; 0 without one."""
        return 0.0 if self.any_canal is None else self.any_canal.score


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

    @property
    def shows_anything(self) -> bool:
        """Whether either side has a canal with a mouth, or one that is filled."""
        return any(
            s.face is not None or s.filled is not None for s in self.sides.values()
        )

    @property
    def best_canal(self) -> Canal | None:
        """The more canal-like canal that holds fluid."""
        canals = [side.canal for side in self.sides.values() if side.canal is not None]
        return max(canals, key=lambda canal: canal.score, default=None)

    @property
    def best_score(self) -> float:
        """Score of that canal; 0 without one."""
        return 0.0 if self.best_canal is None else self.best_canal.score

    def is_sure(self, settings: RegionsSettings) -> bool:
        """Tell whether no other pair need be looked at."""
        return self._is_mirrored(settings) and self._has_sure_canals(settings)

    def shows_both(self, settings: RegionsSettings) -> bool:
        """Tell whether both canals were found; one may be filled.

        What is no canal seldom has its mirror image on the other side.
        """
        if self.mismatch_mm is None:
            return self._has_sure_canals(settings)
        return self._is_mirrored(settings)

    def _is_mirrored(self, settings: RegionsSettings) -> bool:
        limit = settings.mirror_mismatch_mm
        return self.mismatch_mm is not None and self.mismatch_mm < limit

    def _has_sure_canals(self, settings: RegionsSettings) -> bool:
        return min(s.score for s in self.sides.values()) >= settings.canal_score_sure


def find_ears_and_canals(
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
    noise = estimate_noise(crop(reference, reference.grid.centre_mm[None], 30.0))
    look = _Look(reference=reference, coarse=coarse, noise=noise, settings=settings)
    best = look.at_pairs(find_ear_pairs(coarse, mirror, settings), on_progress)
    if best is not None and best.shows_both(settings):
        return best
    if mirror.likeness < settings.mirror_likeness_min:
        across = coarse.grid.axes_ras[:, 0]
        mirror = MirrorPlane(
            point_mm=coarse.grid.centre_mm, rightward=across, likeness=mirror.likeness
        )
    other = look.at_canals(mirror, on_progress)
    found = [finding for finding in (best, other) if finding is not None]
    return max(found, key=lambda finding: finding.score, default=None)


def _mismatch(pair: EarPair, sides: Mapping[Side, SideFinding]) -> float | None:
    """Return how far the two pori are from mirroring each other, mm."""
    left, right = sides[Side.LEFT].face, sides[Side.RIGHT].face
    if left is None or right is None:
        return None
    height = (left.porus_mm - pair.middle_mm) @ pair.rightward
    mirrored = left.porus_mm - 2 * height * pair.rightward
    return float(np.linalg.norm(mirrored - right.porus_mm))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Look:
    """Looks for canals in one image.

    Parameters
    ----------
    reference, coarse : Volume
        Full resolution, and at about 1 mm.
    noise : float
        Standard deviation of the noise.
    settings : RegionsSettings
        Sizes and limits.
    """

    reference: Volume
    coarse: Volume
    noise: float
    settings: RegionsSettings

    def at_pairs(
        self, pairs: list[EarPair], on_progress: Callable[[float], None] | None
    ) -> Finding | None:
        """Return the first pair that leaves no doubt, else the best with a canal."""
        best: Finding | None = None
        few = pairs[: self.settings.verified_pairs]
        for number, pair in enumerate(few):
            if on_progress is not None:
                on_progress(number / (len(few) + 1))
            finding = self.at_pair(pair)
            if finding.is_sure(self.settings):
                return finding
            if finding.best_score > 0 and (best is None or finding.score > best.score):
                best = finding
        return best

    def at_pair(self, pair: EarPair) -> Finding:
        """Look medial of both ears."""
        head = build_head_frame(self.reference.grid, pair.rightward, pair.middle_mm)
        brain = measure_brain_of_csf(self.coarse, head, self.settings.levels)
        sides = {
            Side.LEFT: self.at_side(pair.left_mm, -pair.rightward, brain),
            Side.RIGHT: self.at_side(pair.right_mm, pair.rightward, brain),
        }
        return Finding(pair=pair, sides=sides, mismatch_mm=_mismatch(pair, sides))

    def at_side(
        self,
        ear_mm: NDArray[np.float64],
        outward: NDArray[np.float64],
        brain_of_csf: float | None = None,
    ) -> SideFinding:
        """Measure levels, canal and bone face medial of one ear.

        `ear_mm` is in mm of the working frame, `outward` a unit vector in it.
        """
        settings = self.settings
        nothing = SideFinding(contrast=None, canal=None, face=None)
        if not self.coarse.grid.contains(ear_mm):
            return nothing
        ends = np.stack([ear_mm, ear_mm - settings.canal_search_medial_mm * outward])
        inner = np.stack([ear_mm - 14.0 * outward, ends[1]])
        contrast = measure_contrast(
            crop(self.coarse, ear_mm[None], 10.0),
            crop(self.coarse, inner, _MARGIN_MM),
            self.noise,
            brain_of_csf,
            settings.levels,
        )
        if contrast is None:
            return nothing
        sampler = Sampler.over(crop(self.reference, ends, _MARGIN_MM))
        canal = find_canal(sampler, contrast, ear_mm, outward, settings)
        if canal is None or canal.score < settings.canal_score_min:
            return SideFinding(contrast=contrast, canal=None, face=None)
        fluid = (canal.fluid - contrast.brain_share) / (1 - contrast.brain_share)
        if fluid < settings.canal_fluid_min:
            return SideFinding(contrast=contrast, canal=None, face=None, filled=canal)
        face = find_porus(sampler, contrast, canal, settings)
        if face is not None:
            length = float((canal.fundus_mm - face.porus_mm) @ canal.outward)
            low, high = settings.canal_length_min_mm, settings.canal_length_max_mm
            face = face if low <= length <= high else None
        return SideFinding(contrast=contrast, canal=canal, face=face)

    def at_canals(
        self, mirror: MirrorPlane, on_progress: Callable[[float], None] | None
    ) -> Finding | None:
        """Pair the ears that lead to canals, and each with its own mirror image.

        An ear under a thin roof, or one that does not mirror the other, is hard to
        tell from the skull's other spaces; that a canal leads to it tells it. Where
        only one side shows a canal, the plane of symmetry is the guide to the other.
        """
        places = find_ear_places(self.coarse, self.settings)
        left, right = (self._ears_of_canals(places, side, mirror) for side in Side)
        pairs = list(product(left, right))
        pairs += [(ear, mirror.mirror(ear)) for ear in left]
        pairs += [(mirror.mirror(ear), ear) for ear in right]
        ears = [pair_ears(*pair, mirror, self.settings) for pair in pairs]
        ears.sort(key=lambda pair: -pair.score)
        return self.at_pairs(ears, on_progress)

    def _ears_of_canals(
        self, places: list[NDArray[np.float64]], side: Side, mirror: MirrorPlane
    ) -> list[NDArray[np.float64]]:
        """Return where the best canals of one side say that its ear is."""
        settings = self.settings
        low, high = settings.ear_distance_min_mm / 2, settings.ear_distance_max_mm / 2
        outward = side.sign * mirror.rightward
        found = [
            self.at_side(place, outward)
            for place in places
            if low < side.sign * mirror.height_of(place) < high
        ]
        ears: list[NDArray[np.float64]] = []
        for finding in sorted(found, key=lambda finding: -finding.score):
            canal = finding.any_canal
            if canal is None or len(ears) == settings.canals_a_side:
                break
            ear = canal.fundus_mm + settings.canal.labyrinth_mm * canal.outward
            apart = [float(np.linalg.norm(ear - other)) for other in ears]
            if min(apart, default=np.inf) > settings.canal.labyrinth_mm:
                ears.append(ear)
        return ears
