"""``nvc measure``: both facial nerves of a study, measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nvc.cli.options import (
    DicomOption,
    LabelsOption,
    LandmarksOption,
    OutOption,
    PathsArgument,
    ReferenceDicomOption,
    ReviewOption,
    SetOption,
    SettingsOption,
    T1Option,
    T2Option,
    TofOption,
    UseQformOption,
    UseSformOption,
    read_affine_choice,
)
from nvc.cli.running import measure_and_report, measure_review
from nvc.cli.session import DebugOption, QuietOption
from nvc.errors import InputError

if TYPE_CHECKING:
    from nvc.cli.session import Session
    from nvc.io.doors.reading import Use
    from nvc.model.study import Study
    from nvc.settings import Settings


def measure(
    ctx: typer.Context,
    paths: PathsArgument = None,
    *,
    out: OutOption,
    t2: T2Option = None,
    tof: TofOption = None,
    t1: T1Option = None,
    landmarks: LandmarksOption = None,
    labels: LabelsOption = None,
    review: ReviewOption = None,
    dicom: DicomOption = False,
    reference_dicom: ReferenceDicomOption = None,
    settings: SettingsOption = None,
    assignments: SetOption = None,
    use_sform: UseSformOption = False,
    use_qform: UseQformOption = False,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure the gap between CN VII and the vessels on both sides.

    At least one of --t2 and --t1 is needed. The T2, where given, is the reference.
    """
    del debug, quiet  # their callbacks have acted
    if review is not None:
        others = (t2, tof, t1, landmarks, labels, settings, assignments)
        if reference_dicom is not None and not dicom:
            raise _dicom_alone()
        _require_alone([*others, use_sform or use_qform])
        measure_review(
            ctx.obj, review, paths or [], out, dicom=dicom, images=reference_dicom
        )
        return
    use = read_affine_choice(use_sform=use_sform, use_qform=use_qform)
    given = _Given(
        scans=(t2, tof, t1, *(paths or ())),
        landmarks=landmarks,
        labels=labels,
        reference_dicom=reference_dicom,
    )
    chosen = _check(given, out, settings, assignments, dicom=dicom)
    from nvc.io.study.load import load_study

    study = load_study(
        t2=t2, tof=tof, t1=t1, paths=paths or (), settings=chosen.input, use=use
    )
    _measure(ctx.obj, study, out, given, chosen, use, dicom=dicom)


def _measure(
    session: Session,
    study: Study,
    out: Path,
    given: _Given,
    chosen: Settings,
    use: Use,
    *,
    dicom: bool,
) -> None:
    """Read what lies beside the scans, and measure."""
    landmarks, labels = given.landmarks, given.labels
    reference = study.series[study.reference_role].volume.grid
    confirmed = drawn = source = None
    if landmarks is not None:
        from nvc.io.records.landmarks import read_landmarks

        confirmed = read_landmarks(landmarks, reference=reference)
    if labels is not None:
        from nvc.io.nifti.labels_in import read_labels

        drawn, warnings = read_labels(labels, reference, settings=chosen.input, use=use)
        study = replace(study, warnings=(*study.warnings, *warnings))
    if dicom:
        from nvc.saving.dicom import find_dicom_source

        source = find_dicom_source(study, given.reference_dicom, chosen.input)
    try:
        measure_and_report(
            session,
            study,
            out,
            given.paths,
            settings=chosen,
            landmarks=confirmed,
            labels=drawn,
            source=source,
        )
    except InputError as error:  # the pipeline knows no file
        raise error.naming("landmark-side", str(landmarks)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class _Given:
    """What the user named: scans with their series numbers, and files beside them."""

    scans: tuple[Path | None, ...]
    landmarks: Path | None
    labels: Path | None
    reference_dicom: Path | None

    @property
    def paths(self) -> list[Path]:
        """Every file and folder that is read."""
        from nvc.io.study.sources import split_series

        beside = (self.landmarks, self.labels, self.reference_dicom)
        scans = [split_series(scan)[0] for scan in self.scans if scan]
        return [*scans, *(path for path in beside if path)]


def _check(
    given: _Given,
    out: Path,
    settings: Path | None,
    assignments: list[str] | None,
    *,
    dicom: bool,
) -> Settings:
    """Refuse what can be refused before anything is read; return the settings."""
    from nvc.io.records.settings import load_settings
    from nvc.saving.names import check_output, name_files

    if given.reference_dicom is not None and not dicom:
        raise _dicom_alone()
    check_output(out, given.paths, name_files(dicom=dicom))
    return load_settings(settings, assignments or ())


def _dicom_alone() -> InputError:
    return InputError.of(
        "reference-dicom-alone", "--reference-dicom", "needs --dicom beside it."
    )


def _require_alone(options: list[object]) -> None:
    """Refuse options that would make a review's numbers other than its panel's."""
    if any(options):
        raise InputError.of(
            "review-and-options",
            "--review",
            "says itself which inputs, settings and corrections to take.",
            "Give only --out and the folder of the images with it.",
        )
