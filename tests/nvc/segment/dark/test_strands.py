import numpy as np
import pytest

from nvc.segment.dark.strands import cut_strands
from nvc.settings.groups.strands import StrandsSettings
from tests.nvc.segment.dark.made_tracks import (
    AT_AN_EDGE,
    GREY,
    IN_THE_OPEN,
    VOID,
    fitted_line,
    nerve,
    track,
)

SETTINGS = StrandsSettings()


def test_a_path_is_cut_where_its_level_changes():
    # 21 stations of a void, then 20 of a nerve, all with noise.
    lumen = np.where(np.arange(41) < 21, VOID, GREY)
    lumen = lumen + np.random.default_rng(1).normal(0.0, 0.05, 41)
    strands = cut_strands([track(fitted_line(0.0, 20.0, lumen))], [], SETTINGS)
    assert [(s.first, s.stop) for s in strands] == [(0, 21), (21, 41)]
    assert strands[0].lumen == pytest.approx(VOID, abs=0.03)
    assert strands[1].lumen == pytest.approx(GREY, abs=0.03)


@pytest.mark.parametrize("seed", range(5))
def test_noise_alone_cuts_nothing(seed):
    lumen = VOID + np.random.default_rng(seed).normal(0.0, 0.08, 41)
    strands = cut_strands([track(fitted_line(0.0, 20.0, lumen))], [], SETTINGS)
    assert [(s.first, s.stop) for s in strands] == [(0, 41)]


def test_what_is_not_seen_belongs_to_no_strand():
    course = fitted_line(0.0, 10.0)
    shown = np.ones(len(course), dtype=bool)
    shown[8:13] = False
    strands = cut_strands([track(course, shown=shown)], [], SETTINGS)
    assert [(s.first, s.stop) for s in strands] == [(0, 8), (13, 21)]


def test_a_strand_says_how_it_comes_to_the_nerve():
    beside = fitted_line(3.0, 9.0, y_mm=2.0)
    (strand,) = cut_strands([track(beside)], [nerve()], SETTINGS)
    assert strand.encounter.facial == 0
    assert strand.encounter.gap_mm == pytest.approx(2.0 - 0.8 - 0.6)
    assert strand.encounter.angle_rad == pytest.approx(0.0, abs=1e-6)
    assert strand.widths == pytest.approx(5.0)


def test_the_level_of_a_thin_tube_is_known_worse():
    strands = [
        cut_strands([track(fitted_line(0.0, 9.0, radius_mm=r))], [], SETTINGS)[0]
        for r in (0.3, 0.8, 1.5)
    ]
    assert strands[0].error > 1.8 * strands[1].error
    assert strands[1].error == pytest.approx(strands[2].error)


def test_a_path_is_cut_where_it_comes_to_bone():
    course = fitted_line(0.0, 10.0)
    free = np.arange(len(course)) < 12
    strands = cut_strands([track(course, free=free)], [], SETTINGS)
    assert [(s.first, s.stop) for s in strands] == [(0, 12), (12, 21)]
    assert [s.fluid for s in strands] == pytest.approx([IN_THE_OPEN, AT_AN_EDGE])
