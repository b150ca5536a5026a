"""The header of one DICOM file, reduced to what decides geometry and grouping."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydicom.dataset import Dataset

from nvc.errors import InputError
from nvc.io.dicom.opening import TooLargeError, read_header, silence_pydicom
from nvc.io.doors.reading import PatientKey, SequenceFacts

Triple = tuple[float, float, float]

_PROBE_BYTES = 1024
_MR_IMAGES = {
    "1.2.840.10008.5.1.4.1.1.4",
    "1.2.840.10008.5.1.4.1.1.4.1",
    "1.2.840.10008.5.1.4.1.1.4.4",
}
"""SOP classes: MR, Enhanced MR, Legacy Converted Enhanced MR."""
_BARE_STARTS = {
    b"\x02\0\0\0",
    *(b"\x08\0" + bytes([element, 0]) for element in (0, 1, 5, 8, 0x12, 0x16, 0x18)),
    *(b"\0\x08\0" + bytes([element]) for element in (0, 1, 5, 8, 0x12, 0x16, 0x18)),
}
"""Tags that the first element may have, in either byte order."""
_MOST_INFLATED = 2**28
"""Bytes that a header may have: ten thousand frames take less."""
_FARTHEST_MM, _LARGEST = 1e6, 1e12
"""No place is a kilometre off, and no number in a header is larger; NaN is not less."""
_WANTED = [
    "SOPClassUID",
    "SOPInstanceUID",
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "FrameOfReferenceUID",
    "Modality",
    "ImageType",
    "ComplexImageComponent",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "SeriesDescription",
    "ProtocolName",
    "SequenceName",
    "PulseSequenceName",
    "SequenceVariant",
    "SteadyStatePulseSequence",
    "AngioFlag",
    "TimeOfFlightContrast",
    "EchoTime",
    "RepetitionTime",
    "InversionTime",
    "FlipAngle",
    "DiffusionBValue",
    "ContrastBolusAgent",
    "AcquisitionNumber",
    "TemporalPositionIdentifier",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "SliceThickness",
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "BitsAllocated",
    "BitsStored",
    "HighBit",
    "PixelRepresentation",
    "ModalityLUTSequence",
    "AnatomicalOrientationType",
    "LossyImageCompression",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "RescaleSlope",
    "RescaleIntercept",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePlane:
    """One image plane: a classic file, or a frame of an enhanced one.

    Parameters
    ----------
    path : Path
        Its file.
    frame : int
        Zero-based frame within the file.
    frames_in_file : int
        1 for a classic file.
    position_lps_mm : tuple of float
        Centre of the first voxel, LPS mm.
    row_axis, column_axis : tuple of float
        Directions in which the column index and the row index grow, LPS.
    spacing_mm : tuple of float
        Between rows, between columns.
    thickness_mm : float or None
        As stated.
    rows, columns : int
        Size.
    slope, intercept : float
        Intensity = slope x stored + intercept.
    study_uid, contrast_agent, temporal_position, acquisition_number : str
        As stated; empty where nothing is.
    padding : tuple of float, or None
        Lowest and highest stored value that mean "nothing was imaged here".
    bits : int
        That a stored value has in the file.
    is_lossy : bool
        Whether it was ever compressed with loss, as it says itself.
    problem : str
        Why this plane cannot be part of an MR volume; empty if it can.
    """

    path: Path
    frame: int
    frames_in_file: int
    sop_uid: str
    series_uid: str
    frame_of_reference_uid: str
    modality: str
    patient: PatientKey
    facts: SequenceFacts
    position_lps_mm: Triple
    row_axis: Triple
    column_axis: Triple
    spacing_mm: tuple[float, float]
    thickness_mm: float | None
    rows: int
    columns: int
    slope: float
    intercept: float
    study_uid: str = ""
    contrast_agent: str = ""
    temporal_position: str = ""
    acquisition_number: str = ""
    padding: tuple[float, float] | None = None
    bits: int = 16
    is_lossy: bool = False
    problem: str = ""


def is_dicom(path: Path) -> bool:
    """Tell by its first bytes whether a regular file is DICOM, with preamble or not."""
    try:
        with path.open("rb") as file:
            start = file.read(_PROBE_BYTES)
    except OSError:
        return False
    # Files without a preamble start with group 0008 or 0002.
    return start[128:132] == b"DICM" or start[:4] in _BARE_STARTS


def read_planes(path: Path, where: str) -> list[ImagePlane]:
    """Read the header of a DICOM file.

    Returns
    -------
    list of ImagePlane
        Empty if the file holds no image (a report, a presentation state ...).

    Raises
    ------
    InputError
        If the file is damaged, or inflates without end.
    """
    try:
        with path.open("rb") as file:
            dataset = read_header(file, _WANTED, _MOST_INFLATED)
        with silence_pydicom():
            if not dataset.get("Rows") or not dataset.get("Columns"):
                _require_no_mr_image(dataset)
                return []
            return list(_planes(dataset, path))
    except TooLargeError as error:
        raise InputError.of(
            "too-large",
            where,
            f"is deflated, and inflates to more than {_MOST_INFLATED} bytes of header.",
            "Export it without compression.",
        ) from error
    except Exception as error:
        # A damaged header fails in many ways, some of them no ValueError.
        raise InputError.of(
            "damaged-dicom", where, "has a DICOM header that cannot be read."
        ) from error


def _require_no_mr_image(dataset: Dataset) -> None:
    """Notice a file cut short: pydicom returns what came before the cut."""
    meta = getattr(dataset, "file_meta", Dataset())
    kinds = {dataset.get("SOPClassUID"), meta.get("MediaStorageSOPClassUID")}
    if kinds & _MR_IMAGES:
        raise ValueError("an MR image without its size")


def _planes(dataset: Dataset, path: Path) -> Iterator[ImagePlane]:
    count = int(dataset.get("NumberOfFrames") or 1)
    if "PerFrameFunctionalGroupsSequence" not in dataset:
        problem = "holds several frames without a place for each" if count > 1 else ""
        yield _plane(dataset, [dataset], path, (0, count), problem)
        return
    per_frame = dataset.PerFrameFunctionalGroupsSequence
    shared = list(dataset.get("SharedFunctionalGroupsSequence") or [])[:1]
    problem = ""
    if len(per_frame) != count:
        problem = f"states {count} frames but describes {len(per_frame)}"
    for number, groups in enumerate(per_frame):
        layers = [*_groups(groups), *[g for s in shared for g in _groups(s)], dataset]
        yield _plane(dataset, layers, path, (number, count), problem)


def _groups(functional: Dataset) -> list[Dataset]:
    """Return the items of every functional group: each holds a few attributes."""
    return [
        element.value[0]
        for element in functional
        if element.VR == "SQ" and len(element.value) > 0
    ]


def _plane(
    dataset: Dataset,
    layers: list[Dataset],
    path: Path,
    frame_of: tuple[int, int],
    problem: str,
) -> ImagePlane:
    """Gather one plane; `layers` are searched from the most specific on."""

    def get(name: str) -> Any:
        for layer in layers:
            value = layer.get(name)
            if value is not None and value != "":
                return value
        return None

    problem = problem or _not_an_mr_plane(dataset, get)
    orientation = _numbers(get("ImageOrientationPatient"), 6)
    position = _numbers(get("ImagePositionPatient"), 3)
    spacing = _numbers(get("PixelSpacing"), 2)
    slope, intercept = get("RescaleSlope"), get("RescaleIntercept")
    return ImagePlane(
        path=path,
        frame=frame_of[0],
        frames_in_file=frame_of[1],
        sop_uid=str(dataset.get("SOPInstanceUID", "")),
        series_uid=str(dataset.get("SeriesInstanceUID", "")),
        frame_of_reference_uid=str(dataset.get("FrameOfReferenceUID", "")),
        modality=str(dataset.get("Modality", "")),
        patient=PatientKey.of(
            str(dataset.get("PatientID") or ""),
            str(dataset.get("PatientName") or ""),
            str(dataset.get("PatientBirthDate") or ""),
        ),
        facts=_facts(dataset, get),
        position_lps_mm=(position[0], position[1], position[2]),
        row_axis=(orientation[0], orientation[1], orientation[2]),
        column_axis=(orientation[3], orientation[4], orientation[5]),
        spacing_mm=(spacing[0], spacing[1]),
        thickness_mm=_number(get("SliceThickness")),
        rows=int(dataset.Rows),
        columns=int(dataset.Columns),
        slope=1.0 if slope is None else float(slope),
        intercept=0.0 if intercept is None else float(intercept),
        study_uid=str(dataset.get("StudyInstanceUID") or ""),
        contrast_agent=" ".join(str(get("ContrastBolusAgent") or "").split()),
        temporal_position=str(
            get("TemporalPositionIdentifier") or get("TemporalPositionIndex") or ""
        ),
        acquisition_number=str(
            get("AcquisitionNumber") or get("FrameAcquisitionNumber") or ""
        ),
        padding=_padding(dataset),
        bits=int(dataset.get("BitsAllocated") or 16),
        is_lossy=str(dataset.get("LossyImageCompression") or "") == "01",
        problem=problem,
    )


def _padding(dataset: Dataset) -> tuple[float, float] | None:
    """Return the range of padding, as the stored numbers are read.

    Some writers take the value for unsigned where the pixels are signed, or so.
    """
    ends = [
        _number(dataset.get(name))
        for name in ("PixelPaddingValue", "PixelPaddingRangeLimit")
    ]
    known = [end for end in ends if end is not None]
    if not known:
        return None
    bits = int(dataset.get("BitsAllocated") or 16)
    is_signed = bool(dataset.get("PixelRepresentation"))
    lowest = -(2 ** (bits - 1)) if is_signed else 0
    turned = [(end - lowest) % 2**bits + lowest for end in known]
    return min(turned), max(turned)


def _not_an_mr_plane(dataset: Dataset, get: Any) -> str:
    modality = str(dataset.get("Modality") or "")
    if modality != "MR":
        shown = modality if re.fullmatch(r"[A-Z]{2,4}", modality) else "unknown"
        return f"its modality is {shown}; expected MR"
    if int(dataset.get("SamplesPerPixel") or 1) != 1:
        return "holds colour pictures; expected one number a voxel"
    if str(dataset.get("PhotometricInterpretation") or "") != "MONOCHROME2":
        return "its grey scale is not MONOCHROME2"
    if "MOSAIC" in _image_type(get):
        return "is a mosaic of slices; expected one slice a picture"
    if str(dataset.get("AnatomicalOrientationType") or "") == "QUADRUPED":
        return "is of an animal on four legs; expected a patient's left and right"
    if dataset.get("ModalityLUTSequence"):
        return "its intensities are to be looked up in a table, which is not read"
    bits, high = dataset.get("BitsStored"), dataset.get("HighBit")
    if bits is not None and high is not None and int(high) != int(bits) - 1:
        return f"its {int(bits)} bits a voxel end at bit {int(high)}, not at the lowest"
    for name, meaning, count in (
        ("ImagePositionPatient", "where its slices lie", 3),
        ("ImageOrientationPatient", "how its slices are turned", 6),
        ("PixelSpacing", "how large its pixels are", 2),
    ):
        if len(_several(get(name))) != count:
            return f"does not say {meaning} ({name} is missing)"
    return ""


def _facts(dataset: Dataset, get: Any) -> SequenceFacts:
    described = [
        str(dataset.get(name) or "").lower()
        for name in (
            "SeriesDescription",
            "ProtocolName",
            "SequenceName",
            "PulseSequenceName",
        )
    ]
    variant = dataset.get("SequenceVariant") or []
    variants = [variant] if isinstance(variant, str) else list(variant)
    echo = get("EffectiveEchoTime")
    return SequenceFacts(
        words=tuple(text for text in described if text),
        image_type=_image_type(get),
        echo_time_ms=_number(get("EchoTime") if echo is None else echo),
        repetition_time_ms=_number(get("RepetitionTime")),
        inversion_time_ms=_number(get("InversionTime")),
        flip_angle_deg=_number(get("FlipAngle")),
        is_steady_state="SS" in variants
        or str(get("SteadyStatePulseSequence") or "NONE") not in ("NONE", ""),
        is_angiographic=str(get("AngioFlag") or "") == "Y"
        or "TIME_OF_FLIGHT" in str(get("TimeOfFlightContrast") or ""),
        # Some vendors write a b-value of 0 into every series that they make.
        is_diffusion=(_number(get("DiffusionBValue")) or 0.0) > 0,
    )


def _image_type(get: Any) -> tuple[str, ...]:
    """Return Image Type, and which part of the complex signal it is where that is told.

    Frames of one enhanced file may differ in nothing else.
    """
    stated = get("FrameType") or get("ImageType") or ()
    component = get("ComplexImageComponent")
    values = [*stated, component] if component else [*stated]
    return tuple(str(value).upper() for value in values)


def _number(value: Any) -> float | None:
    """Return a number; none for what is no number, or beyond all that is measured."""
    try:
        number = None if value is None else float(value)
    except (TypeError, ValueError):
        return None
    return number if number is not None and abs(number) <= _LARGEST else None


def _several(value: Any) -> list[Any]:
    """Return the values of an element; one alone comes without its list."""
    if value is None:
        return []
    return list(value) if isinstance(value, Sequence) else [value]


def _numbers(value: Any, count: int) -> list[float]:
    """Return as many numbers as asked for; NaN where the header has none of use."""
    found = [float(v) for v in _several(value)]
    is_usable = len(found) == count and all(abs(v) <= _FARTHEST_MM for v in found)
    return found if is_usable else [float("nan")] * count
