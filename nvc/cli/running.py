"""One run of the pipeline from the command line: progress, files, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nvc.cli.findings_table import print_findings
from nvc.cli.session import Session, close_with_notice, show_progress
from nvc.errors import SettingsError

if TYPE_CHECKING:
    from nvc.io.dicom_out.source import DicomSource
    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import SideLandmarks
    from nvc.model.study import Study
    from nvc.pipeline import Result
    from nvc.settings import Settings


def measure_and_report(
    session: Session,
    study: Study,
    out: Path,
    inputs: Iterable[Path],
    *,
    settings: Settings | None = None,
    landmarks: Mapping[Side, SideLandmarks] | None = None,
    labels: Volume | None = None,
    source: DicomSource | None = None,
) -> None:
    """Measure a study, write its files and print its findings.

    Parameters
    ----------
    session : Session
        How this call talks to the user.
    study : Study
        What to measure.
    out : Path
        Where the files go.
    inputs : iterable of Path
        What was read; never written over.
    settings, landmarks, labels
        As `nvc.pipeline.run` takes them.
    source : DicomSource, optional
        Where given, DICOM objects of its study are written too.
    """
    from nvc.pipeline import run
    from nvc.saving.dicom import make_dicom
    from nvc.saving.save import save

    with show_progress(session) as on_progress:
        result = run(
            study,
            settings,
            landmarks=landmarks,
            labels=labels,
            on_progress=on_progress,
        )
        on_progress("Drawing the report", 1.0)
        files = save(result, out, inputs, make_dicom(result, source))
    _tell(result, files)


def measure_review(
    session: Session,
    review: Path,
    places: Iterable[Path],
    out: Path,
    *,
    dicom: bool = False,
    images: Path | None = None,
) -> None:
    """Measure a study as a review says, to the same numbers as its panel.

    Parameters
    ----------
    session : Session
        How this call talks to the user.
    review : Path
        The review; it is read, never changed.
    places : iterable of Path
        Where its images may lie; the folder of the review comes last.
    out : Path
        Where the files go.
    dicom : bool
        Whether DICOM objects are written too; unsigned, whatever the review says,
        since this is measured anew.
    images : Path, optional
        The DICOM series that a NIfTI reference was converted from.
    """
    from nvc.reviews.edits import measure_edited, measure_found, read_settings_of
    from nvc.reviews.inputs import load_study_of
    from nvc.reviews.session import read_review
    from nvc.saving.dicom import find_dicom_source, make_dicom
    from nvc.saving.names import check_output, name_files
    from nvc.saving.save import save

    names = name_files(dicom=dicom)
    check_output(out, [review], names)
    state = read_review(review)
    try:
        study, inputs = load_study_of(state, [*places, review.resolve().parent])
    except SettingsError as error:
        raise SettingsError(f"{review}: {error}") from error
    read = [*inputs, review, *([images] if images else [])]
    check_output(out, read, names)
    source = None
    if dicom:
        limits = read_settings_of(state).input
        source = find_dicom_source(study, images, limits)
    with show_progress(session) as on_progress:
        result = measure_edited(
            measure_found(study, state, on_progress=on_progress), state
        )
        on_progress("Drawing the report", 1.0)
        files = save(result, out, read, make_dicom(result, source))
    _tell(result, files)


def _tell(result: Result, files: Mapping[str, Path]) -> None:
    from nvc.saving.names import PAGE_FILE

    print_findings(result.report)
    typer.echo(f"\nReport page: {files[PAGE_FILE].resolve()}")
    close_with_notice()
