"""``nvc sample``: a study with exact truth, made on the spot."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from nvc.cli.session import (
    DebugOption,
    QuietOption,
    close_with_notice,
    show_progress,
)


def sample(
    ctx: typer.Context,
    name: Annotated[
        str,
        typer.Argument(
            help="demo, contact, near or clear; NAME-SEED (near-42) for another head."
        ),
    ],
    out: Annotated[Path, typer.Argument(help="Folder to write to.")],
    *,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write a sample study: a phantom, with its truth."""
    del debug, quiet  # their callbacks have acted
    from nvc.io.sample import write_sample

    with show_progress(ctx.obj) as on_progress:
        on_progress("Making the phantom", 0.0)
        write_sample(name, out)
    typer.echo(f"Sample study: {out.resolve()}")
    close_with_notice()
