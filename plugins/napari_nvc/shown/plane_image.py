"""One plane of the viewer's layers as a picture; no Qt.

The planes beside napari's canvas are drawn from the same layers: same arrays, same
windows, same colours. Slices are taken as they are stored, never interpolated.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_nvc.shown.layers import PLANES

_PROJECT: dict[str, Callable[..., Any]] = {
    "max": np.max,
    "min": np.min,
    "mean": np.mean,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slab:
    """How thick a plane is: 0 mm for one slice; ``"max"``, ``"min"`` or ``"mean"``."""

    thickness_mm: float = 0.0
    mode: str = "max"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PlanePicture:
    """A picture and where it lies.

    Parameters
    ----------
    pixels : ndarray, shape (rows, columns, 3)
        uint8; the top row and the left column lie towards S, A or R.
    step_mm : tuple of float
        Height and width of a pixel.
    corner_mm : tuple of float
        Vertical and horizontal place of the middle of the top left pixel, in the
        viewer's axes.
    """

    pixels: NDArray[np.uint8]
    step_mm: tuple[float, float]
    corner_mm: tuple[float, float]


def draw_plane(
    layers: Iterable[Any], plane: str, depth_mm: float, slab: Slab
) -> PlanePicture | None:
    """Draw the visible images and labels of a viewer in one plane.

    Parameters
    ----------
    layers : iterable of napari layer
        From the lowest; all on one grid, with a scale and a translation only.
    plane : str
        ``"axial"``, ``"coronal"`` or ``"sagittal"``.
    depth_mm : float
        Where along the axis that the plane is perpendicular to, in the viewer's axes.
    slab : Slab
        Thickness of images; labels are those of the middle slice.

    Returns
    -------
    PlanePicture or None
        None without any image.
    """
    axis, vertical, horizontal = PLANES[plane]
    canvas: NDArray[np.float32] | None = None
    placed: Any = None
    for layer in layers:
        kind = type(layer).__name__
        if not layer.visible or kind not in ("Image", "Labels"):
            continue
        if canvas is None:
            placed = layer
            shape = np.delete(np.array(layer.data.shape), axis)
            canvas = np.zeros((*shape, 3), dtype=np.float32)
        if kind == "Image":
            _blend(canvas, layer, _slice(layer, axis, depth_mm, slab))
        else:
            _outline(canvas, layer, _slice(layer, axis, depth_mm, Slab()))
    if canvas is None:
        return None
    last = np.array(placed.data.shape) - 1
    corner = np.asarray(placed.translate) + last * np.asarray(placed.scale)
    pixels = (np.clip(canvas, 0.0, 1.0) * 255).astype(np.uint8)
    return PlanePicture(
        pixels=np.ascontiguousarray(pixels[::-1, ::-1]),
        step_mm=(float(placed.scale[vertical]), float(placed.scale[horizontal])),
        corner_mm=(float(corner[vertical]), float(corner[horizontal])),
    )


def _slice(layer: Any, axis: int, depth_mm: float, slab: Slab) -> NDArray[np.generic]:
    data = np.asarray(layer.data)
    size, start = float(layer.scale[axis]), float(layer.translate[axis])
    last = data.shape[axis] - 1
    if slab.thickness_mm <= 0:
        middle = int(np.clip(round((depth_mm - start) / size), 0, last))
        return np.asarray(np.take(data, middle, axis=axis))
    half = slab.thickness_mm / 2
    ends = [round((depth_mm + way * half - start) / size) for way in (-1, 1)]
    low, high = np.clip(ends, 0, last).tolist()
    chosen = [slice(None)] * 3
    chosen[axis] = slice(low, high + 1)
    return np.asarray(_PROJECT[slab.mode](data[tuple(chosen)], axis=axis))


def _blend(
    canvas: NDArray[np.float32], layer: Any, values: NDArray[np.generic]
) -> None:
    low, high = layer.contrast_limits
    grey = np.clip((values.astype(np.float32) - low) / max(high - low, 1e-9), 0.0, 1.0)
    additive = str(layer.blending) == "additive"
    opacity = float(layer.opacity)
    # A black-to-colour ramp is its last colour, scaled.
    top = np.asarray(layer.colormap.colors, dtype=np.float32)[-1, :3]
    colour = grey[..., None] * top
    if additive:
        canvas += opacity * colour
    else:
        canvas *= 1.0 - opacity
        canvas += opacity * colour


def _outline(
    canvas: NDArray[np.float32], layer: Any, values: NDArray[np.generic]
) -> None:
    labels = np.asarray(values, dtype=np.uint8)
    edge = np.zeros(labels.shape, dtype=bool)
    edge[1:] |= labels[1:] != labels[:-1]
    edge[:-1] |= labels[1:] != labels[:-1]
    edge[:, 1:] |= labels[:, 1:] != labels[:, :-1]
    edge[:, :-1] |= labels[:, 1:] != labels[:, :-1]
    edge &= labels > 0
    opacity = float(layer.opacity)
    for value in np.unique(labels[edge]).tolist():
        colour = layer.get_color(int(value))
        if colour is not None:
            here = edge & (labels == value)
            ink = np.asarray(colour[:3], dtype=np.float32)
            canvas[here] = (1 - opacity) * canvas[here] + opacity * ink
