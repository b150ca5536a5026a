"""Writes everything that a run leaves behind, all of it or nothing."""

from __future__ import annotations

import os
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nvc.errors import InputError
from nvc.io.nifti.labels_out import segmentation_to_nifti, segmentation_to_tsv
from nvc.io.records.landmarks import landmarks_to_json
from nvc.io.records.measurements_csv import measurements_to_csv
from nvc.io.records.report_json import report_to_json
from nvc.model.anatomy import Side
from nvc.pages.pictures import draw_side
from nvc.pages.report_page import render_html

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nvc.model.findings import Report
    from nvc.model.grid import Volume
    from nvc.model.stages import Aligned, Segmentation
    from nvc.model.study import Study

REPORT_FILE = "report.json"
PAGE_FILE = "report.html"
TABLE_FILE = "measurements.csv"
LABELS_FILE = "segmentation.nii.gz"
LABEL_TABLE_FILE = "segmentation.tsv"
LANDMARKS_FILE = "landmarks.json"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Outcome:
    """Everything that a run leaves behind, still in memory.

    Parameters
    ----------
    study : Study
        As it was read; the reference's own storage order.
    aligned : Aligned
        Reference and companions.
    segmentation : Segmentation
        What is outlined in the pictures.
    labels : Volume
        uint8 on the reference's lattice (`nvc.segment.labels.paint.paint_labels`).
    report : Report
        What was found.
    """

    study: Study
    aligned: Aligned
    segmentation: Segmentation
    labels: Volume
    report: Report


def check_out_dir(out_dir: Path, inputs: Iterable[Path] = ()) -> None:
    """Refuse a folder that cannot or should not be written to.

    Call it before a long run; `write_outputs` calls it as well.

    Parameters
    ----------
    out_dir : Path
        May exist or not.
    inputs : iterable of Path
        Files and folders that the run reads.

    Raises
    ------
    InputError
        If `out_dir` is a file, holds an input, or cannot be written to.
    """
    out = out_dir.resolve()
    if out.exists() and not out.is_dir():
        raise InputError.of(
            "out-is-a-file", str(out_dir), "is a file; expected a folder to write to."
        )
    for source in inputs:
        if source.resolve().is_relative_to(out):
            raise InputError.of(
                "out-holds-input",
                str(out_dir),
                f"holds the input {source.name}.",
                "Choose another folder for the results.",
            )
    nearest = next(path for path in (out, *out.parents) if path.exists())
    if not nearest.is_dir() or not os.access(nearest, os.W_OK | os.X_OK):
        raise InputError.of("out-not-writable", str(out_dir), "cannot be written to.")


def write_outputs(
    outcome: Outcome, out_dir: Path, inputs: Iterable[Path] = ()
) -> dict[str, Path]:
    """Write the results; what is there afterwards is complete.

    Everything is made in memory and written to a folder beside `out_dir` first. Then
    an earlier run's report is removed, the files are moved in place and the new
    report comes last, so that a folder with a report always holds one whole run.

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out_dir : Path
        Made where missing; files of an earlier run are replaced, others are kept.
    inputs : iterable of Path
        Files and folders that the run read; never written over.

    Returns
    -------
    dict of str to Path
        Name of each file and where it is.

    Raises
    ------
    InputError
        If `out_dir` cannot be used or written to.
    """
    check_out_dir(out_dir, inputs)
    files = render_files(outcome)
    out = out_dir.resolve()
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
        try:
            for name, content in files.items():
                _write_through(staging / name, content)
            _move_in_place(staging, out, list(files))
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    except OSError as error:
        raise InputError.of(
            "out-not-writable",
            str(out_dir),
            f"cannot be written to ({error.strerror}).",
        ) from error
    return {name: out_dir / name for name in files}


def render_files(outcome: Outcome) -> dict[str, bytes]:
    """Return every file's name and content; the report comes last."""
    reference = outcome.study.series[outcome.aligned.reference_role]
    report, sides = outcome.report, outcome.segmentation.sides
    pictures = {
        side: draw_side(outcome.aligned, outcome.segmentation, report.sides[side], side)
        for side in Side
    }
    return {
        PAGE_FILE: render_html(report, pictures).encode("utf-8"),
        TABLE_FILE: measurements_to_csv(report).encode("utf-8"),
        LABELS_FILE: segmentation_to_nifti(
            outcome.labels, reference.volume.grid, reference.orientation_source
        ),
        LABEL_TABLE_FILE: segmentation_to_tsv().encode("utf-8"),
        LANDMARKS_FILE: landmarks_to_json(
            {side: nerves.landmarks for side, nerves in sides.items()},
            f"RAS mm of the {report.reference} volume",
        ).encode("utf-8"),
        REPORT_FILE: report_to_json(report).encode("utf-8"),
    }


def _write_through(path: Path, content: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())


def _move_in_place(staging: Path, out: Path, names: list[str]) -> None:
    out.mkdir(exist_ok=True)
    (out / REPORT_FILE).unlink(missing_ok=True)
    for name in names:
        (staging / name).replace(out / name)
