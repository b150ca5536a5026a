"""Corrections on the canvas become steps of the record."""

from __future__ import annotations

import numpy as np
import pytest

pytestmark = pytest.mark.gui


def names(panel) -> list[str]:
    return [layer.name for layer in panel._viewer.layers]


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


def test_a_ruler_runs_from_one_plane_to_another(panel, qtbot):
    """Its ends are clicked in two planes, in different slices: the length is in 3D."""
    from napari_nvc.shown.layers import to_viewer
    from qtpy.QtCore import Qt

    views = panel.views
    coronal, sagittal = views.planes
    start, stop = np.array([6.0, 2.0, 4.0]), np.array([-3.0, 7.0, -2.0])
    panel.correct_page.ruler_button.click()
    for view, place in ((coronal, start), (sagittal, stop)):
        views.go_to(tuple(place))
        at = view.to_screen(view.project(to_viewer(place))).toPoint()
        qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=at)
    (ruler,) = panel.session.state.rulers
    true_mm = float(np.linalg.norm(stop - start))
    assert ruler.length_mm == pytest.approx(true_mm, abs=0.4)
    # It is seen where either end lies.
    for place in (ruler.start_mm, ruler.end_mm):
        views.go_to(place)
        for view in views.planes:
            assert [line.text for line in view.lines] == [
                f"1: {ruler.length_mm:.1f} mm"
            ]
    views.go_to((15.0, 15.0, 12.0))
    assert not any(view.lines for view in views.planes)
