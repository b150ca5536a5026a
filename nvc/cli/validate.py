"""``nvc validate``: the whole job on heads whose truth is known."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nvc.cli.session import (
    DebugOption,
    QuietOption,
    close_with_notice,
    show_progress,
)

if TYPE_CHECKING:
    from nvc.validation import HeadOutcome


class Families(StrEnum):
    """Which families of heads to try."""

    DRAWN = "drawn"
    PAINTED = "painted"
    BOTH = "both"


def validate(
    ctx: typer.Context,
    *,
    out: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Folder for the figures.")
    ],
    heads: Annotated[int, typer.Option(min=1, help="Heads of each family.")] = 30,
    seed: Annotated[
        int, typer.Option(min=0, max=10**9, help="Seed of the first head.")
    ] = 1,
    jobs: Annotated[int, typer.Option(min=1, help="Heads at a time.")] = 1,
    family: Annotated[
        Families, typer.Option(help="How the heads are made.")
    ] = Families.BOTH,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure generated heads and compare with their truth.

    The same seeds give the same heads.
    """
    del debug, quiet  # their callbacks have acted
    from nvc import validation
    from nvc.io.doors.folder import check_out_dir
    from nvc.validation.outputs import PAGE_FILE, write_validation

    check_out_dir(out)
    families = [
        kind for kind in validation.Family if family in (Families.BOTH, kind.value)
    ]
    plans = validation.plan_heads(families, heads, seed)
    with show_progress(ctx.obj) as on_progress:
        outcomes = validation.validate(plans, jobs=jobs, on_progress=on_progress)
        files = write_validation(outcomes, out)
    _print(outcomes)
    typer.echo(f"\nValidation page: {files[PAGE_FILE].resolve()}")
    close_with_notice()


def _print(outcomes: list[HeadOutcome]) -> None:
    """Print a table a family, then the heads that gave no result."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from nvc.validation import summarise
    from nvc.validation.outputs import group_by_family

    console = Console(highlight=False)
    for family, heads in group_by_family(outcomes).items():
        table = Table(
            "Figure",
            "Value",
            "Target",
            "Made of",
            "",
            title=f"{len(heads)} {family} heads",
        )
        for figure in summarise(heads):
            cells = (figure.name, figure.text, figure.target, str(figure.count))
            table.add_row(*(Text(cell) for cell in (*cells, figure.verdict)))
        console.print(table)
    for outcome in outcomes:
        if outcome.failure:
            console.print(Text(f"{outcome.plan.name}: {outcome.failure}"))
