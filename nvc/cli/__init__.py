"""The ``nvc`` command: one module a command, started by `main`."""

from nvc.cli.app import main

__all__ = ["main"]
