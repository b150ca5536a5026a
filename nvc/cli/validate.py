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
    STRETCHED = "stretched"
    RECOLOURED = "recoloured"
    SAMPLED = "sampled"
    ALL = "all"


_TOGETHER = {
    Families.BOTH: ("drawn", "painted"),
    Families.ALL: ("drawn", "painted", "stretched", "recoloured", "sampled"),
}


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
    real_heads: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            envvar="NVC_REAL_HEADS",
            help="Where the real heads lie that are coloured anew.",
        ),
    ] = None,
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
    names = _TOGETHER.get(family, (family.value,))
    families = [kind for kind in validation.Family if kind.value in names]
    found: list[Path] = []
    if validation.Family.RECOLOURED in families:
        reason, found = _find(real_heads)
        if reason:
            typer.echo(f"Skipped the recoloured heads: {reason}")
            families.remove(validation.Family.RECOLOURED)
    if not families:
        close_with_notice()
        return
    plans = validation.plan_heads(families, heads, seed, found)
    with show_progress(ctx.obj) as on_progress:
        outcomes = validation.validate(plans, jobs=jobs, on_progress=on_progress)
        files = write_validation(outcomes, out)
    _print(outcomes)
    typer.echo(f"\nValidation page: {files[PAGE_FILE].resolve()}")
    close_with_notice()


def _find(folder: Path | None) -> tuple[str, list[Path]]:
    """Return why there are no real heads, or where they lie."""
    from nvc.errors import InputError
    from nvc.io.real_heads import REAL_HEADS_VARIABLE, find_heads

    if folder is None:
        return f"neither --real-heads nor {REAL_HEADS_VARIABLE} names a folder.", []
    try:
        return "", list(find_heads(folder).values())
    except InputError as error:
        return str(error), []


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
