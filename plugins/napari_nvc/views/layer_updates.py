"""Layers shown anew in place: taking one away costs napari half a second.

napari collects all garbage of the process whenever a layer goes, so that findings that
were measured again are written into the layers that are there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from napari.components import LayerList
from napari.layers import Labels, Layer, Points, Surface, Vectors

from napari_nvc.shown.layers import LayerData

TAG = "nvc-review"


def is_ours(layer: Layer) -> bool:
    """Whether this project made a layer."""
    return bool(layer.metadata.get("made_by") == TAG)


def make_layer(layer_data: LayerData) -> Layer:
    """Return a new layer, known as this project's own."""
    data, options, kind = layer_data
    if kind == "labels":
        data = np.array(data)  # a brush writes to the layer's own array
    layer = Layer.create(data, options | {"metadata": {"made_by": TAG}}, kind)
    if isinstance(layer, Labels):
        layer.contour = 1  # outlines leave the source image in view
    return layer


def put_layer(
    layers: LayerList, layer_data: LayerData, below: str = ""
) -> Layer | None:
    """Write into the layer of that name, or add one.

    Parameters
    ----------
    layers : LayerList
        Of the viewer.
    layer_data : LayerData
        What is to be shown.
    below : str
        Name of a layer that a new one goes under.

    Returns
    -------
    Layer or None
        The layer that was added; None where one was written to.
    """
    data, options, kind = layer_data
    known = next((one for one in layers if one.name == options["name"]), None)
    if known is not None and is_ours(known) and type(known).__name__.lower() == kind:
        _write(known, data, options)
        return None
    layer = make_layer(layer_data)
    if below in layers:
        layers.insert(layers.index(below), layer)
    else:
        layers.append(layer)
    return layer


def _write(layer: Layer, data: Any, options: dict[str, Any]) -> None:
    if isinstance(layer, Labels):
        # napari's own undo of strokes ends where other data is set.
        if not np.array_equal(layer.data, data):
            layer.data = np.array(data)
        return
    if isinstance(layer, Surface):
        layer.vertex_colors = None  # of the vertices before, perhaps of another number
        layer.data = data
        layer.vertex_colors = options["vertex_colors"]
        return
    layer.data = data
    if isinstance(layer, Points | Vectors) and "features" in options:
        layer.features = options["features"]
