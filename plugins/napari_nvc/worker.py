"""The pipeline in a thread: its callbacks become signals, cancelling a flag."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from napari.qt.threading import FunctionWorker, create_worker
from qtpy.QtCore import QObject, Signal

Progress = Callable[[str, float], None]
Job = Callable[[Progress, Callable[[], bool]], Any]
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

    def __init__(self, job: Job, parent: QObject) -> None:
        super().__init__(parent)
        self._stop = Event()
        self._job = job
        self._worker: FunctionWorker = create_worker(self._run)
        self._worker.returned.connect(self._hand_over)
        self._worker.finished.connect(self.ended)

    def start(self) -> None:
        """Start the job."""
        self._worker.start()

    def cancel(self) -> None:
        """Ask the job to stop at its next step; it then ends without a result."""
        self._stop.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the job was asked to stop."""
        return self._stop.is_set()

    def _run(self) -> Any:
        # An exception is handed over as a value: napari would show it as a fault of
        # its own, while most are about the files a person has chosen.
        try:
            return self._job(self.progressed.emit, self._stop.is_set)
        except Exception as error:  # noqa: BLE001 the boundary of the thread
            return _Failure(error)

    def _hand_over(self, value: object) -> None:
        if self._stop.is_set():
            return
        if isinstance(value, _Failure):
            self.failed.emit(value.error)
        else:
            self.done.emit(value)
