"""The pipeline in a thread: its callbacks become signals, cancelling a flag.

A thread of Python's own rather than one of Qt's pool: the window closes at once while a
job runs, and what the job still holds of it may go. The program waits for the step that
the job is at, and no longer: a thread that is cut off within a library ends in a fault.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Thread
from typing import Any, TypeVar

from qtpy.QtCore import QObject, Signal

from napari_nvc.shown.study import Progress, Stop

Value = TypeVar("Value")
Job = Callable[[Progress, Stop], Value]
"""Takes ``on_progress(step, fraction)`` and ``should_stop()``; returns its result."""


@dataclass(frozen=True, slots=True)
class _Failure:
    error: Exception


class Work(QObject):
    """One job running in a thread; all signals arrive in the panel's own thread.

    Parameters
    ----------
    job : callable
        Never touches layers or widgets.
    parent : QObject
        Owner of this object.
    """

    progressed = Signal(str, float)
    done = Signal(object)
    failed = Signal(object)
    ended = Signal()
    _arrived = Signal(object)

    def __init__(self, job: Job[Any], parent: QObject) -> None:
        super().__init__(parent)
        self._stop = Event()
        self._job = job
        self._thread = Thread(target=self._run)
        # However the window goes, nobody waits for the result any more.
        self.destroyed.connect(self._stop.set)
        # A method of an object that lives in the window's thread is called there.
        self._arrived.connect(self._hand_over)

    def start(self) -> None:
        """Start the job."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask the job to stop at its next step; it then ends without a result."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._stop.is_set()

    def _run(self) -> None:
        try:
            value = self._job(self.progressed.emit, self._stop.is_set)
        except Exception as error:  # noqa: BLE001 the boundary of the thread
            value = _Failure(error)
        with suppress(RuntimeError):  # the window has gone, and this object with it
            self._arrived.emit(value)

    def _hand_over(self, value: object) -> None:
        if not self._stop.is_set():
            if isinstance(value, _Failure):
                self.failed.emit(value.error)
            else:
                self.done.emit(value)
        self.ended.emit()
