"""Ctrl-C, SIGTERM and a closed terminal end a run with one line, nothing half-done."""

from __future__ import annotations

import signal
from types import SimpleNamespace

import pytest

import nvc.io.study.load
import nvc.pipeline
import nvc.saving.save
from nvc.cli import main
from nvc.io.doors import folder
from nvc.io.sample import find_sample_study
from nvc.io.study import sources
from nvc.io.study.inspection import Inspection
from nvc.saving import outputs
from nvc.saving.names import RUN_FILES

LINE = "nvc: interrupted; nothing is left half-written\n"
STAGES = ("reading", "align", "find_regions", "segment", "measure", "make_report")
AFTER = ("drawing", "writing")
CODES = {"SIGINT": 130, "SIGTERM": 143, "SIGHUP": 129}


@pytest.fixture(params=[name for name in CODES if hasattr(signal, name)])
def stop(request):
    number = getattr(signal, request.param)
    usual = signal.SIG_DFL if request.param != "SIGINT" else signal.default_int_handler
    before = signal.signal(number, usual)  # a test in the background has it ignored
    yield number
    assert signal.getsignal(number) is usual, "the program's own handler is back"
    signal.signal(number, before)


def measure(out) -> int:
    t2 = str(find_sample_study() / "t2.nii.gz")
    return main(["measure", "--t2", t2, "--out", str(out)])


def stand_in(monkeypatch, place: str, strike) -> None:
    """Let the stages before a place pass at once, and strike there."""
    if place == "reading":
        monkeypatch.setattr(sources, "read_nifti", strike)
        return
    made = SimpleNamespace()
    monkeypatch.setattr(
        nvc.io.study.load,
        "load_study",
        lambda **_: SimpleNamespace(reference_role=0, series={0: _series()}),
    )
    change = SimpleNamespace(move=lambda value: value)
    change.inverse = change
    monkeypatch.setattr(nvc.pipeline, "enter_working_frame", lambda _: (made, change))
    for name in STAGES[1:]:
        does = strike if name == place else (lambda *_, **__: made)
        monkeypatch.setattr(nvc.pipeline, name, does)


def _series() -> SimpleNamespace:
    return SimpleNamespace(volume=SimpleNamespace(grid=None))


@pytest.mark.parametrize("place", STAGES)
def test_it_is_stopped_in_a_stage(stop, place, tmp_path, monkeypatch, capsys):
    def strike(*_, **__):
        signal.raise_signal(stop)
        pytest.fail("went on")

    monkeypatch.setattr(
        nvc.pipeline,
        "find_remarks",
        lambda *_: SimpleNamespace(remarks=(), not_looked_at=()),
    )
    monkeypatch.setattr(nvc.pipeline, "replace", lambda value, **_: value)
    monkeypatch.setattr(nvc.pipeline, "read_template", lambda: None)
    stand_in(monkeypatch, place, strike)
    assert measure(tmp_path / "out") == CODES[signal.Signals(stop).name]
    assert capsys.readouterr() == ("", LINE)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", AFTER)
def test_it_is_stopped_after_the_stages(
    stop, place, outcome, tmp_path, monkeypatch, capsys
):
    out = tmp_path / "out"
    files = dict.fromkeys(RUN_FILES, b"earlier")
    folder.write_folder(files, out, last=RUN_FILES[-1])
    monkeypatch.setattr(nvc.pipeline, "run", lambda *_, **__: None)
    monkeypatch.setattr(
        nvc.saving.save,
        "save",
        lambda _, *given: outputs.write_outputs(outcome, *given),
    )

    def strike(*_):
        signal.raise_signal(stop)

    monkeypatch.setattr(outputs, "render_html", lambda *_: "page")
    if place == "drawing":
        monkeypatch.setattr(outputs, "draw_side", strike)
    else:
        monkeypatch.setattr(outputs, "draw_side", lambda *_: ())
        monkeypatch.setattr(folder, "_write_through", strike)
    assert measure(out) == CODES[signal.Signals(stop).name]
    assert capsys.readouterr() == ("", LINE)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == files


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no terminal is ever lost")
def test_what_is_ignored_stays_ignored(tmp_path, monkeypatch):
    """As under nohup: the terminal may go."""

    def lost(**_):
        signal.raise_signal(signal.SIGHUP)
        return Inspection(series=())

    monkeypatch.setattr(nvc.io.study.load, "list_series", lost)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert main(["inspect", str(tmp_path)]) == 0
    finally:
        signal.signal(signal.SIGHUP, before)
