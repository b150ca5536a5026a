"""The DICOM objects of a result, held to their standard and read back."""

from __future__ import annotations

import io
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest

hd = pytest.importorskip("highdicom", reason="the extra [dicom] is not installed")

from nvc.errors import InputError  # noqa: E402
from nvc.io.dicom_out.names import SEG_FILE, SR_FILE  # noqa: E402
from nvc.io.dicom_out.objects import render_dicom  # noqa: E402
from nvc.io.dicom_out.source import find_source  # noqa: E402
from nvc.io.dicom_out.sr import Signed, SignedReading  # noqa: E402
from nvc.io.study.load import load_study  # noqa: E402
from nvc.model.anatomy import (  # noqa: E402
    Flag,
    NerveSegment,
    Side,
    Structure,
    VesselKind,
)
from nvc.model.findings import (  # noqa: E402
    Report,
    SideReport,
    Software,
    VesselAtContact,
)
from nvc.model.grid import Grid, Volume  # noqa: E402
from nvc.model.study import SequenceRole  # noqa: E402
from nvc.notice import NOTICE  # noqa: E402
from nvc.settings.input import InputSettings  # noqa: E402
from tests.nvc.io.made_files import (  # noqa: E402
    edit_dicom,
    nifti_bytes,
    noise,
    oblique,
    write_dicom,
    write_enhanced,
)

SHAPE = (10, 12, 14)
AXIAL = np.array([[-0.5, 0, 0, 2], [0, -0.6, 0, 3], [0, 0, 0.7, -4], [0, 0, 0, 1.0]])
SAGITTAL = np.array([[0, 0, 0.7, -4], [-0.5, 0, 0, 3], [0, -0.6, 0, 2], [0, 0, 0, 1.0]])
SOURCES = ("axial", "oblique", "sagittal", "enhanced")
NERVE_MM, VESSEL_MM = (1.5, -2.25, 3.0), (1.75, -2.5, 3.5)


def write_source(kind: str, folder: Path) -> Path:
    affine = {"axial": AXIAL, "sagittal": SAGITTAL}.get(kind, oblique())
    folder.mkdir()
    if kind != "enhanced":
        complete(write_dicom(folder, noise(SHAPE), affine), folder)
        return folder
    path = folder / "one.dcm"
    write_enhanced(path, noise(SHAPE), affine)
    complete([path], folder)
    return path


def complete(paths: list[Path], folder: Path) -> None:
    """Give what a scanner gives and made files leave out."""
    study, frame, series = (
        pydicom.uid.generate_uid(entropy_srcs=[str(folder), what])
        for what in ("study", "frame", "series")
    )
    for path in paths:
        edit_dicom(
            path,
            StudyInstanceUID=study,
            SeriesInstanceUID=series,
            FrameOfReferenceUID=frame,
            StudyDate="20200101",
            StudyTime="101010",
            StudyID="7",
            PatientSex="F",
        )


def labels_on(grid: Grid) -> Volume:
    """Every label somewhere, in blocks that no flip maps to themselves."""
    voxels = np.zeros(grid.shape, dtype=np.uint8)
    for n, structure in enumerate(s for s in Structure if s):
        voxels[n % 3 * 2 + 1, n : n + 2, n + 2 : n + 5] = structure
        voxels[n % 3 * 2 + 2, n, n + 3] = structure
    return Volume(grid=grid, voxels=voxels).canonical()


def report() -> Report:
    right = SideReport(
        flag=Flag.POSSIBLE_COMPRESSION,
        reasons=("the vessel is two voxels wide",),
        distance_mm=0.42,
        distance_ci_mm=(0.1, 0.87),
        contact_probability=0.25,
        closest_point_nerve_mm=NERVE_MM,
        closest_point_vessel_mm=VESSEL_MM,
        nerve_segment=NerveSegment.TRANSITION,
        distance_from_root_detachment_mm=-1.5,
        vessel=VesselAtContact(kind=VesselKind.ARTERY, diameter_mm=1.1),
    )
    left = SideReport(flag=Flag.NOT_EVALUABLE, reasons=("CN VII was not found",))
    return Report(
        software=Software(name="nvc", version="1.2"),
        inputs=(),
        reference="t2",
        sides={Side.RIGHT: right, Side.LEFT: left},
    )


def load(path: Path):
    return load_study(t2=path).series[SequenceRole.T2]


@pytest.fixture(scope="module", params=SOURCES)
def written(request, tmp_path_factory):
    path = write_source(request.param, tmp_path_factory.mktemp("dicom") / "study")
    series = load(path)
    source = find_source(series, None, InputSettings())
    labels = labels_on(series.volume.grid)
    return labels, source, render_dicom(labels, report(), source)


def parsed(files, name):
    return pydicom.dcmread(io.BytesIO(files[name]))


def every_voxel(labels: Volume) -> dict[tuple[float, ...], int]:
    places = np.argwhere(labels.voxels)
    ras = np.round(labels.grid.to_ras_mm(places.astype(float)), 2) + 0.0
    return {
        tuple(at): int(labels.voxels[tuple(ijk)])
        for at, ijk in zip(ras.tolist(), places, strict=True)
    }


def test_dciodvfy_finds_no_error(written, tmp_path):
    if shutil.which("dciodvfy") is None:
        pytest.skip("dciodvfy is not installed (apt-get install dicom3tools)")
    for name, content in written[2].items():
        path = tmp_path / name
        path.write_bytes(content)
        told = subprocess.run(
            ["dciodvfy", "-new", path], capture_output=True, text=True, check=False
        ).stderr
        assert [line for line in told.splitlines() if "Error" in line] == [], name


def test_highdicom_finds_every_voxel_at_its_place(written):
    labels, _, files = written
    seg = hd.seg.segread(io.BytesIO(files[SEG_FILE]))
    numbers = {d.SegmentNumber: d.SegmentLabel for d in seg.SegmentSequence}
    assert len(numbers) == len(Structure) - 1
    volume = seg.get_volume(combine_segments=True)
    affine = np.diag([-1.0, -1, 1, 1]) @ volume.affine
    back = Volume(
        grid=Grid(shape=volume.spatial_shape, voxel_to_ras_mm=affine),
        voxels=volume.array.astype(np.uint8),
    )
    assert every_voxel(back) == every_voxel(labels)


def test_simpleitk_reads_the_same_frames(written, tmp_path):
    import SimpleITK as sitk

    labels, _, files = written
    path = tmp_path / SEG_FILE
    path.write_bytes(files[SEG_FILE])
    frames = sitk.GetArrayFromImage(sitk.ReadImage(str(path)))
    header = parsed(files, SEG_FILE)
    shared = header.SharedFunctionalGroupsSequence[0]
    spacing = shared.PixelMeasuresSequence[0].PixelSpacing
    along = np.reshape(
        shared.PlaneOrientationSequence[0].ImageOrientationPatient, (2, 3)
    )
    found = {}
    for frame, item in zip(
        frames, header.PerFrameFunctionalGroupsSequence, strict=True
    ):
        number = item.SegmentIdentificationSequence[0].ReferencedSegmentNumber
        corner = np.array(item.PlanePositionSequence[0].ImagePositionPatient, float)
        for row, column in np.argwhere(frame):
            at = corner + along[0] * column * spacing[1] + along[1] * row * spacing[0]
            ras = np.round(np.array([-1, -1, 1]) * np.array(at, float), 2) + 0.0
            found[tuple(ras.tolist())] = int(number)  # in the order of Structure
    assert found == every_voxel(labels)


def test_segments_have_codes_and_sides(written):
    seg = parsed(written[2], SEG_FILE)
    sides = {}
    for item in seg.SegmentSequence:
        kind = item.SegmentedPropertyTypeCodeSequence[0]
        modifier = kind.get("SegmentedPropertyTypeModifierCodeSequence")
        side = modifier[0].CodeValue if modifier else None
        sides[item.SegmentLabel] = (kind.CodeValue, side)
    assert sides["facial nerve (CN VII), left"] == ("56052001", "7771000")
    assert sides["facial nerve (CN VII), right"] == ("56052001", "24028007")
    assert sides["brainstem"] == ("119238007", None)


def test_both_are_of_the_study_of_the_source(written):
    _, source, files = written
    image = pydicom.dcmread(source.planes[0].path)
    for name in files:
        made = parsed(files, name)
        for key in ("StudyInstanceUID", "PatientID", "PatientName", "PatientBirthDate"):
            assert made[key].value == image[key].value, (name, key)
        assert "RESEARCH USE ONLY" in made.SeriesDescription
    assert parsed(files, SEG_FILE).FrameOfReferenceUID == image.FrameOfReferenceUID
    assert parsed(files, SEG_FILE).ImageComments == NOTICE
    assert NOTICE.encode() in files[SR_FILE]


def items(content, out=None):
    out = [] if out is None else out
    for item in content:
        out.append(item)
        items(item.get("ContentSequence", ()), out)
    return out


def group_of(document, side: str):
    for item in items(document.ContentSequence):
        children = item.get("ContentSequence", ())
        if any(side in str(c.get("TextValue", "")) for c in children):
            return items(children)
    raise AssertionError(side)


def numbers_of(group) -> dict[str, float]:
    return {
        item.ConceptNameCodeSequence[0].CodeMeaning: float(
            item.MeasuredValueSequence[0].NumericValue
        )
        for item in group
        if item.ValueType == "NUM"
    }


def test_numbers_of_the_report_come_back_on_their_side(written):
    _, source, files = written
    document = parsed(files, SR_FILE)
    right = group_of(document, "Patient's right")
    assert numbers_of(right) == pytest.approx(
        {
            "Distance": 0.42,
            "+, range of upper measurement uncertainty": 0.45,
            "-, range of lower measurement uncertainty": 0.32,
            "Lower end of 95 % interval of the distance": 0.1,
            "Upper end of 95 % interval of the distance": 0.87,
            "Distance from root detachment along the nerve": -1.5,
            "Probability that the walls touch": 0.25,
            "Vessel diameter at the nearest place": 1.1,
        }
    )
    units = {
        item.MeasuredValueSequence[0].MeasurementUnitsCodeSequence[0].CodeValue
        for item in right
        if item.ValueType == "NUM" and "robability" not in str(item)
    }
    assert units == {"mm"}
    line = next(item for item in right if item.ValueType == "SCOORD3D")
    lps = np.reshape(line.GraphicData, (2, 3)) * [-1, -1, 1]
    np.testing.assert_allclose(lps, [NERVE_MM, VESSEL_MM], atol=1e-5)
    assert line.ReferencedFrameOfReferenceUID == source.frame_of_reference_uid
    coded = {i.ConceptCodeSequence[0].CodeValue for i in right if i.ValueType == "CODE"}
    assert "24028007" in coded
    assert "7771000" not in coded


def test_a_side_that_is_not_evaluable_says_so_and_why(written):
    left = group_of(parsed(written[2], SR_FILE), "Patient's left")
    assert numbers_of(left) == {}
    told = [i.ConceptCodeSequence[0].CodeMeaning for i in left if i.ValueType == "CODE"]
    assert "Not evaluable" in told
    assert "CN VII was not found" in [i.get("TextValue") for i in left]


def test_nothing_is_coded_as_a_diagnosis(written):
    text = written[2][SR_FILE].lower()
    assert b"compression" not in text
    assert b"spasm" not in text


@pytest.fixture(scope="module")
def axial(tmp_path_factory):
    return write_source("axial", tmp_path_factory.mktemp("dicom") / "study")


def test_only_what_is_signed_is_complete_and_verified(axial):
    source = find_source(load(axial), None, InputSettings())
    labels = labels_on(source.grid)
    sign = {"reader": "A. Reader", "verdict": "agree", "reason": ""}
    half = Signed(side=Side.LEFT, time="2026-01-02T03:04:05+00:00", **sign)
    whole = (half, replace(half, side=Side.RIGHT, time="2026-01-02T03:05:00+00:00"))
    states, instances = [], set()
    for reading in (
        None,
        SignedReading(reader="A. Reader", signatures=(half,)),
        SignedReading(reader="A. Reader", signatures=whole, is_signed=True),
    ):
        made = parsed(render_dicom(labels, report(), source, reading), SR_FILE)
        states.append((made.CompletionFlag, made.VerificationFlag))
        instances.add(made.SOPInstanceUID)
    assert states == [("PARTIAL", "UNVERIFIED")] * 2 + [("COMPLETE", "VERIFIED")]
    assert len(instances) == 3
    observer = made.VerifyingObserverSequence[0]
    assert str(observer.VerifyingObserverName).startswith("A. Reader")
    assert str(observer.VerificationDateTime).startswith("20260102030500")


def test_same_content_has_the_same_uids(axial):
    source = find_source(load(axial), None, InputSettings())
    labels = labels_on(source.grid)
    made = [render_dicom(labels, report(), source) for _ in range(2)]
    other = render_dicom(labels, replace(report(), reasons=("x",)), source)
    for name in (SEG_FILE, SR_FILE):
        uids = [parsed(files, name).SOPInstanceUID for files in (*made, other)]
        assert uids[0] == uids[1] != uids[2]


def test_nifti_takes_the_series_that_it_was_converted_from(axial, tmp_path):
    dicom = load(axial)
    path = tmp_path / "t2.nii"
    canonical = dicom.volume.canonical()
    path.write_bytes(
        nifti_bytes(
            canonical.voxels.astype(np.int16), affine=canonical.grid.voxel_to_ras_mm
        )
    )
    series = load(path)
    with pytest.raises(InputError, match="--reference-dicom"):
        find_source(series, None, InputSettings())
    source = find_source(series, axial, InputSettings())
    labels = labels_on(series.volume.grid)
    seg = hd.seg.segread(
        io.BytesIO(render_dicom(labels, report(), source)[SEG_FILE])
    ).get_volume(combine_segments=True)
    back = Volume(
        grid=Grid(
            shape=seg.spatial_shape,
            voxel_to_ras_mm=np.diag([-1.0, -1, 1, 1]) @ seg.affine,
        ),
        voxels=seg.array.astype(np.uint8),
    )
    assert every_voxel(back) == every_voxel(labels)


def test_images_of_another_geometry_are_refused(axial, tmp_path):
    shifted = AXIAL.copy()
    shifted[0, 3] += 0.5
    other = tmp_path / "other"
    other.mkdir()
    complete(write_dicom(other, noise(SHAPE), shifted), other)
    with pytest.raises(InputError, match="no series on the voxels"):
        find_source(load(axial), other, InputSettings())


def test_a_source_that_changed_is_refused(axial, tmp_path):
    copy = tmp_path / "copy"
    shutil.copytree(axial, copy)
    series = load(copy)
    edit_dicom(series.planes[3].path, SOPInstanceUID="1.2.3.4")
    with pytest.raises(InputError, match="has changed"):
        find_source(series, None, InputSettings())
