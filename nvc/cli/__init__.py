"""The ``nvc`` command: one module a command, started by `main`.

In come arguments, out go files, a few lines and an exit code; nothing is computed
here. Open `app` first. A new command is a module with one function of its name, and a
line in `app`; `options` holds the arguments that several share, `running` what
``measure`` and ``demo`` share.
"""

from nvc.cli.app import main

__all__ = ["main"]
