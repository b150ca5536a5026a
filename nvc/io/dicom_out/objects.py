"""Both objects of a result as bytes: the one door of this room."""

from __future__ import annotations

import hashlib
import io
import warnings
from typing import TYPE_CHECKING

import numpy as np

from nvc.io.dicom.opening import silence_pydicom
from nvc.io.dicom_out.names import SEG_FILE, SR_FILE
from nvc.io.dicom_out.seg import make_segmentation
from nvc.io.dicom_out.source import DicomSource, list_sop_uids
from nvc.io.dicom_out.sr import SignedReading, make_report_document
from nvc.io.dicom_out.uids import derive_uid
from nvc.io.records.report_json import report_to_json

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

    from nvc.model.findings import Report
    from nvc.model.grid import Volume


def render_dicom(
    labels: Volume,
    report: Report,
    source: DicomSource,
    reading: SignedReading | None = None,
) -> dict[str, bytes]:
    """Return the segmentation and the structured report, by file name.

    Parameters
    ----------
    labels : Volume
        uint8 `nvc.model.anatomy.Structure` values on the source's lattice.
    report : Report
        What was found.
    source : DicomSource
        Whose study, patient and frame of reference both take over.
    reading : SignedReading, optional
        Who read it; nobody where left out.

    Returns
    -------
    dict of str to bytes
        No segmentation without any label.

    Raises
    ------
    InputError
        If the source's files are gone or have changed.
    """
    reading = reading or SignedReading()
    headers = source.read_headers()
    version = report.software.version
    content = (
        list_sop_uids(source.planes),
        [version, hashlib.sha256(report_to_json(report).encode()).hexdigest()],
        [hashlib.sha256(np.asarray(labels.voxels).tobytes()).hexdigest()],
        [repr(reading)],
    )

    def uids(kind: str) -> tuple[str, str]:
        return derive_uid(f"{kind} series", *content), derive_uid(kind, *content)

    with silence_pydicom(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # they may show a value of the header
        found = make_segmentation(
            labels, source, headers, version=version, uids=uids("seg")
        )
        document = make_report_document(
            report,
            headers if found is None else [*headers, found],
            reading,
            frame_of_reference_uid=source.frame_of_reference_uid,
            uids=uids("sr"),
        )
        objects = {SR_FILE: document} | ({} if found is None else {SEG_FILE: found})
        return {name: _to_bytes(dataset) for name, dataset in objects.items()}


def _to_bytes(dataset: Dataset) -> bytes:
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()
