"""Draws one picture of the report: greys, outlines, letters and a scale in mm."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from matplotlib import colormaps, patheffects
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from nvc.io.nifti.labels_out import COLOURS
from nvc.model.anatomy import Structure, VesselKind
from nvc.model.findings import Contact, ReportedLandmarks
from nvc.pages.outlines import Outline
from nvc.pages.own_style import use_own_style
from nvc.pages.planes import Plane
from nvc.summary import is_unresolved, outward

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import NDArray

_SIZE_PX, _DPI = 460, 100
_LANDMARK_REACH_MM = 1.5
_IN_PLANE_MM = 0.75
"""A closest point farther from the plane is drawn hollow."""
_HALO = [patheffects.withStroke(linewidth=3.5, foreground="black")]
_GREY = colormaps["gray"].with_extremes(bad="#30343b")
_VESSEL_COLOUR = {
    VesselKind.ARTERY: COLOURS[Structure.ARTERY],
    VesselKind.VEIN: COLOURS[Structure.VEIN],
    VesselKind.UNKNOWN: COLOURS[Structure.VESSEL_UNKNOWN],
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """One plane with its source image and what it cuts.

    Parameters
    ----------
    plane : Plane
        Where it lies.
    grey : ndarray, shape (rows, columns)
        Intensities, NaN outside the scan.
    outlines : tuple of Outline
        Structures that it cuts.
    axes : ndarray, shape (3, 3)
        Columns: the patient's right, anterior and superior.
    window : tuple of float
        Intensities shown black and white.
    """

    plane: Plane
    grey: NDArray[np.float32]
    outlines: tuple[Outline, ...]
    axes: NDArray[np.float64]
    window: tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What is marked on top of the outlines."""

    landmarks: ReportedLandmarks
    contact: Contact | None


def format_gap(contact: Contact) -> str:
    """Return the gap with its interval, as it is written beside a drawing."""
    low, high = outward(contact.distance_ci_mm)
    if is_unresolved(contact):
        return f"0\N{EN DASH}{high:.1f} mm"
    return f"{contact.distance_mm:.1f} mm ({low:.1f}\N{EN DASH}{high:.1f})"


@use_own_style()
def draw_png(view: View, found: Found | None) -> bytes:
    """Return a PNG of a view, with what was found where it is given."""
    figure = Figure(figsize=(_SIZE_PX / _DPI, _SIZE_PX / _DPI), dpi=_DPI)
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0.0, 0.0, 1.0, 1.0))
    half = view.plane.width_mm / 2
    black, white = view.window
    axes.imshow(
        np.ma.masked_invalid(view.grey),
        cmap=_GREY,
        vmin=black,
        vmax=white,
        extent=(-half, half, -half, half),
        origin="upper",
        interpolation="bilinear",
    )
    axes.set_axis_off()
    if found is not None:
        _draw_outlines(axes, view)
        _draw_landmarks(axes, view, found)
        _draw_gap(axes, view, found)
    axes.set_xlim(-half, half)
    axes.set_ylim(-half, half)
    _draw_letters(axes, view)
    _draw_scale(axes, view.plane.width_mm)
    buffer = io.BytesIO()
    # No software name or date: the same picture gives the same bytes.
    canvas.print_png(buffer, metadata={"Software": None})
    return buffer.getvalue()


def _draw_outlines(axes: Axes, view: View) -> None:
    rows, columns = view.grey.shape
    half = view.plane.width_mm / 2
    x = ((np.arange(columns) + 0.5) / columns - 0.5) * 2 * half
    y = -((np.arange(rows) + 0.5) / rows - 0.5) * 2 * half
    for outline in view.outlines:
        axes.contour(
            x,
            y,
            outline.signed,
            levels=[0.0],
            colors=[COLOURS[outline.structure]],
            linewidths=1.8,
        )


def _draw_landmarks(axes: Axes, view: View, found: Found) -> None:
    landmarks = found.landmarks
    named = (
        ("RExP", landmarks.root_exit_point_mm, -22),  # below: it is close to the RDP
        ("RDP", landmarks.root_detachment_mm, 9),
        ("porus", landmarks.porus_mm, 9),
    )
    half = view.plane.width_mm / 2
    for name, point, offset in named:
        if point is None:
            continue
        x, y, away = view.plane.project(np.array(point, dtype=float))
        if abs(away) > _LANDMARK_REACH_MM or max(abs(x), abs(y)) > 0.85 * half:
            continue
        axes.plot(x, y, marker="D", ms=9, mfc="none", mec="black", mew=3.0)
        axes.plot(x, y, marker="D", ms=9, mfc="none", mec="white", mew=1.4)
        axes.annotate(
            name,
            (x, y),
            xytext=(0, offset),
            textcoords="offset points",
            ha="center",
            color="white",
            fontsize=12,
            path_effects=_HALO,
        )


def _draw_gap(axes: Axes, view: View, found: Found) -> None:
    """Draw the closest points and the line between them."""
    contact = found.contact
    if contact is None:
        return
    ends = np.array(
        [contact.closest_point_nerve_mm, contact.closest_point_vessel_mm], dtype=float
    )
    x, y, away = view.plane.project(ends).T
    axes.plot(x, y, color="white", lw=1.6, path_effects=_HALO, zorder=5)
    colours = (
        COLOURS[Structure.CN7_LEFT],
        _VESSEL_COLOUR[contact.vessel.kind],
    )
    for i, colour in enumerate(colours):
        in_plane = abs(away[i]) <= _IN_PLANE_MM
        axes.plot(
            x[i],
            y[i],
            "o",
            ms=7,
            mfc=colour if in_plane else "none",
            mec="black" if in_plane else colour,
            mew=1.0 if in_plane else 1.8,
            zorder=6,
        )
    axes.text(
        0.03,
        0.035,
        format_gap(contact),
        transform=axes.transAxes,
        color="white",
        fontsize=14,
        fontweight="bold",
        path_effects=_HALO,
        zorder=7,
    )


def _draw_letters(axes: Axes, view: View) -> None:
    letters = view.plane.letters(view.axes)
    places = {
        "left": (0.02, 0.5, "left", "center"),
        "right": (0.98, 0.5, "right", "center"),
        "top": (0.5, 0.98, "center", "top"),
        "bottom": (0.5, 0.02, "center", "bottom"),
    }
    for edge, (x, y, horizontal, vertical) in places.items():
        axes.text(
            x,
            y,
            letters[edge],
            transform=axes.transAxes,
            ha=horizontal,
            va=vertical,
            color="white",
            fontsize=18,
            fontweight="bold",
            path_effects=_HALO,
        )


def _draw_scale(axes: Axes, width_mm: float) -> None:
    length = 10.0 if width_mm > 30 else 5.0 if width_mm > 15 else 2.0
    half = width_mm / 2
    right, y = half * 0.94, -half * 0.9
    axes.plot(
        [right - length, right],
        [y, y],
        color="white",
        lw=3,
        solid_capstyle="butt",
        path_effects=_HALO,
    )
    axes.text(
        right - length / 2,
        y + half * 0.03,
        f"{length:.0f} mm",
        color="white",
        fontsize=13,
        ha="center",
        va="bottom",
        path_effects=_HALO,
    )
