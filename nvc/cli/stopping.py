"""What ends a command from outside: Ctrl-C, SIGTERM of a batch system, a lost terminal.

Each unwinds the command as Ctrl-C does, so that temporary folders go, files are put
back and further processes end.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

from nvc.io.doors.unbroken import STOP_SIGNALS

_CODE_OF_SIGNALS = 128
"""A shell's exit code of what a signal ended is this and the signal's number."""


class Stop(KeyboardInterrupt):
    """Raised by a signal. Python ends by a signal of its own after the plain one."""


@dataclass(slots=True)
class Stopped:
    """Which signal ended the block, if one did."""

    signal: int | None = None

    @property
    def exit_code(self) -> int | None:
        """As a shell counts: 130 after Ctrl-C, 143 after SIGTERM."""
        return None if self.signal is None else _CODE_OF_SIGNALS + self.signal

    def _stop(self, number: int, _: FrameType | None) -> None:
        self.signal = number
        raise Stop


@contextmanager
def stop_on_signals() -> Iterator[Stopped]:
    """Let signals raise `Stop` in the block; what is ignored stays so."""
    stopped = Stopped()
    if threading.current_thread() is not threading.main_thread():
        yield stopped
        return
    usual = (signal.SIG_DFL, signal.default_int_handler)
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    before = {number: own for number, own in before.items() if own in usual}
    for number in before:
        signal.signal(number, stopped._stop)
    try:
        yield stopped
    finally:
        for number, own in before.items():
            signal.signal(number, own)
