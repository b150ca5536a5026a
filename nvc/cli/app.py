"""The command line as a whole: its commands, and what its exit codes mean.

0 done, 1 our own fault, 2 bad input, 130 interrupted; 143 and 129 where SIGTERM or
SIGHUP ended it.
"""

from __future__ import annotations

import io
import sys
import traceback
from collections.abc import Sequence
from enum import IntEnum
from typing import Annotated

import typer

from nvc import __version__
from nvc.cli.agreement import agreement
from nvc.cli.demo import demo
from nvc.cli.fetch import fetch
from nvc.cli.inspect import inspect
from nvc.cli.measure import measure
from nvc.cli.review import review
from nvc.cli.sample import sample
from nvc.cli.session import DebugOption, QuietOption, Session
from nvc.cli.stopping import stop_on_signals
from nvc.cli.validate import validate
from nvc.errors import Cancelled, NvcError
from nvc.io.doors.caches import provide_caches
from nvc.notice import NOTICE
from nvc.plain import make_plain

_LONGEST_LINE = 1200
"""Characters of a message that still are one line to a reader."""


class ExitCode(IntEnum):
    """What the exit code says."""

    DONE = 0
    OUR_FAULT = 1
    BAD_INPUT = 2
    INTERRUPTED = 130


app = typer.Typer(
    name="nvc",
    help="Measure how near vessels come to the facial nerve on MRI, for a human "
    f"reader.\n\n{NOTICE}",
    invoke_without_command=True,
    add_completion=False,
    rich_markup_mode=None,
)
_COMMANDS = (inspect, measure, review, agreement, sample, fetch, demo, validate)
for _command in _COMMANDS:
    app.command()(_command)


def _show_version(value: bool) -> None:
    if value:
        typer.echo(f"nvc {__version__}\n{NOTICE}")
        raise typer.Exit


@app.callback()
def _root(
    ctx: typer.Context,
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Show the version and the notice.",
            callback=_show_version,
            is_eager=True,
        ),
    ] = False,
    debug: DebugOption = False,
    quiet: QuietOption = False,
) -> None:
    del version, debug, quiet  # their callbacks have acted
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit(ExitCode.BAD_INPUT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run the ``nvc`` command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments without the program's name; those of the process by default.

    Returns
    -------
    int
        The exit code: 0 done, 1 our own fault, 2 bad input, 130 interrupted, or as a
        shell counts what another signal ended.
    """
    _never_fail_to_print()
    with stop_on_signals() as stopped:
        code = _run(sys.argv[1:] if argv is None else argv)
    if stopped.exit_code is not None:
        code = stopped.exit_code
    if stopped.exit_code is not None or code == ExitCode.INTERRUPTED:
        _say("interrupted; nothing is left half-written")
    return code


def _run(argv: Sequence[str]) -> int:
    """Run a command and return its exit code; whatever goes wrong is explained."""
    session = Session()
    command = typer.main.get_command(app)
    try:
        provide_caches()
        # Typer itself turns Ctrl-C into the exit code 130.
        code = command.main(
            args=list(argv),
            prog_name="nvc",
            standalone_mode=False,
            obj=session,
        )
    except (Cancelled, typer.Abort, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; say no more
        return ExitCode.OUR_FAULT
    except Exception as error:  # noqa: BLE001 the boundary: no traceback to the user
        return _explain(error, debug=session.debug)
    return int(code or ExitCode.DONE)


def _never_fail_to_print() -> None:
    """Let a letter that the terminal cannot show become a question mark."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


def _explain(error: Exception, *, debug: bool) -> ExitCode:
    """Print one line about `error` and say whose fault it is."""
    if debug:
        traceback.print_exception(error)
    if isinstance(error, NvcError):
        _say(str(error))
        return ExitCode.BAD_INPUT
    if hasattr(error, "format_message"):  # a wrong option or argument, from Typer
        _say(f"{error.format_message()} See 'nvc --help'.")
        return ExitCode.BAD_INPUT
    hint = "" if debug else "; add --debug for the details"
    _say(
        f"unexpected {type(error).__name__}: {error}. "
        f"This is a fault of nvc {__version__}; please report it{hint}"
    )
    return ExitCode.OUR_FAULT


def _say(message: str) -> None:
    """Write one line to standard error, whatever the message holds.

    It may hold names of files and words out of them: what a terminal would obey, or
    cannot show, becomes a question mark, and what is endless is cut in its middle.
    """
    line = make_plain(" ".join(message.split()))
    if len(line) > _LONGEST_LINE:
        line = f"{line[: _LONGEST_LINE // 2]} ... {line[-_LONGEST_LINE // 3 :]}"
    typer.echo(f"nvc: {line}", err=True)
