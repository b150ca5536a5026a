"""Vessels without flow signal: dark tubes in the bright cistern of a T2.

Nerves, veins and arteries are all dark there. Known tubes (CN VII, CN VIII, arteries
of the angiography) are taken out of the image first, so that a vessel lying on a
nerve stands alone. What remains dark (`ridges`) is followed here, cut into strands of
one level (`strands`), each weighed as vessel, nerve, texture or edge (`explain`), and
joined with what goes on from it (`graph`), also behind what hides it (`across`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from nvc.segment.dark.across import guess_across, is_one
from nvc.segment.dark.explain import Appearance, explain, name_rival, weigh_vessel
from nvc.segment.dark.gather import DarkTube, gather_tubes, guess_between
from nvc.segment.dark.graph import share_odds
from nvc.segment.dark.ridges import find_ridges
from nvc.segment.dark.strands import cut_strands, measure_levels
from nvc.segment.dark.track import find_free, make_track
from nvc.tubes.stations.course import (
    Course,
    Expectation,
    follow,
)
from nvc.tubes.stations.known import (
    NERVE_CONTRAST,
    cut_doubles,
    join_neighbours,
    make_neighbours,
)
from nvc.tubes.stations.picture import measure_spread

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from nvc.segment.dark.explain import Kind
    from nvc.segment.dark.searched_box import SearchedBox
    from nvc.segment.dark.strands import Strand
    from nvc.segment.dark.track import Track
    from nvc.settings import VesselsSettings
    from nvc.settings.groups.strands import StrandsSettings
    from nvc.tubes.stations.values import Neighbours, Picture


def find_dark_tubes(
    searched: SearchedBox,
    picture: Picture,
    facials: list[Course],
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
    facials : list of Course
        CN VII of each side from the root exit to the porus.
    nerves, arteries : list of Course
        Known tubes.
    settings : VesselsSettings
        Sizes and thresholds.

    Returns
    -------
    list of DarkTube
        Those that are vessels, and those that may be.
    """
    around = join_neighbours(
        [make_neighbours(nerves, 0.15, 0.15), make_neighbours(arteries, 0.1, 0.2)]
    )
    known, contrast = nerves + arteries, searched.void - 1.0
    courses = _follow_ridges(searched, picture, facials, (known, around), settings)
    softness = settings.dark.sharper
    if not arteries:
        measured = measure_spread(picture, courses, around)
        if measured is picture:
            softness = settings.dark.sharper_assumed
        picture = measured
    sharper = picture._replace(spread_mm2=picture.spread_mm2 * softness**2)
    doubter = _Doubter(searched, sharper, (known, around), settings)
    appearance = Appearance(
        void=searched.void, nerve=_measure_nerves(doubter, nerves, arteries + courses)
    )
    tracks = doubter.tracks(courses)
    told = _tell(tracks, facials, appearance, settings.strands)
    whole = _follow_across(doubter, picture, courses, (facials, appearance), told)
    if whole:
        courses = cut_doubles(courses, first=whole)
        tracks = doubter.tracks(courses)
        told = _tell(tracks, facials, appearance, settings.strands)
    tubes = gather_tubes(*told, facials, settings.strands)
    # No path led along what lies between two that face each other, yet it may show
    # once one looks where it must be.
    guesses = guess_between(tubes, settings.strands)
    for guess in guesses:
        tracks += doubter.track(guess, around, number=len(courses), rounds=2)
        courses.append(guess)
    if guesses:
        told = _tell(tracks, facials, appearance, settings.strands)
        tubes = gather_tubes(*told, facials, settings.strands)
    last: list[DarkTube] = []
    for tube in tubes:
        beside = join_neighbours([around, _all_but(courses, tube.track)])
        course = _follow_void(picture, tube.course, contrast, beside)
        last.append(replace(tube, course=course))
    return last


def _follow_ridges(
    searched: SearchedBox,
    picture: Picture,
    facials: list[Course],
    known: tuple[list[Course], Neighbours],
    settings: VesselsSettings,
) -> list[Course]:
    """Follow dark ridges about each CN VII, each of them once."""
    starts = [
        start
        for facial in facials
        for start in find_ridges(
            picture,
            facial.points_mm,
            known[0],
            searched.void - 1.0,
            settings,
        )
        # What runs along bone from end to end is its edge.
        if find_free(searched, picture, start, known[0], settings).any()
    ]
    fitted = [_follow_dark(picture, start, known[1]) for start in starts]
    return cut_doubles([course for course in fitted if len(course) > 3])


def _follow_dark(picture: Picture, start: Course, beside: Neighbours) -> Course:
    """Follow a first guess, of whatever level it may be."""
    expect = Expectation(
        centre_sd_mm=0.4,
        radius_log_sd=0.5,
        contrast_sd=0.25,
        pooled_contrast_sd=0.25,
        contrast_smoothing_mm=20.0,
    )
    return follow(picture, start, expect, beside)


def _follow_across(
    doubter: _Doubter,
    picture: Picture,
    courses: list[Course],
    known: tuple[list[Course], Appearance],
    told: _Told,
) -> list[Course]:
    """Follow vessels across what hides them, where one tube shows all along."""
    whole, joined = list[Course](), set[int]()
    settings = doubter.settings.strands
    for way in guess_across(told.strands, told.odds, known[0], settings):
        if not joined.isdisjoint(way.strands):
            continue
        others = [c for n, c in enumerate(courses) if n not in way.tracks]
        beside = join_neighbours([doubter.known[1], _all_but(others, len(others))])
        void = np.full(len(way.course), doubter.searched.void - 1.0)
        start = replace(way.course, contrast=void)
        course = _follow_dark(picture, start, beside)
        again = _tell(doubter.track(course, beside), *known, settings)
        if any(
            odds > settings.certain_odds and is_one(strand, way)
            for strand, odds in zip(again.strands, again.odds, strict=True)
        ):
            whole.append(course)
            joined.update(way.strands)
    return whole


def _follow_void(
    picture: Picture, course: Course, contrast: float, beside: Neighbours
) -> Course:
    """Follow a course once more, as a vessel of a flow void's contrast."""
    start = replace(course, contrast=np.full(len(course), contrast))
    expect = Expectation(
        centre_sd_mm=0.2,
        radius_log_sd=0.3,
        contrast_sd=0.2,
        pooled_contrast_sd=0.08,
        contrast_smoothing_mm=20.0,
    )
    return follow(picture, start, expect, beside, rounds=2)


def _all_but(courses: list[Course], number: int) -> Neighbours:
    return make_neighbours(courses[:number] + courses[number + 1 :], 0.15, 0.3)


@dataclass(frozen=True, slots=True, eq=False)
class _Doubter:
    """Fits courses as if they were nerves, so that only the voxels make them darker."""

    searched: SearchedBox
    picture: Picture
    known: tuple[list[Course], Neighbours]
    settings: VesselsSettings

    def tracks(self, courses: list[Course]) -> list[Track]:
        """Return the track of each course that could be fitted beside the others."""
        found: list[Track] = []
        for n, course in enumerate(courses):
            beside = join_neighbours([self.known[1], _all_but(courses, n)])
            found += self.track(course, beside, number=n)
        return found

    def track(
        self, course: Course, beside: Neighbours, *, number: int = 0, rounds: int = 1
    ) -> list[Track]:
        """Return the course's track, if anything could be fitted."""
        known = self.known[0]
        start = replace(course, contrast=np.full(len(course), NERVE_CONTRAST))
        expect = Expectation(centre_sd_mm=0.3, radius_log_sd=0.5, contrast_sd=0.2)
        again = follow(self.picture, start, expect, beside, rounds=rounds)
        found = make_track(
            self.searched, self.picture, again, known, self.settings, number
        )
        return [] if found is None else [found]


def _measure_nerves(
    doubter: _Doubter, nerves: list[Course], others: list[Course]
) -> float:
    """Level of the known nerves where they lie in the open; brain's if nowhere.

    Measured as strands are, so that what is wrong with the scale is wrong with both.
    """
    settings = doubter.settings
    levels = [np.zeros(settings.dark.believed_stations)]
    alone = replace(doubter, known=([], doubter.known[1]))
    for n, nerve in enumerate(nerves):
        beside = join_neighbours([_all_but(nerves, n), _all_but(others, len(others))])
        for track in alone.track(nerve, beside):
            level, _ = measure_levels(track.course, settings.strands)
            levels.append(level[track.free & track.shown])
    return float(np.median(np.concatenate(levels)))


class _Told(NamedTuple):
    """Strands, the log odds of each to be a vessel, and what else it most likely is."""

    strands: list[Strand]
    odds: NDArray[np.float64]
    rivals: list[Kind]
    tracks: list[Track]


def _tell(
    tracks: list[Track],
    facials: list[Course],
    appearance: Appearance,
    settings: StrandsSettings,
) -> _Told:
    """Tell which stretches of tracks are vessels."""
    strands = cut_strands(tracks, facials, settings)
    evidence = [explain(strand, appearance, settings) for strand in strands]
    alone = np.array([weigh_vessel(one) for one in evidence])
    odds = share_odds(strands, alone, settings)
    return _Told(strands, odds, [name_rival(one) for one in evidence], tracks)
