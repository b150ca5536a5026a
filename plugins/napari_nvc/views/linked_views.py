"""Three linked planes and 3D in one window, about one point in true RAS mm.

napari's own canvas is the large plane, where its tools for painting and dragging work.
The two other planes are drawn from the same layers by `PlaneView`, which is far quicker
than further canvases of napari; 3D is a canvas of its own with surfaces alone.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from napari.layers import Image, Labels, Layer, Points, Vectors
from numpy.typing import NDArray
from qtpy.QtCore import QObject, QTimer, Signal
from qtpy.QtWidgets import QGridLayout, QWidget

from napari_nvc.shown.crosshair import (
    CROSSHAIR,
    make_crosshair_layer,
    make_crosshair_vectors,
)
from napari_nvc.shown.layers import (
    AXIS_LABELS,
    PLANES,
    LayerData,
    from_viewer,
    to_viewer,
)
from napari_nvc.shown.plane_image import Slab, draw_plane
from napari_nvc.shown.windows import Window
from napari_nvc.views.across_pair import AcrossPair
from napari_nvc.views.display import arrange, zoom_about
from napari_nvc.views.layer_updates import is_ours, put_layer
from napari_nvc.views.plane_view import Mark, PlaneLine, PlaneView
from napari_nvc.views.pointer import Pointer
from napari_nvc.views.solid_view import SolidView
from nvc.model.space import Point

if TYPE_CHECKING:
    import napari.viewer

    from nvc.model.grid import Grid

RULER_COLOUR = "#30d158"
_MARK_REACH_MM = 1.5
_REDRAW = ("contrast_limits", "visible", "opacity", "data", "paint", "set_data")


class LinkedViews(QObject):
    """Keeps napari's canvas, two planes, a cut across the nerve and 3D on one point.

    Parameters
    ----------
    viewer : napari.viewer.Viewer
        Its canvas is the large view.
    """

    pointChanged = Signal(object)
    """Where the crosshair has gone, true RAS mm."""
    clicked = Signal(object)
    """Where a reader has clicked, true RAS mm."""

    def __init__(self, viewer: napari.viewer.Viewer) -> None:
        super().__init__()
        self.viewer = viewer
        self.planes = [PlaneView("coronal"), PlaneView("sagittal")]
        self.across = AcrossPair()
        self.solid = SolidView()
        self.large = "axial"
        self.slab = Slab()
        self._grid: Grid | None = None
        self._point: Point = (0.0, 0.0, 0.0)
        self._moving = False
        self._begun: Window | None = None
        self._is_gone = False
        self._pointer = Pointer(viewer, self._clicked, self._window_layer)
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(0)
        self._redraw.timeout.connect(self.redraw)
        self.widget = self._laid_out()
        self.widget.destroyed.connect(self._forget)
        self._connect()
        arrange(viewer)
        self.enlarge("axial")

    @property
    def point_mm(self) -> Point:
        """Where the crosshair is, true RAS mm."""
        return self._point

    @property
    def grid(self) -> Grid | None:
        """The reading grid on show: voxels to true RAS mm."""
        return self._grid

    def show(self, shown: list[LayerData], grid: Grid) -> None:
        """Show layers in every view, replacing those shown before."""
        self.clear()
        self._grid = grid
        for layer_data in shown:
            self.add(layer_data)
        self.add(make_crosshair_layer(self._point, grid))
        self.viewer.layers.selection.clear()
        # Without any layer napari has forgotten which plane it showed.
        self.viewer.dims.order = PLANES[self.large]

    def add(self, layer_data: LayerData) -> None:
        """Show one more layer, or what is new in the layer of that name."""
        layer = put_layer(self.viewer.layers, layer_data, below=CROSSHAIR)
        if layer is not None and layer.name != CROSSHAIR:
            for name in _REDRAW:
                emitter = getattr(layer.events, name, None)
                if emitter is not None:
                    emitter.connect(self._redraw_soon)
        self._redraw_soon()

    def remove(self, name: str) -> None:
        """Take a layer out."""
        if name in self.viewer.layers:
            self.viewer.layers.remove(name)
        self._redraw_soon()

    def clear(self) -> None:
        """Take out every layer that this project made; a person's own stay."""
        self.solid.clear()
        for layer in list(self.viewer.layers):
            if is_ours(layer):
                self.viewer.layers.remove(layer)

    def find_layer(self, name: str) -> Layer | None:
        """Return a layer of the large view by name."""
        return next((one for one in self.viewer.layers if one.name == name), None)

    def go_to(self, point_mm: Point, *, centre: bool = True) -> None:
        """Move the crosshair and all planes to a point, true RAS mm; centre it."""
        self._move(point_mm, centre=centre)
        if centre:
            zoom_about(self.viewer, to_viewer(point_mm), 1.0)

    def enlarge(self, plane: str) -> None:
        """Show a plane in the large view, and the two others beside it."""
        self.large = plane
        others = [name for name in PLANES if name != plane]
        self.viewer.dims.ndisplay = 2
        self.viewer.dims.order = PLANES[plane]
        for view, name in zip(self.planes, others, strict=True):
            view.set_plane(name)
        self.go_to(self._point)

    def set_slab(self, slab: Slab) -> None:
        """Show a slab in place of one slice, or one slice again at 0 mm."""
        self.slab = slab
        half = tuple([slab.thickness_mm / 2] * 3)
        self.viewer.dims.margin_left = half
        self.viewer.dims.margin_right = half
        for layer in self.viewer.layers:
            if isinstance(layer, Image):
                mode = slab.mode if slab.thickness_mm > 0 else "none"
                layer.projection_mode = mode
        self._redraw_soon()

    def redraw(self) -> None:
        """Draw the planes anew from the layers."""
        if self._is_gone:
            return
        self._redraw.stop()
        target = to_viewer(self._point)
        for view in self.planes:
            depth = target[PLANES[view.plane][0]]
            view.picture = draw_plane(self.viewer.layers, view.plane, depth, self.slab)
            view.marks = self._marks(view, target)
            view.lines = self._lines(view, target)
            view.update()

    def close(self) -> None:
        """Let the canvas of 3D go and listen no longer."""
        self.solid.close_canvas()
        self._forget()

    def _laid_out(self) -> QWidget:
        widget = QWidget()
        grid = QGridLayout(widget)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(3)
        places = (*self.planes, self.across, self.solid)
        for number, view in enumerate(places):
            grid.addWidget(view, number, 0)
            grid.setRowStretch(number, 1)
        return widget

    def _connect(self) -> None:
        self.viewer.dims.events.point.connect(self._follow_slider)
        self.viewer.dims.events.order.connect(self._turned)
        for view in self.planes:
            view.clicked.connect(partial(self._plane_clicked, view))
            view.wheeled.connect(partial(self._plane_wheeled, view))
            view.dragged.connect(self._plane_dragged)

    def _redraw_soon(self, event: object = None) -> None:
        del event
        if not self._is_gone:
            self._redraw.start()

    def _forget(self) -> None:
        """The window took the widgets down before us."""
        self._is_gone = True
        self._redraw.stop()
        self._pointer.stop()
        self.solid.forget()

    def _marks(self, view: PlaneView, target: NDArray[np.float64]) -> list[Mark]:
        marks = []
        axis = PLANES[view.plane][0]
        for layer in self.viewer.layers:
            if not (isinstance(layer, Points) and layer.visible):
                continue
            names = layer.features.get("name", [""] * len(layer.data))
            for point, name, ink in zip(
                layer.data, names, layer.border_color, strict=True
            ):
                if abs(point[axis] - target[axis]) <= _MARK_REACH_MM:
                    red, green, blue = (round(255 * float(part)) for part in ink[:3])
                    colour = f"#{red:02x}{green:02x}{blue:02x}"
                    marks.append(
                        Mark(
                            place_mm=view.project(point), text=str(name), colour=colour
                        )
                    )
        return marks

    def _lines(self, view: PlaneView, target: NDArray[np.float64]) -> list[PlaneLine]:
        """Return the rulers whose start is near the plane, as in the large view."""
        axis = PLANES[view.plane][0]
        lines = []
        for layer in self.viewer.layers:
            if isinstance(layer, Vectors) and layer.visible and layer.name != CROSSHAIR:
                names = layer.features.get("name", [""] * len(layer.data))
                for (start, way), name in zip(layer.data, names, strict=True):
                    if abs(start[axis] - target[axis]) <= _MARK_REACH_MM:
                        lines.append(
                            PlaneLine(
                                start_mm=view.project(start),
                                stop_mm=view.project(start + way),
                                text=str(name),
                                colour=RULER_COLOUR,
                            )
                        )
        return lines

    def _clicked(self, position: NDArray[np.float64]) -> None:
        target = np.array(position, dtype=float)
        depth = self.viewer.dims.order[0]  # the slice's middle need not be the point's
        target[depth] = to_viewer(self._point)[depth]
        self._point_at(target)

    def _plane_clicked(self, view: PlaneView, up: float, left: float) -> None:
        self._point_at(view.lift((up, left), to_viewer(self._point)))

    def _plane_wheeled(self, view: PlaneView, way: int) -> None:
        if self._grid is not None:
            axis = PLANES[view.plane][0]
            target = to_viewer(self._point).copy()
            target[axis] += way * to_viewer(self._grid.voxel_size_mm)[axis]
            self._move(self._held(target))

    def _plane_dragged(self, along: float, up: float, begins: bool) -> None:
        layer = self._window_layer()
        if layer is None:
            return
        if begins or self._begun is None:
            black, white = layer.contrast_limits
            self._begun = Window(black=black, white=white)
        if not begins:
            self._begun.drag(along, up).apply_to(layer)

    def _point_at(self, target: NDArray[np.float64]) -> None:
        point = self._held(target)
        self._move(point)
        self.clicked.emit(point)

    def _window_layer(self) -> Image | None:
        """Return the image that dragging changes: the selected, else the lowest."""
        active = self.viewer.layers.selection.active
        if isinstance(active, Image):
            return active
        return next((one for one in self.viewer.layers if isinstance(one, Image)), None)

    def _held(self, target: NDArray[np.float64]) -> Point:
        """Keep a point of the viewer's axes within the volume; return true RAS mm."""
        if self._grid is None:
            return from_viewer(target)
        ends = np.array([[0, 0, 0], np.array(self._grid.shape) - 1], dtype=float)
        low, high = to_viewer(self._grid.to_ras_mm(ends))
        return from_viewer(np.clip(target, low, high))

    def _move(self, point_mm: Point, *, centre: bool = False) -> None:
        if self._moving:
            return
        self._moving = True
        try:
            self._point = point_mm
            self._show_depth()
            cross = self.find_layer(CROSSHAIR)
            if cross is not None and self._grid is not None:
                # It never leaves the volume: napari need not measure the world anew.
                with cross.events.extent.blocker():
                    cross.data = make_crosshair_vectors(point_mm, self._grid)
        finally:
            self._moving = False
        target = to_viewer(point_mm)
        for view in self.planes:
            view.show_point(target, centre=centre)
        # At once, so that the window is put together once for all of its views.
        self.redraw()
        self.solid.go_to(point_mm, centre=centre)
        self.pointChanged.emit(point_mm)

    def _show_depth(self, *, whole: bool = False) -> None:
        """Let napari cut where the crosshair is.

        Only along its depth, and on its own slices: it slices every layer anew for any
        other axis too, and once more where its slider rounds the place.
        """
        dims = self.viewer.dims
        if self._grid is None or dims.ndim != len(AXIS_LABELS):
            return
        place = list(dims.point)
        axes = range(3) if whole else dims.order[: -dims.ndisplay]
        for axis in axes:
            start, _, step = dims.range[axis]
            wanted = float(to_viewer(self._point)[axis])
            place[axis] = start + round((wanted - start) / step) * step
        dims.point = tuple(place)

    def _turned(self) -> None:
        """Another plane is in the large view: its depth is along another axis."""
        was_moving, self._moving = self._moving, True
        try:
            self._show_depth(whole=True)
        finally:
            self._moving = was_moving

    def _follow_slider(self) -> None:
        """The slider or the wheel has moved the large view along its depth."""
        if not self._moving and self._grid is not None:
            axis = self.viewer.dims.order[0]
            target = to_viewer(self._point).copy()
            target[axis] = self.viewer.dims.point[axis]
            self._move(self._held(target))


def warm_labels() -> None:
    """Let napari compile its colours of labels now, in a thread, not when revealing."""
    colours = {None: "transparent", 1: "red"}
    Labels(np.ones((2, 2, 2), dtype=np.uint8), colormap=colours)
