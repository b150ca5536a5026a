"""The whole of a review on the demo study, in a real viewer, once."""

from __future__ import annotations

import csv
import os
from unittest import mock

import numpy as np
import pytest

from nvc.cli import main
from nvc.io.records import review_log
from nvc.io.records.report_json import report_to_json
from nvc.io.records.review_log import read_log
from nvc.model.anatomy import Side, Structure
from nvc.model.review import Confidence, EventKind, Rating, RuleOut, Verdict
from nvc.report.wording import NAMES_NOTE
from nvc.summary import COLUMNS

pytestmark = [pytest.mark.gui, pytest.mark.slow]

LONG = 400_000


def test_the_sample_opens_from_the_menu_in_radiological_planes(make_napari_viewer):
    from napari_nvc.shown.layers import ORIENTATION

    viewer = make_napari_viewer()
    viewer.open_sample("nvc-review", "demo")
    assert [layer.name for layer in viewer.layers] == ["T2"]
    assert viewer.layers[0].axis_labels == ("S", "A", "R")
    found = tuple(str(way) for way in viewer.scene.camera.orientation)
    assert found == ORIENTATION
    assert viewer.canvas.overlays["nvc_left"].text == "R"


def canvas(viewer) -> np.ndarray:
    return viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(int)


def coloured(picture: np.ndarray) -> int:
    """Count pixels that are clearly not grey."""
    return int((np.ptp(picture, axis=-1) > 60).sum())


def idle(panel) -> bool:
    return panel.work is None and not panel.corrections._settle.isActive()


def answer_everything(panel) -> None:
    for box in panel.sign_page.answers.values():
        box.setCurrentIndex(box.findData(RuleOut.NOT_SEEN_HERE.value))


@pytest.fixture
def panel(qapp, tmp_path, monkeypatch):
    import napari
    from napari_nvc.launch import add_panel

    monkeypatch.setenv("NVC_REVIEW_DIR", str(tmp_path / "reviews"))
    viewer = napari.Viewer()
    panel = add_panel(viewer)
    yield panel
    panel.jobs.cancel()
    viewer.close()


def test_a_review_from_opening_to_handing_over(panel, qtbot, tmp_path, capsys):
    viewer = panel.views.viewer
    panel.open_page.demo_button.click()
    qtbot.waitUntil(lambda: panel.session is not None, timeout=LONG)

    # Blind: the image is there, and nothing but the crosshair has a colour.
    blind = canvas(viewer)
    assert (blind.max(axis=-1) > 150).sum() > 5_000
    qtbot.waitUntil(lambda: panel.reviewed is not None, timeout=LONG)
    assert not {"Structures", "Landmarks", "Closest points"} & {
        layer.name for layer in viewer.layers
    }
    panel.read_page.reader.setText("A. Reader")
    for side in Side:
        box = panel.read_page.sides[side]
        box.choose(Rating.CONTACT, Confidence.MODERATE)
        box.record_button.click()
    panel.read_page.reveal_button.click()
    qtbot.waitUntil(lambda: idle(panel), timeout=LONG)

    # Revealed: the overlay is there, can be turned off and on again.
    on = coloured(canvas(viewer))
    viewer_keys = {str(key): act for key, act in viewer.keymap.items()}
    viewer_keys["O"](viewer)
    off = coloured(canvas(viewer))
    viewer_keys["O"](viewer)
    assert on > off + 50
    assert coloured(canvas(viewer)) > off + 50
    assert [layer.name for layer in panel.views.solid.layers] == [
        "CN VII in 3D",
        "Vessels in 3D",
        "Crosshair",
    ]
    panel.controls.tof.setValue(60)
    assert viewer.layers["TOF"].visible
    assert coloured(canvas(viewer)) > on
    panel.controls.tof.setValue(0)
    assert not viewer.layers["TOF"].visible
    remarks = panel.reviewed.report.remarks
    assert panel.findings_page.remarks.count() == max(len(remarks), 1)
    contact_mm = panel.reviewed.report.sides[Side.RIGHT].closest_point_nerve_mm
    assert panel.views.point_mm == pytest.approx(contact_mm)
    panel.findings_page.table.cellClicked.emit(3, 1)
    left_mm = panel.reviewed.report.sides[Side.LEFT].closest_point_nerve_mm
    assert panel.views.point_mm == pytest.approx(left_mm)

    drag_and_paint(panel, qtbot)
    sign_and_reopen(panel, qtbot)

    # Handed over, and the command's numbers from the same file are the same.
    panel.export(tmp_path / "out")
    qtbot.waitUntil(lambda: idle(panel), timeout=LONG)
    page = (tmp_path / "out" / "review.html").read_text(encoding="utf-8")
    assert "Disagrees" in page
    assert "the vein of the canal" in page
    assert page.count("<img") >= 8
    with (tmp_path / "out" / "review.csv").open(encoding="utf-8") as stream:
        verdicts = {row["side"]: row["verdict"] for row in csv.DictReader(stream)}
    assert verdicts == {"left": "disagree", "right": "agree"}
    command = ["measure", "--quiet", "--review", str(panel.session.path)]
    demo = str(panel.opened.paths[0].parent)
    assert main([*command, demo, "--out", str(tmp_path / "again")]) == 0
    told = (tmp_path / "again" / "report.json").read_text(encoding="utf-8")
    assert told == report_to_json(panel.reviewed.report)
    printed = " ".join(capsys.readouterr().out.split())
    for column in (0, 1):
        table = panel.findings_page.table
        assert table.item(COLUMNS.index("Vessel"), column).toolTip() == NAMES_NOTE
        shown = table.item(3, column).text()
        assert shown.split(" (")[0] in printed


def drag_and_paint(panel, qtbot) -> None:
    """Move a landmark, paint over a vessel, and see both measured again."""
    before = panel.reviewed.report.sides
    landmarks = panel.views.find_layer("Landmarks")
    fields = list(
        zip(landmarks.features["side"], landmarks.features["landmark"], strict=True)
    )
    number = fields.index(("left", "root_detachment_mm"))
    start = np.array(landmarks.data[number])
    drag_by_mouse(panel, qtbot, tuple(start[::-1]))
    # On the disk when the button is let go, as one step.
    events = read_log(panel.session.path).events
    assert [e.kind for e in events].count(EventKind.LANDMARK_MOVED) == 1
    assert not panel.session.state.signatures
    qtbot.waitUntil(
        lambda: idle(panel) and not panel.session.state.is_stale, timeout=LONG
    )
    after = panel.reviewed.report.sides
    # Written in place: taking a layer away costs napari half a second.
    assert panel.views.find_layer("Landmarks") is landmarks
    moved = np.array(landmarks.data[number])
    assert moved - start == pytest.approx((0.0, 0.0, -1.5), abs=0.2)
    assert after[Side.LEFT].landmarks.root_detachment_mm == pytest.approx(moved[::-1])
    assert (
        after[Side.LEFT].distance_from_root_detachment_mm
        != before[Side.LEFT].distance_from_root_detachment_mm
    )
    what_cannot_be_goes_back(panel, qtbot, number)
    labels = panel.views.find_layer("Structures")
    places = np.argwhere(np.asarray(labels.data) == Structure.CN8_LEFT)
    middle = panel.views.grid.to_ras_mm(places[len(places) // 2][::-1].astype(float))
    rub_out_by_mouse(panel, qtbot, tuple(middle.tolist()))
    events = read_log(panel.session.path).events
    assert [e.kind for e in events].count(EventKind.LABELS_PAINTED) == 1
    what_cannot_be_written_stays_on_show(panel)
    qtbot.waitUntil(
        lambda: idle(panel) and not panel.session.state.is_stale, timeout=LONG
    )
    assert any("painted" in reason for reason in panel.reviewed.report.reasons)
    assert "strokes" in panel.correct_page.changes.text()


def what_cannot_be_goes_back(panel, qtbot, number: int) -> None:
    """Put a landmark on the other side, and paint with a label of no structure."""
    landmarks = panel.views.find_layer("Landmarks")
    labels = panel.views.find_layer("Structures")
    written = panel.session.path.read_bytes()
    kept, painted = np.array(landmarks.data), np.array(labels.data)
    across = kept.copy()
    across[number, 2] = -kept[number, 2]
    landmarks.data = across
    qtbot.waitUntil(lambda: "midline" in panel.jobs.status.text(), timeout=LONG)
    np.testing.assert_allclose(landmarks.data, kept)
    labels.selected_label = 9
    labels.paint(np.array(painted.shape, dtype=float) // 2, 9)
    qtbot.waitUntil(lambda: "no structure" in panel.jobs.status.text(), timeout=LONG)
    np.testing.assert_array_equal(labels.data, painted)
    qtbot.wait(500)
    assert panel.session.path.read_bytes() == written


def what_cannot_be_written_stays_on_show(panel) -> None:
    """The disk is full for one drag; the next one writes both."""
    landmarks, path = panel.views.find_layer("Landmarks"), panel.session.path
    written, moved = path.read_bytes(), np.array(landmarks.data)

    def full(handle, line):
        os.write(handle, line[:9])
        raise OSError(28, "No space left on device")

    moved[0, 0] += 0.2
    with mock.patch.object(review_log, "_write_all", full):
        landmarks.data = moved
    assert path.read_bytes() == written
    np.testing.assert_array_equal(landmarks.data, moved)
    assert "NOT SAVED" in panel.jobs.status.text()
    assert "No space left on device" in panel.jobs.status.text()
    assert "NOT SAVED" in panel.study_label.text()
    moved[1, 0] += 0.2
    landmarks.data = moved
    kinds = [event.kind for event in read_log(path).events]
    assert kinds[-2:] == [EventKind.LANDMARK_MOVED] * 2
    assert "NOT SAVED" not in panel.study_label.text()


def rub_out_by_mouse(panel, qtbot, place_mm) -> None:
    """Rub out along 1.5 mm, in one stroke that rests longer than a change settles."""
    page = panel.correct_page
    page.structure.setCurrentIndex(page.structure.findData(int(Structure.BACKGROUND)))
    page.paint_button.click()
    move_by_mouse(panel, qtbot, place_mm, rests_ms=400)
    page.paint_button.click()


def drag_by_mouse(panel, qtbot, place_mm) -> None:
    """Drag what lies at a place 1.5 mm to the patient's left, as a hand does."""
    panel.correct_page.drag_button.click()
    move_by_mouse(panel, qtbot, place_mm)
    panel.correct_page.drag_button.click()


def move_by_mouse(panel, qtbot, place_mm, rests_ms: int = 20) -> None:
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtWidgets import QOpenGLWidget

    panel.views.go_to(place_mm)
    qtbot.wait(300)
    canvas = max(
        panel.window().findChildren(QOpenGLWidget),
        key=lambda one: one.width() * one.height(),
    )
    middle = QPoint(canvas.width() // 2, canvas.height() // 2)
    far = round(1.5 * panel.views.viewer.scene.camera.zoom)
    qtbot.mouseMove(canvas, middle)
    qtbot.wait(100)
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=middle)
    for step in range(0, far + 1, 3):
        qtbot.mouseMove(canvas, middle + QPoint(step, 0))
        qtbot.wait(20)  # napari lets movements go that come too fast
    qtbot.wait(rests_ms)
    qtbot.mouseRelease(
        canvas, Qt.MouseButton.LeftButton, pos=middle + QPoint(far - far % 3, 0)
    )


def sign_and_reopen(panel, qtbot) -> None:
    """Sign both sides, and find everything again in the next version."""
    answer_everything(panel)
    for side, verdict, reason in (
        (Side.RIGHT, Verdict.AGREE, ""),
        (Side.LEFT, Verdict.DISAGREE, "the vein of the canal"),
    ):
        box = panel.sign_page.sides[side]
        box.verdict.setCurrentIndex(box.verdict.findData(verdict.value))
        box.reason.setText(reason)
        box.button.click()
    assert panel.session.state.is_signed
    signed = panel.session.state
    panel.open_paths([panel.session.path])
    qtbot.waitUntil(lambda: panel.session.state.version == 2, timeout=LONG)
    qtbot.waitUntil(lambda: idle(panel) and panel.reviewed is not None, timeout=LONG)
    # The same report was measured again, so what was signed still stands.
    assert panel.session.state.signatures == signed.signatures
    kinds = [event.kind for event in panel.session.events]
    assert kinds.count(EventKind.SIGNED) == 2
    assert kinds[-1] in (EventKind.REOPENED, EventKind.MEASURED)
