"""DICOM series: order, geometry, values, and every way they are refused."""

from __future__ import annotations

import os
import re
import shutil
import zlib

import numpy as np
import pydicom
import pytest
import SimpleITK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    JPEG2000Lossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    RLELossless,
)

from nvc.errors import InputError
from nvc.io.dicom import header, opening, pixels
from nvc.io.dicom.folder import scan_file, scan_folder
from nvc.io.dicom.volume import read_stack
from nvc.settings.input import InputSettings
from tests.nvc.io.made_files import (
    SHAPE,
    edit_dicom,
    noise,
    oblique,
    position,
    write_dicom,
    write_enhanced,
)

LIMITS = InputSettings()


def turned(codes: str) -> np.ndarray:
    """An oblique affine whose i, j and k grow in three directions."""
    directions = {"R": (0, 1), "L": (0, -1), "A": (1, 1), "P": (1, -1),
                  "S": (2, 1), "I": (2, -1)}  # fmt: skip
    permutation = np.zeros((4, 4))
    permutation[3, 3] = 1
    for column, code in enumerate(codes):
        axis, sign = directions[code]
        permutation[axis, column] = sign
    return oblique() @ permutation


AXIAL = turned("LPS")


def read(folder, **options):
    content = scan_folder(folder, where="given", settings=LIMITS)
    if content.problems:
        raise InputError(*content.problems)
    assert len(content.stacks) == 1
    return read_stack(content.stacks[0], where="given", settings=LIMITS)


def refuse(folder, code: str) -> str:
    with pytest.raises(InputError) as caught:
        read(folder)
    message = str(caught.value)
    assert [p.code for p in caught.value.problems] == [code]
    assert "\n" not in message
    assert re.search(r"jane|doe-|patient-", message.lower()) is None
    assert ".dcm" not in message
    return message


@pytest.mark.parametrize("codes", ["LPS", "LPI", "ASR", "LIA", "RAS"])
def test_any_plane_is_read_as_simpleitk_reads_it(tmp_path, codes):
    affine = turned(codes)
    voxels = noise()
    write_dicom(tmp_path, voxels, affine)
    reading = read(tmp_path)
    grid = reading.volume.grid
    assert reading.orientation_source == "dicom"
    names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(tmp_path))
    itk = SimpleITK.ReadImage(names)
    values = SimpleITK.GetArrayFromImage(itk).transpose(2, 1, 0)
    for index in [(0, 0, 0), (9, 0, 3), (2, 11, 13), (4, 5, 6)]:
        lps_mm = np.array(itk.TransformIndexToPhysicalPoint(index))
        ours = np.rint(grid.to_voxel(lps_mm * [-1, -1, 1])).astype(int)
        assert reading.volume.voxels[tuple(ours)] == values[index]
        np.testing.assert_allclose(
            grid.to_ras_mm(ours.astype(float)), lps_mm * [-1, -1, 1], atol=2e-3
        )


def test_slices_are_stacked_by_place_along_the_normal(tmp_path):
    voxels = noise()
    write_dicom(tmp_path, voxels, AXIAL)
    reading = read(tmp_path)
    np.testing.assert_array_equal(reading.volume.voxels, voxels)
    np.testing.assert_allclose(reading.volume.grid.voxel_to_ras_mm, AXIAL, atol=1e-5)


def test_the_digest_depends_on_content_and_not_on_names(tmp_path):
    paths = write_dicom(tmp_path / "a", noise(), AXIAL)
    for n, path in enumerate(paths):
        (tmp_path / "b").mkdir(exist_ok=True)
        shutil.copy(path, tmp_path / "b" / f"other{n}")
    first = read(tmp_path / "a").sha256
    assert read(tmp_path / "b").sha256 == first
    edit_dicom(tmp_path / "b" / "other3", ImageComments="changed")
    assert read(tmp_path / "b").sha256 != first


def test_slopes_differ_from_slice_to_slice(tmp_path):
    voxels = noise()
    write_dicom(
        tmp_path,
        voxels,
        AXIAL,
        RescaleSlope=lambda k: 1.0 + k,
        RescaleIntercept=lambda k: -float(k),
    )
    k = np.arange(SHAPE[2])
    expected = voxels * (1.0 + k) - k
    np.testing.assert_allclose(read(tmp_path).volume.voxels, expected)


@pytest.mark.parametrize("syntax", [RLELossless, JPEG2000Lossless, JPEGLSLossless])
def test_lossless_compression_is_decoded(tmp_path, syntax):
    voxels = noise()
    paths = write_dicom(tmp_path, voxels, AXIAL)
    for path in paths:
        dataset = pydicom.dcmread(path)
        if syntax == JPEG2000Lossless:
            image = pytest.importorskip("PIL.Image").fromarray(dataset.pixel_array)
            target = path.with_suffix(".j2k")
            image.save(target, format="JPEG2000", irreversible=False)
            dataset.PixelData = encapsulate([target.read_bytes()])
            dataset["PixelData"].is_undefined_length = True
            dataset.file_meta.TransferSyntaxUID = syntax
            target.unlink()
        else:
            dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
    np.testing.assert_array_equal(read(tmp_path).volume.voxels, voxels)


def test_lossless_jpeg_as_archives_export_it_is_decoded(tmp_path):
    voxels = noise()
    slopes = {"RescaleSlope": 2.0, "RescaleIntercept": 1.0}
    paths = write_dicom(tmp_path / "in", voxels, AXIAL, **slopes)
    writer = SimpleITK.ImageFileWriter()
    writer.SetImageIO("GDCMImageIO")
    writer.SetUseCompression(True)
    writer.SetCompressor("JPEG")
    for path in paths:
        dataset = pydicom.dcmread(path)
        plane = SimpleITK.GetImageFromArray(dataset.pixel_array[None])
        plane.SetMetaData("0008|0060", "MR")
        packed = tmp_path / "packed.dcm"
        writer.SetFileName(str(packed))
        writer.Execute(plane)
        compressed = pydicom.dcmread(packed)
        assert compressed.file_meta.TransferSyntaxUID == JPEGLosslessSV1
        dataset["PixelData"] = compressed["PixelData"]
        dataset.file_meta.TransferSyntaxUID = JPEGLosslessSV1
        dataset.save_as(path)
    reading = read(tmp_path / "in")
    np.testing.assert_array_equal(reading.volume.voxels, voxels * 2.0 + 1.0)


def test_big_endian_files_are_read(tmp_path):
    voxels = noise()
    paths = write_dicom(tmp_path, voxels, AXIAL)
    for path in paths:
        dataset = pydicom.dcmread(path)
        dataset.PixelData = dataset.pixel_array.astype(">u2").tobytes()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
        list(dataset)  # decode every element before the byte order changes
        dataset.set_original_encoding(is_implicit_vr=False, is_little_endian=False)
        dataset.save_as(path, enforce_file_format=True)
    assert b"\0\x10\0\x10" in paths[0].read_bytes()  # the tag of the name
    np.testing.assert_array_equal(read(tmp_path).volume.voxels, voxels)


def test_files_without_a_preamble_are_read(tmp_path):
    voxels = noise()
    for path in write_dicom(tmp_path, voxels, AXIAL):
        path.write_bytes(path.read_bytes()[132:])
    np.testing.assert_array_equal(read(tmp_path).volume.voxels, voxels)


def test_enhanced_frames_are_put_in_order_and_scaled(tmp_path):
    voxels = noise()
    write_enhanced(tmp_path / "all.dcm", voxels, AXIAL)
    content = scan_file(tmp_path / "all.dcm", where="given")
    reading = read_stack(content.stacks[0], where="given", settings=LIMITS)
    np.testing.assert_array_equal(reading.volume.voxels, voxels * 2.0 + 1.0)
    np.testing.assert_allclose(reading.volume.grid.voxel_to_ras_mm, AXIAL, atol=1e-5)


def test_an_enhanced_file_that_lacks_a_frame_is_refused(tmp_path):
    dataset = write_enhanced(tmp_path / "all.dcm", noise(), AXIAL)
    del dataset.PerFrameFunctionalGroupsSequence[5]
    dataset.save_as(tmp_path / "all.dcm")
    assert "14 frames but describes 13" in refuse(tmp_path, "dicom-image")
    dataset.NumberOfFrames = 13
    dataset.save_as(tmp_path / "all.dcm")
    assert "1 of 14 slices are missing" in refuse(tmp_path, "missing-slices")


def test_junk_in_the_folder_is_passed_over_and_said(tmp_path):
    voxels = noise()
    write_dicom(tmp_path, voxels, AXIAL)
    (tmp_path / "notes.txt").write_text("hello")
    (tmp_path / "DICOMDIR").write_bytes(b"\0" * 200)
    (tmp_path / ".hidden").write_bytes(b"\0" * 200)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    content = scan_folder(tmp_path, where="given", settings=LIMITS)
    assert len(content.notes) == 3
    np.testing.assert_array_equal(read(tmp_path).volume.voxels, voxels)


def test_exact_copies_are_dropped_and_said(tmp_path):
    voxels = noise()
    paths = write_dicom(tmp_path, voxels, AXIAL)
    shutil.copy(paths[3], tmp_path / "copy.dcm")
    reading = read(tmp_path)
    np.testing.assert_array_equal(reading.volume.voxels, voxels)
    assert any("in the folder twice" in warning for warning in reading.warnings)


def test_a_gap_between_thin_slices_is_said(tmp_path):
    write_dicom(tmp_path, noise(), AXIAL, SliceThickness=0.4)
    assert any("not imaged" in warning for warning in read(tmp_path).warnings)


def shifted(k: int, by: float) -> list[float]:
    return position(AXIAL, k + by)


ATTRIBUTES = {
    "ct": ({"Modality": "CT"}, "dicom-image"),
    "colour": ({"SamplesPerPixel": 3}, "dicom-image"),
    "inverted": ({"PhotometricInterpretation": "MONOCHROME1"}, "dicom-image"),
    "no-position": ({"ImagePositionPatient": None}, "dicom-image"),
    "no-orientation": ({"ImageOrientationPatient": None}, "dicom-image"),
    "no-spacing": ({"PixelSpacing": None}, "dicom-image"),
    "zero-spacing": ({"PixelSpacing": [0, 0.5]}, "voxel-size"),
    "nan-spacing": ({"PixelSpacing": [float("nan"), 0.5]}, "voxel-size"),
    "tiny-spacing": ({"PixelSpacing": [1e-5, 1e-5]}, "voxel-size"),
    "mixed-spacing": (
        {"PixelSpacing": lambda k: [0.5, 0.5 if k else 0.6]},
        "mixed-spacing",
    ),
    "skewed": ({"ImageOrientationPatient": [1, 0, 0, 0.1, 1, 0]}, "orientation"),
    "patients": (
        {"PatientID": lambda k: "doe-1" if k else "doe-2"},
        "several-patients",
    ),
    "births": (
        {"PatientBirthDate": lambda k: "19700101" if k else "19710101"},
        "several-patients",
    ),
    "frames": ({"FrameOfReferenceUID": lambda k: f"1.2.{k // 7}"}, "several-frames"),
    "same-place": (
        {"ImagePositionPatient": lambda k: position(AXIAL, k // 2)},
        "duplicate-positions",
    ),
    "uneven": (
        {"ImagePositionPatient": lambda k: shifted(k, 0.2 if k == 5 else 0.0)},
        "uneven-spacing",
    ),
    "sideways": (
        {
            "ImagePositionPatient": lambda k: [
                a + b for a, b in zip(position(AXIAL, k), [0.1 * k, 0, 0], strict=True)
            ]
        },
        "shear",
    ),
    "slope": ({"RescaleSlope": 0.0}, "scaling"),
}


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_bad_series_are_refused_in_one_line(tmp_path, name):
    attributes, code = ATTRIBUTES[name]
    write_dicom(tmp_path, noise(), AXIAL, **attributes)
    refuse(tmp_path, code)


def test_a_missing_slice_is_refused(tmp_path):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    paths[6].unlink()
    assert "1 of 14 slices are missing" in refuse(tmp_path, "missing-slices")


def test_too_few_slices_are_refused(tmp_path):
    write_dicom(tmp_path, noise((10, 12, 4)), AXIAL)
    refuse(tmp_path, "too-few-slices")


def test_a_constant_series_is_refused(tmp_path):
    write_dicom(tmp_path, np.full(SHAPE, 5), AXIAL)
    refuse(tmp_path, "constant")


def test_cut_pixels_are_refused(tmp_path):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    paths[2].write_bytes(paths[2].read_bytes()[:-60])
    assert "DICOM file 3 of 14" in refuse(tmp_path, "pixels")


def test_a_cut_header_is_refused(tmp_path):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    paths[2].write_bytes(paths[2].read_bytes()[:300])
    assert "1 of its DICOM files" in refuse(tmp_path, "damaged-dicom")


def test_two_files_under_one_uid_are_refused(tmp_path):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    shutil.copy(paths[3], tmp_path / "copy.dcm")
    pixels = bytearray(pydicom.dcmread(paths[3]).PixelData)
    pixels[0] ^= 1
    edit_dicom(tmp_path / "copy.dcm", PixelData=bytes(pixels))
    refuse(tmp_path, "conflicting-copies")


def deflate(path, syntax=DeflatedExplicitVRLittleEndian) -> None:
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.save_as(path)


def test_deflated_files_are_read(tmp_path):
    voxels = noise()
    for path in write_dicom(tmp_path, voxels, AXIAL):
        before = path.stat().st_size
        deflate(path)
        assert path.stat().st_size < before
    np.testing.assert_array_equal(read(tmp_path).volume.voxels, voxels)


def test_a_deflated_header_that_would_fill_the_memory_is_not_inflated(
    tmp_path, monkeypatch
):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    deflate(paths[0])
    monkeypatch.setattr(header, "_MOST_INFLATED", 300)
    monkeypatch.setattr(opening, "_STEP", 100)
    assert "1 of its DICOM files" in refuse(tmp_path, "too-large")


def test_deflated_pixels_that_would_fill_the_memory_are_not_inflated(
    tmp_path, monkeypatch
):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    deflate(paths[0])
    monkeypatch.setattr(pixels, "_HEADER_BYTES", -SHAPE[0] * SHAPE[1] * 8 + 400)
    assert "inflate to more than its header says" in refuse(tmp_path, "pixels")


@pytest.mark.parametrize("private_bytes", [0, 5000])
def test_a_bomb_is_noticed_wherever_its_syntax_is_named(
    tmp_path, private_bytes, monkeypatch
):
    """A long element before it is odd, but pydicom reads it all the same."""
    path = write_dicom(tmp_path, noise(), AXIAL)[0]
    deflate(path)
    content = path.read_bytes()
    syntax = content.index(b"\x02\0\x10\0UI")
    filling = b"\x02\0\x02\x01OB\0\0" + private_bytes.to_bytes(4, "little")
    filling += bytes(private_bytes)
    path.write_bytes(content[:syntax] + filling + content[syntax:])
    inflated = []
    inflate = zlib.decompress
    monkeypatch.setattr(
        zlib, "decompress", lambda *a, **k: inflated.append(1) or inflate(*a, **k)
    )
    scan_folder(tmp_path, where="given", settings=LIMITS)
    read_stack(
        scan_folder(tmp_path, where="given", settings=LIMITS).stacks[0],
        where="given",
        settings=LIMITS,
    )
    assert not inflated, "pydicom inflated it without a limit"


def test_an_empty_folder_is_refused(tmp_path):
    refuse(tmp_path, "empty-folder")
    (tmp_path / "notes.txt").write_text("hello")
    refuse(tmp_path, "empty-folder")


def test_series_types_echoes_and_directions_are_kept_apart(tmp_path):
    voxels = noise()
    write_dicom(tmp_path / "a", voxels, AXIAL)
    write_dicom(tmp_path / "b", voxels, AXIAL, ImageType=["ORIGINAL", "PRIMARY", "P"])
    write_dicom(tmp_path / "c", voxels, turned("ASR"))
    write_dicom(tmp_path / "d", voxels, AXIAL, EchoTime=lambda k: 20.0 + 60 * (k % 2))
    content = scan_folder(tmp_path, where="given", settings=LIMITS)
    assert sorted(len(stack) for stack in content.stacks) == [7, 7, 14, 14, 14]


def test_nothing_of_the_patient_reaches_the_log(tmp_path, capsys, caplog, recwarn):
    paths = write_dicom(tmp_path, noise(), AXIAL)
    for path in paths:
        content = path.read_bytes()
        path.write_bytes(content.replace(b"19700101", b"19Jane01"))
    read(tmp_path)
    assert "Jane" not in capsys.readouterr().err + caplog.text
    assert not [w for w in recwarn if "Jane" in str(w.message)]


@pytest.mark.slow
def test_the_real_head_agrees_with_another_reader(real_head):
    reading = read(real_head)
    grid = reading.volume.grid
    assert grid.shape == (274, 384, 384)
    np.testing.assert_allclose(grid.voxel_size_mm, (0.69999, 0.66667, 0.66667), 1e-4)
    assert grid.axis_codes == "LPS"
    names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(real_head))
    itk = SimpleITK.ReadImage(names)
    for index in [(0, 0, 0), (273, 383, 383), (100, 200, 300)]:
        corner = np.array(itk.TransformIndexToPhysicalPoint(index)) * [-1, -1, 1]
        np.testing.assert_allclose(grid.to_ras_mm(np.array(index)), corner, atol=1e-6)
    theirs = SimpleITK.GetArrayViewFromImage(itk).transpose(2, 1, 0)
    np.testing.assert_array_equal(reading.volume.voxels, theirs)


@pytest.fixture(scope="module")
def one_series(tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzz")
    return write_dicom(folder, noise((4, 4, 8)), AXIAL)


@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edits=st.lists(
        st.tuples(st.integers(128, 1100), st.integers(0, 255)), min_size=1, max_size=5
    )
)
def test_any_header_is_refused_or_read_within_the_gates(one_series, edits):
    path = one_series[3]
    before = path.read_bytes()
    content = bytearray(before)
    for place, value in edits:
        content[place % len(content)] = value
    path.write_bytes(content)
    try:
        content = scan_folder(path.parent, where="given", settings=LIMITS)
        for stack in content.stacks:
            reading = read_stack(stack, where="given", settings=LIMITS)
            assert np.isfinite(reading.volume.voxels).all()
    except InputError:
        return
    finally:
        path.write_bytes(before)
