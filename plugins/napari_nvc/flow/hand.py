"""Whether a mouse button is held on a layer, and what waits until it is let go.

What is shown must not change under the brush: a stroke would be lost half.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from napari.layers import Layer
from qtpy.QtCore import QObject, QTimer


class Hand(QObject):
    """Follows the mouse on layers.

    Parameters
    ----------
    parent : QObject
        Owner of this object.
    """

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._press: object = None
        self._waiting: list[Callable[[], object]] = []
        self._let_go = QTimer(self)  # napari itself ends a drag or a stroke before
        self._let_go.setSingleShot(True)
        self._let_go.setInterval(0)
        self._let_go.timeout.connect(self._go_on)

    @property
    def is_down(self) -> bool:
        """Whether something is being dragged or painted."""
        return self._press is not None

    def watch(self, layer: Layer) -> None:
        """Follow the mouse on one more layer."""
        layer.mouse_drag_callbacks.append(self._follow)

    def when_free(self, step: Callable[[], object]) -> None:
        """Take a step now, or as soon as the button is let go."""
        if self.is_down:
            self._waiting.append(step)
        else:
            step()

    def _follow(self, _: Layer, event: Any) -> Iterator[None]:
        """One press up to its release; napari lets go of it when another comes."""
        own = self._press = object()
        try:
            yield
            while event.type == "mouse_move":
                yield
        finally:
            if self._press is own:
                self._press = None
                self._let_go.start()

    def _go_on(self) -> None:
        waiting, self._waiting = self._waiting, []
        for step in waiting:
            self.when_free(step)
