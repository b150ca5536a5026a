"""Follow CN VII and CN VIII from the canal to the brainstem."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from nvc.model.stages import Origin, SideLandmarks, Tube
from nvc.segment.image.planes import PlaneStack, lay_planes
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.nerves.evidence import weigh_places
from nvc.segment.nerves.pair_paths import find_best_pair
from nvc.segment.nerves.sections import SectionPrior, fit_sections
from nvc.segment.nerves.seen import is_seen
from nvc.settings.nerve import NerveSettings
from nvc.tubes.curve import runs, unit
from nvc.tubes.disc_pair_fit import CrossSection, Disc
from nvc.tubes.smoothing import smooth_course

if TYPE_CHECKING:
    from nvc.numerics import Count


_FEWEST_PLANES: Count[int] = 8
"""Of a way: both nerves are longer."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairCourses:
    """Both nerves from the canal (first) towards the brainstem (last).

    Parameters
    ----------
    facial, vestibulocochlear : Tube
        With radius and uncertainty.
    response : ndarray, shape (N,)
        Spot response along CN VII as first found, about 1 on an ideal nerve.
    seen : ndarray of bool, shape (N,)
        Where along CN VII the image tells its place.
    contrast_facial, contrast_vestibulocochlear : float
        Pooled difference to CSF on the tissue scale; about 1 is the brain's level.
    """

    facial: Tube
    vestibulocochlear: Tube
    response: NDArray[np.float64]
    seen: NDArray[np.bool_]
    contrast_facial: float
    contrast_vestibulocochlear: float


def follow_pair(
    around: Surroundings,
    seeds: SideLandmarks,
    position_sd_mm: float,
    settings: NerveSettings,
) -> PairCourses:
    """Find both nerves between the canal and the brainstem.

    Both ends are held: the pair begins in the canal and ends in the brain, however
    far that is, so that a weak stretch is bridged and no course ends in open fluid.

    Parameters
    ----------
    around : Surroundings
        Image, brain (where the search ends) and head.
    seeds : SideLandmarks
        Fundus, porus and root detachment, all given.
    position_sd_mm : float
        How far the seeds may be off, one sigma per axis.
    settings : NerveSettings
        Sizes and weights.
    """
    stack = lay_planes(
        _way(around, seeds, position_sd_mm, settings),
        around.head.axes,
        step_mm=settings.step_mm,
        half_width_mm=settings.half_width_mm,
        spacing_mm=settings.spacing_mm,
        corner_mm=2.0,
    )
    evidence = weigh_places(around, stack, settings)
    sd = np.full(len(stack.origins_mm), settings.way_sd_mm)
    cost = evidence.cost + _prior(stack, sd, settings)
    pair = find_best_pair(cost, stack.spacing_mm, settings, hidden=evidence.in_brain)
    index = np.arange(len(stack.origins_mm))
    courses = _refine(
        around,
        stack.to_ras_mm(index, pair.facial),
        stack.to_ras_mm(index, pair.vestibulocochlear),
        settings,
    )
    at = (index, *pair.facial_at.T)
    share = np.linspace(0, 1, len(courses.facial.points_mm))
    response = np.interp(share, np.linspace(0, 1, len(index)), evidence.response[at])
    seen = is_seen(around, courses.facial, settings)
    return replace(
        courses,
        response=response,
        seen=seen,
        facial=replace(
            courses.facial,
            # Between its neighbours and the brain the pair's spread is all that tells.
            position_sd_mm=np.where(
                seen, courses.facial.position_sd_mm, settings.separation_sd_mm
            ),
        ),
    )


def _way(
    around: Surroundings,
    seeds: SideLandmarks,
    position_sd_mm: float,
    settings: NerveSettings,
) -> NDArray[np.float64]:
    """Roughly where the pair runs: from the fundus to some way into the brain.

    Only the canal is taken from the seeds, and a root that a reader set. Whither the
    free nerves run anatomy tells better than a seed of the root, which in a slab may be
    off by more than 10 mm; how far the brain is, and how far aside, the image tells.
    """
    known = (seeds.fundus_mm, seeds.porus_mm, seeds.root_detachment_mm)
    fundus, porus, root = (np.asarray(point, dtype=float) for point in known)
    medial = unit(root - porus)
    if seeds.source is not Origin.CONFIRMED:
        outwards = np.sign((porus - around.head.origin_mm) @ around.head.axes[:, 0])
        course = np.array(settings.free_direction) * (outwards, 1.0, 1.0)
        medial = -unit(around.head.axes @ course)
    begin = porus - settings.search_lateral_mm * medial
    stack = lay_planes(
        np.stack([begin, porus + settings.search_medial_mm * medial]),
        around.head.axes,
        step_mm=settings.search_step_mm,
        half_width_mm=settings.search_half_width_mm,
        spacing_mm=settings.search_spacing_mm,
    )
    evidence = weigh_places(around, stack, settings)
    beyond_porus = (stack.origins_mm - porus) @ medial
    spread = settings.search_slope * np.clip(beyond_porus, 0.0, None)
    # A direction that is off is so once, not in every plane: it is paid at the end.
    off = _prior(stack, np.hypot(position_sd_mm, spread), settings)
    at_porus = np.abs(beyond_porus) < settings.search_lateral_mm
    cost = evidence.cost + np.where(at_porus[:, None, None], off, np.float32(0.0))
    # How long the free nerve usually is; it ends in the brain.
    length = (beyond_porus - settings.free_length_mm) / settings.free_length_sd_mm
    end = np.where(evidence.in_brain, 0.0, settings.plane.not_arrived_cost)
    end += settings.length_weight * length[:, None, None] ** 2 / 2
    end += settings.end_weight * off
    end[: _FEWEST_PLANES - 1] = np.inf
    pair = find_best_pair(
        cost,
        stack.spacing_mm,
        settings,
        end_cost=end.astype(np.float32),
        hidden=evidence.in_brain,
    )
    index = np.arange(len(pair.facial))
    way = stack.to_ras_mm(index, (pair.facial + pair.vestibulocochlear) / 2)
    way = smooth_course(way, np.full(len(way), 1.0), settings.stiffness_mm)
    inward = unit(way[-1] - way[-min(5, len(way))])
    return np.vstack([fundus, way, way[-1] + settings.beyond_root_mm * inward])


def _prior(
    stack: PlaneStack, sd_mm: NDArray[np.float64], settings: NerveSettings
) -> NDArray[np.float32]:
    """Cost of lying off the planes' origins, shape (S, W, W); none grows for ever."""
    square = stack.offsets_mm[:, None] ** 2 + stack.offsets_mm[None, :] ** 2
    off = np.minimum(square / sd_mm[:, None, None] ** 2, settings.plane.far_off_sds**2)
    return np.asarray(settings.prior_weight * off / 4, dtype=np.float32)


def _refine(
    around: Surroundings,
    facial: NDArray[np.float64],
    vestibulocochlear: NDArray[np.float64],
    settings: NerveSettings,
) -> PairCourses:
    """Re-centre both courses by fitting discs, and smooth what was fitted."""
    facial, vestibulocochlear = (
        smooth_course(course, np.full(len(course), 1.0), settings.stiffness_mm)
        for course in (facial, vestibulocochlear)
    )
    contrast = (settings.contrast, settings.contrast)
    contrast_sd = settings.contrast_sd
    for position_sd in (0.6, 0.3, 0.3):
        stack = lay_planes(
            facial,
            around.head.axes,
            step_mm=settings.step_mm,
            half_width_mm=settings.fit_half_width_mm,
            spacing_mm=settings.fit_spacing_mm,
        )
        expected = SectionPrior(contrast, contrast_sd, position_sd)
        sections = fit_sections(around, stack, vestibulocochlear, expected, settings)
        one = _tube(stack, [section.facial for section in sections], settings)
        two = _tube(stack, [s.vestibulocochlear for s in sections], settings)
        facial, vestibulocochlear = one.points_mm, two.points_mm
        contrast = _pool_contrast(sections)
        contrast_sd = settings.pooled_contrast_sd
    return PairCourses(
        facial=one,
        vestibulocochlear=two,
        response=np.zeros(len(facial)),
        seen=np.ones(len(facial), dtype=bool),
        contrast_facial=contrast[0],
        contrast_vestibulocochlear=contrast[1],
    )


def _tube(stack: PlaneStack, discs: list[Disc], settings: NerveSettings) -> Tube:
    """Smooth the discs of one nerve into a tube."""
    sd = np.array([disc.sd_mm for disc in discs])
    centres = np.array([disc.centre for disc in discs])
    course = stack.to_ras_mm(np.arange(len(discs)), centres)
    return Tube(
        points_mm=smooth_course(course, sd, settings.stiffness_mm),
        radius_mm=_smooth_radius(
            np.array([disc.radius_mm for disc in discs]),
            np.array([disc.sd_radius_mm for disc in discs]),
            settings,
        ),
        position_sd_mm=sd,
    )


def _pool_contrast(sections: list[CrossSection]) -> tuple[float, float]:
    """One contrast a nerve, from the planes that tell it best."""
    sd = np.array([section.facial.sd_mm for section in sections])
    contrasts = np.array(
        [(s.facial.contrast, s.vestibulocochlear.contrast) for s in sections]
    )
    facial, vestibulocochlear = np.median(contrasts[sd <= np.median(sd)], axis=0)
    return float(facial), float(vestibulocochlear)


def _smooth_radius(
    radius: NDArray[np.float64], sd: NDArray[np.float64], settings: NerveSettings
) -> NDArray[np.float64]:
    """Weighted running mean of the radius over the stiffness length."""
    sigma = settings.stiffness_mm / 2 / settings.step_mm
    at = np.arange(len(radius))
    kernel = np.exp(-((at[:, None] - at[None, :]) ** 2) / (2 * sigma**2)) / sd**2
    mean: NDArray[np.float64] = (kernel @ radius) / kernel.sum(axis=1)
    return mean


def turn_round(tube: Tube) -> Tube:
    """Turn a course round, so that it starts at the brainstem."""
    return Tube(
        points_mm=tube.points_mm[::-1].copy(),
        radius_mm=tube.radius_mm[::-1].copy(),
        position_sd_mm=tube.position_sd_mm[::-1].copy(),
    )


def cut_to_seen(tube: Tube, settings: NerveSettings) -> Tube:
    """Return the longest stretch whose place the image tells, not the prior alone.

    A nerve does not jump: where the course does, it went over to something else.

    Parameters
    ----------
    tube : Tube
        One centre a plane.
    settings : NerveSettings
        What counts as told, and as a jump.

    Returns
    -------
    Tube
        All of it where no stretch is told.
    """
    steps = np.linalg.norm(np.diff(tube.points_mm, axis=0), axis=1)
    # Where planes fan out, the centres on their inner side lie closer than the planes.
    usual = max(float(np.median(steps)), settings.step_mm)
    jumps = steps > settings.jump_factor * usual
    told = tube.position_sd_mm < settings.seen_sd_mm
    told[:-1] &= ~jumps
    first, stop = max(
        runs(told, least=2),
        key=lambda stretch: stretch[1] - stretch[0],
        default=(0, len(told)),
    )
    return tube.part(slice(first, stop))
