"""``nvc measure``: both facial nerves of a study, measured."""

from __future__ import annotations

from dataclasses import replace

import typer

from nvc.cli.options import (
    LabelsOption,
    LandmarksOption,
    OutOption,
    PathsArgument,
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
        _require_alone([*others, use_sform or use_qform])
        measure_review(ctx.obj, review, paths or [], out)
        return
    from nvc.io.records.settings import load_settings
    from nvc.io.study.load import load_study
    from nvc.io.study.sources import split_series
    from nvc.saving.names import check_output

    scans = [split_series(p)[0] for p in (t2, tof, t1, *(paths or ())) if p]
    given = [*scans, *(p for p in (landmarks, labels) if p)]
    check_output(out, given)
    chosen = load_settings(settings, assignments or ())
    use = read_affine_choice(use_sform=use_sform, use_qform=use_qform)
    study = load_study(
        t2=t2, tof=tof, t1=t1, paths=paths or (), settings=chosen.input, use=use
    )
    reference = study.series[study.reference_role].volume.grid
    confirmed = drawn = None
    if landmarks is not None:
        from nvc.io.records.landmarks import read_landmarks

        confirmed = read_landmarks(landmarks, reference=reference)
    if labels is not None:
        from nvc.io.nifti.labels_in import read_labels

        drawn, warnings = read_labels(labels, reference, settings=chosen.input, use=use)
        study = replace(study, warnings=(*study.warnings, *warnings))
    try:
        measure_and_report(
            ctx.obj,
            study,
            out,
            given,
            settings=chosen,
            landmarks=confirmed,
            labels=drawn,
        )
    except InputError as error:  # the pipeline knows no file
        raise error.naming("landmark-side", str(landmarks)) from error


def _require_alone(options: list[object]) -> None:
    """Refuse options that would make a review's numbers other than its panel's."""
    if any(options):
        raise InputError.of(
            "review-and-options",
            "--review",
            "says itself which inputs, settings and corrections to take.",
            "Give only --out and the folder of the images with it.",
        )
