"""The ``nvc`` command: one module a command, started by `main`.

In come arguments, out go files, a few lines and an exit code; nothing is computed
here. Open `app` first. A new command is a module with one function of its name, and a
line in `app`; `options` holds the arguments that several share, `running` what
``measure`` and ``demo`` share.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the ``nvc`` command; see `nvc.cli.app.main`."""
    try:
        from nvc.cli.app import main as run  # takes half a second: Ctrl-C may come
    except KeyboardInterrupt:
        sys.stderr.write("nvc: interrupted\n")
        return 130
    return run(argv)
