"""The demo study in the viewer: the findings of the command, in the right place."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.cli import main
from nvc.io.json_store import read_report
from nvc.model.anatomy import Side, Structure
from nvc.summary import finding_rows

pytestmark = [pytest.mark.gui, pytest.mark.slow]


def test_the_sample_opens_from_the_menu_in_radiological_planes(make_napari_viewer):
    from napari_nvc.layers import ORIENTATION

    viewer = make_napari_viewer()
    viewer.open_sample("nvc-review", "demo")
    assert [layer.name for layer in viewer.layers] == ["T2"]
    assert viewer.layers[0].axis_labels == ("S", "A", "R")
    found = tuple(str(way) for way in viewer.scene.camera.orientation)
    assert found == ORIENTATION
    assert viewer.canvas.overlays["nvc_left"].text == "R"


@pytest.fixture
def measured(make_napari_viewer, qtbot):
    """The panel after it has measured the demo study."""
    from napari_nvc.review import demo_paths
    from napari_nvc.review_panel import ReviewPanel

    viewer = make_napari_viewer()
    panel = ReviewPanel(viewer)
    viewer.window.add_dock_widget(panel)
    panel.chooser.setValue(demo_paths())
    panel.measure_button.click()
    qtbot.waitUntil(lambda: panel.work is None, timeout=300_000)
    return viewer, panel


def test_panel_and_command_agree_and_layers_lie_where_the_findings_are(
    measured, qtbot, tmp_path, capsys
):
    viewer, panel = measured
    assert main(["demo", "--quiet", "--out", str(tmp_path / "command")]) == 0
    report = read_report(tmp_path / "command" / "report.json")
    for column, row in enumerate(finding_rows(report)):
        shown = [panel.table.item(line, column).text() for line in range(7)]
        assert tuple(shown) == row.cells

    panel.save(tmp_path / "panel")
    qtbot.waitUntil(lambda: panel.work is None, timeout=60_000)
    for path in (tmp_path / "command").iterdir():
        saved = tmp_path / "panel" / path.name
        assert saved.read_bytes() == path.read_bytes(), path.name

    names = [layer.name for layer in viewer.layers]
    assert names == ["T2", "TOF", "Structures", "Landmarks", "Closest points"]
    structures = viewer.layers["Structures"]
    for side, label in (
        (Side.RIGHT, Structure.CN7_RIGHT),
        (Side.LEFT, Structure.CN7_LEFT),
    ):
        contact_mm = report.sides[side].closest_point_nerve_mm
        assert contact_mm is not None
        nearby = np.argwhere(np.asarray(structures.data) == label)
        world = nearby * structures.scale + structures.translate
        distance_mm = np.linalg.norm(world - np.array(contact_mm)[::-1], axis=1).min()
        assert distance_mm < 1.0
