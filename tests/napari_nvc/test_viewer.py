"""In a real viewer: planes, letters, pixels, and the panel's way of working."""

from __future__ import annotations

import numpy as np
import pytest

from nvc.notice import NOTICE

pytestmark = pytest.mark.gui

SIDE_MM = 30.0
OFFSET_MM = np.array([3.0, -4.0, 8.0])
"""The world's origin is nowhere in particular."""


@pytest.fixture
def volume():
    """A head-sized box, dark but for one block to the right, front and top."""
    from nvc.model.grid import Grid, Volume

    shape = (60, 60, 60)
    affine = np.diag([1.0, 1.0, 1.0, 1.0])
    affine[:3, 3] = -SIDE_MM
    voxels = np.full(shape, 100.0, dtype=np.float32)
    voxels[42:54, 42:54, 42:54] = 1000.0
    affine[:3, 3] += OFFSET_MM
    return Volume(grid=Grid(shape=shape, voxel_to_ras_mm=affine), voxels=voxels)


@pytest.fixture
def viewer(make_napari_viewer, volume):
    from napari.layers import Layer
    from napari_nvc.shown.layers import choose_reading_grid, make_image_layer
    from napari_nvc.views.display import arrange

    viewer = make_napari_viewer(show=True)
    data, options, kind = make_image_layer(
        volume, choose_reading_grid(volume.grid), "T2"
    )
    viewer.add_layer(Layer.create(data, options, kind))
    arrange(viewer)
    return viewer


def letters(viewer) -> dict[str, str]:
    overlays = viewer.canvas.overlays
    edges = ("left", "right", "top", "bottom")
    return {edge: overlays[f"nvc_{edge}"].text for edge in edges}


def centre_of_bright_pixels(viewer) -> tuple[float, float]:
    """Return (down, along) from 0 to 1 of the block's middle on the canvas."""
    for overlay in viewer.canvas.overlays.values():
        overlay.visible = False
    pixels = viewer.screenshot(canvas_only=True, flash=False)[..., :3].mean(axis=-1)
    rows, columns = np.nonzero(pixels > 200)
    assert len(rows) > 100, "the image is not on the canvas"
    height, width = pixels.shape
    return rows.mean() / height, columns.mean() / width


@pytest.mark.parametrize(
    ("plane", "left", "top"),
    [("axial", "R", "A"), ("coronal", "R", "S"), ("sagittal", "A", "S")],
)
def test_the_block_lies_by_the_letters_that_name_its_place(viewer, plane, left, top):
    from napari_nvc.views.display import show_plane

    show_plane(viewer, plane)
    viewer.dims.point = tuple(17.0 + OFFSET_MM[::-1])
    viewer.reset_view()
    depth = {"axial": "S +25.0", "coronal": "A +13.0", "sagittal": "R +20.0"}[plane]
    assert viewer.canvas.overlays["nvc_place"].text == f"{plane}\n{depth} mm"
    assert letters(viewer)["left"] == left
    assert letters(viewer)["top"] == top
    down, along = centre_of_bright_pixels(viewer)
    assert down < 0.45, "the block, to the front and top, must be in the upper half"
    assert along < 0.45, "the block, to the right and front, must be in the left half"


def shown_colours(viewer) -> np.ndarray:
    for overlay in viewer.canvas.overlays.values():
        overlay.visible = False
    return viewer.screenshot(canvas_only=True, flash=False)[..., :3].astype(float)


def pixels_of(picture: np.ndarray, channel: int) -> tuple[np.ndarray, np.ndarray]:
    others = [c for c in range(3) if c != channel]
    rest = picture[..., others].max(axis=-1)
    return np.nonzero((picture[..., channel] > 60) & (picture[..., channel] > 2 * rest))


def test_three_dimensions_are_not_mirrored(make_napari_viewer):
    """Seen from the feet, front up, the patient's right is at the left, as in life."""
    from napari_nvc.views.display import arrange

    labels = np.zeros((60, 60, 60), dtype=np.uint8)  # S, A, R
    labels[5:15, 20:40, 20:40] = 1  # red, large, towards the feet
    labels[40:50, 26:34, 26:34] = 2  # green, small, hidden behind it
    labels[5:15, 26:34, 50:58] = 3  # blue, to the patient's right
    viewer = make_napari_viewer(show=True)
    colours = {None: "transparent", 1: "red", 2: "lime", 3: "blue"}
    viewer.add_labels(labels, colormap=colours, opacity=1.0)
    arrange(viewer)
    viewer.dims.ndisplay = 3
    viewer.reset_view()
    from_the_feet = shown_colours(viewer)
    red, green, blue = (pixels_of(from_the_feet, channel)[1] for channel in range(3))
    assert len(red) > 100
    assert len(green) == 0, "the view is from the head"
    assert blue.mean() < red.mean(), "the patient's right must be at the left"


def test_letters_give_way_to_axes_in_three_dimensions(viewer):
    viewer.dims.ndisplay = 3
    overlays = viewer.canvas.overlays
    assert not overlays["nvc_left"].visible
    assert overlays["axes"].visible
    viewer.dims.ndisplay = 2
    assert overlays["nvc_left"].visible


def test_letters_follow_when_a_person_turns_the_camera(viewer):
    viewer.scene.camera.orientation = ("away", "up", "right")
    assert letters(viewer)["left"] == "L"
    assert letters(viewer)["right"] == "R"


def test_the_notice_stands_on_the_canvas(viewer):
    notice = viewer.canvas.overlays["nvc_notice"]
    assert notice.visible
    assert " ".join(notice.text.split()) == NOTICE


@pytest.mark.parametrize("plane", ["axial", "coronal", "sagittal"])
def test_going_to_a_point_brings_it_to_the_middle(viewer, plane):
    from napari_nvc.views.display import go_to, show_plane

    show_plane(viewer, plane)
    middle_mm = 17.5 + OFFSET_MM
    go_to(viewer, tuple(middle_mm.tolist()))
    assert viewer.dims.point == pytest.approx(middle_mm[::-1], abs=0.5)
    down, along = centre_of_bright_pixels(viewer)
    assert down == pytest.approx(0.5, abs=0.05)
    assert along == pytest.approx(0.5, abs=0.05)
