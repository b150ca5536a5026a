"""The mouse itself: what is clicked on the screen is where it is in the head."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.model.anatomy import Side
from tests.napari_nvc.nerves import both_nerves, touching
from tests.napari_nvc.spots import SPOT_MM, rotation, spot_volume

pytestmark = pytest.mark.gui


START_MM = SPOT_MM + np.array([1.3, -1.2, 1.4])
"""Off the spot in every direction, but still in slices that cut it."""


@pytest.fixture(scope="module")
def views(qapp):
    """One window for all tests here, large enough to see what is clicked."""
    import napari
    from napari_nvc.views.linked_views import LinkedViews

    viewer = napari.Viewer()
    views = LinkedViews(viewer)
    viewer.window.add_dock_widget(views.widget, name="Planes", area="right")
    viewer.window.resize(1200, 900)
    yield views
    views.close()
    viewer.close()


def show(views, codes: str, degrees: float):
    """Show a bright spot in a volume that lies as it may come from a scanner."""
    from napari_nvc.shown.layers import choose_reading_grid, make_image_layer

    axes = rotation(0, degrees) @ rotation(2, degrees / 2)
    volume = spot_volume(codes, axes).canonical()
    grid = choose_reading_grid(volume.grid)
    views.show([make_image_layer(volume, grid, "T2")], grid)
    return volume


def centre(grey: np.ndarray) -> tuple[int, int]:
    """Return (x, y) of the middle of what is bright."""
    weight = np.clip(grey.astype(float) - 0.5 * grey.max(), 0, None)
    rows, columns = np.indices(grey.shape)
    x, y = (weight * columns).sum(), (weight * rows).sum()
    return (round(x / weight.sum()), round(y / weight.sum()))


def click_large(views, qtbot) -> None:
    """Click on the spot as it is seen on napari's canvas."""
    from qtpy.QtCore import QPoint, Qt
    from qtpy.QtWidgets import QOpenGLWidget

    viewer = views.viewer
    views.find_layer("Crosshair").visible = False
    for overlay in viewer.canvas.overlays.values():
        overlay.visible = False
    qtbot.wait(50)
    pixels = viewer.screenshot(canvas_only=True, flash=False)[..., :3]
    x, y = centre(pixels.mean(axis=-1))
    canvas = max(
        views.widget.window().findChildren(QOpenGLWidget),
        key=lambda one: one.width() * one.height(),
    )
    assert (canvas.height(), canvas.width()) == pixels.shape[:2]
    place = QPoint(x, y)
    qtbot.mouseMove(canvas, place)
    qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)


def click_small(views, view, qtbot) -> None:
    """Click on the spot as it is seen in a plane beside it."""
    from qtpy.QtCore import QPoint, Qt

    views.redraw()
    view.cross_mm, view.marks = None, []
    image = view.grab().toImage()
    margin = 40  # letters and words are bright too
    rows = range(margin, image.height() - margin)
    columns = range(margin, image.width() - margin)
    grey = np.array(
        [[image.pixelColor(x, y).lightness() for x in columns] for y in rows]
    )
    x, y = centre(grey)
    place = QPoint(x + margin, y + margin)
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=place)


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
@pytest.mark.parametrize(
    ("codes", "degrees"),
    [("RAS", 25.0), ("LPS", 25.0), ("PIR", 0.0), ("SLA", 25.0)],
    ids=["oblique", "oblique LPS", "permuted", "permuted and oblique"],
)
def test_a_click_on_a_spot_reads_its_true_place(views, qtbot, plane, codes, degrees):
    """Half a voxel of the scan, in every plane, whatever the way it is stored."""
    from napari_nvc.shown.layers import PLANES

    volume = show(views, codes, degrees)
    views.enlarge(plane)
    half = np.array(volume.grid.voxel_size_mm).max() / 2
    views.go_to(tuple(START_MM))
    click_large(views, qtbot)
    depth = 2 - PLANES[plane][0]
    seen = [axis for axis in range(3) if axis != depth]
    assert np.array(views.point_mm)[seen] == pytest.approx(SPOT_MM[seen], abs=half)
    for view in views.planes:
        views.go_to(tuple(START_MM))
        click_small(views, view, qtbot)
        depth = 2 - PLANES[view.plane][0]
        seen = [axis for axis in range(3) if axis != depth]
        assert np.array(views.point_mm)[seen] == pytest.approx(SPOT_MM[seen], abs=half)
        assert views.point_mm[depth] == pytest.approx(START_MM[depth])
    # Two planes one after the other tell all three coordinates.
    click_large(views, qtbot)
    click_small(views, views.planes[0], qtbot)
    assert views.point_mm == pytest.approx(SPOT_MM, abs=half)


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


def test_a_slice_is_cut_once_and_only_where_it_is_another(panel):
    """What makes moving the crosshair quick."""
    image = panel._viewer.layers["T2"]
    views = panel.views
    views.go_to((1.0, 2.0, 3.0))
    cuts = []
    image.events.set_data.connect(cuts.append)
    views.go_to((4.2, -3.1, 3.2), centre=False)
    assert not cuts
    views.go_to((4.2, -3.1, 6.3), centre=False)
    assert len(cuts) == 1
    assert views.point_mm == (4.2, -3.1, 6.3)
    image.events.set_data.disconnect(cuts.append)


def test_the_crosshair_in_3d_follows_once_it_rests(panel, qtbot):
    from napari_nvc.shown.layers import to_viewer
    from napari_nvc.shown.surfaces import make_gap_surfaces

    views = panel.views
    assert views.solid.layers == []
    views.solid.show_surfaces(make_gap_surfaces(touching()))
    names = [layer.name for layer in views.solid.layers]
    assert names == ["CN VII in 3D", "Vessels in 3D", "Crosshair"]
    views.go_to((3.0, 4.0, 5.0))
    cross = views.solid.find_layer("Crosshair")
    target = to_viewer((3.0, 4.0, 5.0))
    qtbot.waitUntil(
        lambda: np.allclose(np.mean(cross.data[:, 0], axis=0), target), timeout=60_000
    )
    assert views.solid.model.scene.camera.center == pytest.approx(target)
    views.solid.clear()


def test_both_nerves_are_cut_at_one_distance(panel):
    """The right on the left of the screen; sliding one takes the other along."""
    views, volume = panel.views, panel.opened.reference
    pair = views.across
    assert list(pair.views) == [Side.RIGHT, Side.LEFT]
    assert pair.views[Side.RIGHT].canvas.picture is None
    pair.show_nerves(volume, both_nerves())
    pair.go_near(Side.RIGHT, (6.0, 0.0, 0.0))
    right, left = pair.views[Side.RIGHT], pair.views[Side.LEFT]
    # The detachment of either lies 2 mm from where its course begins.
    assert right.along_mm == pytest.approx(2.0, abs=0.3)
    assert left.along_mm == pytest.approx(right.along_mm, abs=0.1)
    assert right.canvas.picture is not None
    left.slider.setValue(left.slider.value() + 10)
    assert right.along_mm == pytest.approx(3.0, abs=0.3)
    assert views.point_mm == pytest.approx((-7.0, 0.0, 0.0), abs=0.3)
    assert panel.showing.side is Side.LEFT
    pair.clear()
    assert left.canvas.picture is None
