"""How the viewer shows a head: radiological planes, edge letters and the notice."""

from __future__ import annotations

from textwrap import fill
from typing import TYPE_CHECKING

from napari_nvc.shown.layers import (
    AXIS_LABELS,
    ORIENTATION,
    PLANES,
    letter_edges,
    to_viewer,
)
from nvc.model.space import Point
from nvc.notice import NOTICE

if TYPE_CHECKING:
    import numpy as np
    from napari.components import ViewerModel
    from numpy.typing import NDArray

_EDGES = {
    "left": "middle_left",
    "right": "middle_right",
    "top": "top_center",
    "bottom": "bottom_center",
}
_NOTICE_WIDTH = 40
"""Characters a line: clear of the letter at the bottom edge."""

_AXES_PIXELS = 45
_ZOOM_PIXELS_PER_MM = 12.0
"""Some 60 mm across a canvas of 700 pixels: one cerebellopontine angle."""


def arrange(viewer: ViewerModel) -> None:
    """Show axial planes as a radiologist reads them, with letters and the notice.

    Parameters
    ----------
    viewer : ViewerModel
        Holding layers in (S, A, R); may be arranged again at no harm.
    """
    from napari.components.overlays import TextOverlay

    viewer.dims.axis_labels = AXIS_LABELS
    viewer.dims.order = PLANES["axial"]
    viewer.scene.camera.orientation = ORIENTATION
    overlays = viewer.canvas.overlays
    overlays["scale_bar"].visible = True
    overlays["axes"].box = False  # it would darken what is behind
    overlays["axes"].size = _AXES_PIXELS
    if "nvc_notice" not in overlays:
        for edge, position in _EDGES.items():
            overlays[f"nvc_{edge}"] = TextOverlay(position=position, font_size=14)
        overlays["nvc_notice"] = TextOverlay(
            text=fill(NOTICE, _NOTICE_WIDTH),
            position="bottom_left",
            font_size=8,
            visible=True,
        )
        overlays["nvc_place"] = TextOverlay(position="top_left", font_size=9)
        viewer.dims.events.point.connect(lambda: _write_place(viewer))
        viewer.dims.events.order.connect(lambda: _write_letters(viewer))
        viewer.dims.events.ndisplay.connect(lambda: _write_letters(viewer))
        viewer.scene.camera.events.orientation.connect(lambda: _write_letters(viewer))
    _write_letters(viewer)


def go_to(viewer: ViewerModel, point_mm: Point) -> None:
    """Bring a point, true RAS mm, to the middle of the planes shown."""
    target = to_viewer(point_mm)
    viewer.dims.point = tuple(target)
    zoom_about(viewer, target, 1.0)


def zoom_about(viewer: ViewerModel, target: NDArray[np.float64], scale: float) -> None:
    """Bring a place, in the viewer's axes, to the middle of a canvas.

    Parameters
    ----------
    viewer : ViewerModel
        The canvas's.
    target : ndarray, shape (3,)
        (S, A, R), mm.
    scale : float
        1 for a large canvas, less for a small one.
    """
    # The camera counts its axes as they are displayed, depth first.
    viewer.scene.camera.center = tuple(target[axis] for axis in viewer.dims.order)
    viewer.scene.camera.zoom = scale * _ZOOM_PIXELS_PER_MM


def show_plane(viewer: ViewerModel, plane: str) -> None:
    """Show the ``"axial"``, ``"coronal"`` or ``"sagittal"`` plane."""
    viewer.dims.ndisplay = 2
    viewer.dims.order = PLANES[plane]


def _write_letters(viewer: ViewerModel) -> None:
    """Name the edges; in free 3D, where edges mean nothing, the axes are shown."""
    flat = viewer.dims.ndisplay == 2
    orientation = tuple(str(direction) for direction in viewer.scene.camera.orientation)
    letters = letter_edges(tuple(viewer.dims.order), orientation)
    overlays = viewer.canvas.overlays
    for edge in _EDGES:
        overlays[f"nvc_{edge}"].text = getattr(letters, edge)
        overlays[f"nvc_{edge}"].visible = flat
    overlays["axes"].visible = not flat
    overlays["nvc_place"].visible = flat
    _write_place(viewer)


def _write_place(viewer: ViewerModel) -> None:
    """Name the plane and where it lies, in mm, as the planes beside it do."""
    dims = viewer.dims
    axis = dims.order[0]
    names = [name for name, order in PLANES.items() if order == tuple(dims.order)]
    if dims.ndim == len(AXIS_LABELS):
        place = f"{AXIS_LABELS[axis]} {dims.point[axis]:+.1f} mm"
        viewer.canvas.overlays["nvc_place"].text = "\n".join([*names, place])
