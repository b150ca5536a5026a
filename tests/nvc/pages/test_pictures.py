import io
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image

from nvc.model.anatomy import Side
from nvc.model.findings import ReportedLandmarks
from nvc.model.study import SequenceRole
from nvc.pages.pictures import choose_contact, draw_side

YELLOW, TEAL, RED, BLUE = (255, 214, 10), (46, 196, 182), (255, 69, 58), (74, 144, 255)


def pixels(png: bytes):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), dtype=int)


def has(image, colour) -> bool:
    return bool((np.abs(image - colour).sum(axis=-1) < 40).sum() > 20)


@pytest.fixture(scope="module")
def right(outcome):
    return draw_side(
        outcome.aligned,
        outcome.segmentation,
        outcome.report.sides[Side.RIGHT],
        Side.RIGHT,
    )


def test_three_views_and_the_tof(right):
    titles = [picture.title for picture in right]
    assert titles == [
        "Axial, T2",
        "Along the nerve, T2",
        "Across the nerve, T2",
        "Axial, TOF",
    ]
    assert all("mm wide" in picture.caption for picture in right)


def test_outlines_are_on_the_overlay_alone(right):
    for picture in right[:3]:
        plain, overlay = pixels(picture.png_plain), pixels(picture.png_overlay)
        assert plain.shape == overlay.shape
        assert (plain.max(axis=-1) - plain.min(axis=-1)).max() <= 24  # greys alone
        assert has(overlay, YELLOW)
        assert has(overlay, RED)


def test_vein_is_blue(outcome):
    pictures = draw_side(
        outcome.aligned,
        outcome.segmentation,
        outcome.report.sides[Side.LEFT],
        Side.LEFT,
    )
    across = pixels(pictures[2].png_overlay)
    assert has(across, BLUE)
    assert has(across, TEAL)
    assert not has(across, RED)


def test_nerve_is_dark_in_the_middle_of_the_cut_across_it(outcome):
    clear = replace(
        outcome.report.sides[Side.LEFT],
        contacts=(),
        distance_mm=None,
        closest_point_nerve_mm=None,
    )
    pictures = draw_side(outcome.aligned, outcome.segmentation, clear, Side.LEFT)
    plain = pixels(pictures[2].png_plain)[..., 0]
    middle = plain.shape[0] // 2
    at_nerve = plain[middle - 5 : middle + 5, middle - 5 : middle + 5].mean()
    assert at_nerve < 0.6 * np.percentile(plain, 90)


def test_pictures_are_the_same_every_time(outcome, right):
    again = draw_side(
        outcome.aligned,
        outcome.segmentation,
        outcome.report.sides[Side.RIGHT],
        Side.RIGHT,
    )
    assert again == right


def test_side_without_nerve_or_landmarks_has_no_picture(outcome):
    lost = replace(
        outcome.report.sides[Side.LEFT],
        contacts=(),
        facial_nerve_mm=(),
        landmarks=ReportedLandmarks(),
    )
    segmentation = replace(outcome.segmentation, sides={})
    assert draw_side(outcome.aligned, segmentation, lost, Side.LEFT) == ()


def test_side_with_landmarks_alone_shows_them_axially(outcome):
    found = outcome.report.sides[Side.LEFT]
    lost = replace(found, contacts=(), facial_nerve_mm=())
    pictures = draw_side(
        replace(outcome.aligned, companions={}),
        replace(outcome.segmentation, sides={}),
        lost,
        Side.LEFT,
    )
    assert [picture.title for picture in pictures] == ["Axial, T2"]


def test_t1_says_its_polarity(outcome):
    aligned = replace(outcome.aligned, reference_role=SequenceRole.T1, companions={})
    found = outcome.report.sides[Side.LEFT]
    pictures = draw_side(aligned, outcome.segmentation, found, Side.LEFT)
    assert "Fluid dark" in pictures[0].caption
    assert pictures[0].title == "Axial, T1"


def test_pictures_follow_the_headline(outcome):
    found = outcome.report.sides[Side.RIGHT]
    first = found.contacts[0]
    other = replace(first, closest_point_nerve_mm=(14.0, 4.0, -1.0))
    side = replace(
        found,
        contacts=(first, other),
        closest_point_nerve_mm=other.closest_point_nerve_mm,
    )
    assert choose_contact(side) is other


@pytest.mark.parametrize(
    "own",
    [
        {"image.origin": "lower"},
        {"text.usetex": True},
        {"axes.facecolor": "white", "figure.facecolor": "white", "savefig.dpi": 30},
        {"font.family": "monospace", "lines.linewidth": 9.0, "contour.linewidth": 9.0},
        {"image.interpolation": "nearest", "axes.xmargin": 0.4, "figure.dpi": 40.0},
    ],
    ids=lambda own: next(iter(own)),
)
def test_no_parameter_of_a_user_changes_a_picture(outcome, right, own):
    """As from a matplotlibrc, or set by the session that calls us."""
    with mpl.rc_context(own):
        again = draw_side(
            outcome.aligned,
            outcome.segmentation,
            outcome.report.sides[Side.RIGHT],
            Side.RIGHT,
        )
        first, value = next(iter(own.items()))
        assert mpl.rcParams[first] in (value, [value]), "and theirs come back"
    for one, other in zip(right, again, strict=True):
        assert one.png_plain == other.png_plain
        assert one.png_overlay == other.png_overlay
