"""``nvc validate``: what it asks for, prints and writes; heads are stood in for."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from nvc import validation
from nvc.cli import main
from nvc.notice import NOTICE
from nvc.validation import HeadOutcome, HeadPlan


@pytest.fixture
def tried(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let every head fail at once; collect the names of those that were tried."""
    names: list[str] = []

    def stand_in(plans: Sequence[HeadPlan], **_options: object) -> list[HeadOutcome]:
        names.extend(plan.name for plan in plans)
        return [HeadOutcome(plan=plan, failure="stood in for") for plan in plans]

    monkeypatch.setattr(validation, "validate", stand_in)
    return names


def test_it_tries_the_asked_heads_and_writes_both_files(
    tried: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "figures"
    asked = ["--heads", "2", "--seed", "7", "--family", "painted"]
    assert main(["validate", *asked, "--out", str(out)]) == 0
    assert tried == ["painted-7", "painted-8"]
    assert {path.name for path in out.iterdir()} == {
        "validation.json",
        "validation.html",
    }
    heads = json.loads((out / "validation.json").read_text())["heads"]
    assert [head["failure"] for head in heads] == ["stood in for"] * 2
    printed = capsys.readouterr().out
    assert "2 painted heads" in printed
    assert "painted-7: stood in for" in printed
    assert printed.rstrip().endswith(NOTICE)


def test_both_families_by_default(tried: list[str], tmp_path: Path) -> None:
    assert main(["validate", "--heads", "1", "--out", str(tmp_path / "f")]) == 0
    assert tried == ["drawn-1", "painted-1"]


def test_all_families_that_can_be(
    tried: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NVC_REAL_HEADS", raising=False)
    out = ["--out", str(tmp_path / "f")]
    assert main(["validate", "--heads", "1", "--family", "all", *out]) == 0
    assert tried == ["drawn-1", "painted-1", "stretched-1", "sampled-1"]
    printed = capsys.readouterr().out
    assert "Skipped the recoloured heads: neither --real-heads nor" in printed


def test_without_real_heads_it_says_why(
    tried: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    where = ["--real-heads", str(tmp_path / "empty"), "--out", str(tmp_path / "f")]
    assert main(["validate", "--family", "recoloured", *where]) == 0
    assert tried == []
    assert "holds none of the real heads" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["--heads", "0"], ["--jobs", "0"], ["--family", "other"]]
)
def test_wrong_options_are_refused(
    tried: list[str], tmp_path: Path, wrong: list[str]
) -> None:
    assert main(["validate", *wrong, "--out", str(tmp_path / "f")]) == 2
    assert tried == []


def test_a_file_is_no_folder_and_no_head_is_tried(
    tried: list[str], tmp_path: Path
) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    assert main(["validate", "--out", str(blocked)]) == 2
    assert tried == []
