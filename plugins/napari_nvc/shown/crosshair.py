"""The crosshair: lines through one point, with a gap so that nothing is covered.

Kept as a vectors layer: napari shows a vector where its start lies in the slice, which
is just right, since the line that runs through the slice is then not drawn as a dot.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from napari_nvc.shown.layers import AXIS_LABELS, LayerData, to_viewer
from nvc.model.grid import Grid
from nvc.model.space import Point

CROSSHAIR = "Crosshair"
"""Name of the layer."""
_GAP_MM = 2.5
"""Half the width of the free space about the point: more than a vessel is wide."""
_WIDTH_MM = 0.15
_GAP_IN_SPACE_MM = 1.5
_ARM_MM = 8.0
CROSSHAIR_COLOUR = "#5ac8fa"


def make_crosshair_vectors(point_mm: Point, grid: Grid) -> NDArray[np.float64]:
    """Return six lines from about a point to the edges of a grid along R, A and S.

    Parameters
    ----------
    point_mm : tuple of float
        True RAS mm.
    grid : Grid
        The reading grid.

    Returns
    -------
    ndarray, shape (6, 2, 3)
        Start and direction in the viewer's axes, (S, A, R) in mm.
    """
    point = to_viewer(point_mm)
    low = to_viewer(grid.to_ras_mm(np.zeros(3)))
    high = to_viewer(grid.to_ras_mm(np.array(grid.shape, dtype=float) - 1))
    lines = np.zeros((6, 2, 3))
    for axis in range(3):
        for row, (end, way) in enumerate(((low, -1.0), (high, 1.0))):
            start = point.copy()
            start[axis] += way * _GAP_MM
            lines[2 * axis + row, 0] = start
            # Beyond the edge there is nothing to draw; never turn back.
            length = max(way * (end[axis] - start[axis]), 0.0)
            lines[2 * axis + row, 1, axis] = way * length
    return lines


def make_crosshair_layer(point_mm: Point, grid: Grid) -> LayerData:
    """Return the crosshair of a plane, about a point in true RAS mm, as a layer."""
    return (make_crosshair_vectors(point_mm, grid), _options(), "vectors")


def make_crosshair_in_space(point_mm: Point) -> LayerData:
    """Return the crosshair of the 3D view: short lines along R, A and S.

    Its place is true RAS mm; the lines are in the viewer's axes, (S, A, R) in mm.
    """
    ways = np.concatenate([np.eye(3), -np.eye(3)])
    starts = to_viewer(point_mm) + _GAP_IN_SPACE_MM * ways
    lines = np.stack([starts, _ARM_MM * ways], axis=1)
    return (lines, _options(), "vectors")


def _options() -> dict[str, Any]:
    return {
        "name": CROSSHAIR,
        "edge_width": _WIDTH_MM,
        "edge_color": CROSSHAIR_COLOUR,
        "opacity": 0.7,
        "vector_style": "line",
        "axis_labels": AXIS_LABELS,
        "units": ("mm",) * 3,
    }
