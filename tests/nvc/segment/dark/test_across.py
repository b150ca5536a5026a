import numpy as np
import pytest

from nvc.segment.dark.across import guess_across, is_one
from nvc.segment.dark.strands import cut_strands
from nvc.settings.groups.strands import StrandsSettings
from tests.nvc.segment.dark.made_tracks import GREY, VOID, fitted_through, nerve, track

SETTINGS = StrandsSettings()
SURE, UNLIKELY = 4.0, -3.0


def across(first_mm, last_mm, x_mm=7.0, lumen=VOID):
    """Stations square to the nerve, which runs along x."""
    y = np.arange(first_mm, last_mm + 0.1, 0.5)
    points = np.stack([np.full_like(y, x_mm), y, 0.0 * y], axis=1)
    return fitted_through(points, lumen)


def ways_of(*courses, odds=(SURE, UNLIKELY), up_mm=0.0):
    tracks = [track(course, n) for n, course in enumerate(courses)]
    strands = cut_strands(tracks, [], SETTINGS)
    facial = nerve()
    facial.points_mm[:, 2] += up_mm
    return guess_across(strands, np.array(odds), [facial], SETTINGS)


def test_a_vessel_goes_on_as_what_faces_it_across_the_nerve():
    (way,) = ways_of(across(-8.0, -2.0), across(2.0, 8.0))
    assert way.tracks == way.strands == (0, 1)
    assert np.allclose(way.course.points_mm[:, [0, 2]], [7.0, 0.0])
    y = way.course.points_mm[:, 1]
    assert (np.diff(y) > 0).all() or (np.diff(y) < 0).all()
    assert sorted((y[0], y[-1])) == [-8.0, 8.0]
    assert (np.abs(y[way.first : way.stop]) < 2.0).all()
    assert np.abs(np.delete(y, np.s_[way.first : way.stop])).min() == 2.0


@pytest.mark.parametrize(
    ("other", "odds"),
    [
        (across(2.0, 8.0), (1.0, 1.0)),  # no vessel
        (across(2.0, 8.0, x_mm=16.0), (SURE, SURE)),  # too far
        (across(-8.0, -2.0, x_mm=9.0), (SURE, SURE)),  # beside it
    ],
)
def test_what_does_not_face_a_vessel_does_not_go_on_from_it(other, odds):
    assert ways_of(across(-8.0, -2.0), other, odds=odds) == []


def strayed(along=(9.0, 8.5, 8.0, 7.5), gap_mm=1.0):
    """Square to the nerve, but at its end led away along it."""
    straight = across(gap_mm - 2.0, 8.0).points_mm
    astray = [[x, gap_mm - 2.0, 0.0] for x in along]
    return fitted_through(np.concatenate([astray, straight]))


def test_a_vessel_goes_on_into_the_side_of_a_track_that_was_led_astray():
    ways = ways_of(across(-8.0, -2.0), strayed())
    straight = [way for way in ways if np.ptp(way.course.points_mm[:, 0]) < 0.6]
    assert straight
    for way in straight:
        assert way.strands == (1, 0) or way.strands == (0, 1)
        assert sorted(way.course.points_mm[[0, -1], 1]) == [-8.0, 8.0]


def test_a_track_that_passes_far_from_an_end_is_not_entered_at_its_side():
    assert ways_of(across(-8.0, -2.0), strayed(gap_mm=4.5)) == []


@pytest.mark.parametrize(("up_mm", "count"), [(4.0, 1), (6.0, 0)])
def test_ways_far_from_the_nerve_are_not_looked_at(up_mm, count):
    ways = ways_of(across(-8.0, -2.0), across(2.0, 8.0), up_mm=up_mm)
    assert len(ways) == count


def test_ways_nearer_to_the_nerve_come_first():
    far = (across(-8.0, -2.0, x_mm=18.0), across(2.0, 8.0, x_mm=18.0))
    near = (across(-8.0, -2.0), across(2.0, 8.0))
    ways = ways_of(*far, *near, odds=(SURE,) * 4)
    assert [way.tracks for way in ways] == [(2, 3), (0, 1)]


@pytest.mark.parametrize(
    ("unseen_mm", "beyond", "one"),
    [
        (0.0, VOID, True),
        (0.4, VOID, True),  # a station may err
        (1.8, VOID, False),  # a gap
        (0.0, GREY, False),  # goes on as a nerve
    ],
)
def test_two_strands_are_one_where_a_tube_of_one_level_shows(unseen_mm, beyond, one):
    (way,) = ways_of(across(-8.0, -2.0), across(2.0, 8.0))
    y = across(-8.0, 8.0).points_mm[:, 1]
    followed = track(
        across(-8.0, 8.0, lumen=np.where(y > 0.0, beyond, VOID)),
        shown=np.abs(y) >= unseen_mm,
    )
    strands = cut_strands([followed], [], SETTINGS)
    assert any(is_one(strand, way) for strand in strands) is one
