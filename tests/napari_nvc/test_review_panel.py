"""The panel: measures in a thread, shows both sides, and goes to the findings."""

from __future__ import annotations

from pathlib import Path
from threading import Event
from types import SimpleNamespace

import numpy as np
import pytest

from nvc.errors import Cancelled, InputError
from nvc.notice import NOTICE
from tests.napari_nvc.reports import RIGHT_CONTACT_MM, contact_and_unknown

pytestmark = pytest.mark.gui


@pytest.fixture
def panel(make_napari_viewer, qtbot):
    from napari_nvc.review_panel import ReviewPanel

    viewer = make_napari_viewer()
    panel = ReviewPanel(viewer)
    viewer.window.add_dock_widget(panel)
    yield panel
    panel.cancel()
    qtbot.waitUntil(lambda: panel.work is None, timeout=10_000)


@pytest.fixture
def reviewed():
    from napari_nvc.layers import contact_layer, landmark_layer
    from napari_nvc.review import Reviewed

    report = contact_and_unknown()
    options = {"name": "T2", "scale": (1.0,) * 3, "translate": (0.0,) * 3}
    image = (np.arange(40.0**3).reshape(40, 40, 40), options, "image")
    shown = [image, landmark_layer(report), contact_layer(report)]
    return Reviewed(result=SimpleNamespace(report=report), layers=shown)


def measure(panel, qtbot, monkeypatch, job):
    """Let `job` stand in for the pipeline, and wait until the panel is done."""
    from napari_nvc import review
    from napari_nvc.review import StudyPaths

    monkeypatch.setattr(review, "measure", job)
    panel.chooser.setValue(StudyPaths(t2=Path("t2.nii.gz")))
    panel.measure_button.click()
    qtbot.waitUntil(lambda: panel.work is None, timeout=10_000)


def column(panel, number: int) -> list[str]:
    return [panel.table.item(row, number).text() for row in range(7)]


def test_the_notice_is_always_there(panel):
    from qtpy.QtWidgets import QLabel

    notice = panel.findChild(QLabel, "notice")
    assert notice.text() == NOTICE
    assert notice.isVisibleTo(panel)


def test_both_sides_are_shown_the_patients_right_first(
    panel, qtbot, monkeypatch, reviewed
):
    measure(panel, qtbot, monkeypatch, lambda *_: reviewed)
    assert column(panel, 0)[0] == "patient's right"
    assert column(panel, 0)[2:4] == ["proximal_contact", "0.0 mm (0.0 to 0.2)"]
    assert column(panel, 1)[0] == "patient's left"
    assert "the nerve was not found" in column(panel, 1)[-1]
    assert panel.base_rate.text().startswith("Contact is seen in about 1 of 5")
    assert [layer.name for layer in panel._viewer.layers] == [
        "T2",
        "Landmarks",
        "Closest points",
    ]


def test_a_click_on_a_side_goes_to_its_contact(panel, qtbot, monkeypatch, reviewed):
    measure(panel, qtbot, monkeypatch, lambda *_: reviewed)
    panel._viewer.dims.point = (0.0, 0.0, 0.0)
    panel.table.cellClicked.emit(3, 0)
    assert panel._viewer.dims.point == pytest.approx(RIGHT_CONTACT_MM[::-1], abs=0.5)
    panel.table.cellClicked.emit(3, 1)
    assert "Nothing was found" in panel.status.text()


def test_another_plane_goes_through_the_same_place(panel, qtbot, monkeypatch, reviewed):
    measure(panel, qtbot, monkeypatch, lambda *_: reviewed)
    panel.plane.setCurrentText("coronal")
    assert panel._viewer.dims.order == (1, 0, 2)
    assert panel._viewer.dims.point == pytest.approx(RIGHT_CONTACT_MM[::-1], abs=0.5)
    centre = panel._viewer.scene.camera.center
    assert (centre[-2], centre[-1]) == pytest.approx((18.0, 17.0), abs=0.5)


def test_measuring_again_replaces_what_was_shown(panel, qtbot, monkeypatch, reviewed):
    own = panel._viewer.add_points(np.zeros((1, 3)), name="a reader's own")
    for _ in range(2):
        measure(panel, qtbot, monkeypatch, lambda *_: reviewed)
    names = [layer.name for layer in panel._viewer.layers]
    assert names.count("T2") == 1
    assert own in panel._viewer.layers


def test_bad_input_is_one_line_and_keeps_what_is_shown(
    panel, qtbot, monkeypatch, reviewed
):
    def refuse(*_):
        raise InputError.of("not-found", "t2.nii.gz", "there is no such file.")

    measure(panel, qtbot, monkeypatch, lambda *_: reviewed)
    measure(panel, qtbot, monkeypatch, refuse)
    assert panel.status.text() == "t2.nii.gz: there is no such file. [not-found]"
    assert panel.reviewed is reviewed
    assert panel.measure_button.isEnabled()


def test_a_fault_of_ours_is_named_as_one(panel, qtbot, monkeypatch):
    def fail(*_):
        raise ZeroDivisionError("division by zero")

    measure(panel, qtbot, monkeypatch, fail)
    assert "ZeroDivisionError" in panel.status.text()
    assert "report it" in panel.status.text()


def test_without_a_reference_nothing_starts(panel):
    panel.measure_button.click()
    assert panel.work is None
    assert "Choose a T2, a T1" in panel.status.text()


def test_progress_is_shown_and_cancelling_ends_without_a_result(
    panel, qtbot, monkeypatch
):
    from napari_nvc import review
    from napari_nvc.review import StudyPaths

    begun = Event()

    def slow(_, on_progress, should_stop):
        on_progress("Following nerves and vessels", 0.5)
        begun.set()
        while not should_stop():
            begun.wait(0.01)
        raise Cancelled("stopped")

    monkeypatch.setattr(review, "measure", slow)
    panel.chooser.setValue(StudyPaths(t1=Path("t1.nii.gz")))
    panel.measure_button.click()
    qtbot.waitUntil(lambda: panel.progress.value() == 50, timeout=10_000)
    assert panel.status.text() == "Following nerves and vessels"
    assert not panel.measure_button.isEnabled()
    panel.cancel_button.click()
    qtbot.waitUntil(lambda: panel.work is None, timeout=10_000)
    assert panel.reviewed is None
    assert panel.status.text() == "Stopped; nothing was changed."


def test_the_chooser_hands_back_what_it_was_given(qtbot):
    from napari_nvc.review import StudyPaths
    from napari_nvc.study_chooser import StudyChooser

    chooser = StudyChooser()
    qtbot.addWidget(chooser)
    paths = StudyPaths(t2=Path("a b/t2.nii.gz"), tof=Path("tof"), folder=Path("x"))
    with qtbot.waitSignal(chooser.valueChanged):
        chooser.setValue(paths)
    assert chooser.value() == paths


def test_the_panel_opens_from_naparis_menu(make_napari_viewer):
    from napari_nvc.review_panel import ReviewPanel

    viewer = make_napari_viewer()
    # Hands the viewer over by the name of its type, as the menu does.
    _, opened = viewer.window.add_plugin_dock_widget("nvc-review", "Review")
    assert isinstance(opened, ReviewPanel)
