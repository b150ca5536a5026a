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
