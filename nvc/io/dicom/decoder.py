"""The program that decodes compressed pixels, alone in a process with limits.

Decoders of JPEG and its kin are native code that trusts its input. A file that brings
one down, or makes it eat all memory, takes this process along and nothing else.
`nvc.io.dicom.decoding` starts it, hands it files and reads its answers.
"""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    UID,
    JPEGLossless,
    JPEGLosslessSV1,
    SecondaryCaptureImageStorage,
)

from nvc.io.dicom.opening import read_whole

if TYPE_CHECKING:
    from numpy.typing import NDArray

READY = b"nvc1"
REQUEST = struct.Struct("<3Q")
"""Bytes of the file that follows, bytes of memory it may need, seconds it may take."""
ANSWER = struct.Struct("<3sB3Q")
"""Type of the numbers that follow, how many axes they have, how many lie along each."""
REFUSED, OUT_OF_MEMORY = b"no.", b"mem"
TYPES = {
    *(b"|u1", b"|i1", b"<u2", b"<i2", b"<u4", b"<i4", b"<u8", b"<i8", b"<f4", b"<f8"),
}
_MOST_AXES = 3
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
_STATUS = Path("/proc/self/statm")


def main() -> None:
    """Answer requests until there are none, or until a limit ends the process."""
    requests, answers = _take_pipes()
    answers.write(READY)
    answers.flush()
    while len(asked := requests.read(REQUEST.size)) == REQUEST.size:
        length, memory, seconds = REQUEST.unpack(asked)
        content = requests.read(length)
        try:
            _limit(memory, seconds)
            answer = _packed(decode(content))
        except MemoryError:
            answer = ANSWER.pack(OUT_OF_MEMORY, 0, 0, 0, 0)
        except Exception:  # noqa: BLE001 decoders fail in many ways
            answer = ANSWER.pack(REFUSED, 0, 0, 0, 0)
        answers.write(answer)
        answers.flush()


def _packed(stored: NDArray[np.generic]) -> bytes:
    if stored.ndim > _MOST_AXES:
        raise ValueError("more than one number a voxel")
    dtype = stored.dtype.newbyteorder("<")
    sizes = (*stored.shape, 0, 0, 0)[:_MOST_AXES]
    head = ANSWER.pack(dtype.str.encode(), stored.ndim, *sizes)
    return head + stored.astype(dtype, copy=False).tobytes()


def decode(content: bytes) -> NDArray[np.generic]:
    """Return the stored numbers of a file whose pixels are compressed.

    Parameters
    ----------
    content : bytes
        The whole file.

    Returns
    -------
    ndarray, shape (rows, columns) or (frames, rows, columns)

    Raises
    ------
    Exception
        Of whatever kind the decoder raises.
    """
    dataset = read_whole(content, len(content))
    if dataset.file_meta.get("TransferSyntaxUID") in _LEFT_TO_GDCM:
        return _by_gdcm(dataset)
    return np.asarray(dataset.pixel_array)


def _take_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Return what is asked and where to answer; what a library prints goes nowhere."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    return requests, answers


def _limit(memory: int, seconds: int) -> None:
    """Let this process have so much beyond what it has had until now.

    Where the system knows no such limits, who started it still ends it when it takes
    too long. A process that is ended leaves no image of its memory, which holds a
    patient's.
    """
    try:
        import resource
    except ImportError:  # Windows
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    _lower(resource.RLIMIT_CPU, int(used.ru_utime + used.ru_stime) + seconds + 1)
    if _STATUS.exists():
        pages = int(_STATUS.read_text().split()[0])
        _lower(resource.RLIMIT_AS, pages * resource.getpagesize() + memory)


def _lower(kind: int, limit: int) -> None:
    """Set a limit that can be set anew, within the one of the system."""
    import resource

    _, hard = resource.getrlimit(kind)
    within = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (within, hard))


def _by_gdcm(dataset: FileDataset) -> NDArray[np.generic]:
    """Decode with the GDCM in SimpleITK, which reads files only.

    The file holds the pixels and their description alone: without a slope, so that
    stored numbers come back, and without anything about the patient. It lies in the
    folder where this process was started, which is gone after it.
    """
    import SimpleITK

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
    path = Path("pixels.dcm")
    bare.save_as(path, enforce_file_format=True)
    reader = SimpleITK.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    stored: NDArray[np.generic] = SimpleITK.GetArrayFromImage(reader.Execute())
    is_single = int(dataset.get("NumberOfFrames") or 1) == 1
    return stored.reshape(stored.shape[-2:]) if is_single else stored
