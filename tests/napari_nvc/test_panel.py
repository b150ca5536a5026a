"""The panel: blind first, in words where something is wrong, never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.model.review import Confidence, Rating, RuleOut, Verdict
from nvc.notice import NOTICE
from tests.napari_nvc.reports import contact_and_unknown

pytestmark = pytest.mark.gui


def rate_both(panel) -> None:
    panel.read_page.reader.setText("A. Reader")
    for side in Side:
        box = panel.read_page.sides[side]
        box.choose(Rating.CONTACT, Confidence.HIGH)
        box.record_button.click()


def names(panel) -> list[str]:
    return [layer.name for layer in panel._viewer.layers]


def test_everything_has_a_tooltip_and_the_notice_is_always_there(panel):
    from qtpy.QtWidgets import (
        QAbstractButton,
        QAbstractSpinBox,
        QComboBox,
        QLabel,
        QLineEdit,
        QSlider,
        QTabBar,
        QTableWidget,
    )

    kinds = (QAbstractButton, QComboBox, QSlider, QTableWidget, QAbstractSpinBox)
    for kind in (*kinds, QLineEdit):
        for widget in panel.findChildren(kind):
            own = not widget.objectName().startswith("qt_")
            inner = isinstance(
                widget.parent(), QAbstractSpinBox | QTableWidget | QTabBar
            )
            if own and not inner and not isinstance(widget.parent(), QComboBox):
                assert widget.toolTip(), (kind.__name__, widget.parent())
    notice = panel.findChild(QLabel, "notice")
    for page in range(panel.pages.count()):
        panel.pages.setCurrentIndex(page)
        assert notice.isVisibleTo(panel)
        assert notice.text() == NOTICE


def test_nothing_found_is_shown_before_both_sides_are_rated(panel):
    assert names(panel) == ["T2", "Crosshair"]
    pages = [panel.pages.isTabEnabled(n) for n in range(panel.pages.count())]
    assert pages == [True, True, False, True, False, True]
    assert not panel.controls.overlay.isEnabled()
    assert not panel.read_page.reveal_button.isEnabled()
    assert not panel.sign_page.symptomatic.isEnabledTo(panel.sign_page)
    assert not panel.correct_page.paint_button.isEnabled()
    assert ".review" not in panel.study_label.toolTip()
    rate_both(panel)
    assert panel.read_page.reveal_button.isEnabled()
    assert panel.sign_page.symptomatic.isEnabledTo(panel.sign_page)


def test_no_rating_and_no_verdict_is_chosen_beforehand(panel):
    # The window is shared: the study before this one had both sides rated.
    for box in panel.read_page.sides.values():
        assert not any(button.isChecked() for button in box.buttons.values())
        assert not box.record_button.isEnabled()
    for box in panel.sign_page.sides.values():
        assert box.verdict.currentData() is None
        assert not box.button.isEnabled()
    for answer in panel.sign_page.answers.values():
        assert answer.currentData() is None


def test_a_rating_without_a_name_is_refused_in_words(panel):
    box = panel.read_page.sides[Side.LEFT]
    box.choose(Rating.NO_CONTACT, Confidence.LOW)
    box.record_button.click()
    assert "name is missing" in panel.jobs.status.text()
    assert not panel.session.state.first_reads


def test_every_step_is_on_the_disk_at_once(panel):
    from nvc.reviews.session import read_review

    rate_both(panel)
    panel.read_page.reveal_button.click()
    panel.sign_page.history.setText("left for two years")
    panel.sign_page.symptomatic.setCurrentIndex(1)
    panel.sign_page.history_button.click()
    state = read_review(panel.session.path)
    assert state == panel.session.state
    assert state.history == "left for two years"
    read = state.first_reads[Side.RIGHT]
    assert read.point_mm == pytest.approx(panel.views.point_mm)


def test_progress_is_shown_and_cancelling_keeps_the_study(panel, qtbot):
    qtbot.waitUntil(lambda: panel.jobs.progress.value() == 50, timeout=60_000)
    assert "Following nerves" in panel.jobs.progress.format()
    assert panel.jobs.cancel_button.isVisibleTo(panel)
    panel.jobs.cancel_button.click()
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    assert panel.jobs.status.text() == "Stopped; nothing was changed."
    assert names(panel) == ["T2", "Crosshair"]


def test_problems_are_words_and_not_tracebacks(panel, qtbot, monkeypatch):
    from napari_nvc.shown import study

    panel.jobs.cancel()
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)

    def refuse(_):
        raise InputError.of("not-found", "t2.nii.gz", "there is no such file.")

    def fail(_):
        raise ZeroDivisionError("division by zero")

    for job, words in ((refuse, "there is no such file"), (fail, "Please report it")):
        monkeypatch.setattr(study, "open_rows", job)
        panel.open_rows([])
        qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
        assert words in panel.jobs.status.text()
        assert "Traceback" not in panel.jobs.status.text()


def test_the_panel_obeys_the_keys_too_but_not_while_a_name_is_written(panel, qtbot):
    from qtpy.QtCore import Qt

    panel.correct_page.ruler_button.setFocus()
    qtbot.keyClick(panel.read_page.sides[Side.LEFT].look_button, Qt.Key.Key_2)
    assert panel.views.large == "coronal"
    panel.read_page.reader.clear()
    qtbot.keyClicks(panel.read_page.reader, "3M")
    assert panel.read_page.reader.text() == "3M"
    assert panel.views.large == "coronal"
    assert not panel.correct_page.ruler_button.isChecked()


def test_a_review_that_is_dropped_opens_in_the_panel_that_is_there(panel, qtbot):
    from napari_nvc.launch import find_or_add_panel
    from napari_nvc.reader import get_reader

    assert find_or_add_panel(panel._viewer) is panel
    panel.jobs.cancel()
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    path = str(panel.session.path)
    read = get_reader(path)
    assert read(path) == [(None,)]
    # Its images are nowhere: said in words, and the study on show stays.
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    assert "no file here is the T2" in panel.jobs.status.text()
    assert "T2" in names(panel)


def test_a_folder_is_dropped_on_the_panel(panel, qtbot, tmp_path):
    from qtpy.QtCore import QMimeData, QPointF, Qt, QUrl
    from qtpy.QtGui import QDropEvent

    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tmp_path))])
    event = QDropEvent(
        QPointF(5, 5),
        Qt.DropAction.CopyAction,
        mime,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    with qtbot.waitSignal(panel.open_page.pathsChosen, timeout=60_000) as dropped:
        panel.open_page.dropEvent(event)
    assert dropped.args == [[tmp_path]]


def test_file_names_leave_the_screen_while_reading_blind(panel):
    from napari_nvc.shown.study import SeriesRow

    from nvc.model.study import SequenceRole

    row = SeriesRow(path=Path("doe_jane.nii"), number=1, role=SequenceRole.T2)
    panel.open_page.setValue([row])
    panel._take(panel.opened, panel.session)
    assert panel.open_page.table.rowCount() == 0


def test_signing_is_refused_until_everything_is_there(panel):
    rate_both(panel)
    panel.session.reveal()
    panel.refresh()
    panel.sign(Side.LEFT, Verdict.AGREE, "")
    assert "measure again" in panel.jobs.status.text()
    panel.sign_page.ruledOut.emit("Epidermoid", RuleOut.PRESENT.value)
    assert panel.session.state.rule_outs == {"Epidermoid": RuleOut.PRESENT}


def test_numbers_of_before_a_correction_are_not_taken_for_those_after(
    panel, qtbot, monkeypatch
):
    """It came while they were measured: they are measured again, and not signed."""
    from types import SimpleNamespace

    from napari_nvc.shown import study

    panel.jobs.cancel()
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    rate_both(panel)
    panel.session.reveal()
    before = study.Reviewed(
        found=SimpleNamespace(),
        result=SimpleNamespace(report=contact_and_unknown()),
        state=panel.session.state,
    )
    panel.session.move_landmark(Side.RIGHT, "porus_mm", (20.0, 12.0, 15.0))
    asked = []
    monkeypatch.setattr(
        study, "measure_again", lambda _, state, *__: asked.append(state) or before
    )
    monkeypatch.setattr(panel, "_show_findings", lambda **_: None)
    panel._measured(before)
    assert panel.session.state.is_stale
    assert panel.session.state.proposal is None
    panel.jobs.cancel()
    qtbot.waitUntil(lambda: bool(asked) and panel.work is None, timeout=60_000)
    assert asked[0].corrections == panel.session.state.corrections


def test_what_cannot_be_stopped_is_not_said_to_have_been(panel, qtbot):
    """A hand-over is written and recorded, whoever presses what meanwhile."""
    from threading import Event

    panel.jobs.cancel()
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    go_on = Event()

    def job(*_):
        go_on.wait(60)
        return "Written: there"

    panel.jobs.start(job, panel.tell, can_stop=False)
    assert not panel.jobs.cancel_button.isVisibleTo(panel)
    panel.jobs.cancel()
    go_on.set()
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    assert panel.jobs.status.text() == "Written: there"
