"""What every command shares: options, the progress bar and the closing notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated

import typer

from nvc.notice import NOTICE

OnProgress = Callable[[str, float], None]


@dataclass(slots=True)
class Session:
    """How one call of the command talks to the user.

    Parameters
    ----------
    debug : bool
        Show a traceback where something unexpected goes wrong.
    quiet : bool
        Show no progress.
    """

    debug: bool = False
    quiet: bool = False


def _remember_debug(ctx: typer.Context, value: bool) -> bool:
    session = ctx.ensure_object(Session)
    session.debug = session.debug or value
    return value


def _remember_quiet(ctx: typer.Context, value: bool) -> bool:
    session = ctx.ensure_object(Session)
    session.quiet = session.quiet or value
    return value


DebugOption = Annotated[
    bool,
    typer.Option(
        "--debug",
        help="Show a traceback if something unexpected goes wrong.",
        callback=_remember_debug,
        is_eager=True,
    ),
]
QuietOption = Annotated[
    bool,
    typer.Option(
        "--quiet",
        "-q",
        help="Show no progress bar.",
        callback=_remember_quiet,
        is_eager=True,
    ),
]


@contextmanager
def show_progress(session: Session) -> Iterator[OnProgress]:
    """Show a progress bar on standard error while the block runs.

    Nothing is shown where standard error is not a terminal, or with ``--quiet``.

    Parameters
    ----------
    session : Session
        How this call talks to the user.

    Yields
    ------
    callable
        Takes the name of the current stage and the fraction of all work done, 0 to 1.
    """
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    hidden = session.quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        task = bar.add_task("starting", total=1.0)

        def show(stage: str, fraction: float) -> None:
            bar.update(task, description=stage, completed=fraction)

        yield show


def close_with_notice(*, to_stderr: bool = False) -> None:
    """Print the notice that ends the output of every command."""
    typer.echo(f"\n{NOTICE}", err=to_stderr)
