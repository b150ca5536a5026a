"""The labels as a DICOM segmentation (BINARY) on the planes of the source."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from nvc.io.dicom_out.codes import (
    ANATOMICAL_STRUCTURE,
    PRIVATE_SCHEME,
    SEGMENTS,
)
from nvc.io.dicom_out.names import (
    MODEL,
    SEG_FILE,
    SERIES_DESCRIPTION,
    name_object,
)
from nvc.io.nifti.labels_out import NAMES
from nvc.model.anatomy import Structure
from nvc.notice import NOTICE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

    from nvc.io.dicom_out.source import DicomSource
    from nvc.model.grid import Grid, Volume


def make_segmentation(
    labels: Volume,
    source: DicomSource,
    headers: list[Dataset],
    *,
    version: str,
    uids: tuple[str, str],
) -> Dataset | None:
    """Return a SEG with one segment for each label that is there.

    Parameters
    ----------
    labels : Volume
        uint8 `Structure` values on the lattice of the source, any storage order.
    source : DicomSource
        Where it belongs.
    headers : list of Dataset
        Of the source (`DicomSource.read_headers`).
    version : str
        Of the software.
    uids : tuple of str
        Of series and instance.

    Returns
    -------
    Dataset or None
        None without any label.

    Raises
    ------
    GeometryError
        If `labels` lie on another lattice.
    """
    import highdicom as hd

    stored = np.asarray(labels.stored_like(source.grid).voxels)
    present = [s for s in SEGMENTS if (stored == s).any()]
    if not present:
        return None
    planes, placing = _as_frames(stored, present, source)
    found = hd.seg.Segmentation(
        source_images=headers,
        pixel_array=planes,
        segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
        segment_descriptions=[
            _describe(number, structure, version)
            for number, structure in enumerate(present, start=1)
        ],
        device_serial_number="none",
        content_label="NVC_REVIEW",
        content_description=SERIES_DESCRIPTION,
        **name_object(SEG_FILE, uids, version),
        **placing,
    )
    found.ImageComments = NOTICE
    return found


def _as_frames(
    stored: NDArray[np.generic],
    present: list[Structure],
    source: DicomSource,
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """Return segment numbers, (plane, row, column), and where the planes lie.

    In the order of the files, or of the frames in one file; each plane is told its
    place, since only some frames of a file may be of the volume.
    """
    numbers = np.zeros(stored.shape, dtype=np.uint8)
    for number, structure in enumerate(present, start=1):
        numbers[stored == structure] = number
    frames = numbers.transpose(2, 1, 0)
    order = np.argsort([plane.frame for plane in source.planes], kind="stable")
    return frames[order], _places(source.grid, order)


def _places(grid: Grid, order: NDArray[np.intp]) -> dict[str, Any]:
    import highdicom as hd

    to_lps = np.array([-1.0, -1.0, 1.0])
    axes = grid.axes_ras * to_lps[:, None]
    columns, rows, slices = grid.voxel_size_mm
    corners = grid.to_ras_mm(np.array([[0.0, 0.0, float(k)] for k in order])) * to_lps
    patient = hd.CoordinateSystemNames.PATIENT
    return {
        "plane_positions": [hd.PlanePositionSequence(patient, c) for c in corners],
        "plane_orientation": hd.PlaneOrientationSequence(
            patient, [*axes[:, 0], *axes[:, 1]]
        ),
        "pixel_measures": hd.PixelMeasuresSequence(
            pixel_spacing=(rows, columns),
            slice_thickness=slices,
            spacing_between_slices=slices,
        ),
    }


def _describe(number: int, structure: Structure, version: str) -> Dataset:
    import highdicom as hd

    code = SEGMENTS[structure]
    name, colour = NAMES[structure]
    item = hd.seg.SegmentDescription(
        segment_number=number,
        segment_label=name,
        segmented_property_category=ANATOMICAL_STRUCTURE,
        segmented_property_type=code.type,
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC,
        algorithm_identification=hd.AlgorithmIdentificationSequence(
            name=MODEL,
            family=hd.sr.CodedConcept("NVC100", PRIVATE_SCHEME, "Tube fitting"),
            version=version,
        ),
        display_color=hd.color.CIELabColor.from_rgb(*bytes.fromhex(colour[1:])),
    )
    if code.laterality is not None:
        side = hd.sr.CodedConcept.from_code(code.laterality)
        kind = item.SegmentedPropertyTypeCodeSequence[0]
        kind.SegmentedPropertyTypeModifierCodeSequence = [side]
    return item
