"""The ways in which a panel goes: with its window, out of it, or with the program."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtWidgets import QApplication, QWidget


class Leaving(QObject):
    """Tells in time that a panel goes; Qt closes what a window holds without a word.

    Parameters
    ----------
    panel : QWidget
        Owner of this object.
    """

    closes = Signal()
    """The window is asked to close, and may still refuse to."""
    goes = Signal()
    """The program ends."""
    taken_out = Signal()
    """The panel was taken out of its window, which stays."""

    def __init__(self, panel: QWidget) -> None:
        super().__init__(panel)
        self._panel = panel
        panel.installEventFilter(self)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.goes)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Look at what happens to the panel and to its window; stop nothing."""
        if event is None:
            return False
        kind = event.type()
        if watched is self._panel:
            if kind == QEvent.Type.Show:
                self._follow_window()
            elif kind == QEvent.Type.ParentChange and self._panel.parent() is None:
                self.taken_out.emit()
        elif kind == QEvent.Type.Close:
            self.closes.emit()
        return False

    def _follow_window(self) -> None:
        window = self._panel.window()
        if window is not None:
            window.installEventFilter(self)  # once, however often it is asked for
