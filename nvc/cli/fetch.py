"""``nvc fetch``: a public study, downloaded and checked."""

from __future__ import annotations

from typing import Annotated

import typer

from nvc.cli.session import (
    DebugOption,
    QuietOption,
    close_with_notice,
    show_progress,
)


def fetch(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="Such as studyforrest-t1.")],
    *,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Download a public study, every file checked by its digest.

    Files that lie in the folder named by NVC_DATA_DIR are used as they are. An
    interrupted download goes on where it stopped.
    """
    del debug, quiet  # their callbacks have acted
    from nvc.io import fetch as public

    with show_progress(ctx.obj) as on_progress:

        def count(done: int, total: int) -> None:
            on_progress(f"Fetching {name}: file {done} of {total}", done / total)

        folder = public.fetch(name, on_progress=count)
    study = public.list_public_studies()[name]
    typer.echo(f"Study: {folder}\nLicence: {study.licence}\nCite: {study.citation}")
    close_with_notice()
