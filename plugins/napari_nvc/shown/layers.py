"""Results as layers, in napari's order of the axes.

The viewer's axes are (S, A, R) in mm: true RAS mm in reverse order. napari slices
oblique layers wrongly in 2D (its own warning says so), so every layer gets a scale and
a translation only: an oblique volume is resampled, once, to a grid along R, A and S.
Measurements never come from these copies.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nvc.model.anatomy import Side, Structure
from nvc.model.findings import Report
from nvc.model.grid import Grid, Volume
from nvc.model.space import Point
from nvc.model.stages import Companion
from nvc.sampling import Sampler
from nvc.summary import gap_text

LayerData = tuple[Any, dict[str, Any], str]

AXIS_LABELS = ("S", "A", "R")
ORIENTATION = ("away", "up", "left")
"""Radiological in all three planes, and not mirrored in 3D, for axes (S, A, R)."""

PLANES = {"axial": (0, 1, 2), "coronal": (1, 0, 2), "sagittal": (2, 0, 1)}
"""The order of the axes that shows each plane."""

LANDMARKS = "Landmarks"
STRUCTURES = "Structures"
CLOSEST = "Closest points"
"""Names of layers that the panel looks for."""

LANDMARK_WORDS = {
    "root_exit_point_mm": "root exit",
    "root_detachment_mm": "detachment",
    "porus_mm": "porus",
    "fundus_mm": "fundus",
}
_ABOVE_MM, _BELOW_MM = 2.4, -0.9
_TOWARDS = "SAR"
_AWAY = "IPL"
_ALONG_AXES_TOLERANCE = 1e-3
"""Cosine off the axis: 0.06 degrees, a tenth of a voxel over 100 voxels."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeLetters:
    """The directions at the four edges of a plane."""

    left: str
    right: str
    top: str
    bottom: str


def letter_edges(
    order: tuple[int, ...], orientation: tuple[str, ...] = ORIENTATION
) -> EdgeLetters:
    """Return what stands at the edges of the displayed plane.

    Parameters
    ----------
    order : tuple of int
        The viewer's ``dims.order``; the last two are shown, vertical then horizontal.
    orientation : tuple of str
        The camera's orientation: depth, vertical and horizontal.

    Examples
    --------
    >>> letter_edges(PLANES["axial"])
    EdgeLetters(left='R', right='L', top='A', bottom='P')
    """
    vertical, horizontal = order[-2:]
    upwards = str(orientation[1]) == "up"
    leftwards = str(orientation[2]) == "left"
    top, bottom = _TOWARDS[vertical], _AWAY[vertical]
    left, right = _TOWARDS[horizontal], _AWAY[horizontal]
    if not upwards:
        top, bottom = bottom, top
    if not leftwards:
        left, right = right, left
    return EdgeLetters(left=left, right=right, top=top, bottom=bottom)


def to_viewer(points_mm: ArrayLike) -> NDArray[np.float64]:
    """Turn true RAS mm, shape (..., 3), into the viewer's (S, A, R) in mm."""
    return np.asarray(points_mm, dtype=float)[..., ::-1]


def from_viewer(place: ArrayLike) -> Point:
    """Turn a place in the viewer's axes, (S, A, R) in mm, into true RAS mm."""
    up, front, right = np.asarray(place, dtype=float).tolist()
    return (right, front, up)


def choose_reading_grid(reference: Grid) -> Grid:
    """Return the grid that the viewer shows: along R, A and S, in this order.

    Parameters
    ----------
    reference : Grid
        In canonical storage order, possibly oblique.

    Returns
    -------
    Grid
        `reference` itself where its axes are R, A and S; else the box around it with
        the same voxel sizes.
    """
    if np.abs(reference.axes_ras - np.eye(3)).max() < _ALONG_AXES_TOLERANCE:
        return reference
    size_mm = np.array(reference.voxel_size_mm)
    last = np.array(reference.shape) - 1.0
    corners = np.stack(np.meshgrid(*((0.0, n) for n in last)), axis=-1).reshape(-1, 3)
    corners_mm = reference.to_ras_mm(corners)
    low_mm, high_mm = corners_mm.min(axis=0), corners_mm.max(axis=0)
    affine = np.diag([*size_mm, 1.0])
    affine[:3, 3] = low_mm
    shape = np.ceil((high_mm - low_mm) / size_mm).astype(int) + 1
    return Grid(shape=tuple(shape.tolist()), voxel_to_ras_mm=affine)


def make_image_layer(volume: Volume, grid: Grid, name: str) -> LayerData:
    """Return a grey image of `volume`, canonical, on the reading grid.

    The data of all layers made here have the shape (S, A, R) of the reading grid, and
    lie in mm of the viewer's axes.
    """
    limits = _contrast(volume, (1.0, 99.5))
    voxels = _resampled(volume, grid, order=3, outside=float(np.min(volume.voxels)))
    options = _placed(grid, name) | {
        "colormap": "gray",
        "contrast_limits": limits,
        "interpolation2d": "linear",
    }
    return (_to_axis_order(voxels), options, "image")


def make_overlay_layer(companion: Companion, grid: Grid) -> LayerData:
    """Return a companion (the TOF, for example) laid over the reference, hidden."""
    voxels = _resampled(
        companion.volume,
        grid,
        order=3,
        outside=0.0,
        to_volume_mm=companion.reference_to_companion_mm,
    )
    limits = _contrast(companion.volume, (97.0, 99.9))
    options = _placed(grid, companion.role.value.upper()) | {
        "colormap": "red",
        "blending": "additive",
        "contrast_limits": limits,
        "interpolation2d": "linear",
        "visible": False,
    }
    return (_to_axis_order(voxels), options, "image")


def make_label_layer(
    labels: Volume, grid: Grid, colours: Mapping[Structure, str]
) -> LayerData:
    """Return the structures found, one colour each.

    Parameters
    ----------
    labels : Volume
        `nvc.model.anatomy.Structure` values on the reference's canonical grid.
    grid : Grid
        The reading grid.
    colours : mapping of Structure to str
        Colour of each structure, as ``"#RRGGBB"``.
    """
    voxels = _resampled(labels, grid, order=0, outside=0.0).astype(np.uint8)
    table: dict[int | None, str] = {None: "transparent"}
    table |= {int(structure): colour for structure, colour in colours.items()}
    options = _placed(grid, STRUCTURES) | {"colormap": table, "opacity": 0.5}
    return (_to_axis_order(voxels), options, "labels")


def make_landmark_layer(report: Report) -> LayerData:
    """Return the landmarks of both sides as named points, shape (N, 3), (S, A, R)."""
    found: list[tuple[Point, str]] = []
    fields: list[tuple[str, str]] = []
    for side in Side:
        marks = report.sides[side].landmarks
        letter = side.value[0].upper()
        for field, name in LANDMARK_WORDS.items():
            point = getattr(marks, field)
            if point is not None:
                found.append((point, f"{letter} {name}"))
                fields.append((side.value, field))
    data, options, kind = _points(found, LANDMARKS, "yellow", aside_mm=_BELOW_MM)
    options["features"] |= {
        "side": [side for side, _ in fields],
        "landmark": [field for _, field in fields],
    }
    return (data, options, kind)


def make_contact_layer(report: Report) -> LayerData:
    """Return the two closest points of each side; the vessel's carries the gap.

    Shape (N, 3), in the viewer's axes, (S, A, R) in mm.
    """
    found: list[tuple[Point, str]] = []
    for side in Side:
        findings = report.sides[side]
        nerve_mm, vessel_mm = (
            findings.closest_point_nerve_mm,
            findings.closest_point_vessel_mm,
        )
        if nerve_mm is None or vessel_mm is None:
            continue
        letter = side.value[0].upper()
        found += [(nerve_mm, ""), (vessel_mm, f"{letter} {gap_text(findings)}")]
    return _points(found, CLOSEST, "#ff5ce1", aside_mm=_ABOVE_MM)


def _points(
    found: list[tuple[Point, str]], name: str, colour: str, aside_mm: float
) -> LayerData:
    points_mm = np.array([point for point, _ in found], dtype=float).reshape(-1, 3)
    options = {
        "name": name,
        "features": {"name": [label for _, label in found]},
        "text": {
            "string": "{name}",
            "color": colour,
            "size": 11,
            "anchor": "lower_left",
            # Off the line of the crosshair, up or down in every plane.
            "translation": (aside_mm, aside_mm, 0.0),
        },
        "face_color": "transparent",
        "border_color": colour,
        "size": 1.0,
        "axis_labels": AXIS_LABELS,
        "units": ("mm",) * 3,
        "projection_mode": "rescale_spherical",
    }
    return (to_viewer(points_mm), options, "points")


def _placed(grid: Grid, name: str) -> dict[str, Any]:
    """Return the options that put an array on a grid along R, A and S."""
    return {
        "name": name,
        "scale": to_viewer(grid.voxel_size_mm),
        "translate": to_viewer(grid.voxel_to_ras_mm[:3, 3]),
        "axis_labels": AXIS_LABELS,
        "units": ("mm",) * 3,
    }


def _contrast(volume: Volume, percentiles: tuple[float, float]) -> list[float]:
    """Return the grey levels shown as black and white; never the same level."""
    voxels = np.asarray(volume.voxels, dtype=np.float32)
    low, high = np.percentile(voxels, percentiles).tolist()
    return [low, high] if high > low else [low, low + 1.0]


def _to_axis_order(voxels: NDArray[np.generic]) -> NDArray[np.generic]:
    return np.ascontiguousarray(voxels.transpose(2, 1, 0))


def _resampled(
    volume: Volume,
    grid: Grid,
    *,
    order: int,
    outside: float,
    to_volume_mm: NDArray[np.float64] | None = None,
) -> NDArray[np.generic]:
    """Return `volume` on `grid`; its own voxels where they lie there already."""
    if to_volume_mm is None and volume.grid.same_geometry(grid):
        return volume.voxels
    return Sampler.over(volume, order=order, outside=outside).onto(grid, to_volume_mm)
