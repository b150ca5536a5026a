"""One run of the pipeline from the command line: progress, files, findings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nvc.cli.findings_table import print_findings
from nvc.cli.session import Session, close_with_notice, progress_bar

if TYPE_CHECKING:
    from nvc.model.anatomy import Side
    from nvc.model.grid import Volume
    from nvc.model.stages import SideLandmarks
    from nvc.model.study import Study
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
    """
    from nvc.io.outputs import PAGE_FILE
    from nvc.pipeline import run
    from nvc.saving import save

    with progress_bar(session) as on_progress:
        result = run(
            study,
            settings,
            landmarks=landmarks,
            labels=labels,
            on_progress=on_progress,
        )
        on_progress("Drawing the report", 1.0)
        files = save(result, out, inputs)
    print_findings(result.report)
    typer.echo(f"\nReport page: {files[PAGE_FILE].resolve()}")
    close_with_notice()
