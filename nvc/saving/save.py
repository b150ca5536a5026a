"""A result to its files: what both the command and the plugin write."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from nvc.pipeline import Result
from nvc.saving.outputs import (
    Confirm,
    MakeMore,
    Outcome,
    confirm_nothing,
    write_outputs,
)
from nvc.segment.labels.paint import paint_labels


def save(
    result: Result,
    out_dir: str | Path,
    inputs: Iterable[Path] = (),
    make_more: MakeMore = dict,
    confirm: Confirm = confirm_nothing,
) -> dict[str, Path]:
    """Write report, page, table, segmentation and landmarks, or nothing at all.

    Parameters
    ----------
    result : Result
        From `nvc.pipeline.run`.
    out_dir : str or Path
        Made where missing; files of an earlier run are replaced.
    inputs : iterable of Path
        Files and folders that the run read; never written over.
    make_more, confirm : callable
        As `nvc.saving.outputs.write_outputs` takes them.

    Returns
    -------
    dict of str to Path
        Name of each file and where it is.

    Raises
    ------
    InputError
        If `out_dir` cannot be written to, or holds an input.
    """
    outcome = Outcome(
        study=result.study,
        aligned=result.aligned,
        segmentation=result.shown,
        labels=paint_labels(result.aligned.reference.grid, result.shown),
        report=result.report,
    )
    return write_outputs(outcome, Path(out_dir), inputs, make_more, confirm)
