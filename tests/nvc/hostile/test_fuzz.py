"""Any bytes at any door: refused, or read as what they are."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from hypothesis import strategies as st

pytest.importorskip("resource", reason="limits memory as Unix does")

from pydicom import dcmread
from pydicom.uid import JPEGLSLossless, RLELossless

from nvc.errors import InputError, ReviewError
from nvc.io.dicom.decoding import UndecodableError
from nvc.io.dicom.header import read_planes
from nvc.io.dicom.pixels import PixelReader
from nvc.io.nifti.labels_in import read_labels
from nvc.io.nifti.volume import read_nifti, serialise_volume
from nvc.io.records.landmarks import read_landmarks
from nvc.io.records.review_log import ReviewLog, read_log
from nvc.io.records.settings import load_settings
from nvc.io.study.load import load_study
from nvc.model.anatomy import Structure
from nvc.model.grid import Grid, Volume
from nvc.model.review import EventKind
from nvc.model.stages import LANDMARK_NAMES
from nvc.reviews.edits import read_settings_of
from nvc.reviews.session import read_review
from nvc.settings import Settings, walk_settings
from nvc.settings.input import InputSettings
from tests.nvc.hostile import review_files
from tests.nvc.hostile.fuzzing import READ, REFUSED, fuzz, hostile
from tests.nvc.hostile.label_maps import LABELS
from tests.nvc.hostile.points import BOTH, GRID, POINTS, ROWS
from tests.nvc.hostile.world import (
    DICOM_AFFINE,
    by_nibabel,
    nifti,
    packed,
)
from tests.nvc.io.made_files import noise, write_dicom, write_enhanced

LIMITS = InputSettings()
MM_PER_UNIT = {0: 1.0, 1: 1000.0, 2: 1.0, 3: 0.001}


def require_volume(volume: Volume) -> None:
    """Demand what every volume must be, whatever it was read from."""
    grid = volume.grid
    assert volume.voxels.shape == grid.shape
    assert np.isfinite(volume.voxels).all()
    assert volume.voxels.min() < volume.voxels.max()
    sizes = np.array(grid.voxel_size_mm)
    assert (sizes >= LIMITS.min_voxel_mm).all()
    assert (sizes <= LIMITS.max_voxel_mm).all()
    axes = grid.voxel_to_ras_mm[:3, :3] / sizes
    assert np.abs(axes.T @ axes - np.eye(3)).max() < 0.01


def require_told_by_header(content: bytes, grid: Grid, source: str) -> None:
    """Demand that another reader finds the same shape and places in a NIfTI-1 file."""
    plain = gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content
    if plain[344:348] != b"n+1\0":
        return
    header = nib.Nifti1Header(plain[:348], check=False)
    assert header.get_data_shape()[:3] == grid.shape
    stated = header.get_sform() if source == "sform" else header.get_qform()
    unit = MM_PER_UNIT[int(header["xyzt_units"]) & 7]
    expected = np.vstack([stated[:3] * unit, [0, 0, 0, 1]])
    np.testing.assert_allclose(grid.voxel_to_ras_mm, expected, rtol=1e-4, atol=1e-3)


def test_nifti(tmp_path):
    path = tmp_path / "scan.nii"

    def door(content: bytes) -> None:
        path.write_bytes(content)
        reading = read_nifti(path, where="scan.nii", settings=LIMITS)
        require_volume(reading.volume)
        assert reading.sha256 == hashlib.sha256(content).hexdigest()
        require_told_by_header(content, reading.volume.grid, reading.orientation_source)
        path.write_bytes(serialise_volume(reading.volume))
        again = read_nifti(path, where="scan.nii", settings=LIMITS).volume
        np.testing.assert_allclose(
            again.grid.voxel_to_ras_mm, reading.volume.grid.voxel_to_ras_mm, atol=1e-2
        )

    originals = [
        *(nifti(), nifti(order=">"), nifti(kind="f4"), packed(nifti())),
        *(by_nibabel(), by_nibabel(image=nib.Nifti2Image)),
    ]
    counts = fuzz(hostile(originals, within=560), door)
    assert counts[REFUSED]
    assert counts[READ]


@pytest.fixture
def dicom_files(tmp_path) -> tuple[Path, list[bytes]]:
    """A folder of a small series but for its last slice, and files for that place."""
    folder = tmp_path / "series"
    small = noise((6, 7, 9), 3)
    last = write_dicom(folder, small, DICOM_AFFINE, SeriesDescription="t2")[-1]
    originals = [last.read_bytes()]
    last.unlink()
    write_enhanced(tmp_path / "multi", small, DICOM_AFFINE)
    originals.append((tmp_path / "multi").read_bytes())
    return folder, originals


def test_dicom(dicom_files):
    folder, originals = dicom_files
    path = folder / "other.dcm"

    def door(content: bytes) -> None:
        path.write_bytes(content)
        study = load_study(t2=folder)
        (series,) = study.series.values()
        require_volume(series.volume)

    counts = fuzz(hostile(originals), door)
    assert counts[REFUSED]
    assert counts[READ]


def test_one_dicom_file(dicom_files, tmp_path):
    _, originals = dicom_files
    path = tmp_path / "multi.dcm"

    def door(content: bytes) -> None:
        path.write_bytes(content)
        (series,) = load_study(t2=path).series.values()
        require_volume(series.volume)

    counts = fuzz(hostile(originals[1:]), door)
    assert counts[REFUSED]
    assert counts[READ]


def test_packed_pixels(tmp_path):
    """The decoder is native code: it may refuse, and even die, but alone."""
    (path,) = write_dicom(tmp_path, noise((6, 7, 1), 3), DICOM_AFFINE)
    (plane,) = read_planes(path, "")
    dataset = dcmread(path)
    originals = []
    for syntax in (JPEGLSLossless, RLELossless):
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
        originals.append(path.read_bytes())
        dataset.decompress(generate_instance_uid=False)

    with PixelReader() as reader:

        def door(content: bytes) -> None:
            try:
                stored = reader.read(content, plane)
            except UndecodableError as error:
                raise InputError.of("pixels", "", str(error)) from error
            assert stored.shape == (plane.rows, plane.columns)

        counts = fuzz(hostile(originals), door)
    assert counts[REFUSED]
    assert counts[READ]


TAGS = {
    "SeriesInstanceUID": st.sampled_from(["1.2.3", "1.2.4", "", "../x"]),
    "SOPInstanceUID": st.sampled_from(["1.2.3", "1.2.5"]),
    "FrameOfReferenceUID": st.sampled_from(["1.2", "1.3", ""]),
    "PatientID": st.sampled_from(["a", "b", ""]),
    "EchoTime": st.floats(0, 100),
    "ImageType": st.lists(st.sampled_from(["ORIGINAL", "M", "P", "MIP"]), max_size=4),
    "ImagePositionPatient": st.lists(st.floats(-99, 99, width=16), max_size=4),
    "ImageOrientationPatient": st.lists(st.sampled_from([0, 1, -1]), max_size=7),
    "PixelSpacing": st.lists(st.sampled_from([0.5, 0.6, 0, -1]), max_size=3),
    "Rows": st.integers(0, 9),
    "NumberOfFrames": st.integers(0, 3),
    "BitsAllocated": st.sampled_from([0, 8, 16, 64]),
    "PixelRepresentation": st.integers(0, 1),
    "RescaleSlope": st.sampled_from([0, 1, -1, 1e30]),
    "PixelPaddingValue": st.integers(0, 65535),
}


def test_dicom_grouping(tmp_path):
    """Any few tags of any few slices are others; how many stacks is that?"""
    small = noise((6, 7, 9), 3)
    number = iter(range(10**9))
    change = st.sampled_from(list(TAGS)).flatmap(
        lambda name: st.tuples(st.just(name), TAGS[name], st.sets(st.integers(0, 8)))
    )

    def door(changes: list) -> None:
        folder = tmp_path / f"{next(number)}"
        paths = write_dicom(folder, small, DICOM_AFFINE, SeriesDescription="t2")
        rewrite(paths, changes)
        try:
            (series,) = load_study(t2=folder).series.values()
            require_volume(series.volume)
        finally:
            for path in paths:
                path.unlink()

    counts = fuzz(st.lists(change, min_size=1, max_size=3), door)
    assert counts[REFUSED]
    assert counts[READ]


def rewrite(paths: list[Path], changes: list) -> None:
    for number, path in enumerate(paths):
        own = [(name, value) for name, value, where in changes if number in where]
        if not own:
            continue
        dataset = dcmread(path)
        for name, value in own:
            if name == "PixelPaddingValue":  # pydicom cannot tell its kind
                dataset.add_new(name, "US", value)
            else:
                setattr(dataset, name, value)
        buffer = io.BytesIO()
        dataset.save_as(buffer)
        path.write_bytes(buffer.getvalue())


def test_labels(tmp_path):
    path = tmp_path / "labels.nii"
    known = [int(structure) for structure in Structure]

    def door(content: bytes) -> None:
        path.write_bytes(content)
        found = read_labels(path, GRID)
        assert found.volume.grid.shape == GRID.shape
        assert np.isin(found.volume.voxels, known).all()
        assert found.volume.voxels.any()

    originals = [nifti(LABELS, kind="u1"), nifti(LABELS, kind="f4")]
    counts = fuzz(hostile([*originals, packed(originals[0])], within=400), door)
    assert counts[REFUSED]
    assert counts[READ]


JSON = st.recursive(
    st.one_of(
        *(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
        st.sampled_from([10**400, 1e308, "\ud800", "right porus", "LPS"]),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner)
    ),
    max_leaves=8,
)


def with_any(content: object) -> st.SearchStrategy[bytes]:
    """Text of an object in which one value, somewhere, is any JSON."""
    if isinstance(content, dict) and content:
        below = [with_any(value).map(json.loads) for value in content.values()]
        changed = [
            value.map(lambda new, key=key: content | {key: new})
            for key, value in zip(content, below, strict=True)
        ]
        options = st.one_of(*changed, JSON)
    elif isinstance(content, list) and content:
        first = with_any(content[0]).map(json.loads)
        options = st.one_of(first.map(lambda new: [new, *content[1:]]), JSON)
    else:
        options = JSON
    return options.map(lambda value: json.dumps(value).encode("utf-8", "replace"))


MARKUPS = {"markups": [{"coordinateSystem": "LPS", "controlPoints": BOTH}]}
FCSV = f"# CoordinateSystem = 0\n{ROWS}".encode()


@pytest.mark.parametrize("name", ["points.json", "points.mrk.json", "points.fcsv"])
def test_landmarks(name, tmp_path):
    path = tmp_path / name

    def door(content: bytes) -> None:
        path.write_bytes(content)
        found = read_landmarks(path, reference=GRID)
        assert found
        for landmarks in found.values():
            given = [getattr(landmarks, one) for one in LANDMARK_NAMES]
            for point in (one for one in given if one is not None):
                assert np.isfinite(point).all()
                assert GRID.contains(point)

    told = {"points.json": {"sides": POINTS}, "points.mrk.json": MARKUPS}.get(name)
    original = FCSV if told is None else json.dumps(told).encode()
    examples = hostile([original])
    counts = fuzz(examples if told is None else examples | with_any(told), door)
    assert counts[REFUSED]
    assert counts[READ]


SET = {"report": {"near_mm": 0.8}, "input": {"min_slices": 9}, "nerve": {}}
TOML = b"[report]\nnear_mm = 0.8\n[input]\nmin_slices = 9\n"


def require_within_bounds(found: Settings) -> None:
    for name, field, value in walk_settings(found):
        low, high = (field.metadata.get(end) for end in ("each_ge", "each_le"))
        for number in value if isinstance(value, tuple) else [value]:
            if isinstance(number, float):
                assert np.isfinite(number), name
                assert low is None or number >= low, name
                assert high is None or number <= high, name


@pytest.mark.parametrize("name", ["settings.json", "settings.toml"])
def test_settings(name, tmp_path):
    path = tmp_path / name

    def door(content: bytes) -> None:
        path.write_bytes(content)
        require_within_bounds(load_settings(path))

    if name.endswith("toml"):
        examples = hostile([TOML])
    else:
        report = {"sides": {}, "software": {"settings": SET}}
        examples = hostile([json.dumps(SET).encode()]) | with_any(SET)
        examples |= with_any(report)
    counts = fuzz(examples, door)
    assert counts[REFUSED]
    assert counts[READ]


def test_reviews(tmp_path):
    path = tmp_path / "b.review"
    original = review_files.GOOD(tmp_path).read_bytes()

    def door(content: bytes) -> None:
        path.write_bytes(content)
        state = read_review(path)
        # A chain that holds is the good one, whole or ending early.
        assert original.startswith(content[: read_log(path).size])
        assert state.inputs

    counts = fuzz(hostile([original]), door)
    assert counts[REFUSED]
    assert counts[READ]


def test_forged_reviews(tmp_path):
    """Sealed as a panel seals, but of any content: a chain proves no meaning."""
    number = iter(range(10**9))
    kinds = st.sampled_from(
        [kind for kind in EventKind if kind is not EventKind.OPENED]
    )
    filled = {**review_files.RATED, "point_mm": [1, 2, 3], "name": "porus_mm",
              "number": 1, "start_mm": [1, 2, 3], "end_mm": [1, 2, 4], "text": "",
              "symptomatic_side": "left", "status": None}  # fmt: skip
    event = st.tuples(kinds, with_any(filled).map(json.loads))
    opened = st.just(review_files.OPENED) | with_any(review_files.OPENED).map(
        json.loads
    )

    def door(told: tuple) -> None:
        first, events = told
        log = ReviewLog(tmp_path / f"{next(number)}.review")
        try:
            for kind, data in ((EventKind.OPENED, first), *events):
                if isinstance(data, dict):
                    log.append(log.next_event(kind, data))
        except ValueError as error:  # no JSON: never on a disk
            raise ReviewError("cannot be written") from error
        state = read_review(log.path)
        require_within_bounds(read_settings_of(state))
        assert state.seal == log.seal

    counts = fuzz(st.tuples(opened, st.lists(event, max_size=4)), door)
    assert counts[REFUSED]
    assert counts[READ]


@pytest.mark.parametrize("fault", [KeyError("x"), MemoryError(), RecursionError()])
def test_the_judge_lets_no_fault_pass(fault):
    def door(_: object) -> None:
        raise fault

    with pytest.raises(type(fault)):
        fuzz(st.just(b""), door)
