"""Figures over hand-made scores, and the files that carry them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from nvc.errors import InputError
from nvc.notice import NOTICE
from nvc.validation.options import Family, plan_head
from nvc.validation.outputs import write_validation
from nvc.validation.run import HeadOutcome
from nvc.validation.score import SideScore
from nvc.validation.summary import Figure, summarise
from nvc.validation.vessel_score import VesselScore

RIGHT = SideScore(
    side="right",
    flag="near",
    reasons=(),
    evaluable=True,
    porus_error_mm=0.2,
    detachment_error_mm=0.6,
    course_errors_mm=(0.1, 0.2, 0.3),
    true_gap_mm=0.5,
    gap_mm=0.6,
    interval_mm=(0.4, 0.8),
    true_contact=False,
    called_contact=False,
    true_segment="attached",
    segment="attached",
    place_error_mm=0.4,
    true_indentation_mm=0.0,
    true_deviation_mm=0.0,
    indentation_mm=0.0,
    deviation_mm=0.0,
    called_deformed=False,
    vessel="AICA",
    true_diameter_mm=1.2,
)
LEFT = replace(
    RIGHT,
    side="left",
    flag="possible_compression",
    true_gap_mm=0.0,
    gap_mm=0.3,
    interval_mm=(0.1, 0.5),
    true_contact=True,
    called_contact=True,
    segment="cisternal",
    place_error_mm=1.5,
    porus_error_mm=3.0,
)
LOST = replace(
    RIGHT,
    flag="not_evaluable",
    evaluable=False,
    reasons=("no <b>ears</b>",),
    porus_error_mm=None,
    gap_mm=None,
    interval_mm=None,
    called_contact=None,
    segment=None,
    place_error_mm=None,
    called_deformed=None,
    course_errors_mm=(),
)
VESSELS = VesselScore(
    large_mm=20.0,
    large_found_mm=19.0,
    small_mm=0.0,
    small_found_mm=0.0,
    found_mm=25.0,
    right_mm=24.0,
    nerves_taken=1,
)


def outcome(*sides: SideScore, failure: str = "") -> HeadOutcome:
    return HeadOutcome(
        plan=plan_head(Family.PAINTED, 5),
        sides=sides,
        vessels=None if failure else VESSELS,
        failure=failure,
    )


def named(outcomes: list[HeadOutcome]) -> dict[str, Figure]:
    return {figure.name: figure for figure in summarise(outcomes)}


def test_figures_of_known_sides() -> None:
    figures = named([outcome(RIGHT, LEFT), outcome(LOST, RIGHT)])
    assert figures["Porus error, median"].value == pytest.approx(0.2)
    assert figures["Porus error, median"].passed is True
    assert figures["Porus error, 95th percentile"].passed is False
    assert figures["Sides given up without cause"].value == 0.25
    assert figures["Gap error, mean absolute"].value == pytest.approx(0.5 / 3)
    assert figures["95 % intervals that hold the truth"].value == pytest.approx(2 / 3)
    apart = figures["... of these where nerve and vessel lie apart"]
    assert (apart.value, apart.count) == (1.0, 2)
    assert figures["Contact, sensitivity"].value == 1.0
    assert figures["Contact, specificity (gap >= 0.3 mm)"].count == 2
    assert figures["Right nerve segment"].value == pytest.approx(2 / 3)
    assert figures["Closest point within 1 mm"].value == pytest.approx(2 / 3)
    assert figures["CN VII centreline error, median"].value == pytest.approx(0.2)
    compression = figures["Contacts without deformity called possible compression"]
    assert (compression.value, compression.passed) == (1, False)
    assert figures["Vessel recall, 1.2 mm and more (of mm)"].value == 0.95
    assert figures["Vessel recall, 0.8 to 1.2 mm (of mm)"].value is None
    assert figures["Vessel precision (of mm)"].passed is True
    assert figures["Nerves taken for vessels"].value == 2


def test_wrongly_clear_sides_are_counted() -> None:
    wrong = replace(RIGHT, flag="clear", true_gap_mm=0.9)
    fine = replace(RIGHT, flag="clear", true_gap_mm=1.1)
    figure = named([outcome(wrong, fine)])["Called clear with a vessel within 1 mm"]
    assert (figure.value, figure.verdict) == (1, "missed")


def test_a_bent_nerve_that_was_not_measured_is_not_called_deformed() -> None:
    bent = replace(RIGHT, true_deviation_mm=0.8)
    sides = (replace(bent, called_deformed=None), replace(bent, called_deformed=True))
    figure = named([outcome(*sides)])["Nerves bent by 0.5 mm called deformed"]
    assert (figure.value, figure.count) == (0.5, 2)


def test_bent_nerves_past_the_brainstem_are_also_counted_alone() -> None:
    bent = replace(RIGHT, true_deviation_mm=0.8)
    free = replace(bent, true_segment="transition", called_deformed=True)
    attached = replace(bent, true_segment="attached", called_deformed=False)
    figures = named([outcome(free, attached)])
    alone = figures["... of these past the brainstem (detachment to porus)"]
    assert (alone.value, alone.count) == (1.0, 1)
    assert figures["Nerves bent by 0.5 mm called deformed"].value == 0.5


def test_texts_name_value_target_and_verdict() -> None:
    figures = named([outcome(RIGHT, LEFT)])
    recall = figures["Vessel recall, 1.2 mm and more (of mm)"]
    assert (recall.text, recall.target, recall.verdict) == (
        "95.0 %",
        ">= 98 %",
        "missed",
    )
    porus = figures["Porus error, median"]
    assert (porus.text, porus.target, porus.verdict) == (
        "1.600 mm",
        "<= 1 mm",
        "missed",
    )
    held = figures["95 % intervals that hold the truth"]
    assert (held.target, held.verdict) == ("92 % to 98 %", "met")
    assert held.text == "50.0 % (1 to 99)"
    assert figures["RExP error, median"].verdict == ""


@pytest.mark.parametrize(
    ("held", "count", "verdict"),
    [
        (40, 40, "met"),  # in one run of eight at 95 %
        (300, 300, "missed"),  # too wide
        (95, 100, "met"),
        (80, 100, "missed"),
        (88, 100, "met"),  # cannot be told from 92 %
    ],
)
def test_a_rate_is_judged_by_what_its_number_of_intervals_can_show(
    held, count, verdict
) -> None:
    right, wrong = (
        replace(LEFT, interval_mm=(0.0, 9.0)),
        replace(LEFT, interval_mm=(8.0, 9.0)),
    )
    figures = named([outcome(*[right] * held, *[wrong] * (count - held))])
    figure = figures["95 % intervals that hold the truth"]
    assert (figure.count, figure.verdict) == (count, verdict)
    assert figure.value == held / count


def test_a_head_that_failed_is_counted_not_lost() -> None:
    figures = named([outcome(RIGHT, LEFT), outcome(failure="boom")])
    lost = figures["Heads without a result"]
    assert (lost.value, lost.count, lost.passed) == (1, 2, False)


def test_nothing_to_judge_is_neither_met_nor_missed() -> None:
    figures = named([outcome(failure="boom")])
    assert figures["Porus error, median"].passed is None
    assert figures["Contact, sensitivity"].value is None


def test_files_carry_notice_rows_and_escaped_reasons(tmp_path: Path) -> None:
    files = write_validation(
        [outcome(RIGHT, LOST), outcome(failure="boom")], tmp_path / "new"
    )
    content = json.loads(files["validation.json"].read_text())
    assert content["notice"] == NOTICE
    assert len(content["heads"]) == 2
    assert content["heads"][0]["sides"][0]["gap_error_mm"] == pytest.approx(0.1)
    assert content["heads"][1]["failure"] == "boom"
    assert set(content["summary"]) == {"painted"}
    page = files["validation.html"].read_text()
    assert page.count(NOTICE) == 2
    assert "no &lt;b&gt;ears" in page
    assert "data:image/png;base64," in page


def test_a_folder_that_cannot_be_made_is_one_clear_error(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    with pytest.raises(InputError, match="not-writable"):
        write_validation([outcome(RIGHT, LEFT)], blocked / "out")


def test_heads_with_remarks_without_cause_are_counted() -> None:
    plan = plan_head(Family.DRAWN, 1)
    heads = [
        HeadOutcome(plan=plan, remarks=("canal_wide: ...", "canal_filled: ...")),
        HeadOutcome(plan=plan),
        HeadOutcome(plan=plan, failure="broke"),
    ]
    figure = named(heads)["Heads with remarks without cause"]
    assert (figure.value, figure.count, figure.passed) == (0.5, 2, False)
