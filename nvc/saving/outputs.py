"""Writes everything that a run leaves behind, all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from nvc.io.doors.folder import write_folder
from nvc.io.nifti.labels_out import segmentation_to_nifti, segmentation_to_tsv
from nvc.io.records.landmarks import landmarks_to_json
from nvc.io.records.measurements_csv import measurements_to_csv
from nvc.io.records.report_json import report_to_json
from nvc.model.anatomy import Side
from nvc.pages.pictures import draw_side
from nvc.pages.report_page import render_html
from nvc.saving.names import (
    LABEL_TABLE_FILE,
    LABELS_FILE,
    LANDMARKS_FILE,
    PAGE_FILE,
    REPORT_FILE,
    TABLE_FILE,
    check_output,
    name_files,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from nvc.model.findings import Report
    from nvc.model.grid import Volume
    from nvc.model.stages import Aligned, Segmentation
    from nvc.model.study import Study


MakeMore = Callable[[], Mapping[str, bytes]]
Confirm = Callable[[], object]


def confirm_nothing() -> None:
    """Record nothing elsewhere."""


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
        What is outlined in the pictures: as it was measured (`Result.shown`).
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


def write_outputs(
    outcome: Outcome,
    out_dir: Path,
    inputs: Iterable[Path] = (),
    make_more: MakeMore = dict,
    confirm: Confirm = confirm_nothing,
) -> dict[str, Path]:
    """Write the results; what is there afterwards is complete.

    Everything is made in memory first. The report comes last, so that a folder with a
    report always holds one whole run (`nvc.io.doors.folder.write_folder`).

    Parameters
    ----------
    outcome : Outcome
        What to write.
    out_dir : Path
        Made where missing; files of an earlier run are replaced, others are kept.
    inputs : iterable of Path
        Files and folders that the run read; never written over.
    make_more : callable
        Returns further files by name; called once the folder is held and all else
        lies on its disk, and moved in place along with it.
    confirm : callable
        Called once every file is in its place; where it raises, none is.

    Returns
    -------
    dict of str to Path
        Name of each file and where it is.

    Raises
    ------
    InputError
        If `out_dir` cannot be used or written to.
    """
    check_output(out_dir, inputs, name_files(dicom=True))
    files = render_files(outcome)
    return write_folder(
        files, out_dir, last=REPORT_FILE, make_more=make_more, confirm=confirm
    )


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
