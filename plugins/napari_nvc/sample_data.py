"""The demo study under File > Open Sample."""

from __future__ import annotations

from napari_nvc.shown.layers import LayerData
from napari_nvc.shown.study import list_demo_rows, open_rows
from napari_nvc.views.display import arrange


def open_demo_study() -> list[LayerData]:
    """Return the sample study's reference on its reading grid; arrange the viewer."""
    import napari

    viewer = napari.current_viewer()
    if viewer is not None:
        arrange(viewer)
    return open_rows(list_demo_rows()).shown
