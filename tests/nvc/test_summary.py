"""The words of a row say what the report's numbers say."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nvc.model.anatomy import Flag, NerveSegment, RemarkKind, Side, VesselKind
from nvc.model.findings import Remark, Report, SideReport, Software, VesselAtContact
from nvc.summary import COLUMNS, finding_rows, kind_text, remark_text

CONTACT = SideReport(
    flag=Flag.PROXIMAL_CONTACT,
    reasons=("the vessel is one voxel wide",),
    distance_mm=0.04,
    distance_ci_mm=(0.0, 0.27),
    nerve_segment=NerveSegment.ATTACHED,
    distance_from_root_detachment_mm=-1.23,
    vessel=VesselAtContact(
        kind=VesselKind.ARTERY,
        diameter_mm=1.14,
        name="AICA-like",
        name_confidence=0.87,
    ),
)
UNKNOWN = SideReport(flag=Flag.NOT_EVALUABLE, reasons=("the nerve was not found",))


def report(left: SideReport, right: SideReport) -> Report:
    return Report(
        software=Software(name="nvc", version="0"),
        inputs=(),
        reference="t2",
        sides={Side.LEFT: left, Side.RIGHT: right},
    )


def test_the_patients_right_comes_first_as_on_an_axial_slice():
    rows = finding_rows(report(left=CONTACT, right=UNKNOWN))
    assert [row.side for row in rows] == [Side.RIGHT, Side.LEFT]
    assert [row.flag for row in rows] == ["not_evaluable", "proximal_contact"]


def test_a_measured_side_in_words():
    row = finding_rows(report(left=CONTACT, right=UNKNOWN))[1]
    assert row.gap == "contact not excluded (0 to 0.3 mm)"
    assert row.where == (
        "attached segment, 1.2 mm towards the brainstem from the root detachment"
    )
    assert row.vessel == "artery, AICA-like (name 0.8), 1.1 mm wide, measured in T2"
    assert row.limits == ("the vessel is one voxel wide",)


@pytest.mark.parametrize(
    ("name", "confidence", "words"),
    [
        ("BA", 1.0, "artery, BA (name 1.0)"),
        ("BA", 0.99, "artery, BA (name 0.9)"),
        ("VA", 0.3, "artery, VA (name 0.3)"),
        ("PICA-like", None, "artery, PICA-like"),
        (None, None, "artery"),
    ],
)
def test_a_name_says_how_sure_it_is_and_never_more(name, confidence, words):
    vessel = VesselAtContact(
        kind=VesselKind.ARTERY, diameter_mm=1.0, name=name, name_confidence=confidence
    )
    assert kind_text(vessel) == words


def test_what_is_not_measured_is_said_and_never_shown_as_a_number():
    row = finding_rows(report(left=CONTACT, right=UNKNOWN))[0]
    assert (row.gap, row.where, row.vessel) == ("not measured", "-", "-")
    assert len(row.cells) == len(COLUMNS)


def test_a_clear_side_without_any_vessel_is_not_called_unmeasured():
    clear = SideReport(flag=Flag.CLEAR, reasons=())
    row = finding_rows(report(left=clear, right=UNKNOWN))[1]
    assert row.gap == "no vessel in reach"


@pytest.mark.parametrize(
    ("along_mm", "words"),
    [
        (2.0, "2.0 mm outwards from the root detachment"),
        (-2.0, "2.0 mm towards the brainstem from the root detachment"),
        (0.01, "at the root detachment"),
    ],
)
def test_the_sign_along_the_nerve_becomes_words(along_mm, words):
    side = replace(CONTACT, distance_from_root_detachment_mm=along_mm)
    row = finding_rows(report(left=side, right=side))[0]
    assert row.where == f"attached segment, {words}"


def test_a_remark_in_words():
    remark = Remark(
        kind=RemarkKind.BASILAR_WIDE,
        side=None,
        value=5.2,
        unit="mm",
        usual="1.9 to 4.5 mm",
        sentence="the basilar artery is 5.2 mm wide",
    )
    words = "The basilar artery is 5.2 mm wide. Usual: 1.9 to 4.5 mm."
    assert remark_text(remark) == words
