"""The job that runs: its progress, cancelling, and one line on what happened."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import (
    QGridLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QWidget,
)

from napari_nvc.flow.worker import Job, Value, Work
from nvc.errors import NvcError


class JobBar(QWidget):
    """Runs one job at a time in a thread, and says in words what goes wrong."""

    busyChanged = Signal(bool)

    def __init__(self) -> None:
        super().__init__()
        self.work: Work | None = None
        self.progress = QProgressBar()
        self.cancel_button = QPushButton("Cancel")
        self.status = QLabel()
        self._next: Callable[[], None] | None = None
        self._can_stop = True
        self._build()
        self._set_busy(False)

    def start(
        self,
        job: Job[Value],
        then: Callable[[Value], object],
        *,
        can_stop: bool = True,
    ) -> None:
        """Run a job and hand its result to `then`, in this thread.

        One that cannot be stopped half-way is not said to have been.
        """
        if self.work is not None:
            self.tell("Something else is running; cancel it or wait.")
            return
        self._can_stop = can_stop
        self.work = Work(job, self)
        self.work.progressed.connect(self._show_progress)
        self.work.done.connect(partial(self._finish, then))
        self.work.failed.connect(self._explain)
        self.work.ended.connect(self._end)
        self._set_busy(True)
        self.work.start()

    def start_next(self, step: Callable[[], None]) -> None:
        """Take a step once the job that runs has ended well; the last one counts."""
        self._next = step

    def cancel(self) -> None:
        """Stop the running job; what was shown before stays."""
        if self.work is not None and self._can_stop:
            self.work.cancel()
            self.tell("Stopping…")

    def tell(self, message: str) -> None:
        """Show one line."""
        self.status.setText(message)

    def _finish(self, then: Callable[[Any], object], value: object) -> None:
        try:
            then(value)
        except NvcError as error:
            self._explain(error)

    def _explain(self, error: Exception) -> None:
        if isinstance(error, NvcError):
            self.tell(str(error))
        else:
            self.tell(
                f"Unexpected {type(error).__name__}: {error}. Please report it, with "
                "the output of `nvc measure --debug` on the same files."
            )

    def _show_progress(self, step: str, fraction: float) -> None:
        self.progress.setValue(round(100 * fraction))
        self.progress.setFormat(f"{step}  %p%")

    def _end(self) -> None:
        work, self.work = self.work, None
        stopped = work is not None and work.is_cancelled
        if work is not None:
            work.deleteLater()
        self._set_busy(False)
        following, self._next = self._next, None
        if stopped:
            self.tell("Stopped; nothing was changed.")
        elif following is not None:
            following()

    def _set_busy(self, busy: bool) -> None:
        self.cancel_button.setVisible(busy and self._can_stop)
        self.progress.setVisible(busy)
        self.busyChanged.emit(busy)

    def _build(self) -> None:
        self.status.setWordWrap(True)
        # It names files, and a name may hold what a label would take for markup.
        self.status.setTextFormat(Qt.TextFormat.PlainText)
        self.status.setToolTip("What happened last")
        self.status.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
        )
        self.progress.setRange(0, 100)
        self.progress.setToolTip("The job that runs; you can read on meanwhile")
        self.cancel_button.setToolTip("Stop the job that runs")
        self.cancel_button.clicked.connect(lambda: self.cancel())
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.addWidget(self.progress, 0, 0)
        grid.addWidget(self.cancel_button, 0, 1)
        grid.addWidget(self.status, 1, 0, 1, 2)
        grid.setColumnStretch(0, 1)
