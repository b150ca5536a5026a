"""``nvc fetch``: a public study, downloaded and checked."""

from __future__ import annotations

from typing import Annotated

import typer

from nvc.cli.session import (
    DebugOption,
    QuietOption,
    close_with_notice,
    progress_bar,
)


def fetch(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Name of the study, such as head-t1.")],
    *,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Download a public study, checked by its digest.

    Files that lie in the folder named by NVC_DATA_DIR are used as they are.
    """
    del debug, quiet  # their callbacks have acted
    from nvc.io.fetch import fetch as fetch_study

    with progress_bar(ctx.obj) as on_progress:
        on_progress(f"Fetching {name}", 0.0)
        folder = fetch_study(name)
    typer.echo(f"Study: {folder}")
    close_with_notice()
