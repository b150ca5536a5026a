"""``nvc inspect``: what is there, and how it was understood."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nvc.cli.options import (
    PathsArgument,
    T1Option,
    T2Option,
    TofOption,
    UseQformOption,
    UseSformOption,
    read_affine_choice,
)
from nvc.cli.session import DebugOption, QuietOption, close_with_notice
from nvc.errors import InputError
from nvc.notice import NOTICE

if TYPE_CHECKING:
    from nvc.io.study.inspection import FoundSeries, Inspection


def inspect(
    paths: PathsArgument = None,
    *,
    t2: T2Option = None,
    tof: TofOption = None,
    t1: T1Option = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON, for programs.")
    ] = False,
    out: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Write each volume as it was understood, as NIfTI."
        ),
    ] = None,
    use_sform: UseSformOption = False,
    use_qform: UseQformOption = False,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell what is there: series, roles, geometry and problems.

    It judges the files, not the anatomy in them. Roles of series in a bare PATH are
    guessed; --t2, --tof and --t1 say otherwise.
    """
    del debug, quiet  # their callbacks have acted
    from nvc.io.study.load import list_series, write_inspected

    use = read_affine_choice(use_sform=use_sform, use_qform=use_qform)
    inspection = list_series(t2=t2, tof=tof, t1=t1, paths=paths or (), use=use)
    if as_json:
        content = {"notice": NOTICE} | inspection.to_json()
        typer.echo(json.dumps(content, indent=2))
    else:
        _print(inspection)
    if inspection.blocking_problems:
        raise InputError(*inspection.blocking_problems)
    if out is not None:
        written = write_inspected(inspection, out)
        typer.echo(f"written: {', '.join(map(str, written))}", err=as_json)
    close_with_notice(to_stderr=as_json)


def _print(inspection: Inspection) -> None:
    """Print a table with a row a series, then what a reader should know."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    if not inspection.series:
        return
    table = Table(
        "Series",
        "Role",
        "Shape",
        "Voxel size (mm)",
        "Orientation",
        title="What was found",
        show_lines=True,
    )
    for found in inspection.series:
        table.add_row(*(Text(cell) for cell in _cells(found)))
    console = Console(highlight=False)
    console.print(table)
    for found in inspection.series:
        notes = [f"note: {warning}" for warning in found.warnings]
        notes += [f"problem: {problem.reason}" for problem in found.problems]
        for note in notes:
            console.print(Text(f"{found.source}: {note}"))
    for warning in inspection.warnings:
        console.print(Text(f"note: {warning}"))
    if closed := inspection.name_closed():
        console.print(Text(f"note: may not be read: {closed}"))


def _cells(found: FoundSeries) -> tuple[str, str, str, str, str]:
    guess = f" (guessed: {found.role_reason})" if found.role_is_guessed else ""
    name, role = f"{found.source}, {found.file_format}", f"{found.role.upper()}{guess}"
    grid = found.grid
    if grid is None:
        return (name, role, "-", "-", "-")
    source = found.orientation_source or "not read"
    return (
        name,
        role,
        " x ".join(str(n) for n in grid.shape),
        " x ".join(f"{mm:.3g}" for mm in grid.voxel_size_mm),
        f"{grid.axis_codes}, from {source}",
    )
