import numpy as np
import pytest

from nvc.segment.dark.grow import grow
from nvc.segment.dark.judge import Certainty, DarkTube
from nvc.segment.dark.track import Track
from nvc.tubes.stations.course import Course
from nvc.tubes.stations.values import Fitted

VOID, GREY = -0.6, 0.05
RADIUS_MM = 0.6
STEP_MM = 0.5


def fitted_line(first_mm, last_mm, lumen=VOID, y_mm=0.0):
    """Stations along x, as if fitted to a tube of this lumen."""
    x = np.arange(first_mm, last_mm + 0.1, STEP_MM)
    count = len(x)
    points = np.stack([x, np.full(count, y_mm), np.zeros(count)], axis=1)
    some = np.full(count, 0.05)
    level = np.ones(count)
    return Course(
        points_mm=points,
        radius_mm=np.full(count, RADIUS_MM),
        contrast=np.full(count, lumen - 1.0),
        fitted=Fitted(
            centre_mm=points,
            radius_mm=np.full(count, RADIUS_MM),
            contrast=np.full(count, lumen - 1.0),
            level=level,
            centre_sd_mm=some,
            radius_sd_mm=some,
            contrast_sd=some,
            misfit=level,
            gain=100.0 * level,
            loss=level,
            voxels=50.0 * level,
        ),
    )


def tube(course, certainty=Certainty.VOID, track=0):
    return DarkTube(
        course=course,
        certainty=certainty,
        lumen=VOID,
        lumen_sd=0.02,
        lumen_error=0.07,
        facial=-1,
        facial_gap_mm=1.0,
        track=track,
    )


def track(course, number, free=True):
    every = np.ones(len(course), dtype=bool)
    return Track(course=course, shown=every, free=every & free, number=number)


def blind(_guess):
    return None


def covered(tubes, certainty=Certainty.VOID):
    """Places on the x axis, every half millimetre, that certain tubes cover."""
    found = [t.course.points_mm[:, 0] for t in tubes if t.certainty is certainty]
    return sorted({round(2 * x) / 2 for x in np.concatenate(found or [[]])})


CERTAIN = fitted_line(0.0, 8.0)


def test_a_short_dark_stretch_at_the_end_of_a_vessel_is_part_of_it():
    short = fitted_line(9.0, 10.0)
    tracks = [track(CERTAIN, 0), track(short, 1)]
    found = grow([tube(CERTAIN)], tracks, [], VOID, blind)
    assert max(covered(found)) == 10.0


@pytest.mark.parametrize(
    ("first_mm", "lumen", "added"),
    [
        (12.0, VOID, True),
        (12.0, -0.05, False),  # not likely darker than a nerve
        (15.0, VOID, False),  # farther than a nerve can hide
        (12.0, GREY, False),
    ],
)
def test_what_is_dark_behind_a_hidden_way_goes_on(first_mm, lumen, added):
    piece = fitted_line(first_mm, first_mm + 4.0, lumen)
    tracks = [track(CERTAIN, 0), track(piece, 1)]
    found = grow([tube(CERTAIN)], tracks, [], VOID, blind)
    assert max(covered(found)) == (first_mm + 4.0 if added else 8.0)


def test_what_lies_beside_a_vessel_does_not_go_on_from_it():
    beside = fitted_line(2.0, 6.0, VOID, y_mm=4.0)
    tracks = [track(CERTAIN, 0), track(beside, 1)]
    assert len(grow([tube(CERTAIN)], tracks, [], VOID, blind)) == 1


def test_what_is_as_grey_as_a_nerve_is_not():
    grey = fitted_line(9.0, 14.0, lumen=GREY)
    tracks = [track(CERTAIN, 0), track(grey, 1)]
    found = grow([tube(CERTAIN)], tracks, [], VOID, blind)
    assert max(covered(found)) == 8.0


def test_what_lies_far_from_any_vessel_stays_unknown():
    far = fitted_line(9.0, 10.0, y_mm=6.0)
    tracks = [track(CERTAIN, 0), track(far, 1)]
    assert len(grow([tube(CERTAIN)], tracks, [], VOID, blind)) == 1
    assert grow([], tracks, [], VOID, blind) == []


@pytest.mark.parametrize("second_is_certain", [True, False])
def test_against_bone_only_what_joins_two_vessels_counts(second_is_certain):
    second = fitted_line(12.5, 18.0)
    between = fitted_line(8.5, 12.0)
    tracks = [track(CERTAIN, 0), track(between, 1, free=False), track(second, 2)]
    tubes = [tube(CERTAIN)] + [tube(second, track=2)] * second_is_certain
    found = grow(tubes, tracks[: 2 + second_is_certain], [], VOID, blind)
    assert (10.0 in covered(found)) == second_is_certain


@pytest.mark.parametrize(
    ("hidden_mm", "joined"), [(3.0, True), (7.0, True), (9.0, False)]
)
def test_a_vessel_goes_on_behind_what_hides_it(hidden_mm, joined):
    whole = fitted_line(0.0, 16.0 + hidden_mm)
    count = round(8.0 / STEP_MM)
    parts = [whole.cut(0, count), whole.cut(len(whole) - count, len(whole))]
    shown = np.zeros(len(whole), dtype=bool)
    shown[:count] = shown[-count:] = True
    tracks = [Track(course=whole, shown=shown, free=shown, number=0)]
    found = grow([tube(part) for part in parts], tracks, [], VOID, blind)
    assert len(found) == (1 if joined else 2)
    assert (8.0 + 0.5 * hidden_mm in covered(found)) == joined


@pytest.mark.parametrize(
    ("lumen", "added"), [(VOID, True), (GREY, False), (None, False)]
)
def test_between_two_ends_that_face_each_other_the_image_is_asked(lumen, added):
    second = fitted_line(14.0, 22.0)
    asked = []

    def seen(guess):
        asked.append(guess.points_mm[:, 0])
        return None if lumen is None else track(fitted_line(8.5, 13.5, lumen), 9)

    tracks = [track(CERTAIN, 0), track(second, 1)]
    tubes = [tube(CERTAIN), tube(second, track=1)]
    found = grow(tubes, tracks, [], VOID, seen)
    assert len(asked) == 1
    assert 8.0 < asked[0].min() < asked[0].max() < 14.0
    assert (11.0 in covered(found)) == added


def test_a_doubt_that_turned_out_to_be_the_vessel_is_dropped_and_others_stay():
    inside = fitted_line(1.0, 6.0, y_mm=0.1)
    beside = fitted_line(1.0, 6.0, y_mm=4.0, lumen=GREY)
    doubts = [tube(part, Certainty.UNRESOLVED, 1) for part in (inside, beside)]
    found = grow([tube(CERTAIN), *doubts], [track(CERTAIN, 0)], [], VOID, blind)
    assert [t.certainty for t in found] == [Certainty.VOID, Certainty.UNRESOLVED]
    assert found[1].course is beside
