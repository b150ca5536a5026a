"""Series as archives send them: read where the geometry leaves no doubt."""

from __future__ import annotations

import shutil

import numpy as np
import pydicom
import pytest
from pydicom.uid import generate_uid

from nvc.errors import InputError
from nvc.io.study.load import list_series, load_study
from nvc.model.study import SequenceRole
from tests.nvc.io.made_files import edit_dicom, noise, oblique, write_dicom

T2 = SequenceRole.T2
AFFINE = oblique() @ np.diag([-1.0, -1.0, 1.0, 1.0])


def read(path):
    series = load_study(t2=path).series[T2]
    return series.volume.voxels


def refused(path) -> str:
    with pytest.raises(InputError) as caught:
        load_study(t2=path)
    assert "\n" not in str(caught.value)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0].code


def without_meta(path, syntax) -> None:
    dataset = pydicom.dcmread(path)
    content = pydicom.Dataset({tag.tag: tag for tag in dataset})
    is_implicit, is_little = syntax
    if not is_little:
        swapped = np.frombuffer(dataset.PixelData, "<u2").astype(">u2")
        content.PixelData = swapped.tobytes()
    with path.open("wb") as stream:
        pydicom.dcmwrite(
            stream,
            content,
            implicit_vr=is_implicit,
            little_endian=is_little,
            enforce_file_format=False,
        )


@pytest.mark.parametrize(
    "syntax",
    [(True, True), (False, True), (False, False)],
    ids=["implicit", "explicit", "big-endian"],
)
def test_files_without_preamble_and_meta(tmp_path, syntax):
    voxels = noise()
    for path in write_dicom(tmp_path, voxels, AFFINE):
        without_meta(path, syntax)
        assert path.read_bytes()[128:132] != b"DICM"
    np.testing.assert_array_equal(read(tmp_path), voxels)
    assert list_series(t2=tmp_path).is_measurable


VARYING = {
    "a series a slice": {"SeriesInstanceUID": lambda k: f"1.2.3.{k + 1}"},
    "image type": {
        "ImageType": lambda k: ["ORIGINAL", "PRIMARY", "M", *["NORM"] * (k % 2)]
    },
    "image type half-way": {
        "ImageType": lambda k: ["ORIGINAL", "PRIMARY", "M", *["NORM"] * (k > 6)]
    },
    "echo time": {"EchoTime": lambda k: 100.0 + 0.01 * (k % 3)},
}


@pytest.mark.parametrize("what", VARYING)
def test_what_varies_inside_a_volume_does_not_part_it(tmp_path, what):
    voxels = noise()
    write_dicom(tmp_path, voxels, AFFINE, **VARYING[what])
    np.testing.assert_array_equal(read(tmp_path), voxels)
    inspection = list_series(paths=[tmp_path])
    assert len(inspection.series) == 1
    assert sum("are one stack" in note for note in inspection.warnings) == 1


def test_echoes_and_phases_of_one_series_stay_apart(tmp_path):
    for number, changes in enumerate(
        [
            {"EchoTime": 10.0},
            {"EchoTime": 20.0},
            {"EchoTime": 10.0, "ImageType": ["ORIGINAL", "PRIMARY", "P"]},
        ]
    ):
        write_dicom(
            tmp_path / str(number),
            noise(seed=number),
            AFFINE,
            SeriesInstanceUID="1.2.3",
            FrameOfReferenceUID="1.2.4",
            **changes,
        )
    assert len(list_series(paths=[tmp_path]).series) == 3


FFE = ["ORIGINAL", "PRIMARY", "M_FFE", "M", "FFE"]
OTHERWISE = {
    "echo time": ({"EchoTime": 10.0}, {"EchoTime": 90.0}),
    "echo time of one alone": ({"EchoTime": 10.0}, {}),
    "repetition time": ({"RepetitionTime": 6.0}, {"RepetitionTime": 2000.0}),
    "inversion time": ({}, {"InversionTime": 900.0}),
    "flip angle": ({"FlipAngle": 8.0}, {"FlipAngle": 30.0}),
    "thickness": ({"SliceThickness": 0.7}, {"SliceThickness": 5.0}),
    "contrast agent": ({}, {"ContrastBolusAgent": "Gd"}),
    "study": ({"StudyInstanceUID": "1.2.8"}, {"StudyInstanceUID": "1.2.9"}),
} | {
    " and ".join(words): tuple({"ImageType": [*FFE[:2], *w.split()]} for w in words)
    for words in (
        ("M_FFE", "P_FFE"),
        ("M_FFE", "R_FFE"),
        ("M W", "M F"),
        ("M WATER", "M FAT"),
        ("M IN_PHASE", "M OUT_PHASE"),
        ("M IP", "M OP"),
        ("M", "SUBTRACTION"),
    )
}


# Across series, every word of the image type counts already.
@pytest.mark.parametrize(
    ("what", "is_one_series"),
    [
        (what, is_one)
        for what in OTHERWISE
        for is_one in (False, True)
        if is_one or "and" not in what
    ],
)
@pytest.mark.parametrize("is_interleaved", [False, True])
def test_what_was_acquired_otherwise_is_not_joined(
    tmp_path, what, is_interleaved, is_one_series
):
    """Of an interrupted transfer, the slices of two may fill each other's gaps."""
    voxels = noise((10, 12, 14))
    for part, changes in enumerate(OTHERWISE[what]):
        chosen = range(part, 14, 2) if is_interleaved else range(7 * part, 7 * part + 7)
        paths = write_dicom(
            tmp_path / str(part),
            voxels,
            AFFINE,
            SeriesInstanceUID="1.2.3" if is_one_series else f"1.2.3.{part + 1}",
            FrameOfReferenceUID="1.2.4",
            **({"ImageType": [*FFE, *["NORM"] * part]} if is_one_series else {})
            | changes,
        )
        for k, path in enumerate(paths):
            if k not in chosen:
                path.unlink()
    assert refused(tmp_path) in ("several-series", "too-few-slices")


def test_a_stray_slice_of_another_echo_is_left_out(tmp_path):
    """It lies where the next slice would."""
    longer = noise((10, 12, 15))
    paths = write_dicom(
        tmp_path, longer, AFFINE, EchoTime=lambda k: 100.0 if k < 14 else 5.0
    )
    assert len(paths) == 15
    assert read(tmp_path).shape == (10, 12, 14)
    assert any("were left out" in w for w in list_series(t2=tmp_path).warnings)


def test_echoes_of_which_each_varies_are_sorted_and_joined(tmp_path):
    for number, echo in enumerate((10.0, 90.0)):
        write_dicom(
            tmp_path / str(number),
            noise(seed=number),
            AFFINE,
            SeriesInstanceUID="1.2.3",
            FrameOfReferenceUID="1.2.4",
            EchoTime=lambda k, echo=echo: echo + 0.01 * (k % 3),
        )
    one, two = list_series(paths=[tmp_path]).series
    assert {one.grid.shape, two.grid.shape} == {(10, 12, 14)}


def test_scouts_in_three_directions_are_no_volume(tmp_path):
    """Many stacks of a few slices are one problem, not one for each."""
    for number in range(12):
        write_dicom(
            tmp_path / str(number),
            noise((10, 12, 2), seed=number),
            oblique(degrees=7.0 * number) @ np.diag([-1.0, -1.0, 1.0, 1.0]),
            SeriesInstanceUID=f"1.2.3.{number + 1}",
        )
    assert refused(tmp_path) == "no-volume"
    inspection = list_series(paths=[tmp_path])
    assert len(inspection.blocking_problems) == 1
    assert "24 images" in inspection.blocking_problems[0].reason


def sent_again(paths, folder, **changes):
    folder.mkdir()
    for number, path in enumerate(paths):
        again = folder / path.name
        shutil.copy(path, again)
        edit_dicom(again, **{n: v(number) for n, v in changes.items()})


RESENT = {
    "another comment": {"ImageComments": lambda _: "sent again"},
    "another instance": {"SOPInstanceUID": lambda _: generate_uid()},
}


@pytest.mark.parametrize("what", RESENT)
def test_a_series_that_was_sent_twice_is_read_once(tmp_path, what):
    voxels = noise()
    paths = write_dicom(tmp_path / "a", voxels, AFFINE)
    sent_again(paths, tmp_path / "b", **RESENT[what])
    np.testing.assert_array_equal(read(tmp_path), voxels)
    (found,) = list_series(t2=tmp_path).series
    assert "14 files were in the folder twice" in found.warnings


def test_other_pixels_in_the_same_place_are_another_volume(tmp_path):
    paths = write_dicom(tmp_path / "a", noise(), AFFINE)
    pixels = noise(seed=5)[:, :, 0].T.astype("<u2").tobytes()
    sent_again(
        paths,
        tmp_path / "b",
        SOPInstanceUID=lambda _: generate_uid(),
        PixelData=lambda _: pixels,
    )
    assert refused(tmp_path) == "duplicate-positions"


def test_a_series_that_was_sent_again_as_another_is_listed_and_not_used(tmp_path):
    for name in ("a", "b"):
        write_dicom(tmp_path / name, noise(), AFFINE, SeriesDescription="t2 ciss")
    study = load_study(paths=[tmp_path])
    np.testing.assert_array_equal(study.series[T2].volume.voxels, noise())
    _, copy = list_series(paths=[tmp_path]).series
    assert (copy.series, copy.role) == (None, SequenceRole.OTHER)
    assert copy.role_reason == "not used: a copy of another series"
