"""Vessels without flow signal: dark tubes in the bright cistern of a T2.

Nerves, veins and arteries are all dark there. Known tubes (CN VII, CN VIII, arteries
of the angiography) are taken out of the image first, so that a vessel lying on a
nerve stands alone. What remains is followed here and judged elsewhere
(`nvc.segment.dark.judge`): by its fitted contrast, for blur lifts a thin void to the
grey of a nerve and raw darkness decides nothing, by how it passes CN VII, and by what
it goes on from (`nvc.segment.dark.grow`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import cc3d
import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from nvc.segment.arteries.tof import RADIUS_PER_SCALE
from nvc.segment.dark.grow import NO_TRACK, grow, is_same
from nvc.segment.dark.judge import DarkTube, judge
from nvc.segment.dark.track import Track, make_track
from nvc.tubes.disc import blur_discs, tabulate_disc
from nvc.tubes.skeleton import find_ridge_lines, trace_tree
from nvc.tubes.stations.course import (
    Course,
    Expectation,
    follow,
)
from nvc.tubes.stations.drawing import draw_tubes, locate_voxels_mm
from nvc.tubes.stations.known import (
    NERVE_CONTRAST,
    cut_doubles,
    join_neighbours,
    make_neighbours,
)
from nvc.tubes.stations.picture import measure_spread
from nvc.tubes.vesselness import TubeResponse, respond_to_tubes

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.dark.by_nerve import Facial
    from nvc.segment.dark.searched_box import SearchedBox
    from nvc.settings import VesselsSettings
    from nvc.tubes.stations.values import Picture

SCALES_MM = (0.35, 0.5, 0.7, 1.0, 1.4)
FIRST = Expectation(
    centre_sd_mm=0.4,
    radius_log_sd=0.5,
    contrast_sd=0.25,
    pooled_contrast_sd=0.25,
    contrast_smoothing_mm=20.0,
)
DOUBT = Expectation(centre_sd_mm=0.3, radius_log_sd=0.5, contrast_sd=0.2)
"""About a nerve's contrast: only the voxels can make it darker."""

LAST = Expectation(
    centre_sd_mm=0.2,
    radius_log_sd=0.3,
    contrast_sd=0.2,
    pooled_contrast_sd=0.08,
    contrast_smoothing_mm=20.0,
)

SOFT_SHARE, STRONG_SHARE = 0.4, 0.55
"""Of the answer to the thinnest free tube: a wider vessel of slow flow that lies on
the pons, with fluid on one side only, answers no better, nor does one as thin as a
voxel that runs between voxels' centres."""

LINE_REACH_MM = 0.9
"""How far from a path its own ridge may wander; what lies farther off is another."""

TRUSTED_SHARPER = 0.92
SHARPER = 0.75
"""A too wide point spread makes a thin nerve look as dark as a void, so that tubes
are judged with a sharper one than measured, and a much sharper one than assumed."""


def find_dark_tubes(
    searched: SearchedBox,
    picture: Picture,
    facials: list[Facial],
    nerves: list[Course],
    arteries: list[Course],
    settings: VesselsSettings,
) -> list[DarkTube]:
    """Look for dark tubes around the facial nerves.

    Parameters
    ----------
    searched : SearchedBox
        The reference on its scale.
    picture : Picture
        The same, ready for fitting; its point spread is measured already where there
        are arteries.
    facials : list of Facial
        CN VII of each side from the root exit to the porus.
    nerves, arteries : list of Course
        Known tubes.
    settings : VesselsSettings
        Sizes and thresholds.
    """
    known = nerves + arteries
    contrast = searched.void - 1.0
    around = join_neighbours(
        [make_neighbours(nerves, 0.15, 0.15), make_neighbours(arteries, 0.1, 0.2)]
    )
    starts: list[Course] = []
    for facial in facials:
        starts += _candidates(
            picture, facial.course.points_mm, known, contrast, settings
        )
    fitted = [follow(picture, start, FIRST, around) for start in starts]
    kept = cut_doubles([course for course in fitted if len(course) > 3])
    softness = TRUSTED_SHARPER
    if not arteries:
        measured = measure_spread(picture, kept, around)
        softness = SHARPER if measured is picture else TRUSTED_SHARPER
        picture = measured
    sharper = picture._replace(spread_mm2=picture.spread_mm2 * softness**2)
    tracks: list[Track] = []
    found: list[DarkTube] = []
    for n, course in enumerate(kept):
        others = make_neighbours(kept[:n] + kept[n + 1 :], 0.15, 0.3)
        doubted = replace(course, contrast=np.full(len(course), NERVE_CONTRAST))
        again = follow(
            sharper, doubted, DOUBT, join_neighbours([around, others]), rounds=1
        )
        track = make_track(searched, sharper, again, known, settings)
        if track is not None:
            track = replace(track, number=n)
            tracks.append(track)
            found += judge(searched, track, facials, settings)

    def seen(guess: Course) -> Track | None:
        doubted = replace(guess, contrast=np.full(len(guess), NERVE_CONTRAST))
        again = follow(sharper, doubted, DOUBT, around, rounds=2)
        return make_track(searched, sharper, again, known, settings)

    last: list[DarkTube] = []
    for tube in grow(found, tracks, facials, searched.void, seen):
        beside = join_neighbours(
            [around, make_neighbours(_others(kept, tube), 0.15, 0.3)]
        )
        start = replace(tube.course, contrast=np.full(len(tube.course), contrast))
        course = follow(picture, start, LAST, beside, rounds=2)
        last.append(replace(tube, course=course))
    return last


def _others(kept: list[Course], tube: DarkTube) -> list[Course]:
    """Every tube that was followed but this one."""
    if tube.track != NO_TRACK:
        return kept[: tube.track] + kept[tube.track + 1 :]
    return [course for course in kept if not is_same(course, [tube])]


def _candidates(
    picture: Picture,
    facial_mm: NDArray[np.float64],
    known: list[Course],
    contrast: float,
    settings: VesselsSettings,
) -> list[Course]:
    """Dark ridges near the nerve that no known tube explains."""
    part = _box(picture, facial_mm, settings.reach_mm)
    if min(s.stop - s.start for s in part) < 7:
        return []
    places = locate_voxels_mm(picture, part)
    voxels = picture.voxels[part]
    image = np.minimum(voxels - draw_tubes(picture, places, known), 1.1)
    edge = np.linalg.norm(picture.to_mm[:3, :3], axis=0)
    size = (float(edge[0]), float(edge[1]), float(edge[2]))
    response = respond_to_tubes(image.astype(np.float32), size, SCALES_MM, bright=False)
    thinnest = _answer(picture, size, settings.smallest_radius_mm, -contrast)
    gap, _ = cKDTree(facial_mm).query(places, distance_upper_bound=settings.reach_mm)
    soft = (response.strength > SOFT_SHARE * thinnest) & np.isfinite(gap)
    soft &= _in_csf(voxels, size)
    soft = find_ridge_lines(soft, response.strength)
    labels = cc3d.connected_components(soft, connectivity=26)
    strong = np.unique(labels[soft & (response.strength > STRONG_SHARE * thinnest)])
    starts: list[Course] = []
    for label in strong.tolist():
        starts += _starts(
            labels == label, response, (picture, part), contrast, settings
        )
    return starts


def _box(
    picture: Picture, points_mm: NDArray[np.float64], margin_mm: float
) -> tuple[slice, slice, slice]:
    """Voxels of the picture that hold the points and a margin."""
    ijk = points_mm @ picture.to_voxel[:3, :3].T + picture.to_voxel[:3, 3]
    margin = margin_mm / np.linalg.norm(picture.to_mm[:3, :3], axis=0)
    limit = np.array(picture.voxels.shape)
    low = np.clip(np.floor(ijk.min(axis=0) - margin), 0, limit).astype(int)
    high = np.clip(np.ceil(ijk.max(axis=0) + margin) + 1, low, limit).astype(int)
    a, b, c = (slice(int(m), int(n)) for m, n in zip(low, high, strict=True))
    return a, b, c


def _in_csf(
    voxels: NDArray[np.float32], size: tuple[float, float, float]
) -> NDArray[np.bool_]:
    """Places with a good share of CSF within some 2 mm."""
    csf = (voxels > 0.5).astype(np.float32)
    share = ndimage.gaussian_filter(csf, 1.5 / np.array(size))
    return np.asarray(share > 0.25)


def _answer(
    picture: Picture,
    size: tuple[float, float, float],
    radius_mm: float,
    contrast: float,
) -> float:
    """Response of the filter to the thinnest tube that is looked for.

    The tube is drawn along each axis of the grid; the weakest answer counts.
    """
    spread = float(np.sqrt(np.trace(picture.spread_mm2) / 3.0))
    answers = []
    for axis in range(3):
        across = [q for q in range(3) if q != axis]
        count = [int(np.ceil(4.0 / edge)) * 2 + 1 for edge in size]
        offset = [(np.arange(count[q]) - count[q] // 2) * size[q] for q in across]
        gap = np.hypot(offset[0][:, None], offset[1][None, :])
        disc = blur_discs(
            gap.ravel(), np.full(gap.size, radius_mm), spread, tabulate_disc()
        ).reshape(gap.shape)
        tube = np.repeat(np.expand_dims(disc * contrast, axis), count[axis], axis)
        found = respond_to_tubes(tube.astype(np.float32), size, SCALES_MM)
        centre = tuple(n // 2 for n in found.strength.shape)
        answers.append(float(found.strength[centre]))
    return min(answers)


def _starts(
    component: NDArray[np.bool_],
    response: TubeResponse,
    where: tuple[Picture, tuple[slice, slice, slice]],
    contrast: float,
    settings: VesselsSettings,
) -> list[Course]:
    """Paths through one component, as first guesses."""
    picture, part = where
    size = np.linalg.norm(picture.to_mm[:3, :3], axis=0)
    calibre = RADIUS_PER_SCALE * response.scale_mm
    branches = trace_tree(
        component,
        response.strength,
        np.minimum(calibre, np.float32(LINE_REACH_MM)),
        (float(size[0]), float(size[1]), float(size[2])),
        settings.shortest_mm,
    )
    starts = []
    for branch in branches:
        ijk = branch.voxels + np.array([s.start for s in part])
        radius = calibre[tuple(branch.voxels.T)].astype(float)
        starts.append(
            Course(
                points_mm=ijk @ picture.to_mm[:3, :3].T + picture.to_mm[:3, 3],
                radius_mm=np.maximum(radius, settings.smallest_radius_mm),
                contrast=np.full(len(ijk), contrast),
            )
        )
    return starts
