"""What the mouse does on a canvas: a click points, a right drag changes the window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from napari.components import ViewerModel
from napari.layers import Image
from numpy.typing import NDArray

from napari_nvc.shown.windows import Window

_RIGHT_BUTTON = 2
_STILL_PIXELS = 4.0
"""A hand that moves less than this has clicked, not dragged."""


class Pointer:
    """Listens to the mouse on one canvas.

    Parameters
    ----------
    model : ViewerModel
        The canvas's.
    on_click : callable
        Given the place in the viewer's axes, (S, A, R) in mm.
    image : callable
        Returns the image layer whose window a right drag changes, or None.
    """

    def __init__(
        self,
        model: ViewerModel,
        on_click: Callable[[NDArray[np.float64]], None],
        image: Callable[[], Image | None],
    ) -> None:
        self._model = model
        self._on_click = on_click
        self._image = image
        model.mouse_drag_callbacks.append(self._drag)

    def stop(self) -> None:
        """Listen no longer."""
        if self._drag in self._model.mouse_drag_callbacks:
            self._model.mouse_drag_callbacks.remove(self._drag)

    def _drag(self, _: Any, event: Any) -> Iterator[None]:
        if event.button == _RIGHT_BUTTON:
            yield from self._window(event)
        elif self._is_free():
            yield from self._point(event)

    def _is_free(self) -> bool:
        """Whether no tool of a layer wants the click for itself."""
        active = self._model.layers.selection.active
        mode = str(getattr(active, "mode", "pan_zoom"))
        return self._model.dims.ndisplay == 2 and mode in ("pan_zoom", "transform")

    def _point(self, event: Any) -> Iterator[None]:
        start = np.array(event.pos, dtype=float)
        position = np.array(event.position, dtype=float)
        yield
        while event.type == "mouse_move":
            yield
        moved = float(np.linalg.norm(np.array(event.pos, dtype=float) - start))
        if moved < _STILL_PIXELS:
            self._on_click(position)

    def _window(self, event: Any) -> Iterator[None]:
        layer = self._image()
        if layer is None:
            return
        camera = self._model.scene.camera
        was_panning, camera.mouse_pan = camera.mouse_pan, False
        start = np.array(event.pos, dtype=float)
        black, white = layer.contrast_limits
        begun = Window(black=black, white=white)
        try:
            yield
            while event.type == "mouse_move":
                along, down = (np.array(event.pos, dtype=float) - start).tolist()
                begun.drag(along, -down).apply_to(layer)
                yield
        finally:
            camera.mouse_pan = was_panning
