"""Every gate of the NIfTI reader, and that what passes is read right."""

from __future__ import annotations

import gzip
import os

import nibabel as nib
import numpy as np
import pytest
import SimpleITK
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nvc.errors import InputError
from nvc.io.nifti.volume import read_nifti, serialise_volume
from nvc.model.grid import Grid, Volume
from nvc.settings.input import InputSettings
from tests.nvc.io.made_files import SHAPE, nifti_bytes, nifti_header, noise, oblique

LIMITS = InputSettings()
ROTATED = oblique(sizes=(0.6, 0.6, 0.6), degrees=12)
SHEARED = oblique()
SHEARED[:3, 1] += 0.02 * SHEARED[:3, 0]


def read(path, **options):
    options = {"settings": LIMITS, "where": "given.nii"} | options
    return read_nifti(path, **options)


def refuse(tmp_path, content: bytes, code: str, **options) -> None:
    """Demand one clear line with a code and without a path."""
    path = tmp_path / "DOE_JANE.nii"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path, **options)
    message = str(caught.value)
    assert [p.code for p in caught.value.problems] == [code]
    assert message.startswith("given.nii: ")
    assert "\n" not in message
    assert "JANE" not in message


def with_header(**fields) -> bytes:
    return nifti_bytes(noise(), **fields)


QUATERNION_IDENTITY = (0.0, 0.0, 0.0, -20.0, 15.0, -30.0)
PLAIN = np.diag([0.5, 0.6, 0.7, 1.0])
PLAIN[:3, 3] = QUATERNION_IDENTITY[3:]
MIRRORED = PLAIN @ np.diag([-1.0, 1.0, 1.0, 1.0])
SHIFTED = PLAIN.copy()
SHIFTED[0, 3] += 0.05

BAD_HEADERS = {
    "text": (b"this is no image at all" * 40, "not-nifti"),
    "short": (b"\x5c\x01\x00\x00", "truncated"),
    "analyze": (with_header(magic=b"\0\0\0\0"), "not-nifti"),
    "pair": (with_header(magic=b"ni1\0"), "not-nifti"),
    "no-dimensions": (with_header(dim=(0, 0, 0, 0, 0, 0, 0, 0)), "dimensions"),
    "nine-dimensions": (with_header(dim=(9, *SHAPE, 1, 1, 1, 1)), "dimensions"),
    "negative": (with_header(dim=(3, -10, 12, 14, 1, 1, 1, 1)), "dimensions"),
    "2d": (with_header(dim=(2, 10, 12, 1, 1, 1, 1, 1)), "dimensions"),
    "one-slice": (with_header(dim=(3, 10, 168, 1, 1, 1, 1, 1)), "dimensions"),
    "4d": (with_header(dim=(4, 10, 12, 7, 2, 1, 1, 1)), "not-3d"),
    "5d": (with_header(dim=(5, 10, 12, 7, 1, 2, 1, 1)), "not-3d"),
    "rgb": (with_header(datatype=128, bitpix=24), "data-type"),
    "complex": (with_header(datatype=32, bitpix=64), "data-type"),
    "unknown-type": (with_header(datatype=99), "data-type"),
    "bitpix": (with_header(bitpix=32), "data-type"),
    "offset-0": (with_header(vox_offset=0.0), "data-offset"),
    "offset-nan": (with_header(vox_offset=float("nan")), "data-offset"),
    "offset-beyond": (with_header(vox_offset=1e9), "truncated"),
    "slope-inf": (with_header(slope_inter=(float("inf"), 0.0)), "scaling"),
    "inter-nan": (with_header(slope_inter=(2.0, float("nan"))), "scaling"),
    "unit": (with_header(xyzt_units=7), "unit"),
    "code": (with_header(codes=(0, 17)), "orientation-code"),
    "no-codes": (with_header(codes=(0, 0)), "no-orientation"),
    "zero-sform": (with_header(srow=(0.0,) * 12), "affine"),
    "nan-sform": (with_header(srow=(float("nan"),) * 12), "affine"),
    "flat-sform": (with_header(srow=(1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0)), "affine"),
    "pixdim": (with_header(pixdim=(1.0, 1, 1, 1, 0, 0, 0, 0)), "voxel-size"),
    "huge": (with_header(affine=np.diag([50.0, 50, 50, 1])), "voxel-size"),
    "tiny": (with_header(affine=np.diag([6e-4, 6e-4, 6e-4, 1])), "voxel-size"),
    "metres": (with_header(xyzt_units=1), "voxel-size"),
    "shear": (with_header(affine=SHEARED), "shear"),
    "mirrored-forms": (
        with_header(affine=MIRRORED, codes=(1, 1), quatern=QUATERNION_IDENTITY),
        "forms-disagree",
    ),
    "shifted-forms": (
        with_header(affine=SHIFTED, codes=(1, 1), quatern=QUATERNION_IDENTITY),
        "forms-disagree",
    ),
    "turned-forms": (
        with_header(affine=PLAIN, codes=(1, 1), quatern=(0.002, 0, 0, *PLAIN[:3, 3])),
        "forms-disagree",
    ),
    "quaternion": (with_header(codes=(1, 0), quatern=(1.0, 1.0, 0, 0, 0, 0)), "affine"),
    "qfac": (
        with_header(codes=(1, 0), pixdim=(0.5, 1, 1, 1, 0, 0, 0, 0)),
        "affine",
    ),
    "negative-pixdim": (
        with_header(codes=(1, 0), pixdim=(1.0, -1, 1, 1, 0, 0, 0, 0)),
        "voxel-size",
    ),
    "label-intent": (with_header(intent_code=1002), "label-map"),
    "constant": (nifti_bytes(np.full(SHAPE, 7)), "constant"),
    "mask": (nifti_bytes(noise() % 2), "label-map"),
    "label-map": (nifti_bytes(np.repeat(noise((40, 4, 4)) % 90, 30, 0)), "label-map"),
    "cut": (nifti_bytes(noise())[:-100], "truncated"),
    "trailing": (nifti_bytes(noise()) + b"\0" * 2**21, "trailing-bytes"),
    "bomb": (with_header(dim=(3, 32767, 32767, 32767, 1, 1, 1, 1)), "truncated"),
}


@pytest.mark.parametrize("name", BAD_HEADERS)
def test_bad_files_are_refused_in_one_line(tmp_path, name):
    content, code = BAD_HEADERS[name]
    refuse(tmp_path, content, code)


@pytest.mark.parametrize("name", ["cut", "bomb", "offset-beyond"])
def test_compression_hides_nothing(tmp_path, name):
    content, _ = BAD_HEADERS[name]
    refuse(tmp_path, gzip.compress(content), "truncated")


def test_a_large_claim_is_refused_before_it_is_allocated(tmp_path):
    content = bytes(nifti_header(shape=(200, 200, 100)))
    padded = gzip.compress(content + b"\0" * 9_000_000)
    refuse(tmp_path, padded, "too-large", settings=InputSettings(max_bytes=2**20))


@pytest.mark.parametrize("place", [0.3, 0.7, 0.999])
def test_flipped_bytes_in_gzip_are_noticed(tmp_path, place):
    content = bytearray(gzip.compress(nifti_bytes(noise())))
    content[int(place * len(content))] ^= 0x55
    refuse(tmp_path, bytes(content), "damaged")


def test_the_checksum_is_reached_behind_the_last_voxel(tmp_path):
    content = bytearray(gzip.compress(nifti_bytes(noise()), compresslevel=0))
    content[2000] ^= 1  # stored, not deflated: only the CRC can tell
    refuse(tmp_path, bytes(content), "damaged")


def test_gzip_that_ends_early_is_refused(tmp_path):
    refuse(tmp_path, gzip.compress(nifti_bytes(noise()))[:-9], "damaged")


@pytest.mark.parametrize(("share", "code"), [(0.0005, None), (0.01, "not-finite")])
def test_few_nan_are_masked_and_many_refused(tmp_path, share, code):
    voxels = noise((20, 20, 20)).astype("<f4")
    voxels.ravel()[: int(share * voxels.size)] = np.nan
    header = nifti_header(shape=voxels.shape, datatype=16, bitpix=32)
    content = bytes(header) + voxels.tobytes(order="F")
    if code:
        refuse(tmp_path, content, code)
        return
    path = tmp_path / "a.nii"
    path.write_bytes(content)
    reading = read(path)
    assert np.isfinite(reading.volume.voxels).all()
    assert any("not finite" in warning for warning in reading.warnings)


def test_things_that_are_no_file_are_refused(tmp_path):
    (tmp_path / "empty").touch()
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe")
    for name, code in [
        ("absent", "not-found"),
        ("link", "not-found"),
        ("pipe", "not-a-file"),
        ("empty", "empty-file"),
    ]:
        with pytest.raises(InputError) as caught:
            read(tmp_path / name)
        assert caught.value.problems[0].code == code


def test_a_link_to_a_file_is_followed(tmp_path):
    (tmp_path / "a.nii").write_bytes(nifti_bytes(noise()))
    (tmp_path / "link.nii").symlink_to(tmp_path / "a.nii")
    assert read(tmp_path / "link.nii").volume.grid.shape == SHAPE


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("slope_inter", [(0.0, 5.0), (0.5, -3.0), (float("nan"), 0.0)])
def test_values_agree_with_nibabel(tmp_path, order, slope_inter):
    path = tmp_path / "a.nii"
    path.write_bytes(nifti_bytes(noise(), order, slope_inter=slope_inter))
    reading = read(path)
    image = nib.load(path)
    np.testing.assert_allclose(reading.volume.voxels, image.get_fdata(), rtol=1e-6)
    np.testing.assert_allclose(
        reading.volume.grid.voxel_to_ras_mm, image.affine, atol=1e-6
    )
    assert reading.orientation_source == "sform"


@pytest.mark.parametrize(
    "dtype", ["u1", "i1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"]
)
@pytest.mark.parametrize("kind", [nib.Nifti1Image, nib.Nifti2Image])
def test_every_scalar_type_in_both_versions(tmp_path, dtype, kind):
    voxels = (noise() % 120).astype(dtype)
    path = tmp_path / "a.nii.gz"
    kind(voxels, ROTATED, dtype=dtype).to_filename(path)
    reading = read(path)
    np.testing.assert_array_equal(reading.volume.voxels, voxels.astype(np.float32))
    np.testing.assert_allclose(reading.volume.grid.voxel_to_ras_mm, ROTATED, atol=1e-5)


@pytest.mark.parametrize("codes", ["RAS", "LPS", "LAS", "PIR", "SAL", "IPL"])
def test_qform_alone_agrees_with_two_other_readers(tmp_path, codes):
    turn = nib.orientations.inv_ornt_aff(nib.orientations.axcodes2ornt(codes), SHAPE)
    affine = ROTATED @ turn
    image = nib.Nifti1Image(noise(), affine)
    image.set_qform(affine, code=1)
    image.set_sform(None, code=0)
    path = tmp_path / "a.nii"
    image.to_filename(path)
    reading = read(path)
    assert reading.orientation_source == "qform"
    found = reading.volume.grid.voxel_to_ras_mm
    np.testing.assert_allclose(found, nib.load(path).affine, atol=1e-4)
    itk = SimpleITK.ReadImage(str(path))
    corner = np.array(itk.TransformIndexToPhysicalPoint((9, 11, 13))) * [-1, -1, 1]
    np.testing.assert_allclose(
        reading.volume.grid.to_ras_mm(np.array([9, 11, 13])), corner, atol=1e-3
    )


def test_micrometres_are_converted_and_said(tmp_path):
    affine = oblique() @ np.diag([1000, 1000, 1000, 1.0])
    affine[:3, 3] *= 1000
    path = tmp_path / "a.nii"
    path.write_bytes(with_header(affine=affine, xyzt_units=3))
    reading = read(path)
    np.testing.assert_allclose(
        reading.volume.grid.voxel_to_ras_mm, oblique(), atol=1e-4
    )
    assert any("micrometre" in warning for warning in reading.warnings)


@pytest.mark.parametrize(("use", "sign"), [("sform", -1), ("qform", 1)])
def test_the_user_may_settle_a_disagreement(tmp_path, use, sign):
    content, _ = BAD_HEADERS["mirrored-forms"]
    path = tmp_path / "a.nii"
    path.write_bytes(content)
    reading = read(path, use=use)
    assert reading.orientation_source == use
    assert np.sign(reading.volume.grid.voxel_to_ras_mm[0, 0]) == sign


@pytest.mark.parametrize(("use", "codes"), [("sform", (1, 0)), ("qform", (0, 1))])
def test_a_form_that_is_not_there_cannot_be_used(tmp_path, use, codes):
    content = with_header(codes=codes)
    refuse(tmp_path, content, f"no-{use}", use=use)


@pytest.mark.parametrize(
    ("slice_mm", "word"), [(0.8, None), (0.9, "thin vessels"), (1.2, "too coarse")]
)
def test_thick_slices_are_warned_of(tmp_path, slice_mm, word):
    path = tmp_path / "a.nii"
    path.write_bytes(with_header(affine=np.diag([0.5, 0.5, slice_mm, 1.0])))
    warnings = read(path).warnings
    assert [word in warning for warning in warnings] == ([True] if word else [])


def test_template_space_is_warned_of(tmp_path):
    path = tmp_path / "a.nii"
    path.write_bytes(with_header(codes=(0, 4)))
    assert any("MNI" in warning for warning in read(path).warnings)


@pytest.mark.parametrize("whole", [True, False])
def test_written_files_are_clean_and_lossless(tmp_path, whole):
    voxels = noise().astype(np.float32) + (0 if whole else np.float32(0.1))
    grid = Grid(shape=SHAPE, voxel_to_ras_mm=ROTATED)
    volume = Volume(grid=grid, voxels=voxels)
    path = tmp_path / "t2.nii.gz"
    path.write_bytes(serialise_volume(volume))
    assert path.read_bytes() == serialise_volume(volume)
    image = nib.load(path)
    assert image.get_data_dtype() == (np.int16 if whole else np.float32)
    assert bytes(image.header["descrip"]).strip(b"\0") == b""
    assert image.header["qform_code"] == image.header["sform_code"] == 1
    assert len(image.header.extensions) == 0
    reading = read(path)
    np.testing.assert_array_equal(reading.volume.voxels, voxels)
    assert reading.volume.grid.same_geometry(grid, tolerance_mm=1e-4)


@settings(
    max_examples=300,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edits=st.lists(
        st.tuples(st.integers(0, 351), st.integers(0, 255)), min_size=1, max_size=6
    ),
    packed=st.booleans(),
)
def test_any_header_is_refused_or_read_within_the_gates(tmp_path, edits, packed):
    content = bytearray(nifti_bytes(noise(), codes=(1, 1), affine=PLAIN,
                                    quatern=QUATERNION_IDENTITY))  # fmt: skip
    for place, value in edits:
        content[place] = value
    path = tmp_path / "a.nii"
    path.write_bytes(gzip.compress(content, 1) if packed else content)
    try:
        reading = read(path)
    except InputError:
        return
    grid = reading.volume.grid
    assert np.isfinite(reading.volume.voxels).all()
    assert reading.volume.voxels.size <= noise().size
    assert all(0.05 <= size <= 12 for size in grid.voxel_size_mm)
    np.testing.assert_allclose(grid.axes_ras.T @ grid.axes_ras, np.eye(3), atol=2e-3)
