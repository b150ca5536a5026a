"""Nerves and vessels as surfaces for the 3D view, coloured by their gap; no Qt."""

from __future__ import annotations

from typing import Any

import numpy as np

from napari_nvc.shown.layers import AXIS_LABELS, LayerData, to_viewer
from nvc.measurement.gap.profile import measure_wall_gaps_mm
from nvc.model.stages import Segmentation, Tube
from nvc.tubes.mesh import mesh_tube

_AROUND = 12
_FAR_MM = 3.0
"""From this gap on a surface has the colour of no concern."""


def make_gap_surfaces(segmentation: Segmentation) -> list[LayerData]:
    """Return one surface of CN VII and one of the vessels, coloured by their gap.

    Tubes lie in true RAS mm; the vertices of the layers in (S, A, R), mm.
    """
    nerves = [n.facial for n in segmentation.sides.values() if n.facial is not None]
    vessels = [vessel.tube for vessel in segmentation.vessels]
    surfaces = []
    for name, tubes, others, colours in (
        ("CN VII in 3D", nerves, vessels, "autumn"),
        ("Vessels in 3D", vessels, nerves, "hsv"),
    ):
        whole = [tube for tube in tubes if len(tube.points_mm) > 1]
        if whole:
            surfaces.append(_surface(name, whole, others, colours))
    return surfaces


def _surface(
    name: str, tubes: list[Tube], others: list[Tube], colours: str
) -> LayerData:
    vertices, faces, gaps, lights = [], [], [], []
    count = 0
    for tube in tubes:
        points, triangles = mesh_tube(tube, _AROUND)
        vertices.append(to_viewer(points))
        faces.append(triangles + count)
        outward = points - np.repeat(tube.points_mm, _AROUND, axis=0)
        outward /= np.maximum(np.linalg.norm(outward, axis=1, keepdims=True), 1e-9)
        lights.append(_SHADE + (1.0 - _SHADE) * (0.5 + 0.5 * outward @ _LIGHT_RAS))
        gaps.append(np.repeat(measure_wall_gaps_mm(tube, others), _AROUND))
        count += len(points)
    values = np.minimum(np.concatenate(gaps), _FAR_MM)
    ends = np.array(_COLOURS[colours]["colors"], dtype=float)
    far = (values / _FAR_MM)[:, None]
    colour = (ends[0] + far * (ends[1] - ends[0])) * np.concatenate(lights)[:, None]
    options: dict[str, Any] = {
        "name": name,
        # napari's own light falls on the far side where the camera is left-handed.
        "shading": "none",
        "vertex_colors": np.column_stack([colour, np.ones(len(colour))]),
        "colormap": _COLOURS[colours],
        "contrast_limits": (0.0, _FAR_MM),
        "axis_labels": AXIS_LABELS,
        "units": ("mm",) * 3,
    }
    return (
        (np.concatenate(vertices), np.concatenate(faces), values),
        options,
        "surface",
    )


_SHADE = 0.25
"""How bright a wall is that faces away from the light."""
_LIGHT_RAS = np.array([0.35, 0.55, -0.76])
"""Towards the light: from below and before, as the view looks at first."""
_COLOURS: dict[str, dict[str, Any]] = {
    "autumn": {"name": "nerve by gap", "colors": [[1, 0.1, 0.1], [1, 0.85, 0.2]]},
    "hsv": {"name": "vessel by gap", "colors": [[1, 0.1, 0.1], [0.72, 0.8, 0.95]]},
}
"""From touching, red, to out of reach."""
