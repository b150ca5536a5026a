"""What a strand is taken for, by its signal, its place and its way past CN VII."""

import numpy as np
import pytest

from nvc.segment.dark.explain import (
    Appearance,
    Kind,
    explain,
    name_rival,
    weigh_vessel,
)
from nvc.segment.dark.strands import cut_strands
from nvc.settings.groups.strands import StrandsSettings
from tests.nvc.segment.dark.made_tracks import (
    GREY,
    VOID,
    fitted_line,
    fitted_through,
    nerve,
    track,
)

SETTINGS = StrandsSettings()


def evidence(course, *, free=True, level_of_nerves=0.0, fluid=None, bone=0.0):
    tracks = [track(course, free=free, fluid=fluid, bone=bone)]
    (strand,) = cut_strands(tracks, [nerve()], SETTINGS)
    look = Appearance(void=VOID, nerve=level_of_nerves)
    return explain(strand, look, SETTINGS)


def across(lumen, at_mm=8.0, gap_mm=0.2):
    """A tube that passes CN VII at right angles, 6 mm beyond it on both sides."""
    y = np.arange(-6.0, 6.1, 0.5)
    above = np.full_like(y, 0.8 + 0.6 + gap_mm)
    points = np.stack([np.full_like(y, at_mm), y, above], axis=1)
    return fitted_through(points, lumen)


def test_a_void_in_the_open_is_a_vessel_whichever_way_it_runs():
    for course in (fitted_line(2.0, 10.0, y_mm=2.0), across(VOID)):
        assert weigh_vessel(evidence(course)) > SETTINGS.certain_odds


def test_what_runs_beside_the_nerve_as_grey_as_it_is_a_nerve():
    found = evidence(fitted_line(2.0, 10.0, GREY, y_mm=1.8))
    assert weigh_vessel(found) < SETTINGS.doubted_odds
    assert name_rival(found) is Kind.NERVE


def test_the_same_across_the_nerve_is_more_likely_a_vessel():
    beside = weigh_vessel(evidence(fitted_line(2.0, 10.0, GREY, y_mm=1.8)))
    crossing = weigh_vessel(evidence(across(GREY)))
    assert crossing > beside + 3.0
    assert crossing > SETTINGS.doubted_odds


def ends_by(lumen, at_mm):
    """A tube that comes from the side and ends by CN VII."""
    y = np.arange(0.0, 8.1, 0.5)
    points = np.stack([np.full_like(y, at_mm), y, np.full_like(y, 2.2)], axis=1)
    return fitted_through(points, lumen)


def test_the_roots_of_the_ninth_nerve_begin_by_its_own_and_run_as_they_like():
    far = weigh_vessel(evidence(ends_by(GREY, at_mm=8.0)))
    by_root = weigh_vessel(evidence(ends_by(GREY, at_mm=1.0)))
    assert by_root < far - 1.0
    assert by_root < SETTINGS.doubted_odds


def test_none_of_them_passes_it():
    passing = weigh_vessel(evidence(across(GREY, at_mm=1.0, gap_mm=0.8)))
    assert passing > weigh_vessel(evidence(ends_by(GREY, at_mm=1.0))) + 2.0


@pytest.mark.parametrize("lumen", [-0.35, -0.25, -0.15, 0.0, 0.2])
def test_the_darker_the_likelier(lumen):
    level = [
        weigh_vessel(evidence(fitted_line(2.0, 10.0, x, y_mm=4.0)))
        for x in (lumen - 0.1, lumen)
    ]
    assert level[0] > level[1]


def test_darkness_counts_against_the_nerves_of_the_same_head():
    course = fitted_line(2.0, 10.0, -0.2, y_mm=1.8)
    usual = weigh_vessel(evidence(course))
    dark_nerves = weigh_vessel(evidence(course, level_of_nerves=-0.2))
    assert usual > SETTINGS.certain_odds
    assert dark_nerves < usual - 2.0


def test_a_dark_line_along_bone_is_an_edge():
    found = evidence(fitted_line(2.0, 14.0, y_mm=4.0), free=False)
    assert weigh_vessel(found) < SETTINGS.doubted_odds
    assert name_rival(found) is Kind.EDGE


def test_the_less_fluid_lies_around_a_dark_stub_the_likelier_it_ends_a_ridge_of_bone():
    stub = fitted_line(2.0, 5.0, -0.3, y_mm=4.0, radius_mm=1.3)
    odds = [weigh_vessel(evidence(stub, fluid=f)) for f in (0.98, 0.8, 0.6, 0.45)]
    assert (np.diff(odds) < 0.0).all()
    assert odds[0] > SETTINGS.certain_odds
    assert odds[2] < SETTINGS.certain_odds
    assert odds[3] < SETTINGS.doubted_odds
    assert name_rival(evidence(stub, fluid=0.6)) is Kind.EDGE


def test_bone_around_a_dark_line_makes_it_an_edge():
    course = fitted_line(2.0, 10.0, -0.3, y_mm=4.0)
    by_bone = [weigh_vessel(evidence(course, fluid=0.6, bone=b)) for b in (0.05, 0.2)]
    assert by_bone[1] < by_bone[0] - 1.0
    assert weigh_vessel(evidence(course, fluid=0.4, bone=0.6)) < SETTINGS.doubted_odds
    # An edge of brain has none.
    brain = evidence(course, fluid=0.4)
    assert name_rival(brain) is Kind.EDGE
    assert weigh_vessel(brain) < SETTINGS.doubted_odds


def test_a_vessel_that_lies_against_brain_is_still_one_where_much_of_it_shows():
    course = fitted_line(2.0, 10.0, y_mm=4.0)
    assert weigh_vessel(evidence(course, fluid=0.72)) > SETTINGS.certain_odds


def test_a_short_thick_grey_knob_is_texture():
    knob = fitted_line(2.0, 5.0, 0.3, y_mm=4.0, radius_mm=1.3)
    found = evidence(knob)
    assert weigh_vessel(found) < SETTINGS.doubted_odds
    assert name_rival(found) is Kind.TEXTURE


def test_a_level_beyond_all_ranges_stays_finite():
    found = evidence(fitted_line(2.0, 10.0, -5.0, y_mm=4.0))
    assert np.isfinite(list(found.values())).all()
