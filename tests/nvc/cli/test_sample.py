"""``nvc sample`` writes a study that ``nvc inspect`` accepts."""

from __future__ import annotations

import json

import pytest

from nvc.cli import main
from nvc.notice import NOTICE


def test_an_unknown_sample_is_bad_input_and_names_those_there_are(tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["sample", "no-such", str(out)]) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    for name in ("demo", "contact", "near", "clear"):
        assert name in lines[0]
    assert not out.exists()


@pytest.mark.slow
def test_a_sample_is_a_study(tmp_path, capsys):
    assert main(["sample", "demo", str(tmp_path / "study")]) == 0
    out = capsys.readouterr().out
    assert str(tmp_path / "study") in out
    assert out.endswith(f"\n{NOTICE}\n")
    assert (tmp_path / "study" / "truth.json").is_file()
    t2 = str(tmp_path / "study" / "t2.nii.gz")
    assert main(["inspect", "--t2", t2, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["is_measurable"]
