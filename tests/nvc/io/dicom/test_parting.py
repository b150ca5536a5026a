"""Volumes of one series in one place: told apart by what they differ in, or refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nvc.errors import InputError
from nvc.io.study.load import list_series, load_study
from nvc.model.study import SequenceRole
from tests.nvc.io.made_files import noise, oblique, write_dicom

AFFINE = oblique() @ np.diag([-1.0, -1.0, 1.0, 1.0])
ONE = {
    "SeriesInstanceUID": "1.2.3",
    "FrameOfReferenceUID": "1.2.4",
    "SeriesDescription": "t2",
}


def write(folder: Path, *volumes: dict, affine=AFFINE) -> list[np.ndarray]:
    """Write volumes of one series, each with what it differs in."""
    voxels = [noise(seed=n) for n, _ in enumerate(volumes)]
    for n, (own, told) in enumerate(zip(voxels, volumes, strict=True)):
        write_dicom(folder / str(n), own, affine, **ONE | told)
    return voxels


def require_each(folder: Path, voxels: list[np.ndarray], name: str) -> None:
    """Demand that each volume is listed, whole, and can be chosen by its number."""
    inspection = list_series(t2=folder)
    assert len(inspection.series) == len(voxels)
    assert any(f"differ in {name}" in note for note in inspection.warnings)
    found = []
    for number in range(1, len(voxels) + 1):
        study = load_study(t2=f"{folder}#{number}")
        found.append(study.series[SequenceRole.T2].volume.voxels)
    for one, other in zip(found, voxels, strict=True):
        np.testing.assert_array_equal(one, other)


def refused(folder: Path) -> str:
    with pytest.raises(InputError) as caught:
        load_study(t2=folder)
    (problem,) = caught.value.problems
    return f"{problem.code}: {problem.reason}"


@pytest.mark.parametrize(
    ("name", "attribute", "values"),
    [
        ("repetition time", "RepetitionTime", (6.0, 12.0)),
        ("inversion time", "InversionTime", (None, 700.0)),
        ("flip angle", "FlipAngle", (3.0, 15.0, 60.0)),
        ("contrast agent", "ContrastBolusAgent", (None, "Gd")),
        ("description", "SeriesDescription", ("t2 a", "t2 b")),
        ("temporal position", "TemporalPositionIdentifier", (1, 2, 3)),
        ("acquisition number", "AcquisitionNumber", (1, 2)),
    ],
)
def test_what_differs_tells_volumes_apart(tmp_path, name, attribute, values):
    told = [{} if value is None else {attribute: value} for value in values]
    require_each(tmp_path, write(tmp_path, *told), name)


def test_two_things_together_tell_volumes_apart(tmp_path):
    """Each alone leaves two volumes in one place."""
    told = [
        {"FlipAngle": flip, "TemporalPositionIdentifier": at}
        for flip in (5.0, 20.0)
        for at in (1, 2)
    ]
    voxels = write(tmp_path, *told)
    require_each(tmp_path, voxels, "flip angle and temporal position")


def test_rounding_tells_nothing_apart(tmp_path):
    """Nor do copies of slices in one place make two volumes."""
    voxels = noise()
    told = ONE | {"RepetitionTime": lambda k: 6.0 + 0.01 * (k % 3)}
    write_dicom(tmp_path, voxels, AFFINE, **told)
    (found,) = list_series(t2=tmp_path).series
    assert found.series is not None
    np.testing.assert_array_equal(found.series.volume.voxels, voxels)


def test_packages_of_one_volume_are_no_volumes(tmp_path):
    """Every third slice by itself is regular, but the whole lacks one."""
    voxels = noise((10, 12, 30))
    told = ONE | {"AcquisitionNumber": lambda k: 1 + k % 3}
    paths = write_dicom(tmp_path, voxels, AFFINE, **told)
    assert len(list_series(t2=tmp_path).series) == 1
    paths[28].unlink()
    assert refused(tmp_path).startswith("missing-slices")


def test_two_volumes_that_differ_in_nothing_are_refused(tmp_path):
    write(tmp_path, {}, {})
    assert refused(tmp_path).startswith("duplicate-positions")


def test_a_part_that_lacks_a_slice_is_refused(tmp_path):
    write(tmp_path, {"FlipAngle": 5.0}, {"FlipAngle": 20.0})
    next((tmp_path / "1").glob("*_6.dcm")).unlink()
    assert refused(tmp_path).startswith("duplicate-positions")


@pytest.mark.parametrize(
    ("attribute", "usual", "other", "says"),
    [
        ("FlipAngle", 60.0, 10.0, "flip angle (10 to 60)"),
        ("RepetitionTime", 6.0, 2000.0, "repetition time (6 to 2000)"),
        ("InversionTime", 100.0, 900.0, "inversion time (100 to 900)"),
    ],
)
def test_a_slice_of_another_acquisition_fills_no_gap(
    tmp_path, attribute, usual, other, says
):
    """One regular stack by its geometry, but not one volume."""
    write_dicom(
        tmp_path, noise(), AFFINE,
        **ONE | {attribute: lambda k: other if k == 6 else usual},
    )  # fmt: skip
    assert refused(tmp_path).startswith("mixed-acquisition")
    assert says in refused(tmp_path)


def test_slices_beside_a_whole_volume_are_left_out_and_told(tmp_path):
    """The last three are of another flip angle: the others are a volume without."""
    voxels = noise()
    write_dicom(
        tmp_path, voxels, AFFINE,
        **ONE | {"FlipAngle": lambda k: 10.0 if k > 10 else 60.0},
    )  # fmt: skip
    study = load_study(t2=tmp_path)
    found = study.series[SequenceRole.T2].volume.voxels
    np.testing.assert_array_equal(found, voxels[..., :11])
    assert any("3 images in stacks of fewer" in note for note in study.warnings)
