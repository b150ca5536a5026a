"""The demo study under File > Open Sample."""

from __future__ import annotations

from napari_nvc.display import arrange
from napari_nvc.layers import LayerData
from napari_nvc.review import demo_paths, load, study_layers


def demo_study() -> list[LayerData]:
    """Return the sequences of the packaged sample study, and arrange the viewer."""
    import napari

    viewer = napari.current_viewer()
    if viewer is not None:
        arrange(viewer)
    return study_layers(load(demo_paths()))
