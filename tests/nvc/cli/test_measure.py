"""``nvc demo`` and ``nvc measure`` from start to end, as a user runs them."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

import nvc.pipeline
from nvc.cli import main
from nvc.io.records.report_json import read_report
from nvc.io.sample import find_sample_study
from nvc.model.anatomy import Side
from nvc.notice import NOTICE
from nvc.summary import finding_rows

OUTPUTS = {
    "report.json",
    "report.html",
    "measurements.csv",
    "segmentation.nii.gz",
    "segmentation.tsv",
    "landmarks.json",
}
COMMAND = (sys.executable, "-m", "nvc")


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """Run the demo once, in a folder with a space in its name.

    Another letter in it is one that the terminal cannot show.
    """
    out = (
        tmp_path_factory.mktemp("a demo") / "f\N{LATIN SMALL LETTER U WITH DIAERESIS}r"
    )
    done = subprocess.run(
        [*COMMAND, "demo", "--out", str(out)],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "300", "PYTHONIOENCODING": "ascii"},
    )
    return out, done


@pytest.mark.slow
def test_the_demo_writes_every_file_and_nothing_else(demo):
    out, done = demo
    assert done.returncode == 0, done.stderr
    assert {path.name for path in out.iterdir()} == OUTPUTS
    assert list(out.parent.iterdir()) == [out]


def test_the_demo_says_where_the_page_is_and_ends_with_the_notice(demo):
    out, done = demo
    assert f"Report page: {out / 'report.html'}\n" in done.stdout
    assert done.stdout.startswith("The sample study is a phantom")
    assert done.stdout.endswith(f"\n{NOTICE}\n")
    assert done.stderr == "", "no progress bar where nobody looks"


def test_the_table_shows_the_numbers_of_the_report(demo):
    out, done = demo
    for row in finding_rows(read_report(out / "report.json")):
        for cell in (row.flag, row.gap, row.where, row.vessel):
            assert cell in done.stdout


def test_the_demo_finds_what_the_phantom_has(demo):
    out, _ = demo
    truth = json.loads((find_sample_study() / "truth.json").read_text())
    report = read_report(out / "report.json")
    for side in Side:
        found = report.sides[side]
        assert found.distance_ci_mm is not None
        low, high = found.distance_ci_mm
        true_gap_mm = truth["sides"][side.value]["gap_mm"]
        assert low - 0.1 <= true_gap_mm <= high + 0.1


@pytest.mark.slow
def test_landmarks_go_round(demo, tmp_path):
    """The landmarks of a run, given back, are used as they are."""
    out, _ = demo
    study = find_sample_study()
    again = tmp_path / "again"
    argv = ["measure", "--t2", str(study / "t2.nii.gz"), "--out", str(again)]
    argv += ["--tof", str(study / "tof.nii.gz")]
    assert main([*argv, "--landmarks", str(out / "landmarks.json")]) == 0
    before, after = (read_report(d / "report.json").sides for d in (out, again))
    for side in Side:
        assert after[side].landmarks.source == "confirmed"
        given = before[side].landmarks.porus_mm
        assert after[side].landmarks.porus_mm == pytest.approx(given, abs=1e-3)


@pytest.mark.slow
@pytest.mark.parametrize("sides", [["right"], ["left"], ["left", "right"]])
def test_landmarks_in_lps_are_refused_by_the_heads_own_midline(
    sides, demo, tmp_path, capsys
):
    """A file that names one side only has no other side to betray it."""
    out, _ = demo
    told = json.loads((out / "landmarks.json").read_text())["sides"]
    for side in sides:
        for name, point in told[side].items():
            if isinstance(point, list):
                told[side][name] = [-point[0], -point[1], point[2]]
    given = tmp_path / "lps.json"
    given.write_text(json.dumps({side: told[side] for side in sides}))
    study, again = find_sample_study(), tmp_path / "again"
    argv = ["measure", "--t2", str(study / "t2.nii.gz"), "--out", str(again)]
    capsys.readouterr()
    assert main([*argv, "--landmarks", str(given)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "landmark-side" in line or "sides-swapped" in line
    assert str(given) in line
    assert not again.exists()


@pytest.mark.slow
def test_points_of_slicer_are_measured_from_as_our_own(demo, tmp_path):
    """In LPS, as Slicer writes them: its file says so."""
    out, _ = demo
    own = json.loads((out / "landmarks.json").read_text())["sides"]["right"]
    x, y, z = own["porus_mm"]
    point = {"label": "right porus", "position": [-x, -y, z]}
    markup = {"coordinateSystem": "LPS", "controlPoints": [point]}
    given = tmp_path / "points.mrk.json"
    given.write_text(json.dumps({"markups": [markup]}))
    study, again = find_sample_study(), tmp_path / "again"
    argv = ["measure", "--t2", str(study / "t2.nii.gz"), "--out", str(again)]
    assert main([*argv, "--landmarks", str(given)]) == 0
    report = read_report(again / "report.json")
    found = report.sides[Side.RIGHT].landmarks.porus_mm
    assert found == pytest.approx((x, y, z), abs=1e-3)


@pytest.mark.slow
def test_nothing_around_a_run_changes_a_byte_of_its_files(demo, tmp_path):
    """Another folder, with drawing parameters in it, locale, order of sets."""
    out, _ = demo
    (tmp_path / "matplotlibrc").write_text(
        "image.origin: lower\ntext.usetex: True\nfigure.facecolor: red\n"
    )
    again = tmp_path / "again"
    done = subprocess.run(
        [*COMMAND, "demo", "--out", "again"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env=os.environ
        | {
            "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path)),
            "PYTHONHASHSEED": "7",
            "NUMBA_NUM_THREADS": "2",
            "OMP_NUM_THREADS": "2",
            "LC_ALL": "C",
            "LANGUAGE": "de",
            "TZ": "Asia/Kolkata",
            "COLUMNS": "40",
        },
    )
    assert done.returncode == 0, done.stderr
    for name in sorted(OUTPUTS):
        assert (again / name).read_bytes() == (out / name).read_bytes(), name


@pytest.mark.slow
def test_padding_and_negative_numbers_change_nothing(demo, tmp_path):
    """A slab that was turned is padded at its corners, by the lowest number.

    The angiography moved by centimetres, and a T2 below zero had no tissue.
    """
    out, _ = demo
    study, again = find_sample_study(), tmp_path / "again"
    image = nib.load(study / "tof.nii.gz")
    voxels = np.asarray(image.dataobj).astype(np.int16)
    i, j, _ = np.indices(voxels.shape)
    voxels[i + j < min(voxels.shape[:2]) // 3] = -32768
    tof = tmp_path / "tof.nii.gz"
    nib.save(nib.Nifti1Image(voxels, image.affine, image.header), tof)
    image = nib.load(study / "t2.nii.gz")
    below = np.asarray(image.dataobj).astype(np.int16) - 9000
    assert below.max() < 0
    t2 = tmp_path / "t2.nii.gz"
    nib.save(nib.Nifti1Image(below, image.affine, image.header), t2)
    argv = ["measure", "--t2", str(t2), "--tof", str(tof)]
    assert main([*argv, "--out", str(again)]) == 0
    before, after = (read_report(d / "report.json") for d in (out, again))
    residuals = [
        report.inputs[1].registration_residual_mm for report in (before, after)
    ]
    assert residuals[1] == pytest.approx(residuals[0], abs=0.1)
    assert "padding" in " ".join(after.inputs[1].warnings)
    assert "negative" in " ".join(after.inputs[0].warnings)
    for side in Side:
        own, kept = after.sides[side], before.sides[side]
        assert own.flag is kept.flag
        assert own.distance_mm == pytest.approx(kept.distance_mm, abs=0.1)


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["--set", "report.neer_mm=1"], "report.near_mm"),
        (["--set", "report.near_mm=99"], "0.2 to 3 mm"),
        (["--settings", "missing.json"], "missing.json"),
    ],
    ids=["misspelt", "out of bounds", "no such file"],
)
def test_wrong_settings_are_told_before_anything_is_read(
    options, names, tmp_path, capsys
):
    out = tmp_path / "out"
    assert main(["measure", "--t2", "t2.nii", "--out", str(out), *options]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert names in lines[0]
    assert not out.exists()


def test_an_output_folder_that_holds_the_input_is_refused(tmp_path, capsys):
    (tmp_path / "t2.nii.gz").write_bytes(b"")
    argv = ["measure", "--t2", str(tmp_path / "t2.nii.gz"), "--out", str(tmp_path)]
    assert main(argv) == 2
    assert "t2.nii.gz" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["t2.nii.gz"]


def test_a_file_that_cannot_be_replaced_is_told_before_the_scans_are_read(
    tmp_path, capsys
):
    out = tmp_path / "out"
    (out / "report.html").mkdir(parents=True)
    (out / "report.json").write_text("earlier")
    assert main(["measure", "--t2", "none.nii", "--out", str(out)]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "report.html" in line
    assert "not-found" not in line
    assert {path.name for path in out.iterdir()} == {"report.html", "report.json"}
    assert (out / "report.json").read_text() == "earlier"


def test_settings_of_a_run_are_in_its_report(demo):
    out, _ = demo
    settings = json.loads((out / "report.json").read_text())["software"]["settings"]
    assert settings["report"]["near_mm"] == 1.0


def test_the_table_for_spreadsheets_has_a_row_a_side(demo):
    out, _ = demo
    with (out / "measurements.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    report = read_report(out / "report.json")
    assert {row["side"]: row["flag"] for row in rows} == {
        side.value: report.sides[side].flag.value for side in Side
    }


def test_ctrl_c_leaves_nothing_half_written(tmp_path, monkeypatch, capsys):
    def interrupted(*_, **__):
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(nvc.pipeline, "align", interrupted)
    # A test run in the background has the signal ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        assert main(["demo", "--out", str(tmp_path / "out")]) == 130
    finally:
        signal.signal(signal.SIGINT, before)
    assert capsys.readouterr().err == "nvc: interrupted; nothing is left half-written\n"
    assert list(tmp_path.iterdir()) == []
