"""The same head gives the same intensities, however its file was written."""

from __future__ import annotations

import nibabel as nib
import numpy as np
import pytest
from scipy import ndimage

from nvc.io.study.load import list_series, load_study
from nvc.model.study import SequenceRole
from tests.nvc.io.made_files import oblique, write_dicom

AFFINE = oblique((0.6, 0.6, 0.6), 0.0)
T2 = SequenceRole.T2


def head(brightest: float = 4000.0) -> np.ndarray:
    """A smooth picture with noise in it, from 0 to about `brightest`."""
    rng = np.random.default_rng(3)
    smooth = ndimage.gaussian_filter(rng.normal(0, 1, (24, 20, 16)), 3)
    smooth = (smooth - smooth.min()) / np.ptp(smooth)
    noisy = smooth * brightest + rng.normal(0, 0.01 * brightest, smooth.shape)
    return np.clip(np.rint(noisy), 0, None)


def padded(values: np.ndarray, padding: float) -> tuple[np.ndarray, np.ndarray]:
    """The same with a wedge of nothing in it, as a turned slab has."""
    i, j, _ = np.indices(values.shape)
    outside = i + j < 9
    return np.where(outside, padding, values), outside


def nifti(path, values: np.ndarray, dtype, slope=(1, 0)):
    image = nib.Nifti1Image(values.astype(dtype), AFFINE)
    image.set_sform(AFFINE, code=1)
    image.set_qform(AFFINE, code=1)
    image.header.set_xyzt_units("mm")
    image.header.set_slope_inter(*slope)
    nib.save(image, path)
    return path


def read(path):
    series = load_study(t2=path).series[T2]
    return np.array(series.volume.voxels), " ".join(series.warnings)


@pytest.mark.parametrize(
    ("padding", "dtype", "slope"),
    [
        (-32768, np.int16, (1, 0)),
        (-32768, np.int16, (2.0, 70000)),
        (-2000000000, np.int32, (1, 0)),
        (-1e6, np.float32, (1, 0)),
        (-9000, np.int16, (1, 0)),
    ],
)
def test_padding_is_dark_in_a_nifti_file(tmp_path, padding, dtype, slope):
    values, outside = padded(head(), padding)
    voxels, told = read(nifti(tmp_path / "a.nii", values, dtype, slope))
    plain, nothing = read(nifti(tmp_path / "b.nii", head(), dtype, slope))
    np.testing.assert_allclose(voxels[~outside], plain[~outside], rtol=1e-6)
    assert set(voxels[outside]) == {voxels[~outside].min()}
    assert "are padding" in told
    assert "padding" not in nothing


@pytest.mark.parametrize(
    ("padding", "signed", "attributes"),
    [
        (-32768, 1, {"PixelPaddingValue": -32768}),
        (-32768, 1, {}),
        (-1000, 1, {"PixelPaddingValue": -1000}),
        (65535, 0, {"PixelPaddingValue": 65535}),
        (9999, 0, {"PixelPaddingValue": 9990, "PixelPaddingRangeLimit": 10010}),
        (0, 0, {"PixelPaddingValue": 0}),
    ],
)
def test_padding_is_dark_in_a_dicom_series(tmp_path, padding, signed, attributes):
    values, outside = padded(head() + 1, padding)
    write_dicom(
        tmp_path,
        values.astype(np.int64) % 2**16,
        AFFINE,
        PixelRepresentation=signed,
        **attributes,
    )
    voxels, told = read(tmp_path)
    np.testing.assert_array_equal(voxels[~outside], values[~outside])
    # Zero is dark already, and says of a brain that all around it was removed.
    assert set(voxels[outside]) == {values[~outside].min() if padding else 0.0}
    assert ("are padding" in told) is (padding != 0)


@pytest.mark.parametrize("brightest", [34000.0, 45000.0, 65000.0])
def test_unsigned_numbers_written_as_signed_are_put_right(tmp_path, brightest):
    values = np.clip(head(brightest), 0, 2**16 - 1)
    assert values.max() > 2**15
    wrapped = values.astype(np.uint16).view(np.int16)
    voxels, told = read(nifti(tmp_path / "a.nii", wrapped, np.int16))
    np.testing.assert_array_equal(voxels, values)
    assert "unsigned numbers read as signed" in told
    write_dicom(tmp_path / "d", values, AFFINE, PixelRepresentation=1)
    voxels, told = read(tmp_path / "d")
    np.testing.assert_array_equal(voxels, values)
    assert "unsigned numbers read as signed" in told


def test_signed_numbers_that_are_meant_stay(tmp_path):
    """Padding beside full-scale intensities looks alike at first sight."""
    values, outside = padded(head(32000.0), -32768)
    voxels, told = read(nifti(tmp_path / "a.nii", values, np.int16))
    np.testing.assert_array_equal(voxels[~outside], values[~outside])
    assert "padding" in told
    assert "unsigned" not in told


@pytest.mark.parametrize("shift", [-5000.0, -1500.0])
def test_negative_volumes_are_counted_from_their_lowest(tmp_path, shift):
    values = head()
    voxels, told = read(nifti(tmp_path / "a.nii", values + shift, np.int16))
    np.testing.assert_array_equal(voxels, values - values.min())
    assert "were negative" in told


def test_stretched_intensities_stay_as_their_writer_meant_them(tmp_path):
    """Anything floating that is saved as 16 bits is stretched over all of them."""
    rng = np.random.default_rng(0)
    values = np.clip(head(), 0, 2200)
    inside = np.zeros(values.shape, dtype=bool)
    inside[4:-4, 4:-4, 3:-3] = True
    inside &= values > 1500
    values = np.where(inside, values, 0) + rng.normal(0, 8, values.shape) * ~inside
    image = nib.Nifti1Image(values.astype(np.float32), AFFINE)
    image.header.set_xyzt_units("mm")
    image.set_data_dtype(np.int16)
    nib.save(image, tmp_path / "a.nii")
    voxels, told = read(tmp_path / "a.nii")
    assert "unsigned" not in told
    assert voxels[inside].mean() > voxels[~inside].mean() + 500
    signed = np.rint(head(60000.0) - 30000.0).clip(-(2**15), 2**15 - 1)
    swap = np.where(signed < 0, signed + 2**15, signed - 2**15)
    write_dicom(
        tmp_path / "d",
        swap.astype(np.int64) % 2**16,
        AFFINE,
        PixelRepresentation=1,
        RescaleSlope=0.5,
        RescaleIntercept=0,
    )
    assert "unsigned" not in read(tmp_path / "d")[1]


@pytest.mark.parametrize("stray", [np.nan, -np.inf, np.inf])
def test_one_number_that_is_none_does_not_spoil_a_negative_volume(tmp_path, stray):
    values = head() - 2000.0
    values[9, 9, 9] = stray
    voxels, told = read(nifti(tmp_path / "a.nii", values, np.float32))
    known = np.isfinite(values)
    np.testing.assert_allclose(
        voxels[known], values[known] - values[known].min(), rtol=1e-6
    )
    assert voxels[9, 9, 9] == 0
    assert "1 voxels were not finite" in told


@pytest.mark.parametrize("padding", [{}, {"PixelPaddingValue": 0}])
def test_zero_as_padding_and_a_stray_do_not_shift_the_image(tmp_path, padding):
    values = head()
    values[:12] = 0
    values[20, 5, 5], values[20, 8, 8] = -60, -400
    write_dicom(
        tmp_path,
        values.astype(np.int64) % 2**16,
        AFFINE,
        PixelRepresentation=1,
        **padding,
    )
    voxels, told = read(tmp_path)
    np.testing.assert_array_equal(voxels, values)
    assert "negative" not in told


def test_a_stray_does_not_lift_a_negative_volume(tmp_path):
    values = head() - 1500.0
    lowest = values.min()
    values[9, 9, 9] = -4000.0
    voxels, told = read(nifti(tmp_path / "a.nii", values, np.int16))
    usual = values > -3000
    shift = (voxels - values)[usual & (voxels > 0)]
    assert np.ptp(shift) < 1e-3
    assert shift[0] == pytest.approx(-lowest, abs=200)
    assert voxels[9, 9, 9] == voxels.min() == 0
    assert "were negative" in told


def test_declared_padding_as_dark_as_the_image_stays(tmp_path):
    values, outside = padded(head() + 1, 1)
    values[3, 3, 3] = values[9, 9, 9] = 0
    write_dicom(tmp_path, values, AFFINE, PixelPaddingValue=1)
    np.testing.assert_array_equal(read(tmp_path)[0], values)
    assert outside.any()


@pytest.mark.parametrize("ringing", [0, 30])
def test_a_negative_number_around_the_head_is_padding(tmp_path, ringing):
    """As tomographs of another kind write it: nearer than the head's own range."""
    values, outside = padded(head(), -1024)
    places = np.argwhere(~outside)[:ringing]
    values[tuple(places.T)] = -3
    voxels, told = read(nifti(tmp_path / "a.nii", values, np.int16))
    np.testing.assert_array_equal(voxels[~outside], values[~outside])
    assert set(voxels[outside]) == {max(values[~outside].min(), 0.0)}
    assert "are padding (-1024)" in told


def test_a_few_below_zero_stay(tmp_path):
    values = head()
    values[3, 3, 3] = values[9, 9, 9] = -20.0
    voxels, told = read(nifti(tmp_path / "a.nii", values, np.int16))
    np.testing.assert_array_equal(voxels, values)
    assert told.count("negative") == 0


def test_inspect_tells_what_was_put_right(tmp_path):
    values, _ = padded(head(), -32768)
    found = list_series(t2=nifti(tmp_path / "a.nii", values, np.int16)).series[0]
    assert any("are padding (-32768)" in warning for warning in found.warnings)
