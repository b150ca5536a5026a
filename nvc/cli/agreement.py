"""``nvc agreement``: how far two readers agree."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nvc.cli.session import DebugOption, QuietOption, close_with_notice
from nvc.plain import make_plain

if TYPE_CHECKING:
    from nvc.reviews.agreement import Agreement, Difference, Kappa


def agreement(
    reviews: Annotated[
        list[Path],
        typer.Argument(metavar="REVIEW...", help="Reviews of two readers or more."),
    ],
    *,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Print Cohen's kappa and mean differences between readers.

    Reviews belong together by the study they are of and by their first reader's name.
    """
    del debug, quiet  # their callbacks have acted
    from nvc.reviews.agreement import compare_readers
    from nvc.reviews.session import read_review

    for found in compare_readers([read_review(path) for path in reviews]):
        _print(found)
    close_with_notice()


def _print(found: Agreement) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    one, other = found.readers
    table = Table(
        "Compared",
        "Sides",
        "Agreement",
        "95 % interval or limits",
        title=Text(make_plain(f"{one} and {other}, {found.studies} studies")),
    )
    for kappa in found.kappas:
        table.add_row(*(Text(cell) for cell in _kappa_cells(kappa)))
    for difference in found.differences:
        table.add_row(*(Text(cell) for cell in _difference_cells(difference)))
    Console(highlight=False).print(table)


def _kappa_cells(found: Kappa) -> tuple[str, str, str, str]:
    name = f"{found.name}, Cohen's kappa"
    if found.observed is None:
        return (name, "0", "none in common", "-")
    equal = f"{found.observed:.0%} equal"
    if found.kappa is None or found.interval is None:
        return (name, str(found.count), f"{equal}; kappa not defined", "-")
    low, high = found.interval
    return (
        name,
        str(found.count),
        f"{found.kappa:.2f} ({equal})",
        f"{low:.2f} to {high:.2f}",
    )


def _difference_cells(found: Difference) -> tuple[str, str, str, str]:
    name = f"{found.name}, mean difference"
    if found.mean is None:
        return (name, "0", "none in common", "-")
    limits = "-"
    if found.limits is not None:
        limits = f"{found.limits[0]:+.2f} to {found.limits[1]:+.2f} {found.unit}"
    return (name, str(found.count), f"{found.mean:+.2f} {found.unit}", limits)
