"""``nvc review``: the reading room, where napari is installed."""

from __future__ import annotations

from importlib import import_module, util
from pathlib import Path
from typing import Annotated

import typer

from nvc.cli.session import DebugOption, QuietOption
from nvc.errors import InputError

_PLUGIN = "napari_nvc.launch"


def review(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            metavar="[PATH]...",
            help="A study's files or folder, or a review to open again with the "
            "folders to look for its images in; PATH#2 is the second series of one.",
            show_default=False,
        ),
    ] = None,
    *,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    """Open napari to read, correct, measure and sign a study.

    Reviews are kept in the folder named by NVC_REVIEW_DIR, or ~/nvc-reviews.
    """
    del debug, quiet  # their callbacks have acted
    from nvc.io.study.sources import require_there

    for path in paths or ():
        require_there(path)
    if util.find_spec("napari") is None or util.find_spec("qtpy") is None:
        raise InputError.of(
            "no-viewer",
            "nvc review",
            "napari is not installed.",
            'Run: python -m pip install "nvc-review[all]"',
        )
    # By name: the command knows no Qt, and the plugin stands above it.
    import_module(_PLUGIN).launch(paths or [])
