"""NIfTI and DICOM files made for tests, byte by byte where it matters."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4"
ENHANCED_MR = "1.2.840.10008.5.1.4.1.1.4.1"
SHAPE = (10, 12, 14)


def noise(shape=SHAPE, seed: int = 0, dtype=np.int16) -> np.ndarray:
    """An array that no gate takes for a label map."""
    return np.random.default_rng(seed).integers(1, 1000, shape).astype(dtype)


def oblique(sizes=(0.5, 0.6, 0.7), degrees: float = 10.0) -> np.ndarray:
    """A voxel-to-RAS affine, tilted about two axes."""
    a, b = np.radians(degrees), np.radians(degrees / 2)
    about_x = [[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]]
    about_z = [[np.cos(b), -np.sin(b), 0], [np.sin(b), np.cos(b), 0], [0, 0, 1]]
    affine = np.eye(4)
    affine[:3, :3] = np.array(about_x) @ about_z * sizes
    affine[:3, 3] = [-20.0, 15.0, -30.0]
    return affine


def nifti_header(order: str = "<", affine=None, shape=SHAPE, **fields) -> bytearray:
    """A NIfTI-1 header with an sform; `fields` are raw values by name."""
    affine = oblique() if affine is None else affine
    sizes = np.linalg.norm(affine[:3, :3], axis=0)
    values = {
        "sizeof_hdr": 348,
        "dim": (3, *shape, 1, 1, 1, 1),
        "intent_code": 0,
        "datatype": 4,
        "bitpix": 16,
        "pixdim": (1.0, *sizes, 0, 0, 0, 0),
        "vox_offset": 352.0,
        "slope_inter": (0.0, 0.0),
        "xyzt_units": 2,
        "codes": (0, 1),
        "quatern": (0.0,) * 6,
        "srow": tuple(affine[:3].ravel()),
        "magic": b"n+1\0",
    } | fields
    places = {
        "sizeof_hdr": (0, "i"),
        "dim": (40, "8h"),
        "intent_code": (68, "h"),
        "datatype": (70, "h"),
        "bitpix": (72, "h"),
        "pixdim": (76, "8f"),
        "vox_offset": (108, "f"),
        "slope_inter": (112, "2f"),
        "xyzt_units": (123, "B"),
        "codes": (252, "2h"),
        "quatern": (256, "6f"),
        "srow": (280, "12f"),
        "magic": (344, "4s"),
    }
    header = bytearray(352)
    for name, (offset, form) in places.items():
        value = values[name]
        items = value if isinstance(value, tuple) else (value,)
        struct.pack_into(order + form, header, offset, *items)
    return header


def nifti_bytes(voxels: np.ndarray, order: str = "<", **fields) -> bytes:
    """A whole NIfTI-1 file of 16-bit voxels."""
    fields = {"shape": voxels.shape} | fields
    stored = voxels.astype(np.dtype("i2").newbyteorder(order))
    return bytes(nifti_header(order, **fields)) + stored.tobytes(order="F")


def write_dicom(
    folder: Path, voxels: np.ndarray, affine_ras: np.ndarray, **attributes
) -> list[Path]:
    """Write a classic MR series; voxels are (column, row, slice).

    Attributes are set in every file; a callable value is given the slice's number,
    and None takes the attribute away.
    """
    folder.mkdir(parents=True, exist_ok=True)
    uids = {
        "SeriesInstanceUID": generate_uid(entropy_srcs=[str(folder), "series"]),
        "FrameOfReferenceUID": generate_uid(entropy_srcs=[str(folder), "frame"]),
    }
    paths = []
    for k in range(voxels.shape[2]):
        dataset = _slice(voxels, affine_ras, k, str(folder))
        for name, value in (uids | attributes).items():
            chosen = value(k) if callable(value) else value
            if chosen is None:
                delattr(dataset, name)
            else:
                setattr(dataset, name, chosen)
        # Names in no particular order: only positions may count.
        path = folder / f"IM{(k * 7919) % 1000:03d}_{k}.dcm"
        dataset.save_as(path, enforce_file_format=True)
        paths.append(path)
    return paths


def lps(affine_ras: np.ndarray) -> np.ndarray:
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ affine_ras


def position(affine_ras: np.ndarray, k: float) -> list[float]:
    return [round(float(v), 6) for v in (lps(affine_ras) @ [0, 0, k, 1])[:3]]


def file_dataset(sop_class: str, sop_uid: str) -> FileDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = sop_uid
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset = FileDataset("", {}, file_meta=meta, preamble=b"\0" * 128)
    dataset.SOPClassUID = sop_class
    dataset.SOPInstanceUID = sop_uid
    dataset.Modality = "MR"
    dataset.PatientID = "patient-1"
    dataset.PatientName = "Doe^Jane"
    dataset.PatientBirthDate = "19700101"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "M"]
    dataset.SamplesPerPixel = 1
    dataset.PhotometricInterpretation = "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 16
    dataset.HighBit = 15
    dataset.PixelRepresentation = 0
    return dataset


def _orientation(affine_ras: np.ndarray) -> tuple[list[float], list[float]]:
    """Image Orientation and Pixel Spacing of planes of columns i and rows j."""
    axes = lps(affine_ras)[:3, :2]
    sizes = np.linalg.norm(axes, axis=0)
    directions = (axes / sizes).T.ravel()
    return [round(float(v), 9) for v in directions], [float(sizes[1]), float(sizes[0])]


def _slice(voxels: np.ndarray, affine_ras: np.ndarray, k: int, seed: str) -> Dataset:
    dataset = file_dataset(MR_IMAGE, generate_uid(entropy_srcs=[seed, str(k)]))
    orientation, spacing = _orientation(affine_ras)
    dataset.ImageOrientationPatient = orientation
    dataset.PixelSpacing = spacing
    dataset.ImagePositionPatient = position(affine_ras, k)
    dataset.Columns, dataset.Rows = voxels.shape[:2]
    dataset.PixelData = voxels[:, :, k].T.astype("<u2").tobytes()
    return dataset


def write_enhanced(path: Path, voxels: np.ndarray, affine_ras: np.ndarray) -> Dataset:
    """Write an enhanced multi-frame MR file, its frames from last to first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    dataset = file_dataset(ENHANCED_MR, generate_uid(entropy_srcs=[str(path)]))
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[str(path), "series"])
    dataset.FrameOfReferenceUID = generate_uid(entropy_srcs=[str(path), "frame"])
    orientation, spacing = _orientation(affine_ras)
    shared, measures, plane = Dataset(), Dataset(), Dataset()
    measures.PixelSpacing = spacing
    plane.ImageOrientationPatient = orientation
    shared.PixelMeasuresSequence = Sequence([measures])
    shared.PlaneOrientationSequence = Sequence([plane])
    dataset.SharedFunctionalGroupsSequence = Sequence([shared])
    frames = []
    order = list(reversed(range(voxels.shape[2])))
    for k in order:
        frame, place, scale = Dataset(), Dataset(), Dataset()
        place.ImagePositionPatient = position(affine_ras, k)
        scale.RescaleSlope, scale.RescaleIntercept = 2.0, 1.0
        frame.PlanePositionSequence = Sequence([place])
        frame.PixelValueTransformationSequence = Sequence([scale])
        frames.append(frame)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    dataset.NumberOfFrames = len(frames)
    dataset.Columns, dataset.Rows = voxels.shape[:2]
    pixels = np.stack([voxels[:, :, k].T for k in order])
    dataset.PixelData = pixels.astype("<u2").tobytes()
    dataset.save_as(path, enforce_file_format=True)
    return dataset


def write_components(
    path: Path, parts: dict[str, np.ndarray], affine_ras: np.ndarray
) -> None:
    """Write one enhanced file of several stacks that differ in their component alone.

    Parts are by their Complex Image Component: MAGNITUDE, PHASE ...
    """
    first = next(iter(parts.values()))
    dataset = write_enhanced(path, first, affine_ras)
    frames, pixels = [], []
    for component, voxels in parts.items():
        for k in range(voxels.shape[2]):
            kind, place, frame = Dataset(), Dataset(), Dataset()
            kind.FrameType = ["ORIGINAL", "PRIMARY", "T2", "NONE"]
            kind.ComplexImageComponent = component
            place.ImagePositionPatient = position(affine_ras, k)
            frame.MRImageFrameTypeSequence = Sequence([kind])
            frame.PlanePositionSequence = Sequence([place])
            frames.append(frame)
            pixels.append(voxels[:, :, k].T)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(frames)
    dataset.NumberOfFrames = len(frames)
    dataset.PixelData = np.stack(pixels).astype("<u2").tobytes()
    dataset.save_as(path, enforce_file_format=True)


def edit_dicom(path: Path, **attributes) -> None:
    """Change attributes of one file."""
    dataset = pydicom.dcmread(path)
    for name, value in attributes.items():
        setattr(dataset, name, value)
    dataset.save_as(path)
