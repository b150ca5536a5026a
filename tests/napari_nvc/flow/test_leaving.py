"""What is open is recorded before a window closes, and is not lost without asking."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

pytestmark = pytest.mark.gui


class Closing:
    """A window that is asked to close, by its button or by a program."""

    def __init__(self, by_hand: bool) -> None:
        self._by_hand = by_hand
        self.is_ignored = False

    def type(self):
        from qtpy.QtCore import QEvent

        return QEvent.Type.Close

    def spontaneous(self) -> bool:
        return self._by_hand

    def ignore(self) -> None:
        self.is_ignored = True


@pytest.fixture
def open_panel(qtbot):
    from qtpy.QtWidgets import QMainWindow, QWidget

    window, panel = QMainWindow(), QWidget()
    window.setCentralWidget(panel)
    qtbot.addWidget(window)
    return window, panel


@pytest.mark.parametrize(
    ("by_hand", "is_unsaved", "answer", "stays"),
    [
        (True, False, None, False),
        (True, True, "Cancel", True),
        (True, True, "Close", False),
        (False, True, None, False),  # nobody is there to be asked
    ],
)
def test_a_window_closes_unless_something_would_be_lost(
    open_panel, monkeypatch, by_hand, is_unsaved, answer, stays
):
    from napari_nvc.flow.leaving import Leaving
    from qtpy.QtWidgets import QMessageBox

    window, panel = open_panel
    stopped: list[bool] = []
    corrections = SimpleNamespace(
        stop=lambda: stopped.append(True), is_unsaved=is_unsaved
    )

    def warn(*_):
        return getattr(QMessageBox.StandardButton, answer)

    monkeypatch.setattr(QMessageBox, "warning", warn)
    leaving = Leaving(panel, corrections)
    closing = Closing(by_hand)
    assert leaving.eventFilter(window, closing) is stays
    assert closing.is_ignored is stays
    assert stopped == [True]


def test_a_panel_that_is_taken_out_says_so(open_panel):
    from napari_nvc.flow.leaving import Leaving

    window, panel = open_panel
    stopped: list[bool] = []
    corrections = SimpleNamespace(stop=lambda: stopped.append(True), is_unsaved=False)
    leaving = Leaving(panel, corrections)
    told: list[str] = []
    leaving.taken_out.connect(lambda: told.append("out"))
    window.show()
    window.close()
    assert stopped
    assert told == []
    panel.setParent(None)
    assert told == ["out"]
