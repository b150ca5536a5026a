"""The stored numbers of a DICOM file, whatever their compression."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np
import pydicom
import SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLossless,
    JPEGLosslessSV1,
    SecondaryCaptureImageStorage,
)

from nvc.io.dicom.header import silence_pydicom
from nvc.io.doors.folder import make_temporary_folder

if TYPE_CHECKING:
    from numpy.typing import NDArray

_LEFT_TO_GDCM = {JPEGLossless, JPEGLosslessSV1}
"""What archives export most, and pydicom decodes only with further packages."""
_NOBODYS_UID = UID("2.25.0")
"""In place of the image's own, which leads back to the patient."""
_PIXEL_MODULE = (
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "PixelData",
)


def read_stored_pixels(content: bytes) -> NDArray[np.generic]:
    """Return the stored numbers of a DICOM file, no slope applied.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    ndarray, shape (rows, columns) or (frames, rows, columns)
        As stored.

    Raises
    ------
    Exception
        Of whatever kind the decoder raises.
    """
    with silence_pydicom():
        dataset = pydicom.dcmread(io.BytesIO(content), force=True)
        _name_syntax(dataset)
        if dataset.file_meta.get("TransferSyntaxUID") in _LEFT_TO_GDCM:
            return _by_gdcm(dataset)
        return np.asarray(dataset.pixel_array)


def _name_syntax(dataset: Dataset) -> None:
    """Say how a file without meta information is encoded: as it was read."""
    if "TransferSyntaxUID" in dataset.file_meta:
        return
    is_implicit, is_little = dataset.original_encoding
    if not is_little:
        syntax = ExplicitVRBigEndian
    else:
        syntax = ImplicitVRLittleEndian if is_implicit else ExplicitVRLittleEndian
    dataset.file_meta.TransferSyntaxUID = syntax


def _by_gdcm(dataset: Dataset) -> NDArray[np.generic]:
    """Decode with the GDCM in SimpleITK, which reads files only.

    The file holds the pixels and their description alone: without a slope, so that
    stored numbers come back, and without anything about the patient.
    """
    bare = Dataset()
    for name in _PIXEL_MODULE:
        if name in dataset:
            bare[name] = dataset[name]
    bare.SOPClassUID = SecondaryCaptureImageStorage
    bare.file_meta = FileMetaDataset()
    bare.file_meta.TransferSyntaxUID = dataset.file_meta.TransferSyntaxUID
    bare.file_meta.MediaStorageSOPClassUID = SecondaryCaptureImageStorage
    bare.SOPInstanceUID = _NOBODYS_UID
    bare.file_meta.MediaStorageSOPInstanceUID = _NOBODYS_UID
    with make_temporary_folder("nvc-pixels-") as folder:
        path = folder / "pixels.dcm"
        bare.save_as(path, enforce_file_format=True)
        reader = SimpleITK.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetFileName(str(path))
        stored: NDArray[np.generic] = SimpleITK.GetArrayFromImage(reader.Execute())
    is_single = int(dataset.get("NumberOfFrames") or 1) == 1
    return stored.reshape(stored.shape[-2:]) if is_single else stored
