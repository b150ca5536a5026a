"""Put the pieces of one side together: both nerves and the landmarks on them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from nvc.model.anatomy import Side
from nvc.model.stages import (
    HeadFrame,
    Origin,
    SideLandmarks,
    SideNerves,
    SideRegion,
    Tube,
)
from nvc.segment.image.brain_surface import BrainSurface
from nvc.segment.image.surroundings import Surroundings
from nvc.segment.nerves.one_band import widen_to_band
from nvc.segment.nerves.pair import PairCourses, cut_to_seen, follow_pair, turn_round
from nvc.segment.root.attached import (
    EXIT_ESTIMATED,
    Root,
    follow_attached,
    join_root,
)
from nvc.segment.root.detachment import faces_aside, find_detachment, refine_detachment
from nvc.settings import NerveSettings, Settings
from nvc.settings.groups.nerve import SeenSettings
from nvc.tubes.curve import nearest_index, resample_tube_about
from nvc.tubes.stations.course import is_within


def give_up(region: SideRegion, *reasons: str) -> SideNerves:
    """Return a side without nerves, and why."""
    return SideNerves(
        facial=None,
        vestibulocochlear=None,
        landmarks=replace(
            region.landmarks, root_exit_point_mm=None, root_detachment_mm=None
        )
        if region.landmarks.source is Origin.PROPOSED
        else region.landmarks,
        reasons=(*region.reasons, *reasons),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Followed:
    """What was found on one side, and what its root can be looked for again with.

    Parameters
    ----------
    nerves : SideNerves
        Nerves and landmarks.
    exit_seed_mm : ndarray, shape (3,), or None
        Where the root exit was expected; None where CN VII was not found or a reader
        has set its root exit.
    skin_mm : float
        How far below the thresholded surface the brain ends at the root detachment.
    """

    nerves: SideNerves
    exit_seed_mm: NDArray[np.float64] | None = None
    skin_mm: float = 0.0


def follow_side(
    around: Surroundings, region: SideRegion, side: Side, settings: Settings
) -> Followed:
    """Find CN VII, CN VIII and the root's landmarks on one side.

    Parameters
    ----------
    around : Surroundings
        Image, brain and head.
    region : SideRegion
        Seeds; confirmed landmarks are kept as they are.
    side : Side
        The patient's.
    settings : Settings
        Of nerves; of regions the usual length of a canal.
    """
    nerve = settings.nerve
    seeds = _complete(region.landmarks, around.head, side, settings)
    if seeds is None:
        reason = "the canal or the root could not be located"
        return Followed(nerves=give_up(region, reason))
    courses = follow_pair(around, seeds, region.position_sd_mm, nerve)
    course, porus = courses.facial, np.asarray(seeds.porus_mm)
    lateral = side.sign * around.head.axes[:, 0]
    is_stem = faces_aside(around.brain, course.points_mm, lateral, nerve)
    rough = _arrival(around, course, region, (porus, is_stem), nerve)
    if rough is None:
        reason = "CN VII could not be followed as far as the brainstem"
        return Followed(nerves=give_up(region, reason))
    unseen_mm, free_mm = _measure_unseen(courses, _arc_of(course, porus), rough)
    # Of a free nerve without length nothing is seen.
    if unseen_mm >= settings.nerve.unseen_share_max * free_mm:
        reason = "no nerve stands out between canal and brainstem"
        return Followed(nerves=give_up(region, reason))
    pair = (course, courses.vestibulocochlear)
    root_arc, skin_mm = refine_detachment(around, course, pair, rough, is_stem, nerve)
    given = region.landmarks.source is Origin.CONFIRMED
    if given and region.landmarks.root_detachment_mm is not None:
        root_arc = rough
    free = _cut(turn_round(course), root_arc, course)
    exit_seed = np.asarray(seeds.root_exit_point_mm)
    if not given:
        # What was learnt about the detachment the seed of the exit does not know yet.
        exit_seed = exit_seed + free.points_mm[0] - np.asarray(seeds.root_detachment_mm)
    eighth = turn_round(courses.vestibulocochlear)
    eighth = cut_to_seen(_outside_brain(eighth, around.brain), nerve)
    eighth = resample_tube_about(eighth, nerve.output_step_mm)
    root = follow_attached(around, free, eighth, exit_seed, skin_mm, nerve)
    free, joined_mm = widen_to_band(free, eighth, np.asarray(seeds.porus_mm), nerve)
    facial = resample_tube_about(join_root(root, free), nerve.output_step_mm)
    landmarks = SideLandmarks(
        root_exit_point_mm=root.attached.points_mm[0],
        root_detachment_mm=free.points_mm[0],
        porus_mm=seeds.porus_mm,
        fundus_mm=region.landmarks.fundus_mm,
    )
    if given:
        landmarks = _prefer(region.landmarks, landmarks)
    return Followed(
        nerves=SideNerves(
            facial=facial,
            vestibulocochlear=eighth,
            landmarks=landmarks,
            confidence=_confidence(courses, nerve),
            reasons=(*region.reasons, *_limits(root, joined_mm, unseen_mm, nerve.seen)),
            exit_within_mm=root.exit_within_mm,
            before_exit_mm=root.before_exit_mm,
        ),
        exit_seed_mm=None if given else exit_seed,
        skin_mm=skin_mm,
    )


def _measure_unseen(
    courses: PairCourses, porus_mm: float, root_mm: float
) -> tuple[float, float]:
    """Length of the free CN VII that is not seen, and of all of it, mm."""
    arc = courses.facial.arc_length_mm()
    free = (arc >= porus_mm) & (arc <= root_mm)
    step = float(arc[-1]) / max(len(arc) - 1, 1)
    return float((free & ~courses.seen).sum() * step), float(free.sum() * step)


def _limits(
    root: Root, joined_mm: float, unseen_mm: float, settings: SeenSettings
) -> list[str]:
    """Say what of CN VII is not seen by itself."""
    limits = []
    if unseen_mm >= settings.unseen_min_mm:
        limits.append(
            f"CN VII does not stand out over {unseen_mm:.0f} mm of its way from canal "
            "to brainstem: its course there is estimated from what lies beside it"
        )
    if not root.is_complete:
        limits.append(EXIT_ESTIMATED)
    if joined_mm > 0.0:
        limits.append(
            f"CN VII and CN VIII cannot be told apart over {joined_mm:.0f} mm: the "
            "gap there is that of both together"
        )
    return limits


def _arrival(
    around: Surroundings,
    course: Tube,
    region: SideRegion,
    known: tuple[NDArray[np.float64], NDArray[np.bool_]],
    settings: NerveSettings,
) -> float | None:
    """Arc length at which CN VII roughly reaches the brain; None where it does not.

    A reader's root detachment is taken as it is. Known are the porus, and where the
    brain beside the course may be the brainstem.
    """
    given = region.landmarks
    if given.source is Origin.CONFIRMED and given.root_detachment_mm is not None:
        return _arc_of(course, given.root_detachment_mm)
    porus_mm, is_stem = known
    first_mm = _arc_of(course, porus_mm)
    expected_mm = first_mm + settings.free_length_mm
    return find_detachment(
        course, around.brain, first_mm, expected_mm, settings.surface_gap_mm, is_stem
    )


def _complete(
    landmarks: SideLandmarks, head: HeadFrame, side: Side, settings: Settings
) -> SideLandmarks | None:
    """Fill seeds that anatomy gives from the others; None if too few are known."""
    porus, root = landmarks.porus_mm, landmarks.root_detachment_mm
    if porus is None or root is None:
        return None
    fundus, leave = landmarks.fundus_mm, landmarks.root_exit_point_mm
    if fundus is None:
        fundus = porus + side.sign * settings.regions.canal_length_mm * head.axes[:, 0]
    if leave is None:
        # Attached segment: down and back along the pons towards the sulcus.
        step = np.array([-side.sign * 5.0, -4.0, -5.0])
        length = settings.nerve.attached_mm
        leave = root + head.axes @ (step / np.linalg.norm(step) * length)
    return SideLandmarks(
        root_exit_point_mm=leave,
        root_detachment_mm=root,
        porus_mm=porus,
        fundus_mm=fundus,
        source=landmarks.source,
    )


def _prefer(given: SideLandmarks, found: SideLandmarks) -> SideLandmarks:
    """The reader's landmarks, completed by what was found."""
    return SideLandmarks(
        root_exit_point_mm=_first(given.root_exit_point_mm, found.root_exit_point_mm),
        root_detachment_mm=_first(given.root_detachment_mm, found.root_detachment_mm),
        porus_mm=_first(given.porus_mm, found.porus_mm),
        fundus_mm=_first(given.fundus_mm, found.fundus_mm),
        source=Origin.CONFIRMED,
    )


def _first(
    one: NDArray[np.float64] | None, other: NDArray[np.float64] | None
) -> NDArray[np.float64] | None:
    return other if one is None else one


def _arc_of(course: Tube, point_mm: NDArray[np.float64]) -> float:
    """Arc length of the place on a course nearest to a point."""
    fine = resample_tube_about(course, 0.05)
    return float(fine.arc_length_mm()[nearest_index(fine.points_mm, point_mm)])


def _cut(from_root: Tube, root_arc: float, course: Tube) -> Tube:
    """The part of the course from the detachment to the canal's end."""
    total = float(course.arc_length_mm()[-1])
    fine = resample_tube_about(from_root, 0.1)
    arc = fine.arc_length_mm()
    keep = arc >= min(total - root_arc, arc[-1] - 1.0) - 1e-6
    return fine.part(keep)


def _outside_brain(tube: Tube, brain: BrainSurface) -> Tube:
    """Cut the end that runs on inside the brain."""
    outside = brain(tube.points_mm) > 0.0
    first = int(np.argmax(outside | ~np.isfinite(brain(tube.points_mm))))
    first = min(first, len(tube.points_mm) - 2)
    return tube.part(slice(first, None))


def _free_part(courses: PairCourses, settings: SeenSettings) -> NDArray[np.bool_]:
    """The middle of the course, away from the canal's end and the brain."""
    share = np.linspace(0, 1, len(courses.response))
    return is_within(share, settings.middle)


def _confidence(courses: PairCourses, settings: NerveSettings) -> float:
    """How far the course stands out, 0 to 1; saturates at a clear nerve."""
    response = float(np.median(courses.response[_free_part(courses, settings.seen)]))
    return float(np.clip(response / settings.clear_response, 0.0, 1.0))
