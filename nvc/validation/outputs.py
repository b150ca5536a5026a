"""What a validation leaves behind: every number as JSON, and a page with plots."""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from nvc import __version__
from nvc.io.doors.folder import write_folder
from nvc.notice import NOTICE
from nvc.plain import show_plainly
from nvc.validation.options import Family
from nvc.validation.plots import draw_family
from nvc.validation.run import HeadOutcome
from nvc.validation.summary import Figure, summarise

SCHEMA = "nvc-validation/1"
JSON_FILE = "validation.json"
PAGE_FILE = "validation.html"


def group_by_family(outcomes: Sequence[HeadOutcome]) -> dict[Family, list[HeadOutcome]]:
    """Return the heads of each family that was tried."""
    return {
        family: kept
        for family in Family
        if (kept := [o for o in outcomes if o.plan.family is family])
    }


def write_validation(outcomes: Sequence[HeadOutcome], out_dir: Path) -> dict[str, Path]:
    """Write ``validation.json`` and ``validation.html``.

    Parameters
    ----------
    outcomes : sequence of HeadOutcome
        From `nvc.validation.run.validate`.
    out_dir : Path
        Made where missing.

    Returns
    -------
    dict of str to Path
        Name of each file and where it is.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    """
    families = group_by_family(outcomes)
    figures = {family: summarise(heads) for family, heads in families.items()}
    contents = {
        JSON_FILE: validation_to_json(outcomes, figures).encode("utf-8"),
        PAGE_FILE: _page(families, figures).encode("utf-8"),
    }
    return write_folder(contents, out_dir, last=JSON_FILE)


def validation_to_json(
    outcomes: Sequence[HeadOutcome], figures: dict[Family, list[Figure]]
) -> str:
    """Return every head and every figure as JSON."""
    content = {
        "schema": SCHEMA,
        "notice": NOTICE,
        "version": __version__,
        "summary": {
            family.value: [_figure_record(figure) for figure in own]
            for family, own in figures.items()
        },
        "heads": [_head_record(outcome) for outcome in outcomes],
    }
    return json.dumps(content, indent=1) + "\n"


def _figure_record(figure: Figure) -> dict[str, Any]:
    return {**asdict(figure), "passed": figure.passed}


def _head_record(outcome: HeadOutcome) -> dict[str, Any]:
    return {
        "head": outcome.plan.name,
        "family": outcome.plan.family.value,
        "options": asdict(outcome.plan.options),
        "failure": outcome.failure,
        "reasons": outcome.reasons,
        "remarks_without_cause": outcome.remarks,
        "making_s": outcome.making_s,
        "running_s": outcome.running_s,
        "vessels": None if outcome.vessels is None else asdict(outcome.vessels),
        "sides": [
            {**asdict(side), "gap_error_mm": side.gap_error_mm, "covered": side.covered}
            for side in outcome.sides
        ],
    }


def _page(
    families: dict[Family, list[HeadOutcome]], figures: dict[Family, list[Figure]]
) -> str:
    environment = Environment(
        loader=PackageLoader("nvc.validation", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=show_plainly,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    sections = [
        {
            "name": family.value,
            "heads": len(heads),
            "figures": [
                (f.name, f.text, f.target, f.count, f.verdict) for f in figures[family]
            ],
            "plot": _embedded(heads),
            "rows": [row for head in heads for row in _rows(head)],
            "failures": [(h.plan.name, h.failure) for h in heads if h.failure],
        }
        for family, heads in families.items()
    ]
    return environment.get_template("validation.html.j2").render(
        notice=NOTICE, version=__version__, sections=sections
    )


def _embedded(heads: Sequence[HeadOutcome]) -> str:
    picture = draw_family([side for head in heads for side in head.sides])
    return base64.b64encode(picture).decode("ascii")


def _rows(outcome: HeadOutcome) -> list[tuple[str, ...]]:
    """Return a row a side for the page."""

    def millimetres(value: float | None) -> str:
        return "" if value is None else f"{value:.2f}"

    rows: list[tuple[str, ...]] = []
    for side in outcome.sides:
        low, high = side.interval_mm or (None, None)
        rows.append(
            (
                outcome.plan.name,
                side.side,
                side.flag,
                millimetres(side.true_gap_mm),
                millimetres(side.gap_mm),
                "" if low is None else f"{millimetres(low)} to {millimetres(high)}",
                side.true_segment,
                side.segment or "",
                side.vessel,
                millimetres(side.porus_error_mm),
                millimetres(side.detachment_error_mm),
                "; ".join((*outcome.reasons, *side.reasons)),
            )
        )
    return rows
