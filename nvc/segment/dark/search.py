"""Vessels without flow signal: dark tubes in the bright cistern of a T2.

Nerves, veins and arteries are all dark there. Known tubes (CN VII, CN VIII, arteries
of the angiography) are taken out of the image first, so that a vessel lying on a
nerve stands alone. What remains dark (`ridges`) is followed here, cut into strands of
one level (`strands`), each weighed as vessel, nerve, texture or edge (`explain`), and
joined with what goes on from it (`graph`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from nvc.segment.dark.explain import Appearance, explain, name_rival, weigh_vessel
from nvc.segment.dark.gather import DarkTube, gather_tubes, guess_between
from nvc.segment.dark.graph import share_odds
from nvc.segment.dark.ridges import find_ridges
from nvc.segment.dark.strands import cut_strands, measure_levels
from nvc.segment.dark.track import Track, find_free, make_track
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
    from nvc.segment.dark.searched_box import SearchedBox
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
    doubter = _Doubter(searched, sharper, settings)
    tracks: list[Track] = []
    for n, course in enumerate(courses):
        beside = join_neighbours([around, _all_but(courses, n)])
        tracks += doubter.track(course, beside, known, number=n)
    appearance = Appearance(
        void=searched.void, nerve=_measure_nerves(doubter, nerves, arteries + courses)
    )
    tubes = explain_tracks(tracks, facials, appearance, settings.strands)
    # No path led along what lies between two that face each other, yet it may show
    # once one looks where it must be.
    guesses = guess_between(tubes, settings.strands)
    for guess in guesses:
        tracks += doubter.track(guess, around, known, number=len(courses), rounds=2)
        courses.append(guess)
    if guesses:
        tubes = explain_tracks(tracks, facials, appearance, settings.strands)
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
    expect = Expectation(
        centre_sd_mm=0.4,
        radius_log_sd=0.5,
        contrast_sd=0.25,
        pooled_contrast_sd=0.25,
        contrast_smoothing_mm=20.0,
    )
    fitted = [follow(picture, start, expect, known[1]) for start in starts]
    return cut_doubles([course for course in fitted if len(course) > 3])


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
    settings: VesselsSettings

    def track(
        self,
        course: Course,
        beside: Neighbours,
        known: list[Course],
        *,
        number: int = 0,
        rounds: int = 1,
    ) -> list[Track]:
        """Return the course's track, if anything could be fitted."""
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
    for n, nerve in enumerate(nerves):
        beside = join_neighbours([_all_but(nerves, n), _all_but(others, len(others))])
        for track in doubter.track(nerve, beside, []):
            level, _ = measure_levels(track.course, settings.strands)
            levels.append(level[track.free & track.shown])
    return float(np.median(np.concatenate(levels)))


def explain_tracks(
    tracks: list[Track],
    facials: list[Course],
    appearance: Appearance,
    settings: StrandsSettings,
) -> list[DarkTube]:
    """Tell which stretches of tracks are, or may be, vessels.

    Parameters
    ----------
    tracks : list of Track
        Dark tubes as they were followed.
    facials : list of Course
        CN VII of each side from the root exit to the porus.
    appearance : Appearance
        Of this image.
    settings : StrandsSettings
        What each explanation makes expect.
    """
    strands = cut_strands(tracks, facials, settings)
    evidence = [explain(strand, appearance, settings) for strand in strands]
    alone = np.array([weigh_vessel(one) for one in evidence])
    odds = share_odds(strands, alone, settings)
    rivals = [name_rival(one) for one in evidence]
    return gather_tubes(strands, odds, rivals, tracks, facials, settings)
