"""Plots of one family's figures."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from nvc.notice import NOTICE
from nvc.validation.score import REACH_MM, SideScore

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def draw_family(sides: Sequence[SideScore]) -> bytes:
    """Return four plots as one PNG that carries the notice.

    Parameters
    ----------
    sides : sequence of SideScore
        Of one family.
    """
    from nvc.pages.own_style import use_own_style

    with use_own_style():
        return _draw_family(sides)


def _draw_family(sides: Sequence[SideScore]) -> bytes:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure as Sheet

    sheet = Sheet(figsize=(11.0, 8.5), layout="constrained")
    FigureCanvasAgg(sheet)
    axes = sheet.subplots(2, 2)
    _gaps(axes[0, 0], sides)
    _gap_errors(axes[0, 1], sides)
    _landmarks(axes[1, 0], sides)
    _course(axes[1, 1], sides)
    sheet.supxlabel(NOTICE, fontsize=7)
    buffer = io.BytesIO()
    sheet.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return buffer.getvalue()


def _gaps(axes: Axes, sides: Sequence[SideScore]) -> None:
    axes.plot([0.0, REACH_MM], [0.0, REACH_MM], color="0.6", linewidth=1)
    for side in sides:
        if side.gap_error_mm is None or side.gap_mm is None:
            continue
        colour = "tab:blue" if side.covered else "tab:red"
        axes.plot(side.true_gap_mm, side.gap_mm, "o", color=colour, markersize=3)
        if side.interval_mm is not None:
            at = (side.true_gap_mm, side.true_gap_mm)
            axes.plot(at, side.interval_mm, color=colour, linewidth=1)
    axes.set(
        xlabel="true gap (mm)",
        ylabel="measured gap, 95 % interval (mm)",
        title="Gap (red: the interval misses the truth)",
    )


def _gap_errors(axes: Axes, sides: Sequence[SideScore]) -> None:
    errors = [s.gap_error_mm for s in sides if s.gap_error_mm is not None]
    _histogram(axes, errors, (-0.5, 0.5), "tab:blue")
    axes.set(
        xlabel="measured less true gap (mm; what lies beyond is drawn at the ends)",
        ylabel="sides",
        title="Gap error",
    )


def _landmarks(axes: Axes, sides: Sequence[SideScore]) -> None:
    for name, values in (
        ("porus", [s.porus_error_mm for s in sides]),
        ("RDP", [s.detachment_error_mm for s in sides]),
        ("RExP", [s.root_exit_error_mm for s in sides]),
    ):
        known = np.sort([value for value in values if value is not None])
        if len(known):
            axes.step(known, np.arange(1, len(known) + 1) / len(known), label=name)
    axes.set(
        xlabel="error (mm)", ylabel="share of sides", title="Landmarks", ylim=(0.0, 1.0)
    )
    if axes.get_legend_handles_labels()[0]:
        axes.legend()


def _course(axes: Axes, sides: Sequence[SideScore]) -> None:
    errors = [error for side in sides for error in side.course_errors_mm]
    _histogram(axes, errors, (0.0, 1.5), "tab:green")
    axes.set(
        xlabel="error of the centreline, RDP to porus (mm; beyond: at the end)",
        ylabel="points",
        title="CN VII",
    )


def _histogram(
    axes: Axes, values: Sequence[float], span: tuple[float, float], colour: str
) -> None:
    """Count values in steps of 0.05 mm; none is left out."""
    low, high = span
    steps = round((high - low) / 0.05)
    kept = np.clip(values, low, high)
    axes.hist(kept, bins=np.linspace(low, high, steps + 1).tolist(), color=colour)
