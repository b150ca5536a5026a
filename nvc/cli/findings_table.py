"""The findings of both sides as a table on the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nvc.model.findings import Report


def print_findings(report: Report) -> None:
    """Print both sides next to each other, and below them remarks and base rates.

    Parameters
    ----------
    report : Report
        The findings to show.
    """
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from nvc.report.wording import NAMES_NOTE
    from nvc.summary import COLUMNS, finding_rows, remark_text

    console = Console(highlight=False)
    rows = finding_rows(report)
    lines = zip(COLUMNS, *(row.cells for row in rows), strict=True)
    headings = next(lines)
    table = Table(*headings, title="CN VII and its nearest vessel", show_lines=True)
    for line in lines:
        table.add_row(*(Text(cell) for cell in line))
    console.print(table)
    found = (report.sides[row.side].vessel for row in rows)
    if any(vessel and vessel.name_confidence is not None for vessel in found):
        console.print(Text(NAMES_NOTE))
    for remark in report.remarks:
        console.print(Text(f"Also to look at: {remark_text(remark)}"))
    for missing in report.not_looked_at:
        console.print(Text(f"Not looked at: {missing}"))
    for base_rate in dict.fromkeys(report.sides[row.side].base_rate for row in rows):
        if base_rate:
            console.print(Text(f"Base rate: {base_rate}"))
