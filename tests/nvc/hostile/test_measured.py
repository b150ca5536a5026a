"""Odd inputs measured to the end: the same numbers, or no answer with a reason."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from nibabel.orientations import axcodes2ornt, ornt_transform

from nvc.cli import main
from nvc.io.records.report_json import read_report
from nvc.io.sample import find_sample_study
from nvc.model.anatomy import Side
from nvc.model.findings import Flag
from tests.nvc.hostile.world import nifti, packed, series


def measure(t2: Path, out: Path):
    assert main(["measure", "--t2", str(t2), "--out", str(out)]) == 0
    return read_report(out / "report.json")


def test_a_head_of_noise_in_dicom_is_answered_with_a_reason(tmp_path, capsys):
    """Ten voxels wide: too small for anything that the stages look for."""
    report = measure(series(tmp_path / "mr"), tmp_path / "out")
    for side in Side:
        assert report.sides[side].flag is Flag.NOT_EVALUABLE
        assert report.sides[side].reasons
    text = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Doe" not in text + capsys.readouterr().out


@pytest.mark.slow
def test_the_way_of_writing_changes_no_number(tmp_path):
    """Another storage order, byte order, unit and type; the same head."""
    plain = find_sample_study() / "t2.nii.gz"
    before = measure(plain, tmp_path / "before")
    image = nib.load(plain)
    codes = "".join(nib.aff2axcodes(image.affine))
    turn = ornt_transform(axcodes2ornt(codes), axcodes2ornt("PIL"))
    turned = image.as_reoriented(turn)
    micrometres = np.diag([1000.0, 1000.0, 1000.0, 1.0]) @ turned.affine
    voxels = np.asarray(turned.dataobj)
    content = nifti(voxels, affine=micrometres, order=">", kind="f4", xyzt_units=3)
    odd = tmp_path / "ODD name#2.NII"
    odd.write_bytes(packed(content))
    after = measure(odd, tmp_path / "after")
    assert "micrometres" in " ".join(after.inputs[0].warnings)
    for side in Side:
        own, kept = after.sides[side], before.sides[side]
        assert own.flag is kept.flag
        assert own.distance_mm == pytest.approx(kept.distance_mm, abs=0.01)
