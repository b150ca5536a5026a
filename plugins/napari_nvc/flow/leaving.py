"""The ways in which a panel goes: with its window, out of it, or with the program."""

from __future__ import annotations

from qtpy.QtCore import QEvent, QObject, Signal
from qtpy.QtWidgets import QApplication, QMessageBox, QWidget

from napari_nvc.flow.corrections import Corrections


class Leaving(QObject):
    """Tells in time that a panel goes; Qt closes what a window holds without a word.

    What is open is recorded before the window closes. Where it cannot be, a reader who
    closes it is asked first.

    Parameters
    ----------
    panel : QWidget
        Owner of this object.
    corrections : Corrections
        What may be open.
    """

    goes = Signal()
    """The program ends."""
    taken_out = Signal()
    """The panel was taken out of its window, which stays."""

    def __init__(self, panel: QWidget, corrections: Corrections) -> None:
        super().__init__(panel)
        self._panel = panel
        self._corrections = corrections
        panel.installEventFilter(self)
        application = QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.goes)

    def eventFilter(self, watched: QObject | None, event: QEvent | None) -> bool:
        """Look at what happens to the panel and its window; true stops a closing."""
        if event is None:
            return False
        kind = event.type()
        if watched is self._panel:
            if kind == QEvent.Type.Show:
                self._follow_window()
            elif kind == QEvent.Type.ParentChange and self._panel.parent() is None:
                self.taken_out.emit()
        elif kind == QEvent.Type.Close:
            self._corrections.stop()
            is_lost = self._corrections.is_unsaved and event.spontaneous()
            if is_lost and not self._may_be_lost():
                event.ignore()
                return True
        return False

    def _may_be_lost(self) -> bool:
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.warning(
            self._panel,
            "Not saved",
            "The last correction could not be saved. Close all the same, without it?",
            buttons.Close | buttons.Cancel,
            buttons.Cancel,
        )
        return answer == buttons.Close

    def _follow_window(self) -> None:
        window = self._panel.window()
        if window is not None:
            window.installEventFilter(self)  # once, however often it is asked for
