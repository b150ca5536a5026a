"""A result as DICOM objects beside its other files, where they are asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from nvc.io.dicom_out.source import find_source
from nvc.segment.labels.paint import paint_labels

if TYPE_CHECKING:
    from nvc.io.dicom_out.source import DicomSource
    from nvc.io.dicom_out.sr import SignedReading
    from nvc.model.study import Study
    from nvc.pipeline import Result
    from nvc.saving.outputs import MakeMore
    from nvc.settings.input import InputSettings


def find_dicom_source(
    study: Study, reference_dicom: Path | None, settings: InputSettings
) -> DicomSource:
    """Return the images that the study's reference was made of.

    Ask before a run: what is missing is then known at once.

    Raises
    ------
    InputError
        As `nvc.io.dicom_out.source.find_source`.
    """
    reference = study.series[study.reference_role]
    return find_source(reference, reference_dicom, settings)


def make_dicom(
    result: Result, source: DicomSource | None, reading: SignedReading | None = None
) -> MakeMore:
    """Return what makes the DICOM files of a result; nothing without a source."""
    if source is None:
        return dict

    def make_more() -> dict[str, bytes]:
        from nvc.io.dicom_out.objects import render_dicom

        labels = paint_labels(result.aligned.reference.grid, result.shown)
        return render_dicom(labels, result.report, source, reading)

    return make_more
