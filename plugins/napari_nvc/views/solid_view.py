"""Nerves and vessels in 3D, in a canvas of its own that is made when it is needed.

A further canvas of napari costs seconds where there is no graphics card, and nothing is
shown in it before the findings are. Drawing it costs tens of milliseconds: it follows
the crosshair once that rests.
"""

from __future__ import annotations

from napari.components import ViewerModel
from napari.layers import Layer
from napari.qt import QtViewer
from qtpy.QtCore import QTimer
from qtpy.QtWidgets import QStackedLayout, QWidget

from napari_nvc.shown.crosshair import CROSSHAIR, make_crosshair_in_space
from napari_nvc.shown.layers import LayerData, to_viewer
from napari_nvc.views.display import arrange
from napari_nvc.views.layer_updates import put_layer
from napari_nvc.views.plane_view import PlaneCanvas
from nvc.model.space import Point

_ZOOM = 7.0
_REST_MS = 150
"""Longer than between two movements of a hand that is dragging."""


class SolidView(QWidget):
    """Shows surfaces and the crosshair; an empty frame until there is a surface."""

    def __init__(self) -> None:
        super().__init__()
        self.model: ViewerModel | None = None
        self._canvas: QtViewer | None = None
        self._point: Point = (0.0, 0.0, 0.0)
        self._is_centred = False
        empty = PlaneCanvas("3D")
        empty.empty_text = "Nerves and vessels in 3D: shown once the findings are."
        self._stack = QStackedLayout(self)
        self._stack.addWidget(empty)
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self.follow)
        self.setMinimumSize(150, 130)
        self.setToolTip(
            "Nerve and vessels, coloured by their gap: red touches. Drag to turn."
        )

    @property
    def layers(self) -> list[Layer]:
        """The layers on show."""
        return [] if self.model is None else list(self.model.layers)

    def find_layer(self, name: str) -> Layer | None:
        """Return a layer by name."""
        return next((one for one in self.layers if one.name == name), None)

    def show_surfaces(self, surfaces: list[LayerData]) -> None:
        """Show these surfaces, in the viewer's axes, and no others."""
        if not surfaces:
            self.clear()
            return
        model = self._make_model()
        names = {options["name"] for _, options, _ in surfaces}
        for layer in self.layers:
            if layer.name not in names and layer.name != CROSSHAIR:
                model.layers.remove(layer)
        for surface in surfaces:
            put_layer(model.layers, surface)
        put_layer(model.layers, make_crosshair_in_space(self._point))
        self._stack.setCurrentIndex(1)

    def clear(self) -> None:
        """Show the empty frame; the canvas is kept."""
        self._stack.setCurrentIndex(0)
        if self.model is not None:
            self.model.layers.clear()

    def go_to(self, point_mm: Point, *, centre: bool) -> None:
        """Follow the crosshair, true RAS mm, once it rests."""
        self._point = point_mm
        self._is_centred |= centre
        if self.layers:
            self._rest.start()

    def follow(self) -> None:
        """Draw the crosshair where it is; in the middle where that was asked for."""
        model, cross = self.model, self.find_layer(CROSSHAIR)
        if model is None or cross is None:
            return
        vectors, _, _ = make_crosshair_in_space(self._point)
        with cross.events.extent.blocker():
            cross.data = vectors
        if self._is_centred:
            self._is_centred = False
            model.scene.camera.center = tuple(to_viewer(self._point))
            model.scene.camera.zoom = _ZOOM

    def forget(self) -> None:
        """The window took the widgets down before us."""
        self._rest.stop()
        self._canvas = self.model = None

    def close_canvas(self) -> None:
        """Let the canvas go."""
        canvas = self._canvas
        if canvas is not None:
            canvas.close()
            canvas.deleteLater()
        self.forget()

    def _make_model(self) -> ViewerModel:
        if self.model is None:
            self.model = model = ViewerModel()
            self._canvas = QtViewer(model)
            self._stack.addWidget(self._canvas)
            arrange(model)
            # The strip above the panel is always in view; this canvas is small.
            model.canvas.overlays["nvc_notice"].visible = False
            model.canvas.overlays["scale_bar"].font_size = 8
            model.canvas.overlays["axes"].position = "top_left"
            model.dims.ndisplay = 3
            self._is_centred = True
            self._rest.start()
        return self.model
