import numpy as np
import pytest
from scipy.special import logit

from nvc.segment.dark.explain import Kind
from nvc.segment.dark.gather import DarkTube
from nvc.segment.together.doubts import find_nearer, say_doubt
from tests.nvc.segment.dark.made_tracks import fitted_line


def strand(chance, gap_mm=0.5, rival=Kind.TEXTURE):
    return DarkTube(
        course=fitted_line(0.0, 4.0),
        odds=float(logit(chance)),
        is_certain=False,
        rival=rival,
        facial=0,
        facial_gap_mm=gap_mm,
    )


@pytest.mark.parametrize(
    ("chances", "is_open"),
    [
        ([], False),
        ([0.04], False),
        ([0.14], True),
        ([0.02, 0.02], False),
        ([0.02, 0.02, 0.02], True),  # 6 % that one of them is
    ],
)
def test_strands_leave_a_side_open_by_the_chance_that_any_is_a_vessel(chances, is_open):
    said = say_doubt([strand(chance) for chance in chances], 0.05)
    assert bool(said) is is_open


def test_the_likeliest_strand_is_named():
    strands = [strand(0.1, 0.2), strand(0.3, 0.9, Kind.NERVE), strand(0.2, -0.1)]
    (said,) = say_doubt(strands, 0.05)
    assert "0.9 mm" in said
    assert "30 %" in said
    assert "a nerve" in said


def test_only_what_lies_nearer_counts():
    strands = [strand(0.5, gap_mm) for gap_mm in (-0.2, 0.9, 1.1)]
    assert find_nearer(strands, 1.0) == strands[:2]
    assert find_nearer(strands, np.inf) == strands
