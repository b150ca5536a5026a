"""Opening: what is dropped, and what each series is used as."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = pytest.mark.gui


def test_what_is_dropped_is_listed_or_opened(qtbot):
    from napari_nvc.pages.open_page import OpenPage

    page = OpenPage()
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.pathsChosen, timeout=60_000) as listed:
        page.take([Path("scans")])
    assert listed.args == [[Path("scans")]]
    assert not page.open_button.isEnabled()


def test_a_role_can_be_changed_in_the_table(qtbot):
    from napari_nvc.pages.open_page import OpenPage
    from napari_nvc.shown.study import SeriesRow

    from nvc.model.study import SequenceRole

    page = OpenPage()
    qtbot.addWidget(page)
    page.setValue([SeriesRow(path=Path("a"), number=1, role=SequenceRole.TOF)])
    page.table.cellWidget(0, 1).setCurrentIndex(0)
    with qtbot.waitSignal(page.openAsked, timeout=60_000) as asked:
        page.open_button.click()
    assert asked.args[0][0].role is SequenceRole.T2


def test_a_link_to_a_page_is_no_folder(qtbot):
    """Its local name is empty, and an empty name is the current folder."""
    from napari_nvc.pages.open_page import OpenPage
    from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
    from qtpy.QtGui import QDropEvent

    page = OpenPage()
    qtbot.addWidget(page)
    taken = []
    page.pathsChosen.connect(taken.append)

    def drop(*urls: QUrl) -> None:
        content = QMimeData()
        content.setUrls(list(urls))
        button, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
        action = Qt.DropAction.CopyAction
        page.dropEvent(QDropEvent(QPointF(1, 1), action, content, button, keys))

    drop(QUrl("https://example.org/t2.nii.gz"))
    assert not taken
    drop(QUrl("https://example.org/t2.nii.gz"), QUrl.fromLocalFile("/scans/t2.nii"))
    assert taken == [[Path("/scans/t2.nii")]]


def test_a_name_is_shown_and_not_obeyed(qtbot):
    from napari_nvc.flow.job_bar import JobBar
    from napari_nvc.pages.open_page import OpenPage
    from napari_nvc.shown.study import SeriesRow
    from qtpy.QtCore import Qt

    from nvc.model.study import SequenceRole

    page, bar = OpenPage(), JobBar()
    qtbot.addWidget(page)
    qtbot.addWidget(bar)
    row = SeriesRow(path=Path("<b>t2<"), number=1, role=SequenceRole.T2)
    page.setValue([row], ["<img src=x>: is empty."])
    for label in (page.problems, bar.status):
        assert label.textFormat() is Qt.TextFormat.PlainText
    assert page.table.item(0, 4).toolTip() == "<qt>&lt;b&gt;t2&lt;</qt>"
