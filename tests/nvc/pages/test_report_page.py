import re
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from markupsafe import escape

from nvc.model.anatomy import Flag, RemarkKind, Side
from nvc.model.findings import Remark
from nvc.notice import NOTICE
from nvc.pages.pictures import ReportPicture
from nvc.pages.report_page import render_html
from nvc.report.wording import BASE_RATE, FLAG_TITLE, NAMES_NOTE

PICTURE = ReportPicture(
    title="Axial, T2", png_plain=b"plain", png_overlay=b"overlay", caption="40 mm wide"
)


VOID_TAGS = {"meta", "img", "input", "br"}


class Page(HTMLParser):
    """Counts tags, checks that they nest, and gathers what a browser would load."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open, self.tags, self.loads, self.text = [], [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag not in VOID_TAGS:
            self.open.append(tag)
        self.loads += [v for k, v in attrs if k in ("src", "href", "srcset")]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def page(outcome):
    return render_html(outcome.report, dict.fromkeys(Side, (PICTURE,)))


def test_page_is_well_formed_and_self_contained(page):
    parsed = Page(page)
    assert parsed.open == []
    assert "script" not in parsed.tags
    assert "link" not in parsed.tags
    assert parsed.loads
    assert all(load.startswith("data:image/png;base64,") for load in parsed.loads)
    assert "default-src 'none'" in page
    assert "url(" not in page


def test_notice_is_in_the_head_that_every_printed_page_repeats(page):
    head = page[page.index("<thead>") : page.index("</thead>")]
    assert NOTICE in head


def test_patients_right_comes_first(page):
    text = Page(page).text
    assert text.index("Patient's right") < text.index("Patient's left")


def test_verdict_gap_place_and_vessel_of_each_side_are_said(page, outcome):
    text = Page(page).text
    for side in Side:
        found = outcome.report.sides[side]
        assert FLAG_TITLE[found.flag] in text
        assert BASE_RATE[found.flag] in text
    assert "Contact not excluded (0 to 0.3 mm)" in text
    assert "0.0 mm" not in text
    assert "Artery, AICA-like (name 0.8)" in text
    assert NAMES_NOTE in text
    assert f'<dd title="{escape(NAMES_NOTE)}">' in page
    assert "1.1 mm wide" in text
    assert "probability of contact 97%" in text


def test_every_picture_is_there_without_and_with_overlay(page):
    assert (
        page.count('alt="Patient\'s right: Axial, T2, source image"')
        + page.count('alt="Patient&#39;s right: Axial, T2, source image"')
        == 1
    )
    assert len(re.findall(r"<img ", page)) == 4


def test_checklist_is_empty_boxes(page):
    assert page.count('<input type="checkbox">') == 7
    assert "checked" not in page


def test_inputs_settings_and_version_are_listed(page, outcome):
    assert "ab" * 32 in page
    assert "report.near_mm = 1.0" in page
    assert outcome.report.software.version in page
    assert "slices of 0.7 mm" in page


def test_text_from_outside_is_escaped(outcome):
    sides = outcome.report.sides
    odd = replace(
        sides[Side.LEFT],
        reasons=("<script>alert(1)</script>",),
        contacts=(
            replace(
                sides[Side.LEFT].contacts[0],
                vessel=replace(sides[Side.LEFT].vessel, name="<b>x</b>"),
            ),
        ),
    )
    text = render_html(replace(outcome.report, sides={**sides, Side.LEFT: odd}), {})
    assert "<script>" not in text
    assert "<b>x</b>" not in text
    assert "&lt;script&gt;" in text


def test_interval_that_reaches_zero_is_named(outcome):
    sides = outcome.report.sides
    near = replace(sides[Side.LEFT], flag=Flag.NEAR, distance_ci_mm=(0.0, 0.9))
    text = render_html(replace(outcome.report, sides={**sides, Side.LEFT: near}), {})
    assert "contact not excluded" in text


def test_side_that_is_not_evaluable_says_why_at_once(outcome):
    sides = outcome.report.sides
    lost = replace(
        sides[Side.LEFT],
        flag=Flag.NOT_EVALUABLE,
        reasons=("no nerve was found",),
        distance_mm=None,
        distance_ci_mm=None,
        vessel=None,
        contacts=(),
        facial_nerve_mm=(),
    )
    text = Page(
        render_html(replace(outcome.report, sides={**sides, Side.LEFT: lost}), {})
    ).text
    assert "Not measured" in text
    assert "No nerve was found" in text
    assert "The course of CN VII is not known on this side." in text
    assert "No picture: neither the nerve nor its landmarks" in text


def test_remarks_and_what_was_not_looked_at_are_shown(outcome, page):
    assert "Nothing outside its usual limits" in page
    remark = Remark(
        kind=RemarkKind.CANAL_WIDE,
        side=Side.LEFT,
        value=8.0,
        unit="mm",
        usual="as on the other side, 5.5 mm",
        sentence="the canal on the patient's left is <8.0> mm wide",
        at_mm=(-31.0, 2.0, 4.5),
    )
    report = replace(outcome.report, remarks=(remark,), not_looked_at=("bulges: why",))
    shown = Page(render_html(report, {})).text
    assert "The canal on the patient's left is <8.0> mm wide" in shown
    assert "As on the other side, 5.5 mm" in shown
    assert "-31.0, 2.0, 4.5" in shown
    assert "bulges: why" in shown
    assert "Nothing outside its usual limits" not in shown
