"""``nvc agreement``, ``nvc review`` and ``nvc measure --review`` from the shell."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest

from nvc.cli import main
from nvc.io.sample import find_sample_study
from nvc.io.study.load import load_study
from nvc.model.anatomy import Side
from nvc.model.review import Confidence, Rating
from nvc.reviews.session import ReviewSession
from nvc.settings import Settings

cli_review = import_module("nvc.cli.review")


@pytest.fixture
def reviews(tmp_path):
    folder = find_sample_study()
    study = load_study(t2=folder / "t2.nii.gz", tof=folder / "tof.nii.gz")
    paths = []
    for reader, ratings in (
        ("A", (Rating.CONTACT, Rating.NO_CONTACT)),
        ("B[/red]\x1b[2J", (Rating.CONTACT, Rating.CONTACT)),
    ):
        path = tmp_path / f"{reader[0]}.review"
        session = ReviewSession.begin(study, Settings(), path)
        for side, rating in zip(Side, ratings, strict=True):
            session.rate(side, rating, Confidence.LOW, reader=reader)
        paths.append(str(path))
    return paths


def test_two_readers_are_compared(reviews, capsys):
    assert main(["agreement", *reviews]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "A and B[/red]?[2J, 1 studies" in printed  # as written, never obeyed
    assert "50% equal" in printed


def test_one_reader_cannot_be_compared(reviews, capsys):
    assert main(["agreement", reviews[0]]) == 2
    assert "no study was read by two readers" in capsys.readouterr().err


def test_a_changed_review_is_named(reviews, tmp_path, capsys):
    path = tmp_path / "A.review"
    path.write_text(path.read_text().replace('"no_contact"', '"contact"'))
    assert main(["agreement", *reviews]) == 2
    told = capsys.readouterr().err
    assert "event 3" in told
    assert "was changed after it was written" in told


def test_a_review_is_measured_with_its_own_settings_only(reviews, tmp_path, capsys):
    out = ["--out", str(tmp_path / "out")]
    options = ["--set", "report.near_mm=0.8"]
    assert main(["measure", "--review", reviews[0], *options, *out]) == 2
    assert "says itself" in capsys.readouterr().err
    empty = tmp_path / "empty"
    empty.mkdir()
    assert main(["measure", "--review", reviews[0], str(empty), *out]) == 2
    assert "no file here is the T2, TOF" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_missing_study_is_one_line(tmp_path, capsys):
    assert main(["review", str(tmp_path / "nothing")]) == 2
    assert "there is no such file or folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "code", "says"),
    [
        ("t2.nii", 0, ""),
        ("t2.nii#1", 0, ""),
        (".", 0, ""),
        (".#2", 0, ""),
        ("none", 2, "there is no such file or folder"),
        ("none#2", 2, "its series 2 was meant"),
        ("#2", 2, "of which file or folder is not said"),
    ],
)
def test_the_reading_room_takes_what_measure_takes(
    given, code, says, tmp_path, monkeypatch, capsys
):
    (tmp_path / "t2.nii").write_bytes(b"any")
    monkeypatch.chdir(tmp_path)
    taken = []
    room = SimpleNamespace(launch=taken.append)
    monkeypatch.setattr(cli_review, "import_module", lambda _: room)
    monkeypatch.setattr(cli_review.util, "find_spec", lambda _: True)
    assert main(["review", given]) == code
    assert says in capsys.readouterr().err
    assert taken == ([[Path(given)]] if code == 0 else [])
