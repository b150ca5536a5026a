"""Follow CN VII and CN VIII from the canal to the brainstem."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nvc.model.stages import SideLandmarks, Tube
from nvc.segment.image.planes import PlaneStack, lay_planes
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.nerves.pair_paths import PairPath, find_best_pair, respond_to_spots
from nvc.segment.nerves.regain import find_last_trusted, track_onward
from nvc.segment.nerves.sections import SectionPrior, fit_sections
from nvc.settings.nerve import NerveSettings
from nvc.tubes.curve import runs
from nvc.tubes.disc_pair_fit import CrossSection, Disc
from nvc.tubes.smoothing import smooth_course


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairCourses:
    """Both nerves from the canal (first) towards the brainstem (last).

    Parameters
    ----------
    facial, vestibulocochlear : Tube
        With radius and uncertainty.
    response : ndarray, shape (N,)
        Spot response along CN VII as first found.
    contrast_facial, contrast_vestibulocochlear : float
        Pooled difference to CSF on the tissue scale; about 1 is the brain's level.
    """

    facial: Tube
    vestibulocochlear: Tube
    response: NDArray[np.float64]
    response_vestibulocochlear: NDArray[np.float64]
    contrast_facial: float
    contrast_vestibulocochlear: float


def follow_pair(
    around: Surroundings,
    seeds: SideLandmarks,
    position_sd_mm: float,
    settings: NerveSettings,
) -> PairCourses:
    """Find both nerves between the canal and the brainstem.

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
        _seed_course(seeds, settings),
        around.head.axes,
        step_mm=settings.step_mm,
        half_width_mm=settings.half_width_mm,
        spacing_mm=settings.spacing_mm,
        corner_mm=2.0,
    )
    points = stack.points_mm()
    n = around.scale(points)
    response = respond_to_spots(n, stack.spacing_mm, settings.step_mm, settings)
    depth = np.nan_to_num(around.brain(points), nan=10.0)
    # Inside the brain there is no spot; the path goes straight on.
    response = np.where(depth < -settings.surface_gap_mm, 0.0, response)
    share = np.linspace(0, 1, len(stack.origins_mm))
    prior_sd = position_sd_mm * (1.0 + share)
    pair = find_best_pair(response, stack.spacing_mm, prior_sd, settings)
    index = np.arange(len(stack.origins_mm))
    facial = stack.to_ras_mm(index, pair.facial)
    vestibulocochlear = stack.to_ras_mm(index, pair.vestibulocochlear)
    courses = _refine(around, facial, vestibulocochlear, pair, settings)
    trusted = len(courses.facial.points_mm)
    for aside_sd_mm in settings.onward_sds_mm:
        lost = find_last_trusted(around, courses.facial, settings)
        if lost is None:
            break
        # Where it went astray again, that began before it showed.
        trusted = min(trusted, lost)
        eighth = courses.vestibulocochlear.points_mm
        found = track_onward(
            around, courses.facial, eighth, (trusted, aside_sd_mm), settings
        )
        courses = _refine(around, found, eighth, pair, settings)
    return courses


def _seed_course(seeds: SideLandmarks, settings: NerveSettings) -> NDArray[np.float64]:
    """Fundus, porus, root, and a little further into the brain."""
    known = (seeds.fundus_mm, seeds.porus_mm, seeds.root_detachment_mm)
    fundus, porus, root = (np.asarray(point, dtype=float) for point in known)
    inward = root - porus
    inward /= np.linalg.norm(inward)
    return np.stack([fundus, porus, root, root + settings.beyond_root_mm * inward])


def _refine(
    around: Surroundings,
    facial: NDArray[np.float64],
    vestibulocochlear: NDArray[np.float64],
    pair: PairPath,
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
    at = np.linspace(0, 1, len(facial))
    was = np.linspace(0, 1, len(pair.response_facial))
    return PairCourses(
        facial=one,
        vestibulocochlear=two,
        response=np.interp(at, was, pair.response_facial),
        response_vestibulocochlear=np.interp(at, was, pair.response_vestibulocochlear),
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
        runs(told), key=lambda stretch: stretch[1] - stretch[0], default=(0, 0)
    )
    return tube.part(slice(first, stop)) if stop - first > 1 else tube
