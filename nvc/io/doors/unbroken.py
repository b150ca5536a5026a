"""Steps that a signal may not cut in two: it counts as soon as they are done."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

STOP_SIGNALS = tuple(
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if hasattr(signal, name)
)
"""Ctrl-C, the end as a batch system or a container asks for it, a closed terminal."""


@contextmanager
def unbroken() -> Iterator[None]:
    """Put signals that raise in the main thread off until the end of the block.

    A signal that ends the program at once still does, and other threads never see any.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[tuple[int, FrameType | None]] = []
    handlers: dict[int, Callable[[int, FrameType | None], object]] = {}
    for number in STOP_SIGNALS:
        own = signal.getsignal(number)
        if callable(own):
            handlers[number] = own
            signal.signal(number, lambda *told: came.append(told))
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    for number, frame in came:
        handlers[number](number, frame)
