"""The panel: blind first, in words where something is wrong, never in the way."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nvc.errors import InputError
from nvc.model.anatomy import Side
from nvc.model.review import Confidence, Rating, RuleOut, Verdict
from nvc.notice import NOTICE

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


def test_a_click_in_a_plane_moves_every_view(panel, qtbot):
    from napari_nvc.shown.layers import to_viewer
    from qtpy.QtCore import Qt

    target = np.array([11.0, 10.0, 8.0])  # in the block
    panel.views.go_to((0.0, 0.0, 0.0))
    panel.views.redraw()
    for view in panel.views.planes:
        at = view.to_screen(view.project(to_viewer(target))).toPoint()
        assert view.rect().contains(at)
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    # The coronal and the sagittal plane together tell all three coordinates.
    assert panel.views.point_mm == pytest.approx(target, abs=0.5)
    assert panel._viewer.dims.point[0] == pytest.approx(target[2], abs=0.5)


def test_the_block_lies_by_its_letters_in_the_small_planes(panel):
    panel.views.go_to((12.0, 11.0, 8.0))
    panel.views.redraw()
    for view, left, top in zip(panel.views.planes, "RA", "SS", strict=True):
        assert (view.letters.left, view.letters.top) == (left, top)
        view.cross_mm, view.marks = None, []
        view.centre_mm = view.project(np.array([0.0, 0.0, 0.0]))
        view.pixels_per_mm = view.height() / 34.0
        picture = view.grab().toImage()
        bright = [
            (x, y)
            for x in range(20, picture.width() - 20, 3)
            for y in range(20, picture.height() - 20, 3)
            if picture.pixelColor(x, y).lightness() > 200
        ]
        assert len(bright) > 20
        x, y = np.mean(bright, axis=0)
        assert x < picture.width() / 2
        assert y < picture.height() / 2


def test_a_right_drag_changes_the_window_and_not_the_place(panel):
    from types import SimpleNamespace

    view = panel.views.planes[0]
    layer = panel._viewer.layers["T2"]
    before, place = tuple(layer.contrast_limits), panel.views.point_mm
    view.dragged.emit(0.0, 0.0, True)
    view.dragged.emit(150.0, 0.0, False)
    wider = tuple(layer.contrast_limits)
    assert wider[1] - wider[0] == pytest.approx(2**0.5 * (before[1] - before[0]))
    drag = panel.views._pointer._drag(
        None, event := SimpleNamespace(button=2, pos=(10, 10), type="mouse_press")
    )
    next(drag)
    event.pos, event.type = (10, 70), "mouse_move"
    next(drag)
    event.type = "mouse_release"
    assert next(drag, "ended") == "ended"
    assert layer.contrast_limits[0] < wider[0]
    assert panel._viewer.scene.camera.mouse_pan
    assert panel.views.point_mm == place


def test_two_clicks_make_a_ruler_and_undo_takes_it_away(panel):
    panel.correct_page.ruler_button.click()
    for place in ((-5.0, 0.0, 0.0), (-5.0, 3.0, 4.0)):
        panel.views._point_at(np.array(place[::-1]))
    (ruler,) = panel.session.state.rulers
    assert ruler.length_mm == pytest.approx(5.0)
    assert panel.correct_page.rulers.item(0).text().endswith("5.0 mm")
    assert "Rulers" in names(panel)
    assert not panel.correct_page.ruler_button.isChecked()
    panel.correct_page.undo_button.click()
    assert not panel.session.state.rulers
    assert "Rulers" not in names(panel)


def test_keys_do_what_the_help_page_says(panel):
    from napari_nvc.pages.help_page import KEYS, HelpPage

    keys = {str(key): act for key, act in panel._viewer.keymap.items()}
    assert set(KEYS) <= set(keys)
    keys["2"](panel._viewer)
    assert tuple(panel._viewer.dims.order) == (1, 0, 2)
    assert [view.plane for view in panel.views.planes] == ["axial", "sagittal"]
    keys["M"](panel._viewer)
    assert panel.correct_page.ruler_button.isChecked()
    text = HelpPage().toPlainText()
    assert all(words in text for words in KEYS.values())


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


def test_what_is_dropped_is_listed_or_opened(qtbot):
    from napari_nvc.pages.open_page import OpenPage

    page = OpenPage()
    qtbot.addWidget(page)
    with qtbot.waitSignal(page.pathsChosen) as listed:
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
    with qtbot.waitSignal(page.openAsked) as asked:
        page.open_button.click()
    assert asked.args[0][0].role is SequenceRole.T2
