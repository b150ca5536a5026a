"""Studies of which some may not be read: the rest is, and what was not is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from nvc.cli import main
from nvc.errors import InputError
from nvc.io.study.by_content import load_inputs
from nvc.io.study.load import list_series, load_study
from nvc.model.study import SequenceRole
from tests.nvc.foreign import as_another_user, others
from tests.nvc.io.made_files import nifti_bytes, noise, oblique, write_dicom

__all__ = ["others"]


def study(folder: Path) -> Path:
    """A T2 that may be read, beside a folder and seven files that may not."""
    write_dicom(folder / "t2", noise(), oblique(), SeriesDescription="t2 ciss")
    for path in (folder / "t2").iterdir():
        path.chmod(0o644)
    (folder / "DOE").mkdir()
    (folder / "DOE").chmod(0)
    for number in range(7):
        path = folder / f"Doe{number}.nii"
        path.write_bytes(nifti_bytes(noise()))
        path.chmod(0)
    return folder


def test_what_may_not_be_read_is_told_and_the_rest_is_read(others):
    """Counted in what is kept; named, up to a few, to who asks what is there."""
    study(others)
    with as_another_user():
        found = load_study(paths=[others])
        inspection = list_series(paths=[others])
    assert found.series[SequenceRole.T2].volume.grid.shape == (10, 12, 14)
    said = "PATH 1: 8 x file or folder may not be read and was passed over"
    assert said in found.warnings
    assert "Doe" not in f"{found.warnings} {inspection.to_json()}"
    named = inspection.name_closed()
    assert named.startswith(f"{others}/Doe0.nii, {others}/Doe1.nii")
    assert named.endswith("and 3 more")


def test_inspect_names_them(others, capsys):
    study(others)
    assert main(["inspect", str(others / "t2")]) == 0  # imports what may be closed too
    capsys.readouterr()
    with as_another_user():
        assert main(["inspect", str(others)]) == 0
        told = "".join(capsys.readouterr().out.split())
        assert f"maynotberead:{others}/Doe0.nii," in told
        assert main(["inspect", "--json", str(others)]) == 0
        assert "Doe" not in capsys.readouterr().out


def test_a_folder_of_which_nothing_may_be_read_is_one_line(others):
    for path in study(others).glob("t2/*"):
        path.chmod(0)
    with as_another_user(), pytest.raises(InputError) as caught:
        load_study(t2=others)
    (problem,) = caught.value.problems
    assert problem.code == "not-readable"
    assert "22 x file or folder may not be read" in problem.reason


def test_a_file_in_a_closed_folder_is_one_line(others):
    path = study(others) / "DOE" / "t2.nii"
    with as_another_user(), pytest.raises(InputError) as caught:
        load_study(t2=path)
    (problem,) = caught.value.problems
    assert problem.code == "not-readable"


def test_a_review_looks_past_what_is_closed(others):
    """A closed place is no reason to end where another holds the image."""
    study(others)
    with as_another_user():
        (series,) = load_study(paths=[others]).series.values()
        wanted = {SequenceRole.T2: series.sha256}
        places = [others / "DOE", others / "Doe0.nii", others]
        _, paths = load_inputs(wanted, places)
        assert paths == (others,)
        with pytest.raises(InputError, match=r"\(2 x file or folder may not be read\)"):
            load_inputs(wanted, places[:2])
