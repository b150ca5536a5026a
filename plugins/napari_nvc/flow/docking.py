"""Where the panel, the planes and napari's own tools stand in the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qtpy.QtCore import Qt
from qtpy.QtWidgets import QDockWidget, QLabel, QMainWindow, QWidget

from nvc.notice import NOTICE

if TYPE_CHECKING:
    import napari.viewer

_TOOLS = ("layer list", "layer controls")
_PLANES_PIXELS, _PANEL_PIXELS = 340, 480


def make_notice_strip() -> QLabel:
    """Return the strip that is always in view."""
    notice = QLabel(NOTICE)
    notice.setObjectName("notice")
    notice.setWordWrap(True)
    notice.setStyleSheet(
        "background: #ffd60a; color: black; font-weight: bold; padding: 4px;"
    )
    notice.setToolTip("Always shown")
    return notice


def dock_views(viewer: napari.viewer.Viewer, views: QWidget) -> QDockWidget:
    """Dock the further views beside napari's canvas and put its tools away."""
    dock: QDockWidget = viewer.window.add_dock_widget(
        views, name="Planes", area="right"
    )
    # Until the panel stands beside it: above the panel it would make a tall window.
    dock.hide()
    for name in _TOOLS:
        tool = find_tool_dock(views, name)
        if tool is not None:
            tool.hide()
    return dock


def find_tool_dock(widget: QWidget, name: str) -> QDockWidget | None:
    """Return one of napari's own docks by its name, from any docked widget."""
    window = widget.window()
    return None if window is None else window.findChild(QDockWidget, name)


def stand_beside(planes: QDockWidget, panel: QWidget) -> None:
    """Put the panel to the right of the planes, both over the whole height."""
    own = panel.parent()
    while own is not None and not isinstance(own, QDockWidget):
        own = own.parent()
    window = own.parent() if own is not None else None
    if own is not None and isinstance(window, QMainWindow):
        across = Qt.Orientation.Horizontal
        window.splitDockWidget(planes, own, across)
        planes.show()
        widths = [_PLANES_PIXELS, _PANEL_PIXELS]
        window.resizeDocks([planes, own], widths, across)
