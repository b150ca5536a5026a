"""``nvc review``: napari with the panel open, and a study or a review in it."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import napari
import napari.viewer
from qtpy.QtCore import QTimer

from napari_nvc.panel import ReviewPanel


def launch(paths: Sequence[Path]) -> None:
    """Start napari and show the panel until the window is closed.

    Parameters
    ----------
    paths : sequence of Path
        A study's files or folders, or a review and the places of its images.
    """
    viewer = napari.Viewer(title="NVC Review")
    panel = add_panel(viewer)
    panel.open_paths(list(paths))
    with _closing_on_termination(viewer):
        napari.run()


@contextmanager
def _closing_on_termination(viewer: napari.viewer.Viewer) -> Iterator[None]:
    """Let SIGTERM close the window first, and then do what it would have done.

    napari wakes up for any signal while it runs, but sees to Ctrl-C alone.
    """
    number, came = signal.SIGTERM, []

    def close(*told: object) -> None:
        came.append(told)
        QTimer.singleShot(0, viewer.close)

    before = signal.signal(number, close)
    try:
        yield
    finally:
        signal.signal(number, before)
    if came and callable(before):
        before(number, None)


def find_or_add_panel(viewer: napari.viewer.Viewer) -> ReviewPanel:
    """Return the panel that is open in a viewer, or a new one."""
    for widget in viewer.window.dock_widgets.values():
        if isinstance(widget, ReviewPanel):
            return widget
    return add_panel(viewer)


def add_panel(viewer: napari.viewer.Viewer) -> ReviewPanel:
    """Dock the panel beside the views and make room for the images."""
    panel = ReviewPanel(viewer)
    viewer.window.add_dock_widget(panel, name="NVC Review", area="right")
    return panel
